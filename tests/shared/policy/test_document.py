import json
from typing import Any

import pytest

from shared.policy.document import Kind, MalformedPolicy, parse, policy_size, principals_of, with_principals
from shared.policy.json_tree import Position
from shared.refusal import Refusal

SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"
GOOD: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}
SID = "Statement IDs (SID) must be alpha numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
PATHS = (
    "user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, "
    "saml-provider/, oidc-provider/, report/, access-report/"
)


def document(*statements: Any, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


def refusal(text: str, kind: Kind = Kind.IDENTITY) -> MalformedPolicy:
    with pytest.raises(MalformedPolicy) as caught:
        parse(text, kind)
    return caught.value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", SYNTAX),
        ("[]", SYNTAX),
        ("{}", SYNTAX),
        ("nonsense", SYNTAX),
        (document(GOOD) + "x", SYNTAX),
        (document(), SYNTAX),
        (document("text"), SYNTAX),
        (document(GOOD, Conditions={}), SYNTAX),
        (document(GOOD, Id=1), SYNTAX),
        (document(GOOD, Version="2020-01-01"), SYNTAX),
        (document({**GOOD, "action": "s3:*"}), SYNTAX),
        (document({**GOOD, "NotAction": "s3:*"}), SYNTAX),
        (document({**GOOD, "NotResource": "*"}), SYNTAX),
        (document({**GOOD, "Action": 1}), SYNTAX),
        (document({**GOOD, "Action": [["s3:*"]]}), SYNTAX),
        (document(without("Effect")), SYNTAX),
        (document({**GOOD, "Effect": "Maybe"}), SYNTAX),
        (document({**GOOD, "Effect": "allow"}), LEGACY),
        (document({**GOOD, "Condition": []}), SYNTAX),
        (document({**GOOD, "Condition": {"StringIs": {"aws:x": "y"}}}), SYNTAX),
        (document({**GOOD, "Condition": {"stringEquals": {"aws:x": "y"}}}), SYNTAX),
        (document({**GOOD, "Condition": {"NullIfExists": {"aws:x": "true"}}}), SYNTAX),
        (document({**GOOD, "Condition": {"ForAnyValue:Null": {"aws:x": "true"}}}), SYNTAX),
        (document({**GOOD, "Condition": {"ForAnyValue:ForAllValues:StringLike": {"aws:x": "y"}}}), SYNTAX),
        (document({**GOOD, "Condition": {"StringEquals": {"aws:x": {}}}}), SYNTAX),
        (document({**GOOD, "Condition": {"NumericEquals": {"aws:x": "ten"}}}), SYNTAX),
        (document({**GOOD, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/99"}}}), SYNTAX),
        (document({**GOOD, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/0.0.0.255"}}}), SYNTAX),
        (document({**GOOD, "Condition": {"Null": {"aws:x": "yes"}}}), SYNTAX),
        (document({**GOOD, "Condition": {"DateLessThan": {"aws:CurrentTime": "tomorrow"}}}), LEGACY),
        (document(GOOD, Version="2008-10-17"), "Policy document must be version 2012-10-17 or greater."),
        (json.dumps({"Statement": GOOD}), "Policy document must be version 2012-10-17 or greater."),
        (document(without("Action")), "Policy statement must contain actions."),
        (document({**GOOD, "Action": []}), "Policy statement must contain actions."),
        (document(without("Resource")), "Policy statement must contain resources."),
        (document({**GOOD, "Resource": []}), "Policy statement must contain resources."),
        (
            document({**GOOD, "Sid": "one"}, {**GOOD, "Sid": "one"}),
            "Statement IDs (SID) in a single policy must be unique.",
        ),
        (
            document({**GOOD, "Sid": "a b"}),
            SID,
        ),
        (
            document({**GOOD, "Action": "GetObject"}),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (document({**GOOD, "Action": "s3:Get:Object"}), "Actions/Condition can contain only one colon."),
        (document({**GOOD, "Action": "s3*:GetObject"}), "Vendor s3* is not valid"),
        (document({**GOOD, "Action": ":GetObject"}), "Vendor  is not valid"),
        (document({**GOOD, "Resource": "bucket"}), 'Resource bucket must be in ARN format or "*".'),
        (document({**GOOD, "Resource": "arn:aws:s3:::a".replace("arn", "urn")}), None),
        (document({**GOOD, "Resource": "arn:aws:s3::bucket"}), LEGACY),
        (
            document({**GOOD, "Resource": "arn:error:s3:::bucket"}),
            'Partition "error" is not valid for resource "arn:error:s3:::bucket".',
        ),
        (
            document({**GOOD, "Resource": "arn:error:s3::bucket"}),
            'Partition "error" is not valid for resource "arn:error:s3::bucket:*".',
        ),
        (
            document({**GOOD, "Resource": "arn:aws:iam::111122223333:bucket/x"}),
            f'IAM resource path must either be "*" or start with {PATHS}.',
        ),
        (
            document({**GOOD, "Resource": "arn:aws:iam:us-east-1:111122223333:user/x"}),
            "IAM resource arn:aws:iam:us-east-1:111122223333:user/x cannot contain region information.",
        ),
        (
            document({**GOOD, "Resource": "arn:aws:s3:us-east-1::bucket"}),
            "Resource arn:aws:s3:us-east-1::bucket can not contain region information.",
        ),
        (document({**GOOD, "Principal": "*"}), "Policy document should not specify a principal."),
    ],
)
def test_an_identity_policy_is_refused_in_the_words_of_aws(text: str, message: str | None) -> None:
    found = refusal(text)
    assert isinstance(found, Refusal)
    assert message is None or found.message == message


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ({**TRUST, "Resource": "*"}, "Has prohibited field Resource"),
        ({key: value for key, value in TRUST.items() if key != "Principal"}, "Missing required field Principal"),
        ({**TRUST, "Action": "s3:GetObject"}, "AssumeRole policy may only specify STS AssumeRole actions."),
        ({**TRUST, "Action": "sts:InvalidAction"}, "AssumeRole policy may only specify STS AssumeRole actions."),
        ({**TRUST, "Principal": {"AWS": "arn:aws:iam::1:user/x"}}, None),
        (
            {**TRUST, "Principal": {"AWS": "arn:aws:iam::111122223333:user/*"}},
            'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/*"',
        ),
        ({**TRUST, "Principal": {"Federated": "*"}}, 'Invalid principal in policy: "FEDERATED":"*"'),
        ({**TRUST, "Principal": "alice"}, 'Invalid principal in policy: "STAR":"alice"'),
        ({**TRUST, "Principal": {"aws": "*"}}, SYNTAX),
        ({**TRUST, "Principal": {}}, SYNTAX),
        ({**TRUST, "NotPrincipal": {"AWS": "*"}}, SYNTAX),
    ],
)
def test_a_trust_policy_is_refused_in_the_words_of_aws(statement: dict[str, Any], message: str | None) -> None:
    found = refusal(document(statement), Kind.TRUST)
    assert message is None or found.message == message


def test_a_trust_policy_that_is_no_json_has_a_sentence_of_its_own() -> None:
    assert refusal("{", Kind.TRUST).message == "This policy contains invalid Json"


@pytest.mark.parametrize("statement", [GOOD, {**GOOD, "Sid": ""}, {**GOOD, "Resource": ["arn:aws:s3:::a", "*"]}])
def test_good_documents_are_read(statement: dict[str, Any]) -> None:
    assert len(parse(document(statement, statement), Kind.IDENTITY).statements) == 2


def test_old_versions_are_fine_outside_identity_policies() -> None:
    assert parse(json.dumps({"Statement": TRUST}), Kind.TRUST).version is None
    assert parse(json.dumps({"Statement": GOOD}), Kind.SIMULATION).version is None


def test_a_name_given_twice_is_refused_where_it_stands() -> None:
    text = '{\n "Version": "2012-10-17",\n "Version": "2012-10-17", "Statement": []}'
    found = refusal(text)
    assert (found.message, found.line, found.column) == (SYNTAX, 3, 2)


def test_each_statement_knows_its_place() -> None:
    text = '{"Version":"2012-10-17","Statement":[\n  {"Effect":"Allow","Action":"*",\n   "Resource":"*"}\n]}'
    (statement,) = parse(text, Kind.IDENTITY).statements
    assert (statement.at.line, statement.at.column) == (2, 3)
    assert (statement.end.line, statement.end.column) == (3, 19)


def test_the_simulator_counts_from_what_stands_before_a_statement() -> None:
    # AWS CLI: examples of simulate-custom-policy (one statement) and simulate-principal-policy (a list, indented by 4)
    condition = {"DateGreaterThan": {"aws:CurrentTime": "2018-08-16T12:00:00Z"}}
    lone = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*", "Condition": condition}
    compact = json.dumps({"Version": "2012-10-17", "Statement": lone}, separators=(",", ":"))
    (statement,) = parse(compact, Kind.IDENTITY).statements
    assert (statement.start, statement.end) == (Position(1, 38), Position(1, 167))
    indented = json.dumps({"Version": "2012-10-17", "Statement": [GOOD, GOOD]}, indent=4)
    first, second = parse(indented, Kind.IDENTITY).statements
    assert (first.start, first.end) == (Position(3, 19), Position(8, 10))
    assert (second.start, second.end) == (Position(8, 10), Position(13, 10))


def test_documents_begin_with_their_brace() -> None:
    assert refusal("\n" + document(GOOD)).message == LEGACY
    assert refusal(" " + document(TRUST), Kind.TRUST).message == "JSON strings must not have leading spaces"
    assert parse(document(GOOD) + "\n", Kind.IDENTITY).statements
    assert parse(" " + document(GOOD), Kind.SESSION).statements


def test_depth_is_bounded() -> None:
    assert refusal("[" * 100_000).message == SYNTAX


def test_unquoted_numbers_and_booleans_are_values() -> None:
    condition = {"NumericLessThan": {"s3:max-keys": 10}, "Bool": {"aws:SecureTransport": True}}
    (statement,) = parse(document({**GOOD, "Condition": condition}), Kind.IDENTITY).statements
    assert [one.values for one in statement.conditions] == [("10",), ("true",)]


def test_principals_are_found_and_replaced_in_place() -> None:
    arn = "arn:aws:iam::111122223333:user/alice"
    text = document({**TRUST, "Principal": {"AWS": [arn, "*", "444455556666"], "Service": "ec2.amazonaws.com"}})
    assert principals_of(parse(text, Kind.TRUST)) == (arn, "444455556666")
    stored = with_principals(text, {arn: "AIDAALICEALICEALICE1"})
    assert principals_of(parse(stored, Kind.TRUST)) == ("AIDAALICEALICEALICE1", "444455556666")
    assert with_principals(stored, {"AIDAALICEALICEALICE1": arn}) == text


@pytest.mark.parametrize(("text", "size"), [("", 0), ('{ "a b" :\n1}', 9), (r'"a\" b"  ', 7), (r'"\\" "x" ', 7)])
def test_blanks_outside_strings_do_not_count(text: str, size: int) -> None:
    assert policy_size(text) == size
