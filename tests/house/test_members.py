"""No input member is swallowed: each member of a served operation's request is read, or refused by name."""

import ast
import functools
from pathlib import Path
from typing import Any

import pytest

from shared.aws import shapes
from shared.aws.model import Shape
from shared.aws.operation import OperationTable, Served
from tests.house.request_reads import ROOT, Reads, reads

Tables = list[OperationTable[Any]]

WITHOUT_EFFECT: dict[str, str] = {
    "analytics_metadata": "Pinpoint, which AWS has ended; Cognito itself ignores it where no analytics are configured",
    "user_context_data": "tells threat protection about the device; clients send it unasked (clients that have none, too)",
    "context_data": "as user_context_data, for the Admin operations",
    "validation_data": "is handed to the trigger before a sign-up and to nothing else",
    "client_metadata": "is handed to trigger functions and to nothing else",
}
"""Members that a client sends as a matter of course and that have no effect to honour or refuse here."""

TAKEN_WHOLE: dict[str, str] = {
    "lambda_config": "refused by name if it names any trigger",
    "device_configuration": "refused by name",
    "dcr_configuration": "refused by name if it switches anything on",
    "acr_configuration": "refused by name",
    "analytics_configuration": "refused by name",
    "advanced_security_additional_flows": "refused by name",
    "sms_mfa_configuration": "refused by name",
    "email_mfa_configuration": "refused by name",
    "web_authn_configuration": "refused by name",
    "eums_sms": "refused by name",
    "provided_contexts": "refused by name",
    "sms_configuration": "stored and given back: who carries messages is the installation's setting",
    "ordered_organization_policy_input_list": "refused by name: there is no organization",
    "policy_exclusion_list": "refused by name",
}
"""Structures that are taken or refused as one, so that nobody looks at what is inside."""


def members_read(served: Served[Any]) -> set[str]:
    names = {member.name for member in shapes.members(served.operation.request)}
    read = reads(served.run, 1).of(names)
    for place in (served.resource, served.context_keys):
        if place is not None:
            read |= reads(place, 1).members & names
    return read


def test_every_member_of_a_request_is_read_or_refused_by_name(operation_tables: Tables) -> None:
    swallowed = {
        f"{name}.{member.wire}"
        for table in operation_tables
        for name, served in table.served.items()
        for member in shapes.members(served.operation.request)
        if member.name not in members_read(served) and member.name not in WITHOUT_EFFECT
    }
    assert not swallowed


def test_every_member_inside_a_members_structure_is_named_somewhere_in_its_service(operation_tables: Tables) -> None:
    swallowed = set()
    for table in operation_tables:
        package = "userpool" if table.service.name == "cognito-idp" else "identitypool"
        spoken = names_spoken(package)
        for name, served in table.served.items():
            for member in shapes.members(served.operation.request):
                if member.name in WITHOUT_EFFECT or member.name in TAKEN_WHOLE:
                    continue
                swallowed |= {
                    f"{name}: {path}" for path, inner in inside(member.shape, member.wire, ()) if inner not in spoken
                }
    assert not swallowed


def inside(shape: shapes.AnyShape, path: str, above: tuple[type[Shape], ...]) -> list[tuple[str, str]]:
    """The members of the structures inside a member, with their paths."""
    if isinstance(shape, shapes.ListOf):
        return inside(shape.item, f"{path}[]", above)
    if isinstance(shape, shapes.MapOf):
        return inside(shape.value, f"{path}{{}}", above)
    if not isinstance(shape, shapes.Structure) or shape.type in above:
        return []
    found = []
    for member in shapes.members(shape.type):
        found.append((f"{path}.{member.wire}", member.name))
        if member.name in TAKEN_WHOLE:
            continue
        found += inside(member.shape, f"{path}.{member.wire}", (*above, shape.type))
    return found


@functools.cache
def names_spoken(package: str) -> frozenset[str]:
    """Every attribute, keyword and text in the code of a service."""
    spoken: set[str] = set()
    for file in (Path(ROOT) / "services" / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute):
                spoken.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                spoken.add(node.value)
            elif isinstance(node, ast.keyword) and node.arg:
                spoken.add(node.arg)
    return frozenset(spoken)


REFUSED = ("third",)


class Asked:
    first = second = third = fourth = 1


def _handed_on(request: Asked) -> int:
    return request.second


def _refuse(request: Asked, names: tuple[str, ...]) -> None:
    assert all(getattr(request, name) for name in names)


def operation(_call: object, request: Asked) -> int:
    _refuse(request, REFUSED)
    return request.first + _handed_on(request)


def out_of_sight(_call: object, request: Asked) -> str:
    return repr(request)


@pytest.mark.parametrize(("function", "expected"), [(operation, {"first", "second", "third"}), (out_of_sight, None)])
def test_the_walk_follows_the_request(function: Any, expected: set[str] | None) -> None:
    names = {"first", "second", "third", "fourth"}
    found: Reads = reads(function, 1)
    assert found.of(names) == (expected or names)
