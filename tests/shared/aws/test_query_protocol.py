"""AWS Query: what is read, what is refused and how, what is written."""

from datetime import datetime, timedelta, timezone
from xml.etree import ElementTree as ET

import pytest
from botocore.parsers import create_parser
from hypothesis import example, given
from hypothesis import strategies as st

from shared.aws import query_protocol
from shared.aws.api import iam, sts
from shared.aws.model import Operation, Shape
from shared.aws.parameters import DEEPEST, HIGHEST_INDEX
from shared.aws.query_protocol import MOST_PARAMETERS
from shared.aws.violations import Malformed, Violations
from shared.refusal import Refusal
from tests.shared.aws.samples import service_model

ASSUME_ROLE = sts.OPERATIONS["AssumeRole"]
CREATE_USER = iam.OPERATIONS["CreateUser"]
SIMULATE = iam.OPERATIONS["SimulateCustomPolicy"]
WHO = {"RoleArn": "arn:aws:iam::123456789012:role/reader", "RoleSessionName": "someone"}


def read(operation: Operation, **params: str) -> Shape:
    return query_protocol.decode(operation, [(name.replace("__", "."), value) for name, value in params.items()])


def assume(extra: dict[str, str]) -> sts.AssumeRoleRequest:
    request = query_protocol.decode(ASSUME_ROLE, [*WHO.items(), *extra.items()])
    assert isinstance(request, sts.AssumeRoleRequest)
    return request


def refusal(extra: list[tuple[str, str]]) -> str:
    with pytest.raises(Malformed) as refused:
        query_protocol.decode(ASSUME_ROLE, [*WHO.items(), *extra])
    return refused.value.message


def test_a_request_becomes_its_type() -> None:
    extra = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "DurationSeconds": "3600",
        "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "",
        "TransitiveTagKeys.member.1": "team",
        "Unknown.member.x.y": "ignored",
    }
    assert assume(extra) == sts.AssumeRoleRequest(
        role_arn=WHO["RoleArn"],
        role_session_name="someone",
        duration_seconds=3600,
        policy_arns=[sts.PolicyDescriptorType(arn="arn:aws:iam::aws:policy/ReadOnlyAccess")],
        tags=[sts.Tag(key="team", value="")],
        transitive_tag_keys=["team"],
    )


def test_a_list_is_ordered_by_its_indexes_and_gaps_are_closed() -> None:
    extra = {f"TransitiveTagKeys.member.{index}": f"k{index}" for index in (10, 2, 9, HIGHEST_INDEX)}
    assert assume(extra).transitive_tag_keys == ["k2", "k9", "k10", f"k{HIGHEST_INDEX}"]


@pytest.mark.parametrize("name", ["TransitiveTagKeys", "TransitiveTagKeys.member"])
def test_an_empty_list_is_an_empty_value(name: str) -> None:
    assert assume({name: ""}).transitive_tag_keys == []


def test_a_missing_parameter_is_a_violation() -> None:
    with pytest.raises(
        Violations, match="Value null at 'roleArn' failed to satisfy constraint: Member must not be null"
    ):
        query_protocol.decode(ASSUME_ROLE, [("RoleSessionName", "someone")])


@pytest.mark.parametrize(("written", "meant"), [("true", True), ("false", False), ("TRUE", True), ("False", False)])
def test_booleans_are_words(written: str, *, meant: bool) -> None:
    request = read(iam.OPERATIONS["CreateLoginProfile"], UserName="u", PasswordResetRequired=written)
    assert isinstance(request, iam.CreateLoginProfileRequest)
    assert request.password_reset_required is meant


