"""Who is really behind a session: set once, with the right to, and the same through every role that follows."""

from pathlib import Path

import pytest
from botocore.credentials import Credentials

from tests.services.identitypool.installation import ACCOUNT, Installation, Refused, allow, install, session, trusting

BOTH = ["sts:AssumeRole", "sts:SetSourceIdentity"]
ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return install(tmp_path)


def _assume(here: Installation, who: Credentials, role: str, **more: str) -> dict[str, str]:
    return here.sts("AssumeRole", who, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName="s1", **more)


def _refused(here: Installation, who: Credentials, role: str, **more: str) -> str:
    with pytest.raises(Refused) as refused:
        _assume(here, who, role, **more)
    assert (refused.value.status, refused.value.code) == (403, "AccessDenied")
    return refused.value.message


def test_it_needs_a_right_of_its_own_on_both_sides(here: Installation) -> None:
    here.role("open", trusting({"AWS": ROOT_ARN}, BOTH))
    here.role("shut", trusting({"AWS": ROOT_ARN}))
    may, may_not = here.user("may", allow(BOTH)), here.user("not", allow("sts:AssumeRole"))
    assert _assume(here, may, "open", SourceIdentity="ann@example.com")["SourceIdentity"] == "ann@example.com"
    for who, role in ((may_not, "open"), (may, "shut")):
        assert "to perform: sts:SetSourceIdentity on resource" in _refused(here, who, role, SourceIdentity="ann")
        assert "SourceIdentity" not in _assume(here, who, role)


def test_it_stays_through_every_role_that_allows_it_and_cannot_be_changed(here: Installation) -> None:
    is_ann = {"StringEquals": {"aws:SourceIdentity": "ann"}}
    first = here.role("first", trusting({"AWS": ROOT_ARN}, BOTH), allow(BOTH))
    here.role("second", trusting({"AWS": first.arn}, BOTH), allow("sts:GetAccessKeyInfo", Condition=is_ann))
    here.role("shut", trusting({"AWS": first.arn}))
    user = here.user("user", allow(BOTH))
    chained = session(_assume(here, user, "first", SourceIdentity="ann"))
    second = _assume(here, chained, "second")
    assert second["SourceIdentity"] == "ann"
    assert here.sts("GetAccessKeyInfo", session(second), AccessKeyId=user.access_key)["Account"] == ACCOUNT
    assert _assume(here, chained, "second", SourceIdentity="ann")["SourceIdentity"] == "ann"
    _refused(here, chained, "second", SourceIdentity="bob")
    assert "to perform: sts:SetSourceIdentity on resource" in _refused(here, chained, "shut")


def test_a_trust_policy_may_ask_for_it(here: Installation) -> None:
    condition = {"StringLike": {"sts:SourceIdentity": "*@example.com"}}
    here.role("worker", trusting({"AWS": ROOT_ARN}, BOTH, Condition=condition))
    user = here.user("user", allow(BOTH))
    assert _assume(here, user, "worker", SourceIdentity="ann@example.com")
    _refused(here, user, "worker", SourceIdentity="ann@example.org")
    _refused(here, user, "worker")
