import sys
from types import FrameType
from typing import Any

import pytest

from shared.policy.patterns import (
    arn_test,
    cut,
    filled,
    open_arn_test,
    plain_text,
    text_test,
    variables_in,
)


def like(pattern: str, text: str) -> bool:
    return text_test(cut(pattern, variables=False))(text)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("**", "anything", True),
        ("?", "", False),
        ("?", "a", True),
        ("??", "a", False),
        ("a*", "a", True),
        ("a*", "ba", False),
        ("*a", "bba", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "acb", False),
        ("a?c*e", "abcde", True),
        ("*?a*", "a", False),
        ("*?a*", "ba", True),
        ("*a?c*", "xaxabc", True),
        ("*??*", "ab", True),
        ("*??*", "a", False),
        ("a?b?c", "a1b2c", True),
        ("[ab]", "a", False),
        ("a.c", "abc", False),
        ("A*", "abc", False),
    ],
)
def test_star_is_any_run_and_question_mark_one_character(pattern: str, text: str, *, matches: bool) -> None:
    assert like(pattern, text) is matches


@pytest.mark.parametrize(
    ("pattern", "arn", "matches"),
    [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y/z", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::bb/x", False),
        ("arn:aws:sqs:*:1:q", "arn:aws:sqs:eu-west-1:1:q", True),
        ("arn:aws:sqs:*:1:q", "arn:aws:sqs:eu:west:1:q", False),
        ("arn:aws:sqs:*:*:q", "arn:aws:sqs:r:1:q", True),
        ("arn:aws:sqs:*", "arn:aws:sqs:r:1:q", True),
        ("arn:aws", "arn:aws:sqs:r:1:q", True),
        ("*", "arn:aws:sqs:r:1:q", True),
        ("arn:aws:s?s:r:1:*", "arn:aws:sqs:r:1:a:b/c", True),
        ("arn:aws:sqs:r:1:q", "arn:aws:sqs:r:1", False),
        ("arn:aws:sqs:r:1:*", "*", False),
    ],
)
def test_arns_are_compared_by_field(pattern: str, arn: str, *, matches: bool) -> None:
    assert arn_test(cut(pattern, variables=False))(arn) is matches


@pytest.mark.parametrize(
    ("pattern", "context", "text"),
    [
        ("home/${aws:username}/", {"aws:username": "alice"}, "home/alice/"),
        ("${AWS:UserName}", {"aws:username": "alice"}, "alice"),
        ("${aws:username}", {}, None),
        ("${aws:username}", {"aws:username": ("a", "b")}, None),
        ("${aws:username, 'guest'}", {}, "guest"),
        ("${aws:username,'guest'}", {"aws:username": "alice"}, "alice"),
        ("${aws:PrincipalTag/cost center}", {"aws:principaltag/cost center": "7"}, "7"),
        ("${*}${?}${$}", {}, "*?$"),
        ("${aws:username", {}, "${aws:username"),
        ("${}", {}, "${}"),
        ("$x", {}, "$x"),
        ("${aws:username, guest}", {}, "${aws:username, guest}"),
    ],
)
def test_variables_stand_for_plain_text(pattern: str, context: dict[str, Any], text: str | None) -> None:
    tokens = filled(cut(pattern, variables=True, wildcards=False), context)
    assert (None if tokens is None else plain_text(tokens)) == text


def test_what_a_variable_stands_for_is_never_a_pattern() -> None:
    tokens = filled(cut("a${k}*", variables=True), {"k": "*${j}?"})
    assert tokens is not None
    assert text_test(tokens)("a*${j}?tail")
    assert not text_test(tokens)("abc")


def test_what_a_variable_stands_for_stays_in_its_field() -> None:
    test = open_arn_test(cut("arn:aws:sqs:${r}:1:q", variables=True))
    assert test("arn:aws:sqs:x:1:q", {"r": "x:1:q"}) is False
    assert test("arn:aws:sqs:x:1:q", {"r": "x"}) is True
    assert test("arn:aws:sqs:x:1:q", {}) is None


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("arn:aws:s3:::b/${k}", False),
        ("arn:aws:s3:::b/${k}/x", True),
        ("arn:aws:s3:::b/${k}/*", True),
        ("arn:aws:s3:::b/${k}?x", True),
        ("arn:aws:s3:*:*:b/${k}/x", True),
        ("arn:aws:s3:::*${k}/?", True),
        ("arn:aws:s3:::${k}/*", False),
        ("arn:aws:s3:::b/${k}/${other}", None),
        ("arn:aws:s3:*:*:${other}*", None),
        ("arn:aws:s3:::?/${other}", None),
    ],
)
def test_a_pattern_with_variables_matches_like_the_one_they_make(pattern: str, *, matches: bool | None) -> None:
    assert open_arn_test(cut(pattern, variables=True))("arn:aws:s3:::b/a*c/x", {"k": "a*c"}) is matches


def test_old_versions_know_no_variables() -> None:
    assert variables_in(cut("${aws:username}", variables=False)) == frozenset()


def steps_of(pattern: str, text: str) -> int:
    """Lines of Python that a match takes: a measure without a clock."""
    test = text_test(cut(pattern, variables=False))
    steps = 0

    def count(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal steps
        steps += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        test(text)
    finally:
        sys.settrace(before)
    return steps


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a" * 200 + "b", "a" * 2_000),
        ("a*" * 200 + "b", "a" * 2_000),
        ("*a?" * 200 + "b", "a" * 2_000),
        ("*?" * 200 + "b", "a" * 2_000),
        ("*" + "?a" * 400 + "b*", "a" * 2_000),
        ("*" + "a?" * 400 + "?b?a*", "a" * 1_999 + "b"),
        ("*" * 5_000, "a" * 2_000),
    ],
)
def test_hostile_patterns_stay_linear_for_each_star(pattern: str, text: str) -> None:
    assert steps_of(pattern, text) <= 20 * (pattern.count("*") + len(text))
    assert steps_of(pattern, text * 4) <= 20 * (pattern.count("*") + len(text) * 4)
