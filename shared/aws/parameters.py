"""From flat Query parameters to a tree of values with the types of the model."""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from shared.aws.model import Shape
from shared.aws.shapes import AnyShape, Kind, ListOf, MapOf, Scalar, Structure, members
from shared.aws.violations import Malformed

DEEPEST: Final = 32
HIGHEST_INDEX: Final = 10_000

Raw: TypeAlias = "str | dict[str, Raw]"
"""A parameter's text, or what stands behind the next dot of its name."""
Reader: TypeAlias = Callable[[Raw], Any]

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_INDEX: Final = re.compile(r"[0-9]+", re.ASCII)
_FLAGS: Final = {"true": True, "false": False}
_A_STRUCTURE: Final = "Start of structure or map found where not expected."
_A_LIST: Final = "Start of list found where not expected"
_A_VALUE: Final = "Value found where not expected"


def tree_of(request: type[Shape], params: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The members that the parameters give, under their wire names. Raises Malformed where they do not fit the model."""
    raw: dict[str, Raw] = {}
    for name, value in params:
        if "." in name:
            _put(raw, name.split("."), value)
        elif name in raw:
            raise Malformed(f"The parameter {name} is given twice")
        else:
            raw[name] = value
    return _members(request, raw)


def _put(raw: dict[str, Raw], path: Sequence[str], value: str) -> None:
    if len(path) > DEEPEST:
        raise Malformed(f"A parameter has more than {DEEPEST} levels")
    for part in path[:-1]:
        node = raw.setdefault(part, {})
        if isinstance(node, str):
            raise Malformed(_A_VALUE)
        raw = node
    if path[-1] in raw:
        raise Malformed(f"The parameter {'.'.join(path)} is given twice")
    raw[path[-1]] = value


def _members(of: type[Shape], raw: Mapping[str, Raw]) -> dict[str, Any]:
    readers = _readers(of)
    return {wire: readers[wire](given) for wire, given in raw.items() if wire in readers}


@functools.cache
def _readers(of: type[Shape]) -> dict[str, Reader]:
    return {member.wire: _reader(member.shape) for member in members(of)}


def _reader(shape: AnyShape) -> Reader:
    match shape:
        case Scalar(kind=kind):
            return _SCALARS[kind]
        case ListOf(item=item):
            return functools.partial(_list, _reader(item))
        case MapOf(value=value):
            return functools.partial(_map, _reader(value))
        case Structure(type=of):
            return functools.partial(_structure, of)
        case _:
            raise TypeError(f"{shape} cannot be a Query parameter")


def _structure(of: type[Shape], raw: Raw) -> dict[str, Any]:
    if isinstance(raw, str):
        raise Malformed(_A_VALUE)
    return _members(of, raw)


def _list(item: Reader, raw: Raw) -> list[Any]:
    return [item(given) for given in _in_order(raw, "member")]


def _map(value: Reader, raw: Raw) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for entry in _in_order(raw, "entry"):
        if isinstance(entry, str) or "key" not in entry or "value" not in entry:
            raise Malformed("A map's entry has a key and a value")
        key = _text(entry["key"])
        if key in entries:
            raise Malformed("A map's key is given twice")
        entries[key] = value(entry["value"])
    return entries


def _in_order(raw: Raw, tag: str) -> list[Raw]:
    """What is listed, ordered by index; clients write an empty list as an empty value."""
    if isinstance(raw, str):
        if raw:
            raise Malformed(_A_VALUE)
        return []
    listed = raw.get(tag, {})
    if isinstance(listed, str):
        if listed:
            raise Malformed(_A_VALUE)
        return []
    return [given for _, given in sorted((_index(number), given) for number, given in listed.items())]


def _index(number: str) -> int:
    if not _INDEX.fullmatch(number):
        raise Malformed(_A_LIST)
    if number.startswith("0"):
        raise Malformed("0 is not a valid index" if number == "0" else _A_VALUE)
    if len(number) > len(str(HIGHEST_INDEX)) or int(number) > HIGHEST_INDEX:
        raise Malformed(f"Index {number[:20]} is illegal")
    return int(number)


def _text(raw: Raw) -> str:
    if isinstance(raw, str):
        return raw
    raise Malformed(_A_LIST if "member" in raw else _A_STRUCTURE)


def _whole(raw: Raw) -> int:
    text = _text(raw)
    if not _WHOLE.fullmatch(text):
        raise Malformed("STRING_VALUE can not be converted to an Integer")
    return int(text)


def _flag(raw: Raw) -> bool:
    text = _text(raw)
    if text.lower() not in _FLAGS:
        raise Malformed("STRING_VALUE can not be converted to a Boolean")
    return _FLAGS[text.lower()]


# No operation of the two services takes bytes or times.
_SCALARS: Final[dict[Kind, Reader]] = {
    "text": _text,
    "whole": _whole,
    "flag": _flag,
}
