import json
from pathlib import Path

import pytest
from botocore.credentials import Credentials

from services.identitypool.iam.records import ManagedPolicy
from services.identitypool.iam.store import policies
from tests.services.identitypool.installation import (
    ACCOUNT,
    Installation,
    Refused,
    allow,
    install,
    session,
    trusting,
)

USER = f"arn:aws:iam::{ACCOUNT}:user"
STRANGER = "444455556666"
ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return install(tmp_path)


def _assume(here: Installation, who: Credentials, role: str = "worker", **more: str) -> dict[str, str]:
    return here.sts("AssumeRole", who, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName="s1", **more)


def test_a_user_and_root_learn_who_they_are(here: Installation) -> None:
    ann = here.user("ann")
    assert here.sts("GetCallerIdentity", ann)["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/ann"
    root = here.sts("GetCallerIdentity", here.root)
    assert (root["UserId"], root["Account"], root["Arn"]) == (ACCOUNT, ACCOUNT, ROOT_ARN)


def test_the_account_in_a_trust_policy_leaves_the_answer_to_the_callers_policy(here: Installation) -> None:
    role = here.role("worker", trusting({"AWS": ROOT_ARN}))
    may, may_not = here.user("may", allow("sts:AssumeRole", role.arn)), here.user("not")
    answer = _assume(here, may)
    assert answer["AssumedRoleId"] == f"{role.id}:s1"
    assert "PackedPolicySize" not in answer
    who = here.sts("GetCallerIdentity", session(answer))
    assert who["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/s1"
    assert who["UserId"] == f"{role.id}:s1"
    with pytest.raises(Refused) as refused:
        _assume(here, may_not)
    assert (refused.value.status, refused.value.code) == (403, "AccessDenied")


def test_unknown_untrusting_and_forbidden_roles_are_refused_alike(here: Installation) -> None:
    here.role("closed", trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:user/other"}))
    ann = here.user("ann", allow("sts:AssumeRole"))
    sentences = set()
    for name in ("closed", "missing"):
        with pytest.raises(Refused) as refused:
            _assume(here, ann, name)
        sentences.add((refused.value.code, refused.value.message.replace(name, "X")))
    assert sentences == {
        (
            "AccessDenied",
            f"User: {USER}/ann is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{ACCOUNT}:role/X",
        )
    }


def test_root_may_not_assume_roles(here: Installation) -> None:
    here.role("worker", trusting({"AWS": ROOT_ARN}))
    for name in ("worker", "missing"):
        with pytest.raises(Refused) as refused:
            _assume(here, here.root, name)
        assert refused.value.message == "Roles may not be assumed by root accounts."


def test_an_external_id_must_be_the_one_in_the_trust_policy(here: Installation) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "secret-7"}}
    here.role("worker", trusting({"AWS": ROOT_ARN}, Condition=condition))
    ann = here.user("ann", allow("sts:AssumeRole"))
    assert _assume(here, ann, ExternalId="secret-7")
    for wrong in ({}, {"ExternalId": "secret-8"}):
        with pytest.raises(Refused):
            _assume(here, ann, **wrong)


def test_a_session_lasts_as_long_as_the_role_allows_and_not_longer(here: Installation) -> None:
    here.role("worker", trusting({"AWS": ROOT_ARN}), longest_s=7200)
    ann = here.user("ann", allow("sts:AssumeRole"))
    credentials = session(_assume(here, ann, DurationSeconds="7200"))
    with pytest.raises(Refused) as refused:
        _assume(here, ann, DurationSeconds="7201")
    assert refused.value.message == ("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    here.clock.move(seconds=7199)
    assert here.sts("GetCallerIdentity", credentials)
    here.clock.move(seconds=1)
    with pytest.raises(Refused) as refused:
        here.sts("GetCallerIdentity", credentials)
    assert (refused.value.status, refused.value.code) == (403, "ExpiredToken")


def test_a_chained_session_lasts_at_most_an_hour(here: Installation) -> None:
    first = here.role("first", trusting({"AWS": ROOT_ARN}), allow("sts:AssumeRole"))
    here.role("second", trusting({"AWS": first.id}), longest_s=43200)
    ann = here.user("ann", allow("sts:AssumeRole"))
    chained = session(_assume(here, ann, "first"))
    assert _assume(here, chained, "second", DurationSeconds="3600")
    with pytest.raises(Refused) as refused:
        _assume(here, chained, "second", DurationSeconds="3601")
    assert "1 hour session limit" in refused.value.message


def test_transitive_tags_follow_into_the_next_role_and_cannot_be_changed(here: Installation) -> None:
    both = ["sts:AssumeRole", "sts:TagSession"]
    condition = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    first = here.role("first", trusting({"AWS": ROOT_ARN}, both), allow(both))
    here.role("second", trusting({"AWS": first.arn}, both), allow("sts:GetAccessKeyInfo", Condition=condition))
    ann = here.user("ann", allow(both))
    tags = {"Tags.member.1.Key": "Team", "Tags.member.1.Value": "red"}
    chained = session(_assume(here, ann, "first", **tags, **{"TransitiveTagKeys.member.1": "team"}))
    second = session(_assume(here, chained, "second"))
    assert here.sts("GetAccessKeyInfo", second, AccessKeyId=ann.access_key)["Account"] == ACCOUNT
    with pytest.raises(Refused) as refused:
        _assume(here, chained, "second", **tags)
    assert (refused.value.status, refused.value.code) == (400, "InvalidParameterValue")


def test_tagging_a_session_needs_permission_of_its_own(here: Installation) -> None:
    role = here.role("worker", trusting({"AWS": ROOT_ARN}, ["sts:AssumeRole", "sts:TagSession"]))
    ann = here.user("ann", allow("sts:AssumeRole"))
    with pytest.raises(Refused) as refused:
        _assume(here, ann, **{"Tags.member.1.Key": "a", "Tags.member.1.Value": "b"})
    assert refused.value.message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: sts:TagSession on resource: {role.arn}"
    )


def test_a_session_policy_takes_rights_away(here: Installation) -> None:
    here.role("worker", trusting({"AWS": ROOT_ARN}), allow(["sts:GetAccessKeyInfo", "s3:*"]))
    ann = here.user("ann", allow("sts:AssumeRole"))
    question = {"AccessKeyId": ann.access_key}
    assert here.sts("GetAccessKeyInfo", session(_assume(here, ann)), **question)
    answer = _assume(here, ann, Policy=json.dumps(allow("s3:*")))
    assert int(answer["PackedPolicySize"]) > 0
    with pytest.raises(Refused) as refused:
        here.sts("GetAccessKeyInfo", session(answer), **question)
    assert "no session policy allows" in refused.value.message
    managed = _assume(here, ann, **{"PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/AdministratorAccess"})
    assert here.sts("GetAccessKeyInfo", session(managed), **question)


def test_a_managed_session_policy_is_one_of_the_roles_account_and_denies_when_it_is_gone(here: Installation) -> None:
    here.role("worker", trusting({"AWS": ROOT_ARN}), allow("sts:GetAccessKeyInfo"))
    ann = here.user("ann", allow("sts:AssumeRole"))
    policy = ManagedPolicy(ACCOUNT, "ANPA1", "keys", "/", None, 1, 1, here.clock.now, here.clock.now)
    foreign = ManagedPolicy(STRANGER, "ANPA2", "keys", "/", None, 1, 1, here.clock.now, here.clock.now)
    with here.context.sql.write() as tx:
        for one in (policy, foreign):
            policies.add_policy(tx, one, json.dumps(allow("sts:*")))
    for arn in (foreign.arn, f"arn:aws:iam::{ACCOUNT}:policy/gone", "no-arn-at-all-but-long"):
        with pytest.raises(Refused) as refused:
            _assume(here, ann, **{"PolicyArns.member.1.arn": arn})
        assert refused.value.code == "ValidationError"
    running = session(_assume(here, ann, **{"PolicyArns.member.1.arn": policy.arn}))
    assert here.sts("GetAccessKeyInfo", running, AccessKeyId=ann.access_key)
    with here.context.sql.write() as tx:
        policies.remove_policy(tx, policy)
    with pytest.raises(Refused) as refused:
        here.sts("GetAccessKeyInfo", running, AccessKeyId=ann.access_key)
    assert refused.value.code == "AccessDenied"


def test_an_inline_session_policy_has_its_length(here: Installation) -> None:
    here.role("worker", trusting({"AWS": ROOT_ARN}))
    ann = here.user("ann", allow("sts:AssumeRole"))
    text = json.dumps(allow("s3:*"))
    longest = text[:-1] + " " * (2048 - len(text)) + "}"
    assert _assume(here, ann, Policy=longest)
    with pytest.raises(Refused) as refused:
        _assume(here, ann, Policy=longest[:-1] + " }")
    assert refused.value.code == "ValidationError"
    assert refused.value.message.endswith("Member must have length less than or equal to 2048")


@pytest.mark.parametrize("key", ["iam:ResourceTag/team", "aws:ResourceTag/Team"])
def test_a_policy_may_ask_for_the_tags_of_the_role(here: Installation, key: str) -> None:
    """IAM tutorial: Define permissions to access AWS resources based on tags."""
    role = here.role("worker", trusting({"AWS": ROOT_ARN}))
    ann = here.user("ann", allow("sts:AssumeRole", Condition={"StringEquals": {key: "red"}}))
    with pytest.raises(Refused):
        _assume(here, ann)
    here.tag(role.id, Team="red")
    assert _assume(here, ann)
    here.tag(role.id, Team="blue")
    with pytest.raises(Refused):
        _assume(here, ann)


def test_credentials_of_get_session_token_open_of_sts_what_aws_lets_them(here: Installation) -> None:
    """IAM User Guide: Compare AWS STS credentials."""
    here.role("worker", trusting({"AWS": ROOT_ARN}))
    ann = here.user("ann", allow("sts:*"))
    mine = session(here.sts("GetSessionToken", ann))
    assert here.sts("GetCallerIdentity", mine)["Arn"] == f"{USER}/ann"
    assert _assume(here, mine)
    with pytest.raises(Refused) as refused:
        here.sts("GetAccessKeyInfo", mine, AccessKeyId=ann.access_key)
    assert refused.value.code == "AccessDenied"


def test_an_unreadable_session_policy_is_refused(here: Installation) -> None:
    here.role("worker", trusting({"AWS": ROOT_ARN}))
    ann = here.user("ann", allow("sts:AssumeRole"))
    with pytest.raises(Refused) as refused:
        _assume(here, ann, Policy="{}")
    assert (refused.value.status, refused.value.code) == (400, "MalformedPolicyDocument")


def test_a_role_arn_that_is_none_is_refused_in_awss_words(here: Installation) -> None:
    ann = here.user("ann", allow("sts:AssumeRole"))
    with pytest.raises(Refused) as refused:
        here.sts("AssumeRole", ann, RoleArn="this-is-no-arn-at-all", RoleSessionName="s1")
    assert (refused.value.code, refused.value.message) == ("ValidationError", "this-is-no-arn-at-all is invalid")


def test_get_session_token_gives_the_users_rights_for_a_while_and_not_to_sessions(here: Installation) -> None:
    ann = here.user("ann", allow("sts:GetAccessKeyInfo"))
    credentials = session(here.sts("GetSessionToken", ann, DurationSeconds="900"))
    assert here.sts("GetCallerIdentity", credentials)["Arn"].endswith(":user/ann")
    with pytest.raises(Refused) as refused:
        here.sts("GetSessionToken", credentials)
    assert refused.value.message == "Cannot call GetSessionToken with session credentials"
    here.clock.move(seconds=900)
    with pytest.raises(Refused):
        here.sts("GetCallerIdentity", credentials)


def test_an_mfa_code_is_refused_as_long_as_nobody_has_a_device(here: Installation) -> None:
    ann = here.user("ann")
    with pytest.raises(Refused) as refused:
        here.sts("GetSessionToken", ann, SerialNumber=f"arn:aws:iam::{ACCOUNT}:mfa/ann", TokenCode="123456")
    assert refused.value.code == "AccessDenied"
    assert "unable to validate MFA code.  Please verify" in refused.value.message


@pytest.mark.parametrize("half", [{"TokenCode": "123456"}, {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/ann"}])
def test_half_of_an_mfa_proof_is_refused_by_saying_so(here: Installation, half: dict[str, str]) -> None:
    sentence = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
    with pytest.raises(Refused) as refused:
        here.sts("GetSessionToken", here.user("ann"), **half)
    assert (refused.value.code, refused.value.message) == ("AccessDenied", sentence)