def test_a_map_comes_in_entries() -> None:
    put = iam.OPERATIONS["PutAccountProperties"]
    params = [("Properties.entry.1.key", "a"), ("Properties.entry.1.value", "b"), ("Properties.entry.2.key", "c")]
    request = query_protocol.decode(put, [*params, ("Properties.entry.2.value", "d")])
    assert isinstance(request, iam.PutAccountPropertiesRequest)
    assert request.properties == {"a": "b", "c": "d"}
    for wrong in (params, [("Properties.entry.1", "x")], [*params[:2], ("Properties.entry.3.key", "a")]):
        with pytest.raises(Malformed, match="A map's entry has a key and a value"):
            query_protocol.decode(put, wrong)
    again = [("Properties.entry.2.key", "a"), ("Properties.entry.2.value", "x")]
    with pytest.raises(Malformed, match="A map's key is given twice"):
        query_protocol.decode(put, [*params[:2], *again])


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ([("RoleArn", "again")], "The parameter RoleArn is given twice"),
        ([("Other", "a"), ("Other", "a")], "The parameter Other is given twice"),
        ([("Tags.member.1.Key", "a")] * 2, "The parameter Tags.member.1.Key is given twice"),
        ([("Tags.member.1", "a"), ("Tags.member.1.Key", "a")], "Value found where not expected"),
        ([("Tags.member.1.Key", "a"), ("Tags.member.1", "a")], "The parameter Tags.member.1 is given twice"),
        ([("Tags", "a")], "Value found where not expected"),
        ([("Tags.member", "a")], "Value found where not expected"),
        ([("Tags.member.1", "a")], "Value found where not expected"),
        ([("Tags.member.01.Key", "a")], "Value found where not expected"),
        ([("Tags.member.0.Key", "a")], "0 is not a valid index"),
        ([("Tags.member.-1.Key", "a")], "Start of list found where not expected"),
        ([("Tags.member.x.Key", "a")], "Start of list found where not expected"),
        ([("Tags.member.\u0661.Key", "a")], "Start of list found where not expected"),
        ([("Tags.member.999999999.Key", "a")], "Index 999999999 is illegal"),
        ([("Tags.member." + "9" * 5000, "a")], f"Index {'9' * 20} is illegal"),
        ([("SerialNumber.Key", "a")], "Start of structure or map found where not expected."),
        ([("SerialNumber.member.1", "a")], "Start of list found where not expected"),
        ([("A" + ".a" * DEEPEST, "a")], f"A parameter has more than {DEEPEST} levels"),
        ([("DurationSeconds", "")], "STRING_VALUE can not be converted to an Integer"),
        ([("DurationSeconds", "1.5")], "STRING_VALUE can not be converted to an Integer"),
        ([("DurationSeconds", " 900")], "STRING_VALUE can not be converted to an Integer"),
        ([("DurationSeconds", "9" * 5000)], "STRING_VALUE can not be converted to an Integer"),
        ([("DurationSeconds", "\u0669\u0660\u0660")], "STRING_VALUE can not be converted to an Integer"),
    ],
)
def test_parameters_that_do_not_fit_the_model_are_refused(extra: list[tuple[str, str]], message: str) -> None:
    assert refusal(extra) == message


def test_a_value_that_is_no_boolean_is_refused() -> None:
    with pytest.raises(Malformed, match="STRING_VALUE can not be converted to a Boolean"):
        read(iam.OPERATIONS["CreateLoginProfile"], UserName="u", PasswordResetRequired="yes")


def test_a_form_is_unescaped_once() -> None:
    body = b"Action=CreateUser&UserName=a%2Bb+c%253D&Path=%2F&&Empty=&Bare&%C3%A9=%F0%9F%98%80&=x&a=b=c"
    assert query_protocol.form(body) == [
        ("Action", "CreateUser"),
        ("UserName", "a+b c%3D"),
        ("Path", "/"),
        ("Empty", ""),
        ("Bare", ""),
        ("é", "😀"),
        ("", "x"),
        ("a", "b=c"),
    ]
    assert query_protocol.form(b"") == []
    assert query_protocol.form(b"a=b&c=d") == [("a", "b"), ("c", "d")]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"a=%", "The request has a broken percent escape"),
        (b"a=%4", "The request has a broken percent escape"),
        (b"%zz=a", "The request has a broken percent escape"),
        (b"a=%u0041", "The request has a broken percent escape"),
        (b"a=\xff", "The request is not UTF-8"),
        (b"a=%ff", "The request is not UTF-8"),
        (b"a=%ed%a0%80", "The request is not UTF-8"),
        (b"%c3=%a9", "The request is not UTF-8"),
        (b"a=%00", "Text holds a NUL character"),
        (b"a=\x00", "Text holds a NUL character"),
        (b"&".join([b"a=b"] * (MOST_PARAMETERS + 1)), f"The request has more than {MOST_PARAMETERS} parameters"),
    ],
)
def test_what_is_not_a_form_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(Malformed) as refused:
        query_protocol.form(body)
    assert refused.value.message == message


def outcome(operation: Operation, body: bytes) -> Shape | Refusal:
    try:
        return query_protocol.decode(operation, query_protocol.form(body))
    except Refusal as refused:
        return refused


