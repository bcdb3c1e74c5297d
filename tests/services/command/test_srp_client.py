import base64
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.command.tour import srp_client
from services.userpool.errors import NotAuthorized
from services.userpool.passwords import srp

POOL = "us-east-1_Tour00000"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def proved(password: str, typed: str, seed: bytes) -> None:
    """One whole exchange between the tour's client and the server's half."""
    salt = hashlib.sha256(seed).digest()[:16]
    verifier = srp.make_verifier("Tour00000", "mia", password, salt)
    attempt = srp_client.begin(hashlib.sha256(b"a" + seed).digest())
    secret, public = srp.begin(verifier, hashlib.sha256(b"b" + seed).digest())
    challenge = {
        "USER_ID_FOR_SRP": "mia",
        "SALT": srp.salt_hex(salt),
        "SRP_B": f"{public:x}",
        "SECRET_BLOCK": base64.b64encode(b"sealed" + seed).decode(),
    }
    answer = srp_client.answer(attempt, challenge, POOL, typed, NOW)
    srp.check_proof(
        verifier,
        group="Tour00000",
        user_id="mia",
        client_public=srp.read_client_public(attempt.srp_a),
        server_public=public,
        server_secret=secret,
        secret_block=base64.b64decode(answer["PASSWORD_CLAIM_SECRET_BLOCK"]),
        timestamp=answer["TIMESTAMP"],
        signature=base64.b64decode(answer["PASSWORD_CLAIM_SIGNATURE"]),
    )


@given(password=st.text(min_size=1, max_size=40), seed=st.binary(max_size=8))
def test_client_and_server_meet_in_one_key(password: str, seed: bytes) -> None:
    proved(password, password, seed)


def test_another_password_proves_nothing() -> None:
    with pytest.raises(NotAuthorized):
        proved("Right-1!", "Wrong-1!", b"seed")


def test_the_moment_is_written_as_the_clients_write_it() -> None:
    attempt = srp_client.begin(b"\x01" * 32)
    challenge = {"USER_ID_FOR_SRP": "mia", "SALT": "5", "SRP_B": "7", "SECRET_BLOCK": "AAAA"}
    assert srp_client.answer(attempt, challenge, POOL, "x", NOW)["TIMESTAMP"] == "Wed Mar 4 05:06:07 UTC 2026"


def test_the_public_number_is_that_of_another_client() -> None:
    """pycognito, an unmodified client, computes the same A from the same secret."""
    from pycognito.aws_srp import AWSSRP

    attempt = srp_client.begin(b"\x07" * 32)
    other = AWSSRP("mia", "Right-1!", POOL, "client", client=object())
    other.small_a_value = attempt.secret
    assert other.calculate_a() == attempt.public
