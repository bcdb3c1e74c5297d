import msgspec
import pytest

from services.userpool.errors import NotAuthorized
from services.userpool.signin.step import Ask, Attempt, Challenge, SignedIn, next_step, with_proof

ATTEMPT = Attempt(
    pool_id="us-east-1_Abc123",
    client_id="client",
    user_id="sub",
    username="ann",
    first_factor=Challenge.PASSWORD_VERIFIER,
    new_password_required=False,
    password_version=1,
)
TEMPORARY = msgspec.structs.replace(ATTEMPT, new_password_required=True)


def test_the_password_comes_first() -> None:
    assert next_step(ATTEMPT) == Ask(Challenge.PASSWORD_VERIFIER)
    assert next_step(TEMPORARY) == Ask(Challenge.PASSWORD_VERIFIER)


def test_a_proved_password_signs_in() -> None:
    assert next_step(with_proof(ATTEMPT, Challenge.PASSWORD_VERIFIER)) == SignedIn("sub")


def test_a_plain_password_signs_in_alike() -> None:
    plain = msgspec.structs.replace(ATTEMPT, first_factor=Challenge.PASSWORD)
    assert next_step(with_proof(plain, Challenge.PASSWORD)) == SignedIn("sub")


def test_a_temporary_password_leads_to_a_new_one_and_then_signs_in() -> None:
    proved = with_proof(TEMPORARY, Challenge.PASSWORD_VERIFIER)
    assert next_step(proved) == Ask(Challenge.NEW_PASSWORD_REQUIRED)
    assert next_step(with_proof(proved, Challenge.NEW_PASSWORD_REQUIRED)) == SignedIn("sub")


@pytest.mark.parametrize(
    ("attempt", "challenge"),
    [
        (ATTEMPT, Challenge.NEW_PASSWORD_REQUIRED),
        (ATTEMPT, Challenge.PASSWORD),
        (TEMPORARY, Challenge.NEW_PASSWORD_REQUIRED),
        (with_proof(ATTEMPT, Challenge.PASSWORD_VERIFIER), Challenge.PASSWORD_VERIFIER),
        (with_proof(ATTEMPT, Challenge.PASSWORD_VERIFIER), Challenge.NEW_PASSWORD_REQUIRED),
    ],
)
def test_a_proof_that_was_not_asked_for_is_refused(attempt: Attempt, challenge: Challenge) -> None:
    with pytest.raises(NotAuthorized, match="Invalid session for the user"):
        with_proof(attempt, challenge)


def test_a_new_password_alone_proves_nothing() -> None:
    forged = msgspec.structs.replace(TEMPORARY, proved=frozenset({Challenge.NEW_PASSWORD_REQUIRED}))
    assert next_step(forged) == Ask(Challenge.PASSWORD_VERIFIER)


def test_an_attempt_survives_the_way_through_a_seal() -> None:
    attempt = with_proof(TEMPORARY, Challenge.PASSWORD_VERIFIER)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(attempt), type=Attempt) == attempt
