from typing import Any

import pytest

from shared.policy.request import Layers
from tests.shared.policy.asking import allow, ask, deny, policy

YES, NO, UNSURE = "yes", "no", "cannot tell"


def answer(operator: str, values: Any, context: dict[str, Any], key: str = "aws:k") -> str:
    """What a condition says, read off an Allow and a Deny that carry it."""
    condition = {"Condition": {operator: {key: values}}}
    allowed = ask(Layers([policy(allow(**condition))]), context=context).allowed
    denied = ask(Layers([policy(deny(**condition))]), context=context).verdict == "explicitDeny"
    return {(True, True): YES, (False, False): NO, (False, True): UNSURE}[(allowed, denied)]


@pytest.mark.parametrize(
    ("operator", "values", "value", "said"),
    [
        ("StringEquals", "a", "a", YES),
        ("StringEquals", ["b", "a"], "a", YES),
        ("StringEquals", "a", "A", NO),
        ("StringEquals", "a*", "ab", NO),
        ("StringEquals", "a*", "a*", YES),
        ("StringEquals", [], "a", NO),
        ("StringNotEquals", ["a", "b"], "a", NO),
        ("StringNotEquals", ["a", "b"], "c", YES),
        ("StringEqualsIgnoreCase", "Ab", "aB", YES),
        ("StringNotEqualsIgnoreCase", "Ab", "aB", NO),
        ("StringLike", "a*c?", "abbbcd", YES),
        ("StringLike", "a*", "Ab", NO),
        ("StringNotLike", "a*", "ab", NO),
        ("NumericEquals", 10, "10.0", YES),
        ("NumericEquals", "10", "1e1", YES),
        ("NumericNotEquals", "10", "11", YES),
        ("NumericLessThan", "10", "9.99", YES),
        ("NumericLessThanEquals", "10", "10", YES),
        ("NumericGreaterThan", "10", "10", NO),
        ("NumericGreaterThanEquals", "10", "10", YES),
        ("NumericEquals", "10", "ten", UNSURE),
        ("NumericNotEquals", "10", "NaN", UNSURE),
        ("DateEquals", "2024-01-01T00:00:00Z", "2024-01-01T02:00:00+02:00", YES),
        ("DateEquals", "2024-01-01", "1704067200", YES),
        ("DateEquals", 1704067200, "2024-01-01T00:00:00.000Z", YES),
        ("DateLessThan", "2024-01-01", "2023-12-31T23:59:59Z", YES),
        ("DateGreaterThan", "2024-01-01T00:00:00Z", "2024-01-01", NO),
        ("DateNotEquals", "2024-01-01", "2024-01-02", YES),
        ("DateLessThan", "2024-01-01", "soon", UNSURE),
        ("DateLessThan", "2024-01-01", "2023-01-01T00:00:00", YES),
        ("Bool", "true", "true", YES),
        ("Bool", True, "false", NO),
        ("Bool", "false", "false", YES),
        ("Bool", "true", "1", UNSURE),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", YES),
        ("BinaryEquals", "QmluYXJ5", "AAAA", NO),
        ("BinaryEquals", "QmluYXJ5", "?", UNSURE),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", YES),
        ("IpAddress", "10.0.0.1", "10.0.0.1", YES),
        ("IpAddress", "10.0.0.1", "10.0.0.2", NO),
        ("IpAddress", "0.0.0.0/0", "203.0.113.7", YES),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", NO),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", YES),
        ("IpAddress", "10.0.0.0/8", "::ffff:10.1.2.3", YES),
        ("NotIpAddress", "10.0.0.0/8", "2001:db8::1", YES),
        ("NotIpAddress", "10.0.0.0/8", "10.1.2.3", NO),
        ("IpAddress", "10.0.0.0/8", "localhost", UNSURE),
        ("ArnEquals", "arn:aws:sns:*:1:t*", "arn:aws:sns:eu-west-1:1:topic", YES),
        ("ArnLike", "arn:aws:sns:*:1:t", "arn:aws:sns:a:b:1:t", NO),
        ("ArnLike", "arn:aws:sns", "arn:aws:sns:a:1:t", YES),
        ("ArnNotEquals", "arn:aws:sns:*:1:t*", "arn:aws:sns:eu-west-1:1:topic", NO),
        ("ArnNotLike", "arn:aws:sns:*:1:t*", "arn:aws:sns:eu-west-1:2:topic", YES),
        ("ArnLike", "arn:aws:sns:*:1:t", "no-arn", UNSURE),
    ],
)
def test_each_operator_compares_values_its_own_way(operator: str, values: Any, value: str, said: str) -> None:
    assert answer(operator, values, {"aws:k": value}) == said
    assert answer(operator + "IfExists", values, {"aws:k": value}) == said


