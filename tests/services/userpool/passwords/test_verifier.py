import os
from collections.abc import Iterator

import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.userpool.errors import InvalidParameter, NotAuthorized
from services.userpool.passwords import srp
from services.userpool.passwords.argon2 import HashPool
from services.userpool.passwords.decoy import decoy_record
from services.userpool.passwords.group import N
from services.userpool.passwords.verifier import (
    Kind,
    Owner,
    PasswordRecord,
    Vault,
    make_record,
    matches,
    srp_verifier,
)

AES = AESGCM(bytes(32))
ANN = Owner("us-east-1_Abc123", "sub-of-ann", "ann")
SALT = b"\0salt of 15 byte"
KEY = b"the installation's key of decoys"
KINDS = pytest.mark.parametrize("kind", list(Kind))


def seal(plain: bytes, data: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AES.encrypt(nonce, plain, data)


def open_sealed(sealed: bytes, data: bytes) -> bytes:
    return AES.decrypt(sealed[:12], sealed[12:], data)


@pytest.fixture(scope="module")
def vault() -> Iterator[Vault]:
    pool = HashPool(threads=1, waiters=16)
    yield Vault(seal, open_sealed, pool.argon2id)
    pool.close()


def record_of(vault: Vault, kind: Kind, password: str = "Correct-1") -> PasswordRecord:
    return make_record(vault, kind, ANN, password, salt=SALT, version=3)


@KINDS
def test_a_record_judges_its_own_password_right(vault: Vault, kind: Kind) -> None:
    assert matches(vault, record_of(vault, kind), ANN, "Correct-1")


@KINDS
@pytest.mark.parametrize("password", ["", "correct-1", "Correct-1 ", "Correct-12"])
def test_a_wrong_password_is_not_the_record_s(vault: Vault, kind: Kind, password: str) -> None:
    assert not matches(vault, record_of(vault, kind), ANN, password)


@KINDS
def test_a_record_says_nothing_without_the_key(vault: Vault, kind: Kind) -> None:
    record = record_of(vault, kind)
    stored = msgspec.msgpack.encode(record)
    assert srp.make_verifier("Abc123", "ann", "Correct-1", SALT) not in stored
    with pytest.raises(InvalidTag):
        AESGCM(b"\1" * 32).decrypt(record.sealed[:12], record.sealed[12:], b"")


@KINDS
@pytest.mark.parametrize(
    "other",
    [
        Owner("us-east-1_Abc123", "sub-of-bob", "ann"),
        Owner("us-east-1_Other", "sub-of-ann", "ann"),
    ],
)
def test_a_record_moved_to_another_user_or_pool_does_not_open(vault: Vault, kind: Kind, other: Owner) -> None:
    with pytest.raises(InvalidTag):
        matches(vault, record_of(vault, kind), other, "Correct-1")


@KINDS
def test_a_record_with_another_version_or_kind_does_not_open(vault: Vault, kind: Kind) -> None:
    record = record_of(vault, kind)
    other = Kind.SRP if kind is Kind.ARGON2ID else Kind.ARGON2ID
    for changed in (
        msgspec.structs.replace(record, version=2),
        msgspec.structs.replace(record, kind=other, parameters=record_of(vault, other).parameters),
    ):
        with pytest.raises(InvalidTag):
            matches(vault, changed, ANN, "Correct-1")


@KINDS
def test_a_record_with_unknown_parameters_is_an_error(vault: Vault, kind: Kind) -> None:
    changed = msgspec.structs.replace(record_of(vault, kind), parameters="2048,sha1")
    with pytest.raises(ValueError, match="unknown"):
        matches(vault, changed, ANN, "Correct-1")


def test_an_srp_record_gives_its_verifier(vault: Vault) -> None:
    expected = srp.make_verifier("Abc123", "ann", "Correct-1", SALT)
    assert srp_verifier(open_sealed, record_of(vault, Kind.SRP), ANN) == expected


def test_a_pool_of_hashes_refuses_srp_by_name(vault: Vault) -> None:
    with pytest.raises(InvalidParameter, match="SRP is not available"):
        srp_verifier(open_sealed, record_of(vault, Kind.ARGON2ID), ANN)


def test_a_record_survives_the_way_to_storage(vault: Vault) -> None:
    record = record_of(vault, Kind.SRP)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=PasswordRecord) == record


@KINDS
def test_a_decoy_looks_like_a_record_and_fits_no_password(vault: Vault, kind: Kind) -> None:
    decoy, real = decoy_record(seal, KEY, kind, ANN), record_of(vault, kind)
    assert (len(decoy.salt), len(decoy.sealed)) == (len(real.salt), len(real.sealed))
    assert (decoy.kind, decoy.parameters) == (real.kind, real.parameters)
    assert not matches(vault, decoy, ANN, "Correct-1")


def test_a_decoy_keeps_its_salt_and_verifier_and_every_name_has_its_own() -> None:
    names = [ANN, Owner("us-east-1_Abc123", "x", "bob"), Owner("us-east-1_Other", "sub-of-ann", "ann")]
    first = [decoy_record(seal, KEY, Kind.SRP, name) for name in names]
    again = [decoy_record(seal, KEY, Kind.SRP, name) for name in names]
    assert [each.salt for each in first] == [each.salt for each in again]
    verifiers = [srp_verifier(open_sealed, each, name) for each, name in zip(first, names, strict=True)]
    assert verifiers == [srp_verifier(open_sealed, each, name) for each, name in zip(again, names, strict=True)]
    assert len(set(verifiers)) == len({each.salt for each in first}) == len(names)
    assert decoy_record(seal, KEY[::-1], Kind.SRP, ANN).salt != first[0].salt


def test_a_decoy_verifier_is_a_square_as_real_ones_are(vault: Vault) -> None:
    real = srp_verifier(open_sealed, record_of(vault, Kind.SRP), ANN)
    fake = srp_verifier(open_sealed, decoy_record(seal, KEY, Kind.SRP, ANN), ANN)
    for verifier in (real, fake):
        assert pow(int.from_bytes(verifier, "big"), (N - 1) // 2, N) == 1


def test_a_decoy_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        decoy_record(seal, KEY[:-1], Kind.SRP, ANN)


def test_an_srp_sign_in_of_nobody_fails_at_the_answer_only(vault: Vault) -> None:
    verifier = srp_verifier(vault.open, decoy_record(vault.seal, KEY, Kind.SRP, ANN), ANN)
    b, big_b = srp.begin(verifier, os.urandom(32))
    assert 0 < big_b < N
    with pytest.raises(NotAuthorized, match="Incorrect username or password"):
        srp.check_proof(
            verifier,
            group=ANN.group,
            user_id=ANN.srp_user_id,
            client_public=2**200,
            server_public=big_b,
            server_secret=b,
            secret_block=b"block",
            timestamp="now",
            signature=bytes(32),
        )
