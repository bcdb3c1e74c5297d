"""SRP against pycognito's client maths, a plain computation written out here, and one fixed exchange."""

import base64
import hashlib
import hmac
import importlib
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycognito.aws_srp import AWSSRP, generate_hash_device, long_to_hex

from services.userpool.errors import InvalidParameter, NotAuthorized
from services.userpool.passwords import group as arithmetic
from services.userpool.passwords import srp

POOL = "us-east-1_Abc123"
NAME = "Abc123"
USER = "0b6a2c9e-7f4e-4b5d-9d55-8a0f6a3b1c2d"
PASSWORD = "Corréct-horse 7"
B_RANDOM = bytes(range(32))
BLOCK = bytes(range(256)) * 3
TIMESTAMP = "Tue Nov 3 09:05:07 UTC 2026"


def twos_complement(number: int) -> bytes:
    """The padding rule as clients write it: even hex, and 00 before a set top bit."""
    digits = f"{number:x}"
    digits = digits if len(digits) % 2 == 0 else "0" + digits
    return bytes.fromhex("00" + digits if digits[0] in "89abcdef" else digits)


def h(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


def plain_client(a: int, big_b: int, salt: bytes, password: str) -> bytes:
    """The client's key by Python's own numbers and RFC 5054's formula, independent of the code under test."""
    k = h(twos_complement(arithmetic.N), b"\x02")
    u = h(twos_complement(pow(2, a, arithmetic.N)), twos_complement(big_b))
    inner = hashlib.sha256(f"{NAME}{USER}:{password}".encode()).digest()
    x = h(twos_complement(int.from_bytes(salt, "big")), inner)
    s = pow(big_b - k * pow(2, x, arithmetic.N), a + u * x, arithmetic.N)
    extracted = hmac.new(twos_complement(u), twos_complement(s), hashlib.sha256).digest()
    return hmac.new(extracted, b"Caldera Derived Key\x01", hashlib.sha256).digest()[:16]


def sign(key: bytes) -> bytes:
    return hmac.new(key, NAME.encode() + USER.encode() + BLOCK + TIMESTAMP.encode(), hashlib.sha256).digest()


def pycognito_client(password: str = PASSWORD, **device: str) -> Any:
    return AWSSRP("someone", password, POOL, "client", client=SimpleNamespace(), **device)


@pytest.mark.parametrize(
    "salt",
    [
        bytes(range(16)),  # begins with a zero byte, and its number has an odd count of hex digits
        b"\x00\x00\x00" + b"\x81" * 13,  # zero bytes, then a set top bit
        b"\xff" * 16,
        b"\x0f" + b"\x22" * 15,
        b"\x7f" * 16,
        b"\x00" * 16,
    ],
)
def test_an_unmodified_client_proves_its_password_whatever_the_salt_looks_like(salt: bytes) -> None:
    client = pycognito_client()
    big_a = srp.read_client_public(client.get_auth_params()["SRP_A"])
    verifier = srp.make_verifier(NAME, USER, PASSWORD, salt)
    b, big_b = srp.begin(verifier, B_RANDOM)
    answer = client.process_challenge(
        {
            "USERNAME": USER,
            "USER_ID_FOR_SRP": USER,
            "SALT": srp.salt_hex(salt),
            "SRP_B": f"{big_b:x}",
            "SECRET_BLOCK": base64.b64encode(BLOCK).decode(),
        },
        {"USERNAME": "someone"},
    )
    srp.check_proof(
        verifier,
        group=NAME,
        user_id=USER,
        client_public=big_a,
        server_public=big_b,
        server_secret=b,
        secret_block=BLOCK,
        timestamp=answer["TIMESTAMP"],
        signature=base64.b64decode(answer["PASSWORD_CLAIM_SIGNATURE"]),
    )


def test_a_device_proves_itself_by_the_same_functions() -> None:
    password, config = generate_hash_device("group-1", "us-east-1_device")
    client = pycognito_client(device_key="us-east-1_device", device_group_key="group-1", device_password=password)
    verifier, salt = base64.b64decode(config["PasswordVerifier"]), base64.b64decode(config["Salt"])
    assert srp.make_verifier("group-1", "us-east-1_device", password, salt) == verifier[-384:].rjust(384, b"\0")
    b, big_b = srp.begin(verifier, B_RANDOM)
    answer = client.process_device_challenge(
        {
            "USERNAME": USER,
            "SALT": srp.salt_hex(salt),
            "SRP_B": long_to_hex(big_b),
            "SECRET_BLOCK": base64.b64encode(BLOCK).decode(),
        }
    )
    srp.check_proof(
        verifier,
        group="group-1",
        user_id="us-east-1_device",
        client_public=client.large_a_value,
        server_public=big_b,
        server_secret=b,
        secret_block=BLOCK,
        timestamp=answer["TIMESTAMP"],
        signature=base64.b64decode(answer["PASSWORD_CLAIM_SIGNATURE"]),
    )


@settings(max_examples=15)
@given(
    password=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
    salt=st.binary(min_size=1, max_size=20),
    random=st.binary(min_size=32, max_size=32),
    a=st.integers(min_value=1, max_value=2**256),
)
def test_both_sides_of_an_exchange_share_the_key(password: str, salt: bytes, random: bytes, a: int) -> None:
    verifier = srp.make_verifier(NAME, USER, password, salt)
    b, big_b = srp.begin(verifier, random)
    key = srp.session_key(verifier, client_public=pow(2, a, arithmetic.N), server_public=big_b, server_secret=b)
    assert key == plain_client(a, big_b, salt, password)
    assert key != plain_client(a, big_b, salt, password + "x")


def test_a_fixed_exchange_gives_fixed_values() -> None:
    """The digests were computed once by `plain_client` and Python's `pow`; any change of the protocol shows here."""
    salt, a = bytes.fromhex("00a1b2c3d4e5f60718293a4b5c6d7e8f"), 0x1234567890ABCDEF << 128
    verifier = srp.make_verifier(NAME, USER, PASSWORD, salt)
    b, big_b = srp.begin(verifier, B_RANDOM)
    key = srp.session_key(verifier, client_public=pow(2, a, arithmetic.N), server_public=big_b, server_secret=b)
    assert srp.salt_hex(salt) == "a1b2c3d4e5f60718293a4b5c6d7e8f"
    assert hashlib.sha256(verifier).hexdigest() == "c6a66149b04a19a74c11d0f54511e9783e1b58745c880c3c55594851de06ce23"
    assert (
        hashlib.sha256(big_b.to_bytes(384, "big")).hexdigest()
        == "bd1027a66b48a35273ec9d03b32c32b6ff86f6081092e569f5051a4e45a8aa15"
    )
    assert key.hex() == "24f391a9224df7f8c5fb805503d68512"
    assert plain_client(a, big_b, salt, PASSWORD) == key
    srp.check_proof(
        verifier, **exchange(a, b, big_b), signature=base64.b64decode("8bvZo6yB0hr8oVHTjvRhCrHvEQ1YfmKlGJkDynZcnHE=")
    )


def exchange(a: int, b: int, big_b: int) -> dict[str, Any]:
    return {
        "group": NAME,
        "user_id": USER,
        "client_public": pow(2, a, arithmetic.N),
        "server_public": big_b,
        "server_secret": b,
        "secret_block": BLOCK,
        "timestamp": TIMESTAMP,
    }


def proved() -> tuple[bytes, dict[str, Any]]:
    a, salt = 7**80, b"salt of 16 bytes"
    verifier = srp.make_verifier(NAME, USER, PASSWORD, salt)
    b, big_b = srp.begin(verifier, B_RANDOM)
    signature = sign(plain_client(a, big_b, salt, PASSWORD))
    return verifier, {**exchange(a, b, big_b), "signature": signature}


def test_a_change_of_anything_covered_breaks_the_proof() -> None:
    verifier, good = proved()
    srp.check_proof(verifier, **good)
    flipped = bytes([BLOCK[0] ^ 1]) + BLOCK[1:]
    changes: list[dict[str, Any]] = [
        {"group": "Abc124"},
        {"user_id": USER[:-1] + "e"},
        {"client_public": good["client_public"] + 1},
        {"server_public": good["server_public"] + 1},
        {"server_secret": good["server_secret"] ^ 2},
        {"secret_block": flipped},
        {"secret_block": BLOCK[:-1]},
        {"secret_block": BLOCK + b"\0"},
        {"timestamp": "Tue Nov 3 09:05:08 UTC 2026"},
        {"timestamp": ""},
        {"signature": good["signature"][:-1]},
        {"signature": good["signature"] + b"\0"},
        {"signature": b""},
    ]
    for change in changes:
        with pytest.raises(NotAuthorized, match=r"^Incorrect username or password\.$"):
            srp.check_proof(verifier, **{**good, **change})


def test_each_byte_of_the_signature_counts() -> None:
    verifier, good = proved()
    for place in range(32):
        wrong = bytearray(good["signature"])
        wrong[place] ^= 1
        with pytest.raises(NotAuthorized):
            srp.check_proof(verifier, **{**good, "signature": bytes(wrong)})


def test_the_verifier_of_another_password_breaks_the_proof() -> None:
    _, good = proved()
    other = srp.make_verifier(NAME, USER, "another", b"salt of 16 bytes")
    with pytest.raises(NotAuthorized):
        srp.check_proof(other, **good)


@pytest.mark.parametrize("multiple", [0, 1, 2])
def test_an_a_of_zero_modulo_n_is_refused_before_any_key_exists(multiple: int) -> None:
    verifier, good = proved()
    with pytest.raises(InvalidParameter):
        srp.read_client_public(f"{multiple * arithmetic.N:x}")
    with pytest.raises(InvalidParameter):
        srp.check_proof(verifier, **{**good, "client_public": multiple * arithmetic.N})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "00",
        "xyz",
        "0x12",
        "-1",
        "+1",
        " 1",
        "1_0",
        "\uff11\uff12",
        "1" * 771,
        f"{arithmetic.N + 1:x}",
        "f" * 768,
    ],
)
def test_a_malformed_a_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter, match="SRP_A"):
        srp.read_client_public(text)


