import pytest
from pycognito.aws_srp import AWSSRP

from services.userpool.clients.secret_hash import check_secret_hash, secret_hash
from services.userpool.errors import NotAuthorized

CLIENT, SECRET = "1example23456789", "a client's secret"
NAMES = ["ann@example.com", "ann", "0b6a2c9e-7f4e-4b5d-9d55-8a0f6a3b1c2d"]


@pytest.mark.parametrize("name", NAMES)
def test_a_hash_over_any_name_of_the_user_is_taken(name: str) -> None:
    sent = AWSSRP.get_secret_hash(name, CLIENT, SECRET)
    check_secret_hash(CLIENT, [SECRET], NAMES, sent)
    assert secret_hash(CLIENT, SECRET, name) == sent


def test_a_fixed_hash() -> None:
    """The value was computed by openssl's dgst -sha256 -hmac."""
    assert secret_hash("client", "secret", "ann") == "1KBhTmaloN8gn8mYFOpcHRnT/Jn7qaddEv2E6vNUy30="


def test_either_of_two_secrets_is_taken_while_they_are_rotated() -> None:
    for secret in (SECRET, "the next one"):
        check_secret_hash(CLIENT, [SECRET, "the next one"], NAMES, secret_hash(CLIENT, secret, "ann"))


@pytest.mark.parametrize(
    "sent",
    [
        secret_hash(CLIENT, SECRET, "bob"),
        secret_hash(CLIENT, "another secret", "ann"),
        secret_hash("otherclient", SECRET, "ann"),
        secret_hash(CLIENT, SECRET, "ann")[:-1],
        secret_hash(CLIENT, SECRET, "ann") + "=",
        "é",
    ],
)
def test_any_other_hash_is_refused(sent: str) -> None:
    with pytest.raises(NotAuthorized, match=f"^Unable to verify secret hash for client {CLIENT}$"):
        check_secret_hash(CLIENT, [SECRET], NAMES, sent)


@pytest.mark.parametrize("sent", [None, ""])
def test_a_missing_hash_is_refused_where_there_is_a_secret(sent: str | None) -> None:
    expected = f"^Client {CLIENT} is configured with secret but SECRET_HASH was not received$"
    with pytest.raises(NotAuthorized, match=expected):
        check_secret_hash(CLIENT, [SECRET], NAMES, sent)


def test_a_public_client_sends_no_hash() -> None:
    check_secret_hash(CLIENT, [], NAMES, None)
    with pytest.raises(NotAuthorized, match=f"^Unable to verify secret hash for client {CLIENT}$"):
        check_secret_hash(CLIENT, [], NAMES, secret_hash(CLIENT, "", "ann"))


def test_without_a_name_no_hash_holds() -> None:
    with pytest.raises(NotAuthorized):
        check_secret_hash(CLIENT, [SECRET], [], secret_hash(CLIENT, SECRET, ""))
