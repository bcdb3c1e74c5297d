import pytest

from shared.policy.document import Kind, MalformedPolicy, parse
from shared.policy.simulate import (
    ContextEntry,
    InvalidInput,
    Simulation,
    context_from,
    context_keys,
    custom_policies,
    simulate,
    simulated_caller,
)
from tests.shared.policy.asking import ACCOUNT, ALICE, BUCKET, KEY, OTHER, allow, deny, policy, text

POLICY = text(allow("s3:Get*", f"{BUCKET}/${{aws:UserName}}/*"), deny("s3:*", Condition={"Bool": {"aws:Mfa": "false"}}))


def test_each_action_and_resource_has_a_result() -> None:
    found = simulate(
        Simulation(custom_policies([text(allow("s3:Get*", BUCKET))]), ("s3:GetA", "s3:PutA"), (BUCKET, KEY))
    )
    assert [(one.action, one.resource, one.decision) for one in found] == [
        ("s3:GetA", BUCKET, "allowed"),
        ("s3:GetA", KEY, "implicitDeny"),
        ("s3:PutA", BUCKET, "implicitDeny"),
        ("s3:PutA", KEY, "implicitDeny"),
    ]


def test_matched_statements_carry_policy_and_position() -> None:
    (found,) = simulate(Simulation(custom_policies([text(deny("ec2:*")), text(allow())]), ("s3:GetObject",)))
    (matched,) = found.matched
    assert (matched.source_id, matched.source_type) == ("PolicyInputList.2", "IAM Policy")
    assert (matched.start.line, matched.start.column) == (1, 41)
    assert found.resource_results == ()


def test_missing_keys_stand_where_the_resource_stands() -> None:
    policies = custom_policies([POLICY])
    (star, named) = simulate(Simulation(policies, ("s3:GetObject",), ("*", f"{BUCKET}/x/y")))
    assert star.missing_keys == ("aws:Mfa",)
    assert named.missing_keys == ()
    assert named.resource_results[0].missing_keys == ("aws:Mfa", "aws:UserName")


def test_the_caller_and_the_entries_make_the_context() -> None:
    policies = custom_policies([POLICY])
    entries = (ContextEntry("aws:mfa", "boolean", ("true",)),)
    simulation = Simulation(policies, ("s3:GetObject",), (f"{BUCKET}/alice/y",), simulated_caller(ALICE.arn))
    (found,) = simulate(simulation)
    assert found.decision == "allowed"
    assert found.resource_results[0].missing_keys == ("aws:Mfa",)
    (found,) = simulate(Simulation(policies, ("s3:GetObject",), (f"{BUCKET}/bob/y",), ALICE, entries=entries))
    assert found.decision == "implicitDeny"


def test_a_boundary_has_a_detail_of_its_own() -> None:
    policies = custom_policies([text(allow())])
    without, inside, outside = (
        simulate(Simulation(policies, ("s3:GetObject",), boundary=boundary))[0]
        for boundary in (None, [policy(allow())], [policy(allow("ec2:*"))])
    )
    assert [one.allowed_by_boundary for one in (without, inside, outside)] == [None, True, False]
    assert outside.decision == "implicitDeny"


def test_both_sides_are_told_across_accounts() -> None:
    (resource,) = custom_policies([text({**allow(), "Principal": "*"})], "ResourcePolicy", Kind.RESOURCE)
    simulation = Simulation(
        custom_policies([text(allow("ec2:*"))]), ("s3:GetObject",), (KEY,), ALICE, None, resource, OTHER
    )
    (found,) = simulate(simulation)
    assert found.decision == "implicitDeny"
    assert found.details == {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}
    assert found.resource_results[0].details == found.details
    (same,) = simulate(Simulation((), ("s3:GetObject",), (KEY,), ALICE, None, resource, ACCOUNT))
    assert (same.decision, same.details) == ("allowed", {})


def test_a_resource_owner_counts_where_an_arn_names_none() -> None:
    (resource,) = custom_policies([text({**allow("*"), "Principal": "*"})], "ResourcePolicy", Kind.RESOURCE)
    queue = f"arn:aws:sqs:r:{ACCOUNT}:q"
    (own,) = simulate(Simulation((), ("sqs:Get",), (queue,), ALICE, None, resource, OTHER))
    assert (own.decision, own.details) == ("allowed", {})


def test_a_resource_owner_has_no_say_without_a_resource_policy() -> None:
    (found,) = simulate(Simulation(custom_policies([text(allow())]), ("s3:GetObject",), (KEY,), resource_owner=OTHER))
    assert found.decision == "allowed"


@pytest.mark.parametrize("action", ["*", "s3:*", "s3:Get?", "GetObject", "s3:", ":Get"])
def test_actions_are_names_not_patterns(action: str) -> None:
    with pytest.raises(InvalidInput):
        simulate(Simulation((), (action,)))


def test_a_resource_policy_needs_a_caller() -> None:
    resource = policy({**allow(), "Principal": "*"}, kind=Kind.RESOURCE)
    with pytest.raises(InvalidInput, match="CallerArn"):
        simulate(Simulation((), ("s3:GetObject",), resource_policy=resource))


@pytest.mark.parametrize("arn", ["alice", f"arn:aws:iam::{ACCOUNT}:role/x", f"arn:aws:iam::{ACCOUNT}:root"])
def test_only_users_are_simulated_callers(arn: str) -> None:
    with pytest.raises(InvalidInput):
        simulated_caller(arn)


@pytest.mark.parametrize(
    "entries",
    [
        [ContextEntry("aws:k", "numeric", ("ten",))],
        [ContextEntry("aws:k", "ip", ("here",))],
        [ContextEntry("aws:k", "dateList", ("2024-01-01", "soon"))],
        [ContextEntry("aws:k", "boolean", ("maybe",))],
        [ContextEntry("aws:k", "binary", ("%",))],
        [ContextEntry("aws:k", "text", ("a",))],
        [ContextEntry("aws:k", "string", ("a", "b"))],
        [ContextEntry("aws:k", "string", ())],
        [ContextEntry("k", "string", ("a",))],
        [ContextEntry("aws:k", "string", ("a",)), ContextEntry("AWS:K", "string", ("a",))],
    ],
)
def test_context_entries_must_fit_their_type(entries: list[ContextEntry]) -> None:
    with pytest.raises(InvalidInput):
        context_from(entries)


def test_lists_are_keys_with_several_values() -> None:
    entries = [ContextEntry("aws:A", "stringList", ("x",)), ContextEntry("aws:B", "numeric", ("1",))]
    assert context_from(entries) == {"aws:a": ("x",), "aws:b": "1"}


def test_context_keys_are_listed_as_written() -> None:
    documents = [parse(POLICY, Kind.SIMULATION)]
    assert context_keys(documents) == ("aws:UserName", "aws:Mfa")


def test_context_keys_of_the_resource_come_before_those_of_the_condition() -> None:
    # AWS CLI: the example of get-context-keys-for-custom-policy
    late = {"DateGreaterThan": {"aws:CurrentTime": "2015-08-16T12:00:00Z"}}
    found = parse(text(allow("dynamodb:*", f"{BUCKET}/${{aws:username}}", Condition=late)), Kind.SIMULATION)
    assert context_keys([found]) == ("aws:username", "aws:CurrentTime")


def test_a_policy_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(MalformedPolicy):
        custom_policies(["{"])