def test_an_a_may_come_with_leading_zeros_and_in_capitals() -> None:
    assert srp.read_client_public("00AbC") == 0xABC
    assert srp.read_client_public("00" + f"{arithmetic.N - 1:X}") == arithmetic.N - 1


def test_u_of_zero_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can find numbers that hash to zero, so the hash is replaced for this one refusal."""
    verifier, good = proved()
    monkeypatch.setattr(srp, "hashlib", SimpleNamespace(sha256=lambda _: SimpleNamespace(digest=lambda: bytes(32))))
    with pytest.raises(NotAuthorized):
        srp.check_proof(verifier, **good)


def test_b_needs_32_random_bytes_and_is_always_of_full_length() -> None:
    verifier = srp.make_verifier(NAME, USER, PASSWORD, b"salt")
    for wrong in (b"", bytes(31), bytes(33)):
        with pytest.raises(ValueError, match="32"):
            srp.begin(verifier, wrong)
    b, big_b = srp.begin(verifier, bytes(32))
    assert b == 1 << 255
    assert 0 < big_b < arithmetic.N
    assert srp.begin(verifier, bytes(31) + b"\1")[1] != big_b


def test_a_plain_password_matches_its_own_verifier_only() -> None:
    verifier = srp.make_verifier(NAME, USER, PASSWORD, b"salt")
    assert srp.password_matches(verifier, NAME, USER, PASSWORD, b"salt")
    for name, user, password, salt in [
        (NAME, USER, PASSWORD + " ", b"salt"),
        (NAME, USER, PASSWORD.lower(), b"salt"),
        (NAME, USER + "x", PASSWORD, b"salt"),
        ("Other", USER, PASSWORD, b"salt"),
        (NAME, USER, PASSWORD, b"pepper"),
        (NAME, USER, "", b"salt"),
    ]:
        assert not srp.password_matches(verifier, name, user, password, salt)


@pytest.mark.parametrize("digit_bits", [8, 4])
def test_every_size_of_the_table_gives_the_same_powers(digit_bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = arithmetic._table(digit_bits)
    monkeypatch.setattr(arithmetic, "_rows", lambda: rows)
    for exponent in (0, 1, 15, 16, 255, 256, 2**255, 2**256 - 1, h(b"some exponent")):
        assert arithmetic.power_of_g(exponent.to_bytes(32, "big")) == pow(2, exponent, arithmetic.N)


def test_an_exponent_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        arithmetic.power_of_g(b"\1")


@pytest.mark.parametrize("gone", [("_ssl",), ("gmpy2",), ("_ssl", "gmpy2")])
def test_without_a_library_the_same_values_come_out(gone: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    verifier, good = proved()
    for module in gone:
        monkeypatch.setitem(sys.modules, module, None)
    try:
        plain = importlib.reload(arithmetic)
        importlib.reload(srp)
        assert (vars(plain)["gmpy2"] is None) is ("gmpy2" in gone)
        assert srp.make_verifier(NAME, USER, PASSWORD, b"salt of 16 bytes") == verifier
        srp.check_proof(verifier, **good)
        assert plain.power_of_g(bytes(31) + b"\7") == 128
    finally:
        monkeypatch.undo()
        importlib.reload(arithmetic)
        importlib.reload(srp)
    assert vars(arithmetic)["gmpy2"] is not None
