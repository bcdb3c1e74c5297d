from typing import Any

import pytest

from services.identitypool import errors
from shared.policy.simulate import InvalidInput
from tests.services.identitypool.iam.console import ACCOUNT, ALLOW_ALL, Console

HOME = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*"}}'
DENY = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}}'


def test_given_policies_answer_for_each_action_and_resource(iam: Console) -> None:
    answer = iam(
        "SimulateCustomPolicy",
        PolicyInputList=[ALLOW_ALL, DENY],
        ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=["arn:aws:s3:::b/k"],
    )
    results = answer.evaluation_results
    assert [(one.eval_action_name, one.eval_decision) for one in results] == [
        ("s3:GetObject", "allowed"),
        ("s3:PutObject", "explicitDeny"),
    ]
    assert [match.source_policy_id for match in results[1].matched_statements] == ["PolicyInputList.2"]
    assert results[0].resource_specific_results[0].eval_resource_decision == "allowed"
    assert results[0].eval_decision_details == {}
    assert results[0].resource_specific_results[0].eval_decision_details is None


def test_a_user_is_simulated_with_groups_and_boundary(iam: Console) -> None:
    user = iam("CreateUser", UserName="Ann").user
    iam("CreateGroup", GroupName="g")
    iam("AddUserToGroup", GroupName="g", UserName="Ann")
    iam("PutGroupPolicy", GroupName="g", PolicyName="home", PolicyDocument=HOME)

    def result(resource: str) -> Any:
        asked = {"PolicySourceArn": user.arn, "ActionNames": ["s3:GetObject"], "ResourceArns": [resource]}
        return iam("SimulatePrincipalPolicy", **asked).evaluation_results[0]

    def decision(resource: str) -> str:
        return str(result(resource).eval_decision)

    def sources(resource: str) -> list[tuple[str, str]]:
        return [(one.source_policy_id, one.source_policy_type) for one in result(resource).matched_statements]

    assert decision("arn:aws:s3:::b/Ann/x") == "allowed"
    assert sources("arn:aws:s3:::b/Ann/x") == [("group_g_home", "IAM Policy")]
    assert decision("arn:aws:s3:::b/Ben/x") == "implicitDeny"
    iam("PutUserPermissionsBoundary", UserName="Ann", PermissionsBoundary="arn:aws:iam::aws:policy/IAMFullAccess")
    assert decision("arn:aws:s3:::b/Ann/x") == "implicitDeny"
    keys = iam("GetContextKeysForPrincipalPolicy", PolicySourceArn=user.arn).context_key_names
    assert keys == ["aws:username"]
    group = iam("GetGroup", GroupName="g").group
    answer = iam("SimulatePrincipalPolicy", PolicySourceArn=group.arn, ActionNames=["s3:GetObject"])
    assert answer.evaluation_results[0].eval_decision == "implicitDeny"


def test_a_match_names_what_has_the_policy(iam: Console) -> None:
    """So it is at AWS: an inline policy's SourcePolicyId starts with its owner, a managed one's is its name."""
    user = iam("CreateUser", UserName="Ann").user
    iam("AddUserToGroup", GroupName="administrators", UserName="Ann")
    for group in ("g", "h"):
        iam("CreateGroup", GroupName=group)
        iam("AddUserToGroup", GroupName=group, UserName="Ann")
        iam("PutGroupPolicy", GroupName=group, PolicyName="same", PolicyDocument=ALLOW_ALL)
    iam("PutUserPolicy", UserName="Ann", PolicyName="same", PolicyDocument=ALLOW_ALL)
    trust = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}'
    role = iam("CreateRole", RoleName="R", AssumeRolePolicyDocument=trust).role
    iam("PutRolePolicy", RoleName="R", PolicyName="same", PolicyDocument=ALLOW_ALL)

    def sources(arn: str) -> list[str]:
        asked = {"PolicySourceArn": arn, "ActionNames": ["s3:GetObject"]}
        result = iam("SimulatePrincipalPolicy", **asked).evaluation_results[0]
        return sorted(one.source_policy_id for one in result.matched_statements)

    assert sources(user.arn) == ["AdministratorAccess", "group_g_same", "group_h_same", "user_Ann_same"]
    assert sources(role.arn) == ["role_R_same"]


def test_results_come_in_pages(iam: Console) -> None:
    asked = {"PolicyInputList": [ALLOW_ALL], "ActionNames": ["s3:A", "s3:B", "s3:C"]}
    first = iam("SimulateCustomPolicy", MaxItems=2, **asked)
    assert first.is_truncated
    rest = iam("SimulateCustomPolicy", Marker=first.marker, **asked)
    assert [one.eval_action_name for one in rest.evaluation_results] == ["s3:C"]


