"""What a trust policy may ask about whoever wants the role, and about the session that is asked for."""

from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials

from tests.services.identitypool.installation import (
    ACCOUNT,
    Installation,
    Refused,
    allow,
    install,
    session,
    trusting,
)

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
ALL = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
TAGS = {"Tags.member.1.Key": "Team", "Tags.member.1.Value": "red"}
NOW = "2026-03-01T12:00:00Z"


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return install(tmp_path)


def _assume(here: Installation, who: Credentials, name: str, **more: str) -> Credentials:
    request = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{name}", "RoleSessionName": "s1"}
    return session(here.sts("AssumeRole", who, **request | more))


ASKED: list[tuple[dict[str, Any], dict[str, str], bool]] = [
    ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, {}, True),
    ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {}, False),
    ({"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}, {"RoleSessionName": "ann"}, True),
    ({"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}, {}, False),
    ({"StringEquals": {"sts:ExternalId": "ab"}}, {"ExternalId": "ab"}, True),
    ({"StringEquals": {"sts:ExternalId": "ab"}}, {"ExternalId": "aB"}, False),
    ({"StringEquals": {"sts:ExternalId": "ab"}}, {}, False),
    ({"StringEquals": {"sts:SourceIdentity": "joe"}}, {"SourceIdentity": "joe"}, True),
    ({"StringEquals": {"aws:SourceIdentity": "joe"}}, {"SourceIdentity": "joe"}, False),
    ({"StringEquals": {"aws:RequestTag/team": "red"}}, TAGS, True),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}, TAGS | {"Tags.member.1.Key": "other"}, False),
    ({"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": "team"}}, TAGS, False),
    (
        {"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": "team"}},
        TAGS | {"TransitiveTagKeys.member.1": "team"},
        True,
    ),
    ({"StringEquals": {"aws:PrincipalTag/stage": "test"}}, {}, True),
    ({"StringEquals": {"aws:PrincipalTag/stage": "live"}}, {}, False),
    ({"StringLike": {"aws:userid": "AIDA*"}, "ArnEquals": {"aws:PrincipalArn": ANN}}, {}, True),
    ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {}, False),
    ({"Null": {"aws:TokenIssueTime": "true"}}, {}, True),
]


@pytest.mark.parametrize(("condition", "more", "admitted"), ASKED)
def test_conditions_see_the_caller_and_the_request(
    here: Installation, condition: dict[str, Any], more: dict[str, str], *, admitted: bool
) -> None:
    here.role("worker", trusting({"AWS": ROOT}, ALL, Condition=condition))
    ann = here.user("ann", allow(ALL))
    here.tag(here.sts("GetCallerIdentity", ann)["UserId"], stage="test")
    if admitted:
        assert _assume(here, ann, "worker", **more).access_key.startswith("ASIA")
        return
    with pytest.raises(Refused) as refused:
        _assume(here, ann, "worker", **more)
    assert (refused.value.status, refused.value.code) == (403, "AccessDenied")


@pytest.mark.parametrize(
    ("condition", "admitted"),
    [
        ({"StringLike": {"aws:userid": "AROA*:s1"}}, True),
        ({"StringEquals": {"aws:userid": "s1"}}, False),
        ({"DateLessThanEquals": {"aws:TokenIssueTime": NOW}}, True),
        ({"DateGreaterThan": {"aws:TokenIssueTime": NOW}}, False),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, True),
        ({"Null": {"aws:username": "true"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/team": "red"}}, True),
        ({"StringEquals": {"aws:SourceIdentity": "joe"}}, True),
        ({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, True),
    ],
)
def test_conditions_see_the_session_that_goes_on(
    here: Installation, condition: dict[str, Any], *, admitted: bool
) -> None:
    first = here.role("first", trusting({"AWS": ROOT}, ALL), allow(ALL))
    here.role("second", trusting({"AWS": first.arn}, ALL, Condition=condition))
    running = _assume(here, here.user("ann", allow(ALL)), "first", SourceIdentity="joe", **TAGS)
    if admitted:
        assert _assume(here, running, "second").access_key.startswith("ASIA")
        return
    with pytest.raises(Refused):
        _assume(here, running, "second")


@pytest.mark.parametrize(
    ("principal", "policy", "admitted"),
    [
        ({"AWS": ANN}, None, True),
        ({"AWS": [ANN, ROOT]}, None, True),
        ("*", None, True),
        ({"AWS": "*"}, None, True),
        ({"AWS": ROOT}, None, False),
        ({"AWS": ACCOUNT}, allow("sts:AssumeRole"), True),
        ({"AWS": ROOT}, allow("sts:AssumeRole"), True),
        ({"Service": "lambda.amazonaws.com"}, allow("sts:*"), False),
        ({"Federated": "cognito-identity.amazonaws.com"}, allow("sts:*"), False),
        ({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/s1"}, allow("sts:*"), False),
    ],
)
def test_who_is_meant_by_a_principal(here: Installation, principal: Any, policy: Any, *, admitted: bool) -> None:
    """Same account: naming the user or everybody suffices; naming the account leaves it to the caller's policies."""
    here.role("worker", trusting(principal))
    ann = here.user("ann", policy)
    if admitted:
        assert _assume(here, ann, "worker").access_key.startswith("ASIA")
        return
    with pytest.raises(Refused):
        _assume(here, ann, "worker")


def test_a_session_may_be_trusted_by_its_name(here: Installation) -> None:
    here.role("first", trusting({"AWS": ROOT}), allow("sts:AssumeRole"))
    here.role("second", trusting({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/first/bob"}))
    ann = here.user("ann", allow("sts:AssumeRole"))
    assert _assume(here, _assume(here, ann, "first", RoleSessionName="bob"), "second")
    with pytest.raises(Refused):
        _assume(here, _assume(here, ann, "first", RoleSessionName="eve"), "second")
