from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.guard.caller import ANONYMOUS, Caller, CallerKind, ContextValue, context_keys

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
USER = Caller(
    arn="arn:aws:iam::123456789012:user/team/ana",
    account="123456789012",
    kind=CallerKind.USER,
    user_id="AIDAIOSFODNN7EXAMPLE",
    access_key_id="AKIAIOSFODNN7EXAMPLE",
    name="ana",
    principal_tags={"Team": "blue"},
)
ROOT = Caller("arn:aws:iam::123456789012:root", "123456789012", CallerKind.ROOT, "123456789012", "AKIAROOT")
SESSION = Caller(
    arn="arn:aws:sts::123456789012:assumed-role/Reader/run",
    account="123456789012",
    kind=CallerKind.ROLE_SESSION,
    user_id="AROAIOSFODNN7EXAMPLE:run",
    access_key_id="ASIAIOSFODNN7EXAMPLE",
    name="run",
    role_arn="arn:aws:iam::123456789012:role/app/Reader",
    role_id="AROAIOSFODNN7EXAMPLE",
    role_name="Reader",
    issued_at=NOW - timedelta(minutes=2),
    expires_at=NOW + timedelta(hours=1),
    mfa=False,
    source_identity="ana",
    federated_provider="cognito-identity.amazonaws.com",
    principal_tags={"Team": "blue", "Cost": "1"},
    session_tags={"TEAM": "red"},
    provider_keys={
        "cognito-identity.amazonaws.com:sub": "us-east-1:0",
        "cognito-identity.amazonaws.com:AMR": ("authenticated", "x"),
        "aws:userid": "somebody else",
    },
)
FEDERATED = Caller(
    arn="arn:aws:sts::123456789012:federated-user/bo",
    account="123456789012",
    kind=CallerKind.FEDERATED_USER,
    user_id="123456789012:bo",
    access_key_id="ASIAX",
    name="bo",
    issued_at=NOW,
)


def _keys(caller: Caller) -> dict[str, ContextValue]:
    return context_keys(
        caller, NOW, source_ip="192.0.2.1", secure_transport=True, user_agent="Boto3", region="us-east-1"
    )


def test_a_users_keys() -> None:
    assert _keys(USER) == {
        "aws:principaltype": "User",
        "aws:principalaccount": "123456789012",
        "aws:principalarn": "arn:aws:iam::123456789012:user/team/ana",
        "aws:userid": "AIDAIOSFODNN7EXAMPLE",
        "aws:username": "ana",
        "aws:principaltag/team": "blue",
        "aws:currenttime": "2026-05-04T03:02:01Z",
        "aws:epochtime": "1777863721",
        "aws:securetransport": "true",
        "aws:viaawsservice": "false",
        "aws:principalisawsservice": "false",
        "aws:sourceip": "192.0.2.1",
        "aws:useragent": "Boto3",
        "aws:requestedregion": "us-east-1",
    }


def test_a_role_session_is_its_role_and_has_no_user_name() -> None:
    keys = _keys(SESSION)
    assert keys["aws:principaltype"] == "AssumedRole"
    assert keys["aws:principalarn"] == "arn:aws:iam::123456789012:role/app/Reader"
    assert keys["aws:userid"] == "AROAIOSFODNN7EXAMPLE:run"
    assert keys["aws:tokenissuetime"] == "2026-05-04T03:00:01Z"
    assert keys["aws:multifactorauthpresent"] == "false"
    assert keys["aws:sourceidentity"] == "ana"
    assert keys["aws:federatedprovider"] == "cognito-identity.amazonaws.com"
    assert not keys.keys() & {"aws:username", "aws:multifactorauthage"}


def test_session_tags_override_the_roles_tags_without_case() -> None:
    keys = _keys(SESSION)
    assert keys["aws:principaltag/team"] == "red"
    assert keys["aws:principaltag/cost"] == "1"


def test_provider_keys_come_along_and_never_replace_a_global_key() -> None:
    keys = _keys(SESSION)
    assert keys["cognito-identity.amazonaws.com:sub"] == "us-east-1:0"
    assert keys["cognito-identity.amazonaws.com:amr"] == ("authenticated", "x")
    assert keys["aws:userid"] == "AROAIOSFODNN7EXAMPLE:run"


def test_mfa_has_an_age_once_it_was_used() -> None:
    keys = _keys(replace(SESSION, mfa=True))
    assert keys["aws:multifactorauthpresent"] == "true"
    assert keys["aws:multifactorauthage"] == "120"


@pytest.mark.parametrize(
    ("caller", "kind", "user_id"),
    [
        (ROOT, "Account", "123456789012"),
        (FEDERATED, "FederatedUser", "123456789012:bo"),
        (ANONYMOUS, "Anonymous", "anonymous"),
    ],
)
def test_who_is_no_user_has_no_user_name(caller: Caller, kind: str, user_id: str) -> None:
    keys = _keys(caller)
    assert (keys["aws:principaltype"], keys["aws:userid"]) == (kind, user_id)
    assert "aws:username" not in keys


def test_long_term_keys_have_neither_issue_time_nor_mfa() -> None:
    assert not USER.temporary
    for caller in (USER, ROOT, ANONYMOUS):
        assert not _keys(caller).keys() & {"aws:tokenissuetime", "aws:multifactorauthpresent", "aws:sourceidentity"}


def test_nobody_has_no_arn() -> None:
    keys = _keys(ANONYMOUS)
    assert keys["aws:principalaccount"] == "anonymous"
    assert "aws:principalarn" not in keys


def test_absent_facts_have_no_key() -> None:
    keys = context_keys(USER, NOW, source_ip=None, secure_transport=False, user_agent="", region=None)
    assert keys["aws:securetransport"] == "false"
    assert not keys.keys() & {"aws:sourceip", "aws:useragent", "aws:requestedregion"}


@given(
    st.dictionaries(st.text(max_size=8), st.text(max_size=8)), st.dictionaries(st.text(max_size=8), st.text(max_size=8))
)
def test_no_tag_or_provider_key_changes_a_global_key(tags: dict[str, str], provided: dict[str, str]) -> None:
    plain = _keys(USER)
    provided |= {key.upper(): "x" for key in plain if not key.startswith("aws:principaltag/")}
    keys = _keys(replace(USER, session_tags=tags, provider_keys=provided))
    assert all(name == name.lower() for name in keys)
    assert all(keys[name] == value for name, value in plain.items() if not name.startswith("aws:principaltag/"))
