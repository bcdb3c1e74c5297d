"""AWS JSON 1.1: what is read, what is refused and how, what is written."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.aws import json_protocol
from shared.aws.api import cognito_identity, cognito_idp
from shared.aws.model import Operation, Shape
from shared.aws.violations import Malformed, Violations
from shared.refusal import Refusal
from tests.shared.aws.samples import Sampler, service_model

INITIATE_AUTH = cognito_idp.OPERATIONS["InitiateAuth"]
SIGN_UP = cognito_idp.OPERATIONS["SignUp"]
LIST_USERS = cognito_idp.OPERATIONS["ListUsers"]
CREATE_USER_POOL = cognito_idp.OPERATIONS["CreateUserPool"]
GET_ID = cognito_identity.OPERATIONS["GetId"]

text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner) | st.dictionaries(text, inner),
    max_leaves=20,
)


def read(operation: Operation, body: Any) -> Any:
    return json_protocol.decode(operation, body if isinstance(body, bytes) else json.dumps(body).encode())


def refusal(operation: Operation, body: Any) -> str:
    with pytest.raises(Malformed) as refused:
        read(operation, body)
    return refused.value.message


def outcome(operation: Operation, body: bytes) -> Shape | Refusal:
    try:
        return json_protocol.decode(operation, body)
    except Refusal as refused:
        return refused


def test_a_request_becomes_its_type() -> None:
    body = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "client", "AuthParameters": {"USERNAME": "é😀"}}
    assert read(INITIATE_AUTH, body) == cognito_idp.InitiateAuthRequest(
        auth_flow="USER_PASSWORD_AUTH", client_id="client", auth_parameters={"USERNAME": "é😀"}
    )


def test_unknown_members_and_nulls_count_as_absent() -> None:
    body: dict[str, Any] = {
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "ClientId": "client",
        "AuthParameters": {"REFRESH_TOKEN": "t", "DEVICE_KEY": None},
        "ClientMetadata": None,
        "UserContextData": {"Nonsense": [{}]},
        "Unknown": {"UserPoolId": 1},
    }
    assert read(INITIATE_AUTH, body) == cognito_idp.InitiateAuthRequest(
        auth_flow="REFRESH_TOKEN_AUTH",
        client_id="client",
        auth_parameters={"REFRESH_TOKEN": "t"},
        user_context_data=cognito_idp.UserContextDataType(),
    )


def test_nulls_in_lists_are_dropped() -> None:
    request = read(LIST_USERS, {"UserPoolId": "us-east-1_a", "AttributesToGet": ["email", None]})
    assert request.attributes_to_get == ["email"]


def test_nulls_in_free_form_documents_stay() -> None:
    branding = cognito_idp.OPERATIONS["CreateManagedLoginBranding"]
    body = {"UserPoolId": "us-east-1_a", "ClientId": "c", "Settings": {"a": None}, "Unused": None, "Assets": None}
    assert read(branding, body).settings == {"a": None}
    assert read(branding, {**body, "Assets": [None]}).settings == {"a": None}


def test_an_empty_body_is_an_empty_object() -> None:
    assert read(cognito_idp.OPERATIONS["ListUserPools"], {"MaxResults": 1}).max_results == 1
    with pytest.raises(Violations, match="Value null at 'maxResults'"):
        read(cognito_idp.OPERATIONS["ListUserPools"], b"")


def test_whole_numbers_may_be_written_with_a_fraction_of_zero() -> None:
    assert read(LIST_USERS, b'{"UserPoolId":"us-east-1_a","Limit":5.0}').limit == 5
    assert read(LIST_USERS, b'{"UserPoolId":"us-east-1_a","Limit":5e0}').limit == 5


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        (SIGN_UP, [], "Start of list found where not expected"),
        (SIGN_UP, {"Username": ["x"]}, "Start of list found where not expected"),
        (SIGN_UP, {"Username": {"x": "y"}}, "Start of structure or map found where not expected."),
        (SIGN_UP, {"Username": 1}, "NUMBER_VALUE can not be converted to a String"),
        (SIGN_UP, {"Username": 1.5}, "NUMBER_VALUE can not be converted to a String"),
        (SIGN_UP, {"Username": True}, "TRUE_VALUE can not be converted to a String"),
        (SIGN_UP, {"UserAttributes": [{"Name": "a", "Value": False}]}, "FALSE_VALUE can not be converted to a String"),
        (SIGN_UP, {"UserAttributes": {}}, "Start of structure or map found where not expected."),
        (SIGN_UP, {"UserAttributes": "x"}, "Expected list or null"),
        (SIGN_UP, {"ClientMetadata": []}, "Start of list found where not expected"),
        (SIGN_UP, {"ClientMetadata": "x"}, "Expected map or null"),
        (SIGN_UP, {"UserContextData": 7}, "Expected null"),
        (LIST_USERS, {"Limit": "5"}, "STRING_VALUE can not be converted to an Integer"),
        (LIST_USERS, {"Limit": 5.5}, "NUMBER_VALUE can not be converted to an Integer"),
        (LIST_USERS, {"Limit": True}, "TRUE_VALUE can not be converted to an Integer"),
        (CREATE_USER_POOL, {"Schema": [{"Required": 1}]}, "NUMBER_VALUE can not be converted to a Boolean"),
        (CREATE_USER_POOL, {"Schema": [{"Required": "true"}]}, "STRING_VALUE can not be converted to a Boolean"),
        (
            cognito_idp.OPERATIONS["SetUICustomization"],
            {"UserPoolId": "us-east-1_a", "ImageFile": "not base64"},
            "STRING_VALUE can not be converted to a Blob",
        ),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_in_aws_s_words(operation: Operation, body: Any, message: str) -> None:
    assert refusal(operation, body) == message


@pytest.mark.parametrize(
    "body",
    [
        b"x",
        b"{",
        b'{"a":1,}',
        b"null",
        b'"text"',
        b"7",
        b"{}{}",
        b"\xef\xbb\xbf{}",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1e999}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"\xff":"a"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\udc00\\ud800"}',
        b'{"a":"\x00"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        "{}".encode("utf-16"),
    ],
)
def test_what_is_not_strict_json_is_refused(body: bytes) -> None:
    assert refusal(GET_ID, body) == "The body is not valid JSON"


def test_a_nul_is_refused_wherever_it_stands() -> None:
    for body in ({"Logins": {"a": "\0"}}, {"Logins": {"\0": "a"}}, {"Unknown": [["\0"]]}):
        assert refusal(GET_ID, body) == "Text holds a NUL character"


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    assert read(SIGN_UP, {"ClientId": "c", "Username": "a\\u0000", "Password": "pw"}).username == "a\\u0000"


def test_thirty_two_levels_are_read_and_no_more() -> None:
    def nested(levels: int) -> Any:
        return {"IdentityPoolId": "us-east-1:a", "Unknown": json.loads("[" * (levels - 1) + "]" * (levels - 1))}

    assert read(GET_ID, nested(32)).identity_pool_id == "us-east-1:a"
    assert refusal(GET_ID, nested(33)) == "The body has more than 32 levels"


@pytest.mark.parametrize(
    "body",
    [
        b'{"IdentityPoolId":"us-east-1:a","IdentityPoolId":"us-east-1:a"}',
        b'{"IdentityPoolId":"us-east-1:a","IdentityPoolId" \t\r\n:"us-east-1:a"}',
        b'{"IdentityPoolId":"us-east-1:a","\\u0049dentityPoolId":"us-east-1:b"}',
        b'{"IdentityPoolId":"us-east-1:a","Logins":{"a":"b","a":"b"}}',
        b'{"IdentityPoolId":"us-east-1:a","Unknown":[{"a":1},{"a":1,"b":{"c":2,"c":2}}]}',
        b'{"IdentityPoolId":"us-east-1:a","":1,"":1}',
    ],
)
def test_a_key_given_twice_is_refused(body: bytes) -> None:
    assert refusal(GET_ID, body) == "A key is given twice in one object"


def test_what_looks_like_keys_inside_text_does_no_harm() -> None:
    policy = '{"a":"b","a":"c"}'
    body = {"ClientId": "c", "Username": "u", "ClientMetadata": {"one": policy, "two": policy}}
    assert read(SIGN_UP, body).client_metadata == {"one": policy, "two": policy}


@given(st.dictionaries(text, anything, min_size=1), st.sampled_from(["", " ", "\n\t"]), st.integers(min_value=0))
def test_a_copy_of_any_key_is_found(tree: dict[str, Any], space: str, chosen: int) -> None:
    body, keys = written(tree, space)
    assert json_protocol._tree(body.encode()) == tree
    with pytest.raises(Malformed, match="twice"):
        json_protocol._tree(written(tree, space, twice=chosen % keys)[0].encode())


def written(tree: Any, space: str, twice: int = -1) -> tuple[str, int]:
    """JSON with the key of that number written twice, and the number of keys."""
    keys = 0

    def write(value: Any) -> str:
        nonlocal keys
        if isinstance(value, list):
            return f"[{','.join(map(write, value))}]"
        if not isinstance(value, dict):
            return json.dumps(value)
        pairs = []
        for key, part in value.items():
            copies = 2 if keys == twice else 1
            keys += 1
            pairs += [f"{json.dumps(key)}{space}:{write(part)}"] * copies
        return f"{{{','.join(pairs)}}}"

    return write(tree), keys


@given(st.binary() | st.text().map(str.encode) | anything.map(lambda tree: json.dumps(tree).encode()))
@example(b'{"Limit":' + b"9" * 400 + b"}")
@example(b'{"UserPoolId":{}}')
def test_no_body_gets_anything_but_a_request_or_a_refusal(body: bytes) -> None:
    for operation in (LIST_USERS, CREATE_USER_POOL, GET_ID):
        assert isinstance(outcome(operation, body), operation.request | Refusal)


@settings(max_examples=200)
@given(st.sampled_from(["CreateUserPool", "SignUp", "UpdateUserPoolClient", "SetLogDeliveryConfiguration"]), st.data())
def test_a_valid_request_with_odd_values_in_it_gets_a_request_or_a_refusal(name: str, data: st.DataObject) -> None:
    seed = str(data.draw(st.integers(0, 50)))
    tree = Sampler(seed).value(service_model("cognito-idp").operation_model(name).input_shape)
    for _ in range(3):
        node: Any = tree
        while isinstance(node, dict | list) and node:
            key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
            if not isinstance(node[key], dict | list) or data.draw(st.booleans()):
                node[key] = data.draw(anything)
                break
            node = node[key]
    operation = cognito_idp.OPERATIONS[name]
    assert isinstance(outcome(operation, json.dumps(tree).encode()), operation.request | Refusal)


def test_times_are_numbers() -> None:
    class Timed(Shape, frozen=True, kw_only=True):
        at: float

    timed = Operation("Timed", Timed, Timed, signed=True, errors=(), result_wrapper=None, echoes=True)
    assert read(timed, {"At": 1700000000}) == Timed(at=1700000000.0)
    for wrong, word in (("2026-01-01", "STRING"), (10**400, "NUMBER"), (False, "FALSE")):
        assert refusal(timed, {"At": wrong}) == f"{word}_VALUE can not be converted to milliseconds since epoch"


def test_absent_members_are_not_written_and_times_are_numbers() -> None:
    response = cognito_identity.GetCredentialsForIdentityResponse(
        identity_id="us-east-1:a", credentials=cognito_identity.Credentials(secret_key="s", expiration=1700000000.5)
    )
    assert msgspec.json.decode(json_protocol.encode(response)) == {
        "IdentityId": "us-east-1:a",
        "Credentials": {"SecretKey": "s", "Expiration": 1700000000.5},
    }


def test_an_empty_response_is_an_object() -> None:
    assert json_protocol.encode(cognito_idp.AdminDisableUserResponse()) == b"{}"


def test_an_error_carries_its_type_and_message() -> None:
    body = json_protocol.error("UserNotFoundException", 'No "user"')
    assert json.loads(body) == {"__type": "UserNotFoundException", "message": 'No "user"'}
