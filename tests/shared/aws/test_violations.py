"""Limits that a request breaks, in AWS's words."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from botocore.serialize import create_serializer

from shared.aws import json_protocol, query_protocol
from shared.aws.violations import MOST_PRINTED, MOST_SHOWN, Malformed, Violations
from tests.shared.aws.samples import MODULES, OPERATIONS, Sampler, operation, service_model

FAILED = "failed to satisfy constraint:"
PATTERN = "Member must satisfy regular expression pattern:"
NAMES = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
PATHS = "It must begin and end with / and contain only alphanumeric characters and/or / characters."
PREFIXES = "It must begin with the / character and contain only alphanumeric characters and/or / characters."
IAMS_WORDS = {
    r"[\w+=,.@-]+": NAMES,
    r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)": PATHS,
    r"((/[A-Za-z0-9\.,\+@=_-]+)*)/": PATHS,
    r"\u002F[\u0021-\u007F]*": PREFIXES,
}
VISIBLE = r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+"


def refusal(name: str, request: dict[str, Any], service: str = "cognito-idp") -> str:
    with pytest.raises(Violations) as refused:
        json_protocol.decode(operation(service, name), msgspec.json.encode(request))
    return refused.value.message


def query_refusal(name: str, params: dict[str, str], service: str = "iam") -> str:
    with pytest.raises(Violations) as refused:
        query_protocol.decode(operation(service, name), list(params.items()))
    return refused.value.message


def test_a_pattern_as_recorded() -> None:
    assert refusal("DescribeUserPool", {"UserPoolId": "nonsense"}) == (
        rf"1 validation error detected: Value 'nonsense' at 'userPoolId' {FAILED} {PATTERN} [\w-]+_[0-9a-zA-Z]+"
    )


def test_a_client_id_is_printed_as_recorded() -> None:
    assert refusal("InitiateAuth", {"AuthFlow": "USER_SRP_AUTH", "ClientId": "a-b"}) == (
        rf"1 validation error detected: Value 'a-b' at 'clientId' {FAILED} {PATTERN} [\w+]+"
    )


def test_choices_as_recorded() -> None:
    assert refusal("CreateUserPool", {"PoolName": "pool", "MfaConfiguration": "false"}) == (
        "1 validation error detected: Value 'false' at 'mfaConfiguration' failed to satisfy constraint: "
        "Member must satisfy enum value set: [OPTIONAL, OFF, ON]"
    )


def test_an_identity_pool_s_name_as_recorded() -> None:
    request = {"IdentityPoolName": "a/b", "AllowUnauthenticatedIdentities": True}
    assert refusal("CreateIdentityPool", request, "cognito-identity") == (
        rf"1 validation error detected: Value 'a/b' at 'identityPoolName' {FAILED} {PATTERN} [\w\s+=,.@-]+"
    )


def test_a_role_session_s_name_as_recorded() -> None:
    params = {"RoleArn": "arn:aws:iam::123456789012:role/x", "RoleSessionName": "Session1:2"}
    assert query_refusal("AssumeRole", params, "sts") == (
        rf"1 validation error detected: Value 'Session1:2' at 'roleSessionName' {FAILED} {PATTERN} [\w+=,.@-]*"
    )


def test_iam_prints_neither_value_nor_choices_as_recorded() -> None:
    params = {"ServiceSpecificCredentialId": "-" * 20, "Status": "Active"}
    assert query_refusal("UpdateServiceSpecificCredential", params) == (
        rf"1 validation error detected: Value at 'serviceSpecificCredentialId' {FAILED} {PATTERN} [\w]+"
    )
    params = {"ServiceSpecificCredentialId": "A" * 20, "Status": "Odd"}
    assert query_refusal("UpdateServiceSpecificCredential", params) == (
        f"1 validation error detected: Value at 'status' {FAILED} Member must satisfy enum value set"
    )


@pytest.mark.parametrize(
    ("operation", "member", "value", "words"),
    [
        ("CreateUser", "UserName", "a/b", NAMES),
        ("GetRole", "RoleName", "", NAMES),
        ("UpdateGroup", "NewGroupName", "a b", NAMES),
        ("CreatePolicy", "PolicyName", "*", NAMES),
        ("CreateRole", "Path", "x", PATHS),
        ("CreatePolicy", "Path", "/x", PATHS),
        ("UpdateUser", "NewPath", "/a b/", PATHS),
        ("ListUsers", "PathPrefix", "x", PREFIXES),
        ("ListPolicies", "PathPrefix", "/x", PREFIXES),
        ("ListEntitiesForPolicy", "PathPrefix", "/" + "x" * 512, PREFIXES),
    ],
)
def test_iam_says_of_names_and_paths_what_they_must_be_before_all_else(
    operation: str, member: str, value: str, words: str
) -> None:
    name = member[0].lower() + member[1:]
    assert query_refusal(operation, {member: value}) == f"The specified value for {name} is invalid. {words}"


def test_an_iam_name_that_is_only_too_long_is_judged_by_its_length() -> None:
    told = f"1 validation error detected: Value at 'userName' {FAILED} Member must have length less than or equal to 64"
    assert query_refusal("CreateUser", {"UserName": "a" * 65}) == told


def test_every_violation_is_listed_and_sensitive_values_are_not_printed() -> None:
    request = {"ClientId": "client", "Username": "", "Password": "password "}
    assert refusal("SignUp", request) == (
        f"3 validation errors detected: Value at 'username' {FAILED} Member must have length greater than or equal to 1;"
        rf" Value at 'username' {FAILED} {PATTERN} {VISIBLE}; Value at 'password' {FAILED} {PATTERN} ^[\S]+.*[\S]+$"
    )


def test_what_is_missing_inside_a_structure_is_named_by_its_path_as_recorded() -> None:
    assert refusal("CreateUserPool", {"PoolName": "p", "UserPoolAddOns": {}}) == (
        f"1 validation error detected: Value null at 'userPoolAddOns.advancedSecurityMode' {FAILED} Member must not be null"
    )


def test_a_missing_sensitive_member_shows_nothing() -> None:
    assert refusal("AdminGetUser", {"UserPoolId": "us-east-1_a"}) == (
        f"1 validation error detected: Value at 'username' {FAILED} Member must not be null"
    )


def test_members_of_listed_structures_are_counted_from_one() -> None:
    request = {"ClientId": "c", "Username": "u", "UserAttributes": [{"Name": "a"}, {"Name": "b" * 33}]}
    assert refusal("SignUp", request) == (
        f"1 validation error detected: Value '{'b' * 33}' at 'userAttributes.2.member.name' {FAILED} "
        "Member must have length less than or equal to 32"
    )


def test_a_list_of_plain_values_is_judged_as_a_whole_as_recorded() -> None:
    request = {"UserPoolId": "us-east-1_a", "AttributesToGet": ["email", ""]}
    assert refusal("ListUsers", request) == (
        f"1 validation error detected: Value '[email, ]' at 'attributesToGet' {FAILED} Member must satisfy constraint: "
        "[Member must have length less than or equal to 32, Member must have length greater than or equal to 1, "
        rf"{PATTERN} [\p{{L}}\p{{M}}\p{{S}}\p{{N}}\p{{P}}\t\n\r ]+]"
    )


def test_a_map_s_keys_and_values_are_judged_as_a_whole() -> None:
    request = {"ResourceArn": "arn:aws:cognito-idp:us-east-1:123456789012:userpool/x", "Tags": {"": "v" * 257}}
    assert refusal("TagResource", request) == (
        f"2 validation errors detected: Value '{{={'v' * 257}}}' at 'tags' {FAILED} Map keys must satisfy constraint: "
        "[Member must have length less than or equal to 128, Member must have length greater than or equal to 1]; "
        f"Value '{{={'v' * 257}}}' at 'tags' {FAILED} Map value must satisfy constraint: "
        "[Member must have length less than or equal to 256, Member must have length greater than or equal to 0]"
    )


def test_structures_in_a_map_are_named_by_their_key() -> None:
    request = {"IdentityPoolId": "us-east-1:ab", "Roles": {}, "RoleMappings": {"accounts.google.com": {"Type": "No"}}}
    assert refusal("SetIdentityPoolRoles", request, "cognito-identity") == (
        f"1 validation error detected: Value 'No' at 'roleMappings.accounts.google.com.member.type' {FAILED} "
        "Member must satisfy enum value set: [Token, Rules]"
    )


def test_numbers_have_values_and_lists_have_lengths() -> None:
    assert refusal("ListUsers", {"UserPoolId": "us-east-1_a", "Limit": 61}).endswith(
        f"Value '61' at 'limit' {FAILED} Member must have value less than or equal to 60"
    )
    assert refusal("ListUserPools", {"MaxResults": 0}).endswith(
        f"Value '0' at 'maxResults' {FAILED} Member must have value greater than or equal to 1"
    )
    clients = [f"https://example.com/{number}" for number in range(101)]
    request = {"UserPoolId": "us-east-1_a", "ClientName": "c", "CallbackURLs": clients}
    assert refusal("CreateUserPoolClient", request).endswith("Member must have length less than or equal to 100")


def test_a_union_has_exactly_one_member() -> None:
    params = [
        ("PolicySourceArn", "arn:aws:iam::123456789012:user/someone"),
        ("ActionNames.member.1", "s3:GetObject"),
        ("PolicyExclusionList.member.1.PolicyType", "scp"),
    ]
    simulate = operation("iam", "SimulatePrincipalPolicy")
    query_protocol.decode(simulate, params)
    with pytest.raises(Malformed, match=r"Exactly one member must be set at 'policyExclusionList\.1\.member'"):
        query_protocol.decode(
            simulate, [*params, ("PolicyExclusionList.member.1.PolicyArn", "arn:aws:iam::aws:policy/a")]
        )


def test_a_request_that_breaks_limits_without_end_gets_an_answer_of_some_length() -> None:
    request = {"ClientId": "c", "Username": "u", "UserAttributes": [{}] * 10_000}
    message = refusal("SignUp", request)
    assert message.startswith(f"{MOST_SHOWN} validation errors detected: ")
    assert message.count(FAILED) == MOST_SHOWN


def test_a_long_value_is_cut() -> None:
    message = refusal("DescribeUserPool", {"UserPoolId": "x" * 100_000})
    assert f"Value '{'x' * MOST_PRINTED}' at 'userPoolId'" in message


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
def test_each_published_limit_of_each_request_is_enforced(service: str, name: str) -> None:
    shape = service_model(service).operation_model(name).input_shape
    if shape is None:
        return
    valid = Sampler(name, smallest_map=1).value(shape)
    for member, inside in shape.members.items():
        for broken, sentence in breaking(inside):
            path = member[0].lower() + member[1:]
            message = refused(service, name, {**valid, member: broken}, service_model(service))
            words = IAMS_WORDS.get(inside.metadata.get("pattern", "")) if service == "iam" else None
            if words is not None and not re.fullmatch(inside.metadata["pattern"], broken):
                told = PREFIXES if member == "PathPrefix" else words
                assert message == f"The specified value for {path} is invalid. {told}"
                continue
            assert re.search(rf"Value.* at '{path}' {FAILED} {re.escape(sentence)}", message, re.DOTALL), member
    for member in shape.required_members:
        missing = {key: value for key, value in valid.items() if key != member}
        path = member[0].lower() + member[1:]
        assert f" at '{path}' {FAILED} Member must not be null" in refused(
            service, name, missing, service_model(service)
        )


def breaking(shape: Any) -> Iterator[tuple[Any, str]]:
    """Values that break one limit each, with the constraint that must be named."""
    low, high, kind = shape.metadata.get("min"), shape.metadata.get("max"), shape.type_name
    if kind == "string":
        if shape.enum:
            yield "NONE_OF_THEM", "Member must satisfy enum value set"
        if shape.metadata.get("pattern", "(?s).*") != "(?s).*":
            yield "\x01\n", f"{PATTERN} {shape.metadata['pattern']}"
        if low:
            yield "a" * (low - 1), f"Member must have length greater than or equal to {low}"
    if kind in {"integer", "long"} and low is not None:
        yield low - 1, f"Member must have value greater than or equal to {low}"
    if kind in {"integer", "long"} and high is not None:
        yield high + 1, f"Member must have value less than or equal to {high}"
    if high and (kind in {"string", "blob"} or (kind == "list" and shape.member.type_name == "string")):
        too_long = {"string": "a", "blob": b"a", "list": ["a"]}[kind] * (high + 1)
        yield too_long, f"Member must have length less than or equal to {high}"


def refused(service: str, name: str, sent: dict[str, Any], model: Any) -> str:
    """What we answer when botocore sends this unchecked."""
    serializer = create_serializer(model.metadata["protocol"], include_validation=False)
    body = serializer.serialize_to_request(sent, model.operation_model(name))["body"]
    is_json = MODULES[service].SERVICE.protocol == "json"
    params = [] if is_json else query_protocol.form(urlencode(body).encode())
    decode = partial(json_protocol.decode, body=body) if is_json else partial(query_protocol.decode, params=params)
    with pytest.raises(Violations) as error:
        decode(operation(service, name))
    return error.value.message


def test_a_list_of_iam_s_ends_as_recorded() -> None:
    assert query_refusal("UntagRole", {"RoleName": "R", "TagKeys.member.1": "k" * 129}) == (
        f"1 validation error detected: Value at 'tagKeys' {FAILED} Member must satisfy constraint: "
        "[Member must have length less than or equal to 128, Member must have length greater than or equal to 1, "
        rf"{PATTERN} [\p{{L}}\p{{Z}}\p{{N}}_.:/=+\-@]+, Member must not be null]"
    )
