import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from services.identitypool.issuers import sign_ins
from shared.outbound.sign_ins import TALK, Answer, Question, SignIn
from shared.seal import BrokenSeal, Keys
from shared.settings import Settings
from tests.services.identitypool.installation import Installation, Refused, install, trusting
from tests.services.identitypool.sibling import sibling
from tests.services.identitypool.userpool_stub import CLIENT, POOL, UserPool, key_set, user_pool

COGNITO = "cognito-identity.amazonaws.com"
Say = Callable[[bytes], tuple[int, bytes]]
OURS = Keys([b"k" * 32])


@contextmanager
def _answering(say: Say) -> Iterator[tuple[str, list[bytes]]]:
    """A user pool service that publishes its keys, and answers internal questions with `say`."""
    asked: list[bytes] = []

    def answered(path: str, body: bytes) -> tuple[int, bytes]:
        if path.endswith("/jwks.json"):
            return 200, key_set()
        asked.append(body)
        return say(body)

    with sibling(answered) as url:
        yield url, asked


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack
    sign_ins._line.cache_clear()


def _stands(body: bytes) -> tuple[int, bytes]:
    return 200, TALK.seal_answer(OURS, body, Answer(True))


def _asking(here: Installation, users: UserPool, *, check: bool = True) -> tuple[str, dict[str, str]]:
    """An identity in a pool with the check, and its logins."""
    provider = {"ProviderName": users.provider, "ClientId": CLIENT, "ServerSideTokenCheck": check}
    request = {"IdentityPoolName": "app", "AllowUnauthenticatedIdentities": True, "AllowClassicFlow": True}
    pool = here.identity("CreateIdentityPool", here.root, CognitoIdentityProviders=[provider], **request)
    pool_id = pool["IdentityPoolId"]
    condition = {"StringEquals": {f"{COGNITO}:aud": pool_id}}
    trust = trusting({"Federated": COGNITO}, "sts:AssumeRoleWithWebIdentity", Condition=condition)
    member = here.role("member", trust)
    roles = {"authenticated": member.arn, "unauthenticated": member.arn}
    here.identity("SetIdentityPoolRoles", here.root, IdentityPoolId=pool_id, Roles=roles)
    logins = {users.provider: users.token(here.clock.now.timestamp(), origin_jti="o-1")}
    return here.identity("GetId", IdentityPoolId=pool_id, Logins=logins)["IdentityId"], logins


def _with(stack: ExitStack, folder: Path, url: str) -> tuple[Installation, UserPool]:
    users = stack.enter_context(user_pool())
    return install(folder, Settings(userpool_url=users.base, sign_ins_url=url)), users


def test_the_question_names_the_sign_in_and_is_asked_for_credentials_and_tokens_only(
    tmp_path: Path, stack: ExitStack
) -> None:
    url, asked = stack.enter_context(_answering(_stands))
    here, users = _with(stack, tmp_path, url)
    identity_id, logins = _asking(here, users)
    assert asked == []
    here.identity("GetCredentialsForIdentity", IdentityId=identity_id, Logins=logins)
    here.identity("GetOpenIdToken", IdentityId=identity_id, Logins=logins)
    expected = Question((SignIn(POOL, "ann", "o-1"),))
    assert [TALK.open_question(OURS, body) for body in asked] == [expected, expected]
    here.identity("UnlinkIdentity", IdentityId=identity_id, Logins=logins, LoginsToRemove=[users.provider])
    assert len(asked) == 2


@pytest.mark.parametrize("check", [True, False])
def test_a_call_waits_from_the_first_one_on_where_somebody_is_asked(
    tmp_path: Path, stack: ExitStack, *, check: bool
) -> None:
    url, _ = stack.enter_context(_answering(_stands))
    here, users = _with(stack, tmp_path, url)
    identity_id, logins = _asking(here, users, check=check)
    either = [logins, {f"cognito-idp.us-east-1.amazonaws.com/{POOL}": logins[users.provider]}]
    for given in either:
        request = here.identity_request("GetCredentialsForIdentity", None, IdentityId=identity_id, Logins=given)
        assert here.gateway.waits(request) is check
    guest = here.identity_request("GetCredentialsForIdentity", None, IdentityId=identity_id)
    assert not here.gateway.waits(guest)


