"""Documents with several faults: AWS names the one that its order of looking meets first. And what it lets pass."""

import json
from typing import Any

import pytest

from shared.policy.document import Kind, MalformedPolicy, parse
from shared.policy.values import instant

VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
LEGACY = "The policy failed legacy parsing"
OLD = "Policy document must be version 2012-10-17 or greater."
SYNTAX = "Syntax errors in policy."
TWICE = "Statement IDs (SID) in a single policy must be unique."
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"
GOOD: dict[str, Any] = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}
BAD_DATE = {"DateLessThan": {"aws:CurrentTime": "next week"}}


def refused(*statements: dict[str, Any], version: str | None = "2012-10-17") -> str:
    head = {"Version": version} if version else {}
    with pytest.raises(MalformedPolicy) as caught:
        parse(json.dumps({**head, "Statement": list(statements)}), Kind.IDENTITY)
    return caught.value.message


def but(**changed: Any) -> dict[str, Any]:
    return {name: value for name, value in {**GOOD, **changed}.items() if value is not None}


def test_structure_comes_before_the_version() -> None:
    assert refused(but(Condition={"StringIs": {"aws:username": "x"}}), version=None) == SYNTAX


@pytest.mark.parametrize("statement", [but(Effect="allow"), but(Condition=BAD_DATE), but(Resource="arn:aws:sqs::q")])
def test_the_version_comes_before_what_the_older_parser_minds(statement: dict[str, Any]) -> None:
    assert refused(statement, version=None) == OLD
    assert refused(statement) == LEGACY


@pytest.mark.parametrize(
    "statements",
    [
        [but(Sid="a", Effect="DENY"), but(Sid="a")],
        [but(Action=None, Condition=BAD_DATE)],
        [but(Resource="arn:other:sqs:::q", Condition=BAD_DATE)],
        [but(Action=None, Resource="arn:aws:s3::bucket")],
        [but(Resource="arn:aws::::q")],
    ],
)
def test_the_older_parser_comes_before_ids_actions_and_resources(statements: list[dict[str, Any]]) -> None:
    assert refused(*statements) == LEGACY


def test_statement_ids_come_before_what_a_statement_lacks() -> None:
    assert refused(but(Sid="a"), {"Sid": "a", "Effect": "Allow"}) == TWICE


def test_how_resources_are_written_comes_before_actions_and_missing_resources_after_them() -> None:
    assert refused(but(Action="sqs:Send:Message", Resource="queue")) == 'Resource queue must be in ARN format or "*".'
    assert refused(but(Action="SendMessage", Resource=None)) == VENDOR
    assert refused({"Effect": "Allow"}) == "Policy statement must contain actions."
    assert refused(but(Resource=None)) == "Policy statement must contain resources."


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ("x:y", 'Partition "y" is not valid for resource "arn:y:*:*:*:*".'),
        ("x:y:z", 'Partition "y" is not valid for resource "arn:y:z:*:*:*".'),
        ("aws:sqs:::q", 'Partition "sqs" is not valid for resource "arn:sqs:::q:*".'),
        ("arn:aws", "Resource vendor must be fully qualified and cannot contain regexes."),
    ],
)
def test_a_resource_that_is_hardly_an_arn_is_named_in_full(resource: str, message: str) -> None:
    assert refused(but(Resource=resource)) == message


@pytest.mark.parametrize(
    "statement",
    [
        but(Resource="arn:aws:queue"),
        but(Resource="arn:aws:s3:eu-west-1:111122223333:accesspoint/a"),
        but(Condition={}),
        but(Condition={"DateLessThan": {}}),
        but(Condition={"NoSuchOperator": {}}),
        but(Condition={"StringEqualsIfExists": {"plain": "x"}}),
        but(Condition={"DateLessThan": {"aws:CurrentTime": "-5000"}}),
    ],
)
def test_aws_lets_these_pass(statement: dict[str, Any]) -> None:
    assert parse(json.dumps({"Version": "2012-10-17", "Statement": statement}), Kind.IDENTITY).statements


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("-5000", -5000),
        ("1970-01-02", 86400),
        ("1970-01", 0),
        ("1970-01-01T", 0),
        ("1970-01-01t1:00:00.5Z", 3600.5),
        ("1970-01-01T01:00:00", 3600),
        ("1970-01-01T01:00:00.25+01", 0.25),
        ("1970-01-01T01:00:00-01:30", 9000),
        ("1970-13", None),
        ("1970-01-01T00:00:00+1", None),
        ("1970-01-01T00:00:00.1234567890Z", None),
        ("1970-01-01T24:00:00Z", None),
        ("9223372036854775808", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_read_as_leniently_as_aws_reads_them(text: str, seconds: float | None) -> None:
    assert instant(text) == seconds
