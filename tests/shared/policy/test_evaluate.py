from typing import Any

import pytest

from shared.policy.compiled import compile_policy, compile_stored
from shared.policy.document import Kind
from shared.policy.principals import PrincipalFacts
from shared.policy.request import Layers
from tests.shared.policy.asking import (
    ACCOUNT,
    ALICE,
    ANONYMOUS,
    BUCKET,
    COGNITO,
    FEDERATED,
    KEY,
    LAMBDA,
    OTHER,
    ROLE,
    ROOT,
    SESSION,
    STRANGER,
    WORKER,
    Statement,
    allow,
    ask,
    deny,
    policy,
    text,
    trust,
    verdict_of,
)

NOTHING = Layers([])
USER = {"AWS": ALICE.arn}
ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
GRANT = policy(allow())
DENIAL = policy(deny())
USELESS = policy(allow("ec2:*"))


def bucket_policy(principal: Any, effect: str = "Allow", element: str = "Principal") -> Any:
    statement = {"Effect": effect, element: principal, "Action": "s3:*", "Resource": "*"}
    return policy(statement, kind=Kind.RESOURCE)


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([allow()], "allowed"),
        ([allow("ec2:*")], "implicitDeny"),
        ([allow(), deny()], "explicitDeny"),
        ([deny(), allow()], "explicitDeny"),
        ([allow("S3:getOBJECT")], "allowed"),
        ([allow("*")], "allowed"),
        ([allow("*:*")], "allowed"),
        ([allow("s3:Get*")], "allowed"),
        ([allow("s3:?etObject")], "allowed"),
        ([allow("s3:Put*")], "implicitDeny"),
        ([allow(["s3:Put*", "s3:Get*"])], "allowed"),
        ([allow(resource=KEY)], "allowed"),
        ([allow(resource=KEY.upper().replace("ARN:AWS:S3", "arn:aws:s3"))], "implicitDeny"),
        ([allow(resource=f"{BUCKET}/*")], "allowed"),
        ([allow(resource=BUCKET)], "implicitDeny"),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "allowed"),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], "implicitDeny"),
        ([{"Effect": "Allow", "Action": "*", "NotResource": f"{BUCKET}/*"}], "implicitDeny"),
        ([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::other/*"}], "allowed"),
        ([allow(), {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}], "explicitDeny"),
        ([allow(), {"Effect": "Deny", "Action": "*", "NotResource": f"{BUCKET}/*"}], "allowed"),
        ([], "implicitDeny"),
    ],
)
def test_statements_decide_together(statements: list[Statement], verdict: str) -> None:
    found = ask(NOTHING).verdict if not statements else verdict_of(statements)
    assert found == verdict


def test_an_action_without_resources_needs_a_pattern_of_stars() -> None:
    assert verdict_of([allow("s3:ListAllMyBuckets")], "s3:ListAllMyBuckets", "*") == "allowed"
    assert verdict_of([allow("s3:ListAllMyBuckets", "**")], "s3:ListAllMyBuckets", "*") == "allowed"
    assert verdict_of([allow(resource="arn:aws:s3:::*")], "s3:ListAllMyBuckets", "*") == "implicitDeny"


def test_a_variable_in_a_resource_is_filled_from_the_request() -> None:
    home = Layers([policy(allow(resource=f"{BUCKET}/${{aws:username}}/*"))])
    keep = policy(allow(), {"Effect": "Deny", "Action": "*", "NotResource": f"{BUCKET}/${{aws:username}}/*"})
    context = {"aws:username": "alice"}
    assert ask(home, resource=f"{BUCKET}/alice/x", context=context).allowed
    assert not ask(home, resource=f"{BUCKET}/bob/x", context=context).allowed
    assert ask(home, resource=f"{BUCKET}/alice/x").missing_keys == ("aws:username",)
    assert ask(Layers([keep]), resource=f"{BUCKET}/alice/x", context=context).allowed
    assert ask(Layers([keep]), resource=f"{BUCKET}/alice/x").verdict == "explicitDeny"


def test_an_allow_is_not_widened_by_a_missing_variable() -> None:
    others = {"Effect": "Allow", "Action": "*", "NotResource": f"{BUCKET}/${{aws:username}}/*"}
    assert ask(Layers([policy(others)]), context={"aws:username": "bob"}).allowed
    assert not ask(Layers([policy(others)])).allowed


def test_a_variable_before_the_fifth_colon_is_text() -> None:
    layers = Layers([policy(allow(resource="arn:aws:s3:${aws:k}::bucket".replace("s3", "sqs")))])
    assert not ask(layers, resource="arn:aws:sqs:r::bucket", context={"aws:k": "r"}).allowed


@pytest.mark.parametrize(
    ("layers", "verdict", "stopped_by"),
    [
        (Layers([GRANT], boundary=[GRANT]), "allowed", None),
        (Layers([GRANT], boundary=[USELESS]), "implicitDeny", "boundary"),
        (Layers([GRANT], boundary=[]), "implicitDeny", "boundary"),
        (Layers([GRANT], boundary=[DENIAL]), "explicitDeny", "boundary"),
        (Layers([], boundary=[GRANT]), "implicitDeny", "identity"),
        (Layers([GRANT], session=[[GRANT]]), "allowed", None),
        (Layers([GRANT], session=[[USELESS, GRANT]]), "allowed", None),
        (Layers([GRANT], session=[[GRANT], [USELESS]]), "implicitDeny", "session"),
        (Layers([GRANT], session=[[]]), "implicitDeny", "session"),
        (Layers([GRANT], session=[[DENIAL, GRANT]]), "explicitDeny", "session"),
        (Layers([USELESS], session=[[GRANT]]), "implicitDeny", "identity"),
        (Layers([USELESS, GRANT]), "allowed", None),
        (Layers([USELESS, GRANT, DENIAL]), "explicitDeny", "identity"),
    ],
)
def test_every_layer_that_applies_must_allow(layers: Layers, verdict: str, stopped_by: str | None) -> None:
    decision = ask(layers, WORKER)
    assert (decision.verdict, decision.stopped_by) == (verdict, stopped_by)


@pytest.mark.parametrize(
    ("principal", "named", "identity", "boundary", "session", "allowed"),
    [
        (ALICE, {"AWS": ALICE.arn}, [], None, (), True),
        (ALICE, {"AWS": ALICE.unique_id}, [], None, (), True),
        (ALICE, {"AWS": ALICE.arn}, [], [], (), True),
        (ALICE, "*", [], None, (), True),
        (ALICE, {"AWS": "*"}, [], None, (), True),
        (ALICE, {"AWS": ACCOUNT}, [], None, (), False),
        (ALICE, {"AWS": ROOT_ARN}, [], None, (), False),
        (ALICE, {"AWS": ACCOUNT}, [GRANT], None, (), True),
        (ALICE, {"AWS": ACCOUNT}, [GRANT], [USELESS], (), False),
        (ALICE, {"AWS": OTHER}, [], None, (), False),
        (ALICE, {"AWS": OTHER}, [GRANT], None, (), True),
        (WORKER, {"AWS": ROLE}, [], None, (), True),
        (WORKER, {"AWS": WORKER.unique_id}, [], None, (), True),
        (WORKER, {"AWS": ROLE}, [], [USELESS], (), False),
        (WORKER, {"AWS": ROLE}, [], None, [[USELESS]], False),
        (WORKER, {"AWS": ROLE}, [], [GRANT], [[GRANT]], True),
        (WORKER, {"AWS": SESSION}, [], [USELESS], [[USELESS]], True),
        (FEDERATED, {"AWS": FEDERATED.arn}, [], None, [[USELESS]], True),
        (FEDERATED, {"AWS": ACCOUNT}, [GRANT], None, [[USELESS]], False),
        (ROOT, {"AWS": ACCOUNT}, [], None, (), True),
        (ROOT, {"AWS": OTHER}, [], None, (), True),
        (ANONYMOUS, "*", [], None, (), True),
        (ANONYMOUS, {"AWS": ACCOUNT}, [], None, (), False),
        (LAMBDA, {"Service": "lambda.amazonaws.com"}, [], None, (), True),
        (LAMBDA, {"Service": "ec2.amazonaws.com"}, [], None, (), False),
    ],
)
def test_a_resource_policy_of_the_same_account(
    principal: PrincipalFacts, named: Any, identity: Any, boundary: Any, session: Any, *, allowed: bool
) -> None:
    layers = Layers(identity, boundary, session, bucket_policy(named))
    assert ask(layers, principal).allowed is allowed


@pytest.mark.parametrize("named", [{"AWS": STRANGER.arn}, {"AWS": OTHER}, "*", {"AWS": STRANGER.unique_id}])
def test_across_accounts_both_sides_must_allow(named: Any) -> None:
    both = Layers([GRANT], None, (), bucket_policy(named))
    assert ask(both, STRANGER, owner=ACCOUNT).allowed
    assert ask(Layers([], None, (), bucket_policy(named)), STRANGER, owner=ACCOUNT).stopped_by == "identity"
    assert ask(Layers([GRANT]), STRANGER, owner=ACCOUNT).stopped_by == "resource"
    assert ask(Layers([GRANT], [USELESS], (), bucket_policy(named)), STRANGER, owner=ACCOUNT).stopped_by == "boundary"


def test_the_account_of_a_resource_is_read_from_its_arn() -> None:
    layers = Layers([policy(allow("*"))])
    assert ask(layers, action="sqs:Get", resource=f"arn:aws:sqs:r:{ACCOUNT}:q").allowed
    assert ask(layers, action="sqs:Get", resource=f"arn:aws:sqs:r:{OTHER}:q").stopped_by == "resource"
    assert ask(layers, action="iam:Get", resource="arn:aws:iam::aws:policy/ReadOnlyAccess").allowed


@pytest.mark.parametrize("principal", [ALICE, WORKER, ROOT, FEDERATED])
def test_an_explicit_deny_of_any_layer_counts(principal: PrincipalFacts) -> None:
    named = bucket_policy({"AWS": [principal.arn, ACCOUNT]})
    for layers in (
        Layers([GRANT], None, (), bucket_policy({"AWS": ACCOUNT}, "Deny")),
        Layers([DENIAL], None, (), named),
        Layers([GRANT], [DENIAL], (), named),
        Layers([GRANT], None, [[DENIAL]], named),
    ):
        assert ask(layers, principal).verdict == "explicitDeny"


def test_root_is_not_limited_by_silence() -> None:
    assert ask(NOTHING, ROOT).allowed
    assert ask(NOTHING, ROOT, owner=OTHER).stopped_by == "resource"


@pytest.mark.parametrize(
    ("principal", "listed", "boundary", "denied"),
    [
        (ALICE, [ALICE.arn, ACCOUNT], None, False),
        (ALICE, [ALICE.arn, ROOT_ARN], None, False),
        (ALICE, [ALICE.arn], None, True),
        (ALICE, [ACCOUNT], None, True),
        (ALICE, [ALICE.arn, ACCOUNT], [GRANT], True),
        (WORKER, [SESSION, ROLE, ACCOUNT], None, False),
        (WORKER, [ROLE, ACCOUNT], None, True),
        (ROOT, [ACCOUNT], None, False),
        (STRANGER, [ALICE.arn, ACCOUNT], None, True),
    ],
)
def test_not_principal_with_deny_spares_only_whom_it_lists_in_full(
    principal: PrincipalFacts, listed: list[str], boundary: Any, *, denied: bool
) -> None:
    layers = Layers([GRANT], boundary, (), bucket_policy({"AWS": listed}, "Deny", "NotPrincipal"))
    assert (ask(layers, principal).verdict == "explicitDeny") is denied


def test_not_principal_with_allow_means_everyone_else() -> None:
    layers = Layers([], None, (), bucket_policy({"AWS": ALICE.arn}, element="NotPrincipal"))
    assert not ask(layers, ALICE).allowed
    assert ask(layers, WORKER).allowed


ASSUME = policy(allow("sts:AssumeRole", ROLE))


@pytest.mark.parametrize(
    ("principal", "trusted", "identity", "verdict", "stopped_by"),
    [
        (ALICE, USER, [], "allowed", None),
        (ALICE, {"AWS": ALICE.unique_id}, [], "allowed", None),
        (ALICE, {"AWS": ACCOUNT}, [], "implicitDeny", "identity"),
        (ALICE, {"AWS": ROOT_ARN}, [ASSUME], "allowed", None),
        (ALICE, {"AWS": "AIDASOMEONEELSE12345"}, [ASSUME], "implicitDeny", "trust"),
        (ALICE, {"AWS": OTHER}, [ASSUME], "implicitDeny", "trust"),
        (WORKER, {"AWS": ROLE}, [], "allowed", None),
        (STRANGER, {"AWS": STRANGER.arn}, [], "implicitDeny", "identity"),
        (STRANGER, {"AWS": OTHER}, [ASSUME], "allowed", None),
        (STRANGER, {"AWS": ACCOUNT}, [ASSUME], "implicitDeny", "trust"),
        (ALICE, USER, [policy(deny("sts:*"))], "explicitDeny", "identity"),
        (LAMBDA, {"Service": "lambda.amazonaws.com"}, [], "allowed", None),
    ],
)
def test_a_role_is_assumed_by_whom_it_trusts(
    principal: PrincipalFacts, trusted: Any, identity: Any, verdict: str, stopped_by: str | None
) -> None:
    layers = Layers(identity, None, (), trust(trusted))
    decision = ask(layers, principal, "sts:AssumeRole", ROLE)
    assert (decision.verdict, decision.stopped_by) == (verdict, stopped_by)


WEB = "sts:AssumeRoleWithWebIdentity"
POOL = {"StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:pool"}}


def test_a_web_identity_needs_only_the_trust_policy() -> None:
    role = Layers((), resource=trust({"Federated": "cognito-identity.amazonaws.com"}, WEB, Condition=POOL))
    good = {"cognito-identity.amazonaws.com:aud": "us-east-1:pool"}
    assert ask(role, COGNITO, WEB, ROLE, good).allowed
    assert ask(role, COGNITO, WEB, ROLE, {"cognito-identity.amazonaws.com:aud": "other"}).stopped_by == "trust"
    assert ask(role, COGNITO, WEB, ROLE).missing_keys == ("cognito-identity.amazonaws.com:aud",)
    assert not ask(role, COGNITO, "sts:TagSession", ROLE, good).allowed


def test_a_provider_is_known_by_its_host_or_its_arn() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/id.example/realm"
    for named, allowed in ((arn, True), (arn.replace(ACCOUNT, OTHER), False), ("id.example/realm", True)):
        caller = PrincipalFacts("", ACCOUNT, "web_identity", federated="id.example/realm")
        assert ask(Layers((), resource=trust({"Federated": named}, WEB)), caller, WEB, ROLE).allowed is allowed


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}])
def test_anyone_in_a_trust_policy_admits_no_web_identity_but_denies_it(principal: Any) -> None:
    assert not ask(Layers((), resource=trust(principal, WEB)), COGNITO, WEB, ROLE).allowed
    denial = ask(Layers((), resource=trust(principal, WEB, "Deny")), COGNITO, WEB, ROLE)
    assert denial.verdict == "explicitDeny"


def test_a_decision_names_the_statements_that_made_it() -> None:
    found = compile_policy(
        text(allow(Sid="Yes"), deny("s3:Put*", Sid="No")), Kind.IDENTITY, source_id="n", source_type="t", version="v3"
    )
    allowed, denied = (ask(Layers([found]), action=action) for action in ("s3:GetObject", "s3:PutObject"))
    assert [(one.source_id, one.source_type, one.version, one.sid) for one in allowed.matched] == [
        ("n", "t", "v3", "Yes")
    ]
    assert [one.sid for one in denied.matched] == ["No"]
    assert ask(Layers([found]), action="ec2:Run").matched == ()


def test_a_decision_lists_what_each_layer_said() -> None:
    decision = ask(Layers([GRANT], [GRANT], [[USELESS]], bucket_policy({"AWS": ACCOUNT})), WORKER)
    assert [(check.layer, check.outcome) for check in decision.checks] == [
        ("boundary", "allows"),
        ("session", "silent"),
        ("identity", "allows"),
        ("resource", "delegates"),
    ]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_stored_policy_that_cannot_be_read_denies(kind: Kind) -> None:
    broken = compile_stored("{", kind)
    layers = Layers([GRANT], resource=broken) if kind in {Kind.RESOURCE, Kind.TRUST} else Layers([GRANT, broken])
    action = "sts:AssumeRole" if kind is Kind.TRUST else "s3:GetObject"
    assert ask(layers, action=action).verdict == "explicitDeny"


def test_the_same_text_is_compiled_once() -> None:
    assert compile_policy(text(allow()), Kind.IDENTITY) is compile_policy(text(allow()), Kind.IDENTITY)


def test_many_statements_are_found_by_service_action_and_resource() -> None:
    statements = [allow("s3:Get*", f"{BUCKET}{number}/*") for number in range(300)]
    found = policy(*statements, deny("s3:*", f"{BUCKET}7/secret"), allow("ec2:*"))
    assert ask(Layers([found]), resource=f"{BUCKET}123/x").allowed
    assert not ask(Layers([found]), resource=f"{BUCKET}300/x").allowed
    assert ask(Layers([found]), resource=f"{BUCKET}7/secret").verdict == "explicitDeny"
    assert len(list(found.bucket("s3:getobject").candidates(f"{BUCKET}123/x"))) <= 3


def test_statements_that_say_the_same_are_each_named() -> None:
    tagged = {"StringEquals": {"aws:PrincipalTag/Team": "red"}}
    found = policy(*(allow("s3:Get*", Sid=f"n{number}", Condition=tagged) for number in range(20)))
    decision = ask(Layers([found]), context={"aws:principaltag/team": "red"})
    assert [one.sid for one in decision.matched] == [f"n{number}" for number in range(20)]


def test_many_statements_answer_each_context_for_itself() -> None:
    teams = [allow(Condition={"StringEquals": {"aws:PrincipalTag/Team": f"team{number}"}}) for number in range(20)]
    layers = Layers([policy(*teams, deny(Condition={"Bool": {"aws:SecureTransport": "false"}}))])
    team = "aws:principaltag/team"
    for _ in range(2):
        assert ask(layers, context={team: "team7", "aws:securetransport": "true"}).allowed
        assert ask(layers, context={team: "team7", "aws:securetransport": "false"}).verdict == "explicitDeny"
        assert not ask(layers, context={team: "team21"}).allowed
        assert ask(layers, context={}).missing_keys == (team, "aws:securetransport")
        assert ask(layers, context={team: ("team7", "team8")}).verdict == "implicitDeny"
