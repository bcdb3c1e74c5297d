"""The algebra of policies, on documents and requests made up by Hypothesis."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.policy.compiled import Policy, compile_policy
from shared.policy.decision import Decision
from shared.policy.document import Kind
from shared.policy.patterns import cut, text_test
from shared.policy.request import Layers
from tests.shared.policy import naive
from tests.shared.policy.asking import ACCOUNT, ALICE, ROLE, SESSION, WORKER, ask

ACTIONS = ["s3:GetObject", "s3:PutObject", "ec2:Run", "S3:getobject", "s3:Get"]
ACTION_PATTERNS = ["*", "s3:*", "s3:Get*", "S3:get?bject", "ec2:*", "s3:PutObject", "*:*", "*:Get*", "s3:*Object*"]
RESOURCES = ["arn:aws:s3:::b/x", "arn:aws:s3:::b/a:x", "arn:aws:s3:r:1:b/x", "*", "arn:aws:s3:::c", "arn:aws:s3:::x"]
RESOURCE_PATTERNS = [
    "*",
    "**",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::?/x",
    "arn:*:s3:*:*:b/x",
    "arn:aws:s3:::b/${aws:u}",
    "arn:aws:s3:::${aws:u, 'b'}/x",
    "arn:aws:s3:::*${*}",
    "arn:aws:s3:::*",
    "arn:aws:s3:::c",
    "arn:aws:s3:::b/a*x",
]
VALUES: dict[str, list[Any]] = {
    "String": ["a", "A", "a*", "${aws:u}", "b?", "${aws:none, 'a'}", "${*}", "", "*"],
    "Arn": ["*", "arn:aws:s3:::b", "arn:aws:s3:::${aws:u}", "arn:aws:s3", "arn:aws:s?:*:*:b*"],
    "Numeric": [1, "1.0", "10", -2],
    "Date": ["2024-01-01", "2024-01-01T00:00:00Z", 1704067200, "2024-01-01T05:00:00+05:00"],
    "Bool": ["true", False],
    "Ip": ["10.0.0.0/8", "10.0.0.1", "2001:db8::/32", "0.0.0.0/0"],
    "Binary": ["YQ==", "YWI="],
}
OPERATORS = {
    "String": ["Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"],
    "Arn": ["Equals", "Like", "NotEquals", "NotLike"],
    "Numeric": ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"],
    "Date": ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"],
    "Bool": [""],
    "Binary": ["Equals"],
}
GIVEN = ["a", "A", "ab", "*", "1", "1.00", "10.0.0.1", "2001:db8::1", "true", "2024-01-01T00:00:00+00:00", "YQ=="]
GIVEN += ["arn:aws:s3:::b", "arn:aws:s3:::a", "2023-01-01", ""]
KEYS = ["aws:k", "aws:PrincipalTag/T", "aws:u"]


def several(options: list[Any]) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(options), min_size=1, max_size=3) | st.sampled_from(options)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from([*OPERATORS, "Ip", "Null"]))
    if kind == "Null":
        return {"Null": {draw(st.sampled_from(KEYS)): draw(st.sampled_from(["true", False]))}}
    names = ["IpAddress", "NotIpAddress"] if kind == "Ip" else [kind + end for end in OPERATORS[kind]]
    prefix = draw(st.sampled_from(["", "", "ForAnyValue:", "ForAllValues:"]))
    name = prefix + draw(st.sampled_from(names)) + draw(st.sampled_from(["", "", "IfExists"]))
    return {name: {draw(st.sampled_from(KEYS)): draw(several(VALUES[kind]))}}


@st.composite
def statements(draw: st.DrawFn, effect: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    found[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(several(ACTION_PATTERNS))
    found[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(several(RESOURCE_PATTERNS))
    if draw(st.booleans()):
        found["Condition"] = draw(conditions()) | draw(conditions())
    return found


documents = st.lists(statements(), min_size=1, max_size=12)
contexts = st.dictionaries(
    st.sampled_from([key.lower() for key in KEYS]),
    st.sampled_from(GIVEN) | st.lists(st.sampled_from(GIVEN), max_size=3).map(tuple),
)
asked = st.tuples(st.sampled_from(ACTIONS), st.sampled_from(RESOURCES), contexts)
versions = st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"])


def compiled(found: Sequence[dict[str, Any]], version: str = "2012-10-17") -> Policy:
    return compile_policy(json.dumps({"Version": version, "Statement": found}), Kind.SIMULATION)


def decide(layers: Layers, question: tuple[str, str, Any]) -> Decision:
    action, resource, context = question
    return ask(layers, ALICE, action, resource, context, ACCOUNT)


@settings(max_examples=400)
@given(st.lists(documents, min_size=1, max_size=3), versions, asked)
def test_the_engine_agrees_with_a_naive_reading(
    found: list[list[dict[str, Any]]], version: str, question: tuple[str, str, Any]
) -> None:
    policies = [compiled(one, version) for one in found]
    expected = naive.verdict([policy.document for policy in policies], *question)
    assert decide(Layers(policies), question).verdict == expected


@settings(max_examples=100)
@given(documents, statements("Deny"), asked)
def test_a_deny_never_allows(
    found: list[dict[str, Any]], extra: dict[str, Any], question: tuple[str, str, Any]
) -> None:
    before = decide(Layers([compiled(found)]), question)
    after = decide(Layers([compiled([*found, extra])]), question)
    assert before.allowed or not after.allowed
    assert before.verdict != "explicitDeny" or after.verdict == "explicitDeny"


@settings(max_examples=100)
@given(documents, statements("Allow"), asked)
def test_an_allow_never_denies(
    found: list[dict[str, Any]], extra: dict[str, Any], question: tuple[str, str, Any]
) -> None:
    before = decide(Layers([compiled(found)]), question)
    after = decide(Layers([compiled([*found, extra])]), question)
    assert after.allowed or not before.allowed
    assert (before.verdict == "explicitDeny") is (after.verdict == "explicitDeny")


@settings(max_examples=100)
@given(documents, documents, asked)
def test_boundary_and_session_policy_never_widen(
    found: list[dict[str, Any]], limit: list[dict[str, Any]], question: tuple[str, str, Any]
) -> None:
    policies, limits = [compiled(found)], [compiled(limit)]
    free = decide(Layers(policies), question)
    own = decide(Layers(limits), question)
    for layers in (Layers(policies, limits), Layers(policies, None, [limits])):
        assert decide(layers, question).allowed is (free.allowed and own.allowed)


@settings(max_examples=60)
@given(documents, st.randoms(use_true_random=False), asked)
def test_order_does_not_matter(found: list[dict[str, Any]], random: Any, question: tuple[str, str, Any]) -> None:
    before = decide(Layers([compiled(found)]), question)
    shuffled = list(found)
    random.shuffle(shuffled)
    apart = [compiled([one]) for one in shuffled]
    for after in (decide(Layers([compiled(shuffled)]), question), decide(Layers(apart), question)):
        assert (after.verdict, after.missing_keys) == (before.verdict, before.missing_keys)
        assert len(after.matched) == len(before.matched)


NAMED = {
    "nobody": {"AWS": "444455556666"},
    "account": {"AWS": ACCOUNT},
    "anyone": "*",
    "user": {"AWS": ALICE.arn},
    "role": {"AWS": ROLE},
    "session": {"AWS": SESSION},
}
layer_answers = st.tuples(st.booleans(), st.none() | st.booleans(), st.none() | st.booleans())


@settings(max_examples=200)
@given(st.sampled_from([ALICE, WORKER]), st.sampled_from(sorted(NAMED)), layer_answers)
def test_a_resource_policy_of_the_account_follows_the_table(principal: Any, named: str, answers: Any) -> None:
    grant, useless = (compiled([{"Effect": "Allow", "Action": one, "Resource": "*"}]) for one in ("s3:*", "ec2:*"))
    identity, boundary, session = answers
    statement = {"Effect": "Allow", "Principal": NAMED[named], "Action": "s3:*", "Resource": "*"}
    resource = compile_policy(json.dumps({"Version": "2012-10-17", "Statement": statement}), Kind.RESOURCE)
    layers = Layers(
        [grant if identity else useless],
        None if boundary is None else [grant if boundary else useless],
        () if session is None else [[grant if session else useless]],
        resource,
    )
    mine = {"user": "nobody"} if principal is WORKER else {"role": "nobody", "session": "nobody"}
    expected = naive.same_account_verdict(
        identity, boundary is not False, session is not False, mine.get(named, named), principal
    )
    assert ask(layers, principal, "s3:GetObject", "arn:aws:s3:::b").allowed is expected


@settings(max_examples=200)
@given(st.text("ab*?", max_size=12), st.text("ab", max_size=12))
def test_wildcards_agree_with_a_naive_reading(pattern: str, text: str) -> None:
    tokens = cut(pattern, variables=False)
    assert text_test(tokens)(text) is naive.glob(naive.pieces(pattern, {}, variables=False), text)
