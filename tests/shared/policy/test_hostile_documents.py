"""Whatever text comes in, it is read or refused; nothing else happens."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.policy.compiled import Policy
from shared.policy.document import Kind, MalformedPolicy, parse
from shared.policy.request import Layers
from tests.shared.policy.asking import ask

NAMES = ["Version", "Id", "Statement", "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal"]
NAMES += [
    "NotPrincipal",
    "Condition",
    "StringLike",
    "DateLessThan",
    "IpAddress",
    "NumericEquals",
    "Null",
    "aws:x",
    "AWS",
]
WORDS = ["2012-10-17", "Allow", "Deny", "*", "s3:*", "arn:aws:s3:::b/${aws:x, 'y'}", "${", "1e999999999", "\ud800", "٣"]
words = st.sampled_from(WORDS) | st.text(max_size=5)
trees = st.recursive(
    words | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=20,
)
statement = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": st.just("s3:*"), "Resource": st.just("*")},
    optional={
        "Condition": st.dictionaries(
            st.sampled_from(NAMES[12:17]), st.dictionaries(st.just("aws:x"), words | st.lists(words, max_size=3))
        )
    },
)


def read_or_refuse(text: str, kind: Kind, value: str) -> None:
    try:
        policy = Policy(parse(text, kind), "", "", "")
    except MalformedPolicy as refused:
        place = (refused.line, refused.column)
    else:
        place = (1, 1)
        layers = Layers([], resource=policy) if kind in {Kind.RESOURCE, Kind.TRUST} else Layers([policy])
        assert ask(layers, context={"aws:x": value}).verdict in {"allowed", "explicitDeny", "implicitDeny"}
    assert min(place) >= 1


@settings(max_examples=200)
@given(st.text(st.sampled_from('{}[]":,\\ \n01eE.-untrfalsA*'), max_size=40), st.sampled_from(Kind))
def test_no_text_does_more_than_be_refused(text: str, kind: Kind) -> None:
    read_or_refuse(text, kind, "a")


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(NAMES), trees, max_size=4), st.sampled_from(Kind))
def test_no_tree_does_more_than_be_refused(tree: Any, kind: Kind) -> None:
    read_or_refuse(json.dumps(tree), kind, "a")


@settings(max_examples=200)
@given(statement, words)
def test_no_value_stops_a_decision(one: Any, value: str) -> None:
    read_or_refuse(json.dumps({"Version": "2012-10-17", "Statement": one}), Kind.IDENTITY, value)