NAMES = "Tags PolicyArns member entry Key arn ContextEntries ContextKeyValues ActionNames RoleArn DurationSeconds"
pieces = st.sampled_from(
    [*NAMES.split(), *["1", "2", "0", "99999999", "true", "x", "é", ".", "..", "=", "&", "+", "%", "%41", "%00"]]
)


@given(st.binary() | st.text().map(str.encode) | st.lists(pieces).map(lambda parts: "".join(parts).encode()))
@example(b"Tags.member.1.=x&Tags..1=y&.=z&..=")
def test_no_form_gets_anything_but_a_request_or_a_refusal(body: bytes) -> None:
    for operation in (ASSUME_ROLE, CREATE_USER, SIMULATE):
        assert isinstance(outcome(operation, body), operation.request | Refusal)


def test_an_answer_as_aws_writes_it() -> None:
    response = sts.GetCallerIdentityResponse(
        user_id="AIDAEXAMPLE", account="123456789012", arn="arn:aws:iam::1:user/a&b"
    )
    answer = query_protocol.encode(sts.SERVICE, sts.OPERATIONS["GetCallerIdentity"], response, "4-a")
    assert answer.decode() == (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        "<UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account><Arn>arn:aws:iam::1:user/a&amp;b</Arn>"
        "</GetCallerIdentityResult><ResponseMetadata><RequestId>4-a</RequestId></ResponseMetadata>"
        "</GetCallerIdentityResponse>\n"
    )


def test_an_answer_without_a_result_has_no_wrapper() -> None:
    answer = query_protocol.encode(iam.SERVICE, iam.OPERATIONS["DeleteUser"], iam.DeleteUserResponse(), "r")
    assert answer.decode() == (
        '<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata><RequestId>r</RequestId>'
        "</ResponseMetadata></DeleteUserResponse>\n"
    )


def test_lists_may_be_empty_and_flags_and_times_have_aws_s_form() -> None:
    at = datetime(2026, 3, 1, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    user = iam.User(path="/", user_name="u", user_id="A" * 16, arn="arn:aws:iam::1:user/u", create_date=at, tags=[])
    response = iam.ListUsersResponse(users=[user], is_truncated=False)
    answer = query_protocol.encode(iam.SERVICE, iam.OPERATIONS["ListUsers"], response, "r").decode()
    assert "<CreateDate>2026-03-01T10:00:00Z</CreateDate><Tags></Tags></member></Users>" in answer
    assert "<IsTruncated>false</IsTruncated></ListUsersResult>" in answer


@given(st.text())
@example("\r\n \t&<>\"'\x85\x7f]]>\x00\x1f\ud800\ufffe")
def test_any_text_comes_back_but_for_what_xml_cannot_hold(text: str) -> None:
    response = sts.GetAccessKeyInfoResponse(account=text)
    operation = sts.OPERATIONS["GetAccessKeyInfo"]
    answer = query_protocol.encode(sts.SERVICE, operation, response, "r")
    shape = service_model("sts").operation_model("GetAccessKeyInfo").output_shape
    got = create_parser("query").parse({"body": answer, "headers": {}, "status_code": 200}, shape)
    held = "".join(
        c if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c >= "\U00010000" else "\ufffd"
        for c in text
    )
    assert got["Account"] == held


def test_an_error_as_aws_writes_it() -> None:
    answer = query_protocol.error(iam.SERVICE, "NoSuchEntity", "No <user> & co", "r")
    assert answer.decode() == (
        '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
        "<Code>NoSuchEntity</Code><Message>No &lt;user&gt; &amp; co</Message></Error><RequestId>r</RequestId>"
        "</ErrorResponse>\n"
    )
    ours = ET.fromstring(query_protocol.error(iam.SERVICE, "ServiceFailure", "x", "r", sender=False))
    assert ours.findtext(".//{*}Type") == "Receiver"


def test_botocore_reads_our_errors() -> None:
    answer = query_protocol.error(sts.SERVICE, "AccessDenied", "Not you", "r-1")
    got = create_parser("query").parse({"body": answer, "headers": {}, "status_code": 403}, None)
    assert got["Error"] == {"Type": "Sender", "Code": "AccessDenied", "Message": "Not you"}
    assert got["ResponseMetadata"]["RequestId"] == "r-1"