def _of_another_installation(body: bytes) -> tuple[int, bytes]:
    with pytest.raises(BrokenSeal):
        TALK.open_question(Keys([b"x" * 32]), body)
    return 403, b"not a question of this installation"


def _an_old_answer(_body: bytes) -> tuple[int, bytes]:
    return 200, TALK.seal_answer(OURS, b"another question", Answer(True))


@pytest.mark.parametrize(
    "say",
    [
        _of_another_installation,
        _an_old_answer,
        lambda body: (200, TALK.seal_answer(Keys([b"x" * 32]), body, Answer(True))),
        lambda _body: (200, b'{"all_stand":true}'),
        lambda _body: (200, b""),
        lambda _body: (500, b"internal error"),
    ],
)
def test_without_a_good_answer_nothing_is_given(tmp_path: Path, stack: ExitStack, say: Say) -> None:
    url, asked = stack.enter_context(_answering(say))
    here, users = _with(stack, tmp_path, url)
    identity_id, logins = _asking(here, users)
    for operation in ("GetCredentialsForIdentity", "GetOpenIdToken"):
        with pytest.raises(Refused) as refused:
            here.identity(operation, IdentityId=identity_id, Logins=logins)
        assert refused.value.code == "ExternalServiceException"
    assert len(asked) == 2


def test_a_user_pool_that_stays_silent_is_not_waited_for_long(
    tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_ins, "_TIMEOUT_S", 0.05)
    over = threading.Event()
    url, _ = stack.enter_context(_answering(lambda body: _stands(body) if over.wait(5) else (500, b"")))
    stack.callback(over.set)
    here, users = _with(stack, tmp_path, url)
    identity_id, logins = _asking(here, users)
    with pytest.raises(Refused) as refused:
        here.identity("GetCredentialsForIdentity", IdentityId=identity_id, Logins=logins)
    assert refused.value.code == "ExternalServiceException"


def test_a_token_that_names_no_sign_in_is_asked_about_and_cannot_stand(tmp_path: Path, stack: ExitStack) -> None:
    url, asked = stack.enter_context(_answering(lambda body: (200, TALK.seal_answer(OURS, body, Answer(False)))))
    here, users = _with(stack, tmp_path, url)
    identity_id, _ = _asking(here, users)
    logins = {users.provider: users.token(here.clock.now.timestamp(), origin_jti=["o-1"])}
    with pytest.raises(Refused) as refused:
        here.identity("GetCredentialsForIdentity", IdentityId=identity_id, Logins=logins)
    assert refused.value.code == "NotAuthorizedException"
    assert TALK.open_question(OURS, asked[0]) == Question((SignIn(POOL, "ann", ""),))


def test_a_token_of_a_client_without_revocation_names_its_sign_in_by_event(tmp_path: Path, stack: ExitStack) -> None:
    url, asked = stack.enter_context(_answering(_stands))
    here, users = _with(stack, tmp_path, url)
    identity_id, _ = _asking(here, users)
    logins = {users.provider: users.token(here.clock.now.timestamp(), event_id="o-2")}
    here.identity("GetCredentialsForIdentity", IdentityId=identity_id, Logins=logins)
    assert TALK.open_question(OURS, asked[-1]) == Question((SignIn(POOL, "ann", "o-2"),))


def test_without_the_check_nobody_is_asked(tmp_path: Path, stack: ExitStack) -> None:
    url, asked = stack.enter_context(_answering(_stands))
    here, users = _with(stack, tmp_path, url)
    identity_id, logins = _asking(here, users, check=False)
    here.identity("GetCredentialsForIdentity", IdentityId=identity_id, Logins=logins)
    here.identity("GetOpenIdToken", IdentityId=identity_id, Logins=logins)
    assert asked == []
