from typing import Any

import pytest

from services.userpool.errors import InvalidParameter
from tests.services.userpool.in_process import InProcess


def text(name: str, **members: Any) -> dict[str, Any]:
    return {"Name": name, "AttributeDataType": "String"} | members


def test_custom_attributes_get_their_prefix_and_constraints(aws: InProcess) -> None:
    pool = aws.pool(
        Schema=[
            {"Name": "email", "Required": True, "Mutable": False},
            {"Name": "age", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MinValue": "-1"}},
        ],
    )
    aws.call("AddCustomAttributes", UserPoolId=pool, CustomAttributes=[text("vip", DeveloperOnlyAttribute=True)])
    shown = aws.call("DescribeUserPool", UserPoolId=pool)["UserPool"]["SchemaAttributes"]
    email = next(each for each in shown if each["Name"] == "email")
    assert (email["Required"], email["Mutable"]) == (True, False)
    assert email["StringAttributeConstraints"] == {"MinLength": "0", "MaxLength": "2048"}
    assert [each["Name"] for each in shown[-2:]] == ["custom:age", "dev:custom:vip"]
    assert shown[-2]["NumberAttributeConstraints"] == {"MinValue": "-1"}
    assert shown[-1]["DeveloperOnlyAttribute"] is True


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (text("x", Required=True), "Required custom attributes are not supported currently."),
        ({"Name": "email", "AttributeDataType": "Number"}, "You can not change AttributeDataType"),
        ({"Name": "email", "DeveloperOnlyAttribute": True}, "You can not change AttributeDataType"),
        (
            text("x", StringAttributeConstraints={"MinLength": "9", "MaxLength": "8"}),
            "Max length cannot be less than min",
        ),
        (
            {"Name": "updated_at", "NumberAttributeConstraints": {"MinValue": "9", "MaxValue": "8"}},
            "user.updated_at: Max value cannot be less than min value.",
        ),
        (text("x", StringAttributeConstraints={"MaxLength": "many"}), "Invalid StringAttributeConstraints for"),
        (text("x", StringAttributeConstraints={"MinLength": "-1"}), "Invalid StringAttributeConstraints for"),
        (
            {"Name": "updated_at", "NumberAttributeConstraints": {"MaxValue": "many"}},
            "Invalid NumberAttributeConstraints for schema attribute updated_at",
        ),
        (text("x", StringAttributeConstraints={"MaxLength": "2049"}), "cannot have a length of more than 2048"),
        ({"Name": "x"}, "^Invalid AttributeDataType input, consider using the provided AttributeDataType enum.$"),
        ({}, "Name is required"),
    ],
)
def test_what_a_schema_may_not_say(aws: InProcess, entry: Any, complaint: str) -> None:
    with pytest.raises(InvalidParameter, match=complaint):
        aws.pool(Schema=[entry])


def test_constraints_of_another_type_say_nothing(aws: InProcess) -> None:
    number = {
        "Name": "mydev",
        "AttributeDataType": "Number",
        "NumberAttributeConstraints": {"MinValue": "1", "MaxValue": "99"},
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "none at all"},
    }
    when = {"Name": "when", "AttributeDataType": "DateTime", "StringAttributeConstraints": {"MaxLength": "5"}}
    pool = aws.pool(Schema=[number, when])
    shown = aws.call("DescribeUserPool", UserPoolId=pool)["UserPool"]["SchemaAttributes"][-2:]
    assert shown[0]["NumberAttributeConstraints"] == {"MinValue": "1", "MaxValue": "99"}
    assert not any("StringAttributeConstraints" in each for each in shown)


def test_an_attribute_is_added_once_and_at_most_50_are(aws: InProcess) -> None:
    pool = aws.pool(Schema=[text(f"a{n}") for n in range(49)])
    with pytest.raises(InvalidParameter, match="Existing attribute already has name custom:a7"):
        aws.call("AddCustomAttributes", UserPoolId=pool, CustomAttributes=[text("a7")])
    with pytest.raises(InvalidParameter, match="at most 50"):
        aws.call("AddCustomAttributes", UserPoolId=pool, CustomAttributes=[text("b"), text("c")])
    secret = text("b", DeveloperOnlyAttribute=True)
    with pytest.raises(InvalidParameter, match="custom:b: Existing attribute already has name dev:custom:b"):
        aws.call("AddCustomAttributes", UserPoolId=pool, CustomAttributes=[secret, text("b")])
    aws.call("AddCustomAttributes", UserPoolId=pool, CustomAttributes=[text("b")])
    assert len(aws.call("DescribeUserPool", UserPoolId=pool)["UserPool"]["SchemaAttributes"]) == 71


def test_an_attribute_that_is_added_under_a_standard_name_is_custom(aws: InProcess) -> None:
    pool = aws.pool()
    before = aws.call("DescribeUserPool", UserPoolId=pool)["UserPool"]["SchemaAttributes"]
    aws.call("AddCustomAttributes", UserPoolId=pool, CustomAttributes=[text("email", Mutable=False)])
    shown = aws.call("DescribeUserPool", UserPoolId=pool)["UserPool"]["SchemaAttributes"]
    assert shown[:-1] == before
    assert (shown[-1]["Name"], shown[-1]["Mutable"]) == ("custom:email", False)
    with pytest.raises(InvalidParameter, match="Required custom attributes"):
        aws.call("AddCustomAttributes", UserPoolId=pool, CustomAttributes=[text("name", Required=True)])