@pytest.mark.parametrize(
    ("operator", "values", "said"),
    [
        ("StringEquals", "a", NO),
        ("StringLike", "*", NO),
        ("NumericLessThan", "1", NO),
        ("DateLessThan", "2024-01-01", NO),
        ("Bool", "false", NO),
        ("BinaryEquals", "AAAA", NO),
        ("IpAddress", "0.0.0.0/0", NO),
        ("ArnLike", "*", NO),
        ("StringNotEquals", "a", YES),
        ("StringNotEqualsIgnoreCase", "a", YES),
        ("StringNotLike", "*", YES),
        ("NumericNotEquals", "1", YES),
        ("DateNotEquals", "2024-01-01", YES),
        ("NotIpAddress", "0.0.0.0/0", YES),
        ("ArnNotEquals", "*", YES),
        ("ArnNotLike", "*", YES),
        ("StringEqualsIfExists", "a", YES),
        ("BoolIfExists", "true", YES),
        ("IpAddressIfExists", "10.0.0.0/8", YES),
        ("Null", "true", YES),
        ("Null", "false", NO),
        ("Null", ["true", "false"], YES),
        ("ForAllValues:StringEquals", "a", YES),
        ("ForAllValues:StringNotEquals", "a", YES),
        ("ForAnyValue:StringEquals", "a", NO),
        ("ForAnyValue:StringNotEquals", "a", NO),
        ("ForAnyValue:StringEqualsIfExists", "a", NO),
        ("ForAllValues:StringEqualsIfExists", "a", YES),
    ],
)
def test_a_missing_key_follows_the_rule_of_its_operator(operator: str, values: Any, said: str) -> None:
    assert answer(operator, values, {}) == said
    assert answer(operator, values, {"aws:k": ()}) == said


@pytest.mark.parametrize(
    ("operator", "values", "given", "said"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), YES),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "c"), NO),
        ("ForAnyValue:StringEquals", ["a", "b"], ("c", "a"), YES),
        ("ForAnyValue:StringEquals", ["a", "b"], ("c", "d"), NO),
        ("ForAllValues:StringNotEquals", ["a", "b"], ("c", "d"), YES),
        ("ForAllValues:StringNotEquals", ["a", "b"], ("c", "a"), NO),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ("a", "c"), YES),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ("a", "b"), NO),
        ("ForAnyValue:StringLike", ["x*"], ("a", "xy"), YES),
        ("ForAllValues:NumericLessThan", ["10"], ("1", "oops"), UNSURE),
        ("ForAnyValue:NumericLessThan", ["10"], ("1", "oops"), YES),
        ("ForAnyValue:StringEquals", ["a"], "a", YES),
        ("StringEquals", ["a", "b"], ("a", "b"), UNSURE),
        ("StringNotEquals", ["c"], ("a", "b"), UNSURE),
        ("StringEquals", ["a"], ("a",), YES),
        ("Null", "false", ("a", "b"), YES),
    ],
)
def test_several_values_need_a_set_operator(operator: str, values: Any, given: Any, said: str) -> None:
    assert answer(operator, values, {"aws:k": given}) == said


def test_key_names_compare_without_case() -> None:
    assert answer("StringEquals", "a", {"aws:principaltag/team": "a"}, key="aws:PrincipalTag/Team") == YES


@pytest.mark.parametrize(
    ("operator", "values", "context", "said"),
    [
        ("StringEquals", "${aws:username}", {"aws:k": "al", "aws:username": "al"}, YES),
        ("StringEquals", "${aws:username}", {"aws:k": "al"}, NO),
        ("StringNotEquals", "${aws:username}", {"aws:k": "al"}, YES),
        ("StringEquals", "${aws:username, 'al'}", {"aws:k": "al"}, YES),
        ("StringEqualsIgnoreCase", "${aws:username}", {"aws:k": "AL", "aws:username": "al"}, YES),
        ("StringLike", "${aws:username}/*", {"aws:k": "al/x", "aws:username": "al"}, YES),
        ("StringLike", "${aws:username}/*", {"aws:k": "bob/x", "aws:username": "*"}, NO),
        ("StringEquals", "${aws:k}", {"aws:k": "al"}, YES),
        ("StringEquals", "${*}", {"aws:k": "*"}, YES),
        ("StringLike", "a${*}", {"aws:k": "ab"}, NO),
        ("ArnLike", "arn:aws:s3:::${aws:username}", {"aws:k": "arn:aws:s3:::al", "aws:username": "al"}, YES),
        ("ArnLike", "${aws:owner}", {"aws:k": "arn:aws:s3:::al", "aws:owner": "arn:aws:s3:::al"}, YES),
        ("ArnLike", "${aws:owner}", {"aws:k": "arn:aws:s3:::al", "aws:owner": "arn:aws:s3:::*"}, NO),
        ("ArnNotLike", "${aws:owner}", {"aws:k": "arn:aws:s3:::al", "aws:owner": "arn:aws:s3:::al"}, NO),
        ("ArnNotLike", "arn:aws:s3:::${aws:username}", {"aws:k": "arn:aws:s3:::al"}, YES),
    ],
)
def test_variables_are_filled_in(operator: str, values: str, context: dict[str, Any], said: str) -> None:
    assert answer(operator, values, context) == said


def test_operators_and_keys_must_all_hold() -> None:
    both = {"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}}
    layers = Layers([policy(allow(Condition=both))])
    good = {"aws:a": "1", "aws:b": "2", "aws:c": "true"}
    assert ask(layers, context=good).allowed
    for key in good:
        assert not ask(layers, context={**good, key: "no"}).allowed


def test_missing_keys_are_reported() -> None:
    condition = {"StringEquals": {"aws:A": "${aws:B}"}, "StringNotEquals": {"aws:C": "x"}}
    layers = Layers([policy(allow(Condition=condition), allow("ec2:*", Condition={"Bool": {"aws:D": "true"}}))])
    assert ask(layers, context={"aws:c": "y"}).missing_keys == ("aws:a", "aws:b")
