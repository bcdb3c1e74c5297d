"""Each operation of the four services, asked nonsense over HTTP: a documented error, and never a 500."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from botocore.credentials import Credentials

from services.identitypool import operations as identitypool
from services.identitypool.service import cognito_identity, iam, sts
from services.userpool import operations as userpool
from services.userpool.service import cognito_idp
from shared.aws.operation import OperationTable
from tests.conftest import Installation
from tests.robustness.nearly import Nearly, Props, body_of
from tests.robustness.wire import TARGETS, Answer, address_of, ask, base_of, form_of
from tests.shared.aws.samples import service_model

identitypool.load()
userpool.load()
TABLES: Final[dict[str, OperationTable[Any]]] = {
    "cognito-idp": cognito_idp,
    "cognito-identity": cognito_identity,
    "sts": sts,
    "iam": iam,
}
COMMON: Final = {"InvalidParameterException", "InvalidAction", "AccessDenied"}
JUNK: Final[list[Any]] = [
    "x",
    "",
    "\0",
    "é\u2028\U0001f600" * 40,
    "a" * 70_000,
    -1,
    2**70,
    1e308,
    True,
    [],
    {},
    ["x"],
    [{}],
    {"x": "y"},
    [[None]],
]
FORM_JUNK: Final = ["x", "", "é\u2028", "a" * 70_000, "-1", "9" * 40, "true", "{", "arn:aws:iam::aws:policy/x", "*"]


@contextmanager
def _kept(house: Installation, service: str) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(*address_of(base_of(house, service)), timeout=15)
    try:
        yield connection
    finally:
        connection.close()


@pytest.fixture(scope="module")
def nobody_s_administrator(workshop: Installation) -> Credentials:
    """A key of a user of its own, who may do everything: calls that change their own caller change this one."""
    client = workshop.client("iam")
    client.create_user(UserName="everything")
    client.attach_user_policy(UserName="everything", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    key = client.create_access_key(UserName="everything")["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


@pytest.mark.parametrize("service", TABLES)
def test_the_ledger_is_what_the_wire_says(house: Installation, service: str) -> None:
    table = TABLES[service]
    assert set(table.served) | set(table.refused) >= set(table.operations)
    with _kept(house, service) as connection:
        for name in table.operations:
            answer = ask(house, service, name, signed=False, connection=connection)
            assert answer.code, name
            if name in table.served:
                assert answer.status < 500, (name, answer.body)
                assert not answer.message.startswith(f"{name} is not served"), name
                continue
            refused = table.refused[name]
            if table.operations[name].signed:
                assert "MissingAuthenticationToken" in answer.code, name
                answer = ask(house, service, name, connection=connection)
            assert (answer.code, answer.message) == (refused.code, refused.told(name)), name
            assert 400 <= answer.status < 500 or answer.status == 501, (name, answer.status)
            assert answer.code in table.errors or answer.code in COMMON, name


def test_only_who_may_call_an_operation_hears_why_it_is_refused(house: Installation) -> None:
    client = house.client("iam")
    client.create_user(UserName="nothing")
    key = client.create_access_key(UserName="nothing")["AccessKey"]
    powerless = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    forged = Credentials(key["AccessKeyId"], "a" * 40)
    for service, table in TABLES.items():
        for name in [name for name in table.refused if table.operations[name].signed][:5]:
            assert ask(house, service, name, credentials=powerless).code.startswith("AccessDenied"), name
            assert "Signature" in ask(house, service, name, credentials=forged).code, name


def _check_nonsense(
    workshop: Installation,
    service: str,
    credentials: Credentials,
    nonsense: Callable[[str, tuple[str, ...]], Iterator[bytes]],
) -> None:
    """Asks each served operation with the bodies that `nonsense` makes of its name and members."""
    with _kept(workshop, service) as connection:
        for name, served in TABLES[service].served.items():
            for body in nonsense(name, served.operation.request.__struct_encode_fields__):
                signed = served.operation.signed
                answer = ask(
                    workshop, service, name, body, signed=signed, credentials=credentials, connection=connection
                )
                assert answer.status < 500, (name, body[:200], answer.body)
                assert answer.status == 200 or answer.code, (name, body[:200])


@pytest.mark.parametrize("service", TARGETS)
def test_json_operations_answer_nonsense_with_a_documented_error(
    workshop: Installation, service: str, nobody_s_administrator: Credentials
) -> None:
    _check_nonsense(workshop, service, nobody_s_administrator, lambda _name, members: _json_nonsense(members))


def _json_nonsense(members: tuple[str, ...]) -> Iterator[bytes]:
    yield b"{}"
    for junk in JUNK:
        yield json.dumps(dict.fromkeys(members, junk)).encode()
    for turn in range(3):
        mixed = {member: JUNK[(place * 5 + turn) % len(JUNK)] for place, member in enumerate(members)}
        yield json.dumps(mixed).encode()


@pytest.mark.parametrize("service", ["sts", "iam"])
def test_query_operations_answer_nonsense_with_a_documented_error(
    workshop: Installation, service: str, nobody_s_administrator: Credentials
) -> None:
    _check_nonsense(
        workshop, service, nobody_s_administrator, lambda name, members: _form_nonsense(service, name, members)
    )


def _form_nonsense(service: str, name: str, members: tuple[str, ...]) -> Iterator[bytes]:
    yield form_of(service, name)
    for junk in FORM_JUNK:
        yield form_of(service, name, **dict.fromkeys(members, junk))
        yield form_of(service, name, **{f"{member}.member.1": junk for member in members})


ROUNDS: Final = 6
SPOILING: Final = (
    "Delete",
    "AdminDelete",
    "GlobalSignOut",
    "RevokeToken",
    "AdminUserGlobalSignOut",
    "AdminDisableUser",
)
FRAME: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "InvalidInput",
        "InvalidParameterException",
        "InvalidParameterValue",  # AssumeRole's word for tags that do not fit together
        "MalformedInput",
        "RequestEntityTooLarge",
        "RequestEntityTooLargeException",
        "SerializationException",
        "ValidationError",
        "ValidationException",
    }
)


@pytest.mark.parametrize("service", TABLES)
def test_requests_that_are_nearly_right_get_documented_answers(
    workshop: Installation, service: str, nobody_s_administrator: Credentials
) -> None:
    """Real ids, tokens and documents, values at and beside each published limit, and odd ones, drawn from a fixed seed."""
    table, props = TABLES[service], Props(workshop)
    real: dict[str, list[Any]] = {}
    with _kept(workshop, service) as connection:
        for name, served in table.served.items():
            if not real or name.startswith(SPOILING):
                real = props.of(service)
            shape = service_model(service).operation_model(name).input_shape
            draw = Nearly(name, real, typed=service not in TARGETS)
            for _ in range(ROUNDS):
                body = body_of(service, name, draw.structure(shape, 0) if shape else {})
                answer = ask(
                    workshop,
                    service,
                    name,
                    body,
                    signed=served.operation.signed,
                    credentials=nobody_s_administrator,
                    connection=connection,
                )
                _check_documented(answer, set(table.errors), (name, body[:2000], answer.body))
            if name.startswith(SPOILING):
                real = {}


def _check_documented(answer: Answer, known: set[str], case: object) -> None:
    """A success, or a code that the service's model or the frame knows, the same in body and header."""
    assert answer.status < 500, case
    assert answer.headers["x-amzn-requestid"], case
    assert answer.headers["access-control-allow-origin"] == "*", case
    if answer.status != 200:
        assert answer.code in known | FRAME, case
        assert answer.message, case
        assert answer.headers.get("x-amzn-errortype", f"{answer.code}:") == f"{answer.code}:", case