def test_a_page_is_shorter_where_each_result_may_tell_many_statements(iam: Console) -> None:
    statement = '{"Effect":"Allow","Action":"*","Resource":"*"}'
    many = f'{{"Version":"2012-10-17","Statement":[{",".join([statement] * 2000)}]}}'
    asked = {"PolicyInputList": [many], "ActionNames": [f"s3:A{number}" for number in range(30)]}
    first = iam("SimulateCustomPolicy", **asked)
    assert (len(first.evaluation_results), first.is_truncated) == (25, True)
    rest = iam("SimulateCustomPolicy", Marker=first.marker, **asked)
    assert [one.eval_action_name for one in rest.evaluation_results] == asked["ActionNames"][25:]


def test_a_marker_is_good_for_the_same_actions_and_resources_only(iam: Console) -> None:
    asked = {"PolicyInputList": [ALLOW_ALL], "ActionNames": ["s3:A", "s3:B", "s3:C"]}
    marker = iam("SimulateCustomPolicy", MaxItems=2, **asked).marker
    with pytest.raises(errors.ValidationFailed, match=r"^Invalid Marker\.$"):
        iam("SimulateCustomPolicy", Marker=marker, **{**asked, "ActionNames": ["s3:A", "s3:B", "s3:D"]})


def test_every_pair_is_answered_once_over_all_pages(iam: Console) -> None:
    asked: dict[str, Any] = {
        "PolicyInputList": [ALLOW_ALL],
        "ActionNames": [f"s3:A{number}" for number in range(60)],
        "ResourceArns": [f"arn:aws:s3:::b/{number}" for number in range(40)],
    }
    seen: list[tuple[str, str]] = []
    marker: dict[str, str] = {}
    while True:
        page = iam("SimulateCustomPolicy", MaxItems=1000, **asked, **marker)
        seen += [(one.eval_action_name, one.eval_resource_name) for one in page.evaluation_results]
        if not page.is_truncated:
            break
        marker = {"Marker": page.marker}
    assert seen == [(action, resource) for action in asked["ActionNames"] for resource in asked["ResourceArns"]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"PolicyInputList": ["{"]},
        {"PermissionsBoundaryPolicyInputList": ["{}"]},
        {"ResourcePolicy": "[]", "CallerArn": f"arn:aws:iam::{ACCOUNT}:user/admin"},
        {"ResourceArns": ["bucket/key"]},
        {"CallerArn": f"arn:aws:iam::{ACCOUNT}:group/administrators"},
    ],
)
def test_input_that_cannot_be_simulated_is_refused_as_such(iam: Console, wrong: dict[str, Any]) -> None:
    """API SimulateCustomPolicy knows no MalformedPolicyDocument."""
    with pytest.raises((InvalidInput, errors.InvalidInput)):
        iam("SimulateCustomPolicy", **{"PolicyInputList": [ALLOW_ALL], "ActionNames": ["s3:A"], **wrong})


def test_a_simulation_of_no_action_is_refused(iam: Console) -> None:
    with pytest.raises(errors.InvalidInput, match=r"^ActionNames must name at least one action\.$"):
        iam("SimulateCustomPolicy", PolicyInputList=[ALLOW_ALL], ActionNames="")  # so an empty list is written


def test_an_entity_that_is_no_arn_is_refused_as_input(iam: Console) -> None:
    for operation, more in (
        ("SimulatePrincipalPolicy", {"ActionNames": ["s3:A"]}),
        ("GetContextKeysForPrincipalPolicy", {}),
    ):
        with pytest.raises(errors.InvalidInput):
            iam(operation, PolicySourceArn="somebody-somewhere-else", **more)
    with pytest.raises(errors.InvalidInput):
        iam("GetContextKeysForCustomPolicy", PolicyInputList=["{"])


def test_bad_simulations_are_refused(iam: Console) -> None:
    with pytest.raises(errors.NoSuchEntity):
        iam("SimulatePrincipalPolicy", PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/No", ActionNames=["s3:A"])
    with pytest.raises(InvalidInput):
        iam("SimulateCustomPolicy", PolicyInputList=[ALLOW_ALL], ActionNames=["s3:*"])
    with pytest.raises(errors.InvalidInput, match="exactly one"):
        iam(
            "SimulateCustomPolicy",
            PolicyInputList=[ALLOW_ALL],
            PermissionsBoundaryPolicyInputList=[ALLOW_ALL, ALLOW_ALL],
            ActionNames=["s3:A"],
        )


def test_context_keys_of_given_policies(iam: Console) -> None:
    assert iam("GetContextKeysForCustomPolicy", PolicyInputList=[HOME]).context_key_names == ["aws:username"]
