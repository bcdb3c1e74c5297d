"""AWS JSON 1.1, spoken by cognito-idp and cognito-identity.

What AWS's own reader does, and this one with it: unknown members and nulls count as absent, an empty body as an empty
object; a value of the wrong type is a SerializationException in the words below, a broken limit is not. What it does
not do, and this one refuses: a key given twice, more than 32 levels, text with a NUL (PostgreSQL cannot store it).
"""

import base64
import binascii
import json
import re
import sys
from typing import Any, Final, Never

import msgspec

from shared.aws.model import Operation, Shape
from shared.aws.shapes import AnyShape, Free, ListOf, MapOf, Scalar, Structure, members, structure
from shared.aws.violations import Malformed, check

DEEPEST: Final = 32

_KEY: Final = re.compile(rb'"[ \t\n\r]*:')
_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode
_NOT_JSON: Final = "The body is not valid JSON"
_NAMES: Final = {
    "text": "a String",
    "whole": "an Integer",
    "flag": "a Boolean",
    "number": "milliseconds since epoch",
    "blob": "a Blob",
}


def decode(operation: Operation, body: bytes) -> Shape:
    """The request in a body. Raises Malformed if it cannot be read, Violations if it breaks published limits."""
    tree = _tree(body)
    try:
        return msgspec.convert(tree, operation.request)
    except msgspec.ValidationError:
        request = _structure(tree, structure(operation.request))
    check(request, operation)
    try:
        return msgspec.convert(request, operation.request)
    except msgspec.ValidationError as error:  # would be a fault of ours, and yet no reason for a 500
        raise Malformed(str(error)) from None


def encode(response: Shape) -> bytes:
    """The body of a response; absent members are left out."""
    return _encode(response)


def error(code: str, message: str) -> bytes:
    """The body of an error."""
    return _encode({"__type": code, "message": message})


def _tree(body: bytes) -> dict[str, Any]:
    """The object in a body, with each check that needs no knowledge of the operation."""
    if not body:
        return {}
    try:
        tree = _decode(body)  # decodes every string, so it refuses wrong UTF-8 and lone surrogates wherever they stand
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed(_NOT_JSON) from None
    if type(tree) is not dict:
        _refuse(tree, _NOT_JSON)
    # Each key shows as a quote and a colon; strings may show more. As many different keys as shows: none came twice.
    if _count_keys(tree) != len(_KEY.findall(body)):
        _refuse_duplicates(body)
    if b"\\u0000" in body:
        _refuse_nul(tree)
    return tree


def _count_keys(tree: dict[str, Any]) -> int:
    """The number of keys at all levels. Raises Malformed for too many levels."""
    keys = 0
    level: list[Any] = [tree]
    for _ in range(DEEPEST):
        below = []
        for node in level:
            if type(node) is dict:
                keys += len(node)
                below += [part for part in node.values() if type(part) is dict or type(part) is list]
            else:
                below += [part for part in node if type(part) is dict or type(part) is list]
        if not below:
            return keys
        level = below
    raise Malformed(f"The body has more than {DEEPEST} levels")


def _refuse_duplicates(body: bytes) -> None:
    def once(pairs: list[tuple[str, Any]]) -> None:
        if len(dict(pairs)) != len(pairs):
            raise Malformed("A key is given twice in one object")

    json.loads(body.decode(), object_pairs_hook=once, parse_int=float)


def _refuse_nul(tree: Any) -> None:  # noqa: ANN401  # any JSON
    if isinstance(tree, dict):
        _refuse_nul([*tree, *tree.values()])
    elif isinstance(tree, list):
        for part in tree:
            _refuse_nul(part)
    elif isinstance(tree, str) and "\0" in tree:
        raise Malformed("Text holds a NUL character")


def _typed(value: Any, shape: AnyShape) -> Any:  # noqa: ANN401  # any JSON
    """A value without its nulls and unknown members. Raises Malformed for a value of the wrong type."""
    match shape:
        case Structure():
            return _structure(value, shape)
        case ListOf(item=item):
            if not isinstance(value, list):
                _refuse(value, "Expected list or null")
            return [_typed(part, item) for part in value if part is not None]
        case MapOf(value=part_shape):
            if not isinstance(value, dict):
                _refuse(value, "Expected map or null")
            return {key: _typed(part, part_shape) for key, part in value.items() if part is not None}
        case Scalar():
            return _scalar(value, shape)
        case Free():
            return value


def _structure(value: Any, shape: Structure) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    if not isinstance(value, dict):
        _refuse(value, "Expected null")
    return {
        member.wire: _typed(value[member.wire], member.shape)
        for member in members(shape.type)
        if value.get(member.wire) is not None
    }


def _scalar(value: Any, shape: Scalar) -> Any:  # noqa: ANN401  # any JSON
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match shape.kind:
        case "text" if isinstance(value, str):
            return value
        case "flag" if isinstance(value, bool):
            return value
        case "whole" if is_number and value == value // 1:
            return int(value)
        case "number" if is_number and abs(value) <= sys.float_info.max:
            return float(value)
        case "blob" if isinstance(value, str):
            try:
                return base64.b64decode(value, validate=True)
            except binascii.Error:
                pass
    given = {str: "STRING_VALUE", bool: "TRUE_VALUE" if value else "FALSE_VALUE"}.get(type(value), "NUMBER_VALUE")
    return _refuse(value, f"{given} can not be converted to {_NAMES[shape.kind]}")


def _refuse(value: object, otherwise: str) -> Never:
    if isinstance(value, dict):
        raise Malformed("Start of structure or map found where not expected.")
    if isinstance(value, list):
        raise Malformed("Start of list found where not expected")
    raise Malformed(otherwise)
