"""What a generated type says of its values: kinds, limits and names on the wire, read once from its annotations.

The fast way into a type is msgspec's. This picture serves where that stops: the sentence for each limit that a request
breaks, parameters of the Query protocol, XML.
"""

import functools
import re
import types
import typing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import msgspec

from shared.aws.model import SensitiveShape, Shape, UnionShape

Kind: TypeAlias = Literal["text", "whole", "number", "flag", "blob", "moment"]

_KINDS: Final[dict[type, Kind]] = {
    str: "text",
    int: "whole",
    float: "number",
    bool: "flag",
    bytes: "blob",
    datetime: "moment",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The published limits of a value. `low` and `high` bound a length, or a number itself."""

    low: int | None = None
    high: int | None = None
    pattern: re.Pattern[str] | None = None
    java_pattern: str | None = None
    choices: tuple[str, ...] = ()
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value without parts."""

    kind: Kind
    limits: Limits


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list."""

    item: "AnyShape"
    limits: Limits


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map; its keys are text."""

    key: Scalar
    value: "AnyShape"
    limits: Limits


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure; `members` reads its members when they are needed, so that shapes may contain themselves."""

    type: type[Shape]
    union: bool
    limits: Limits


@dataclass(frozen=True, slots=True)
class Free:
    """Free-form JSON."""

    limits: Limits


AnyShape: TypeAlias = Scalar | ListOf | MapOf | Structure | Free


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a structure: its name in Python and on the wire."""

    name: str
    wire: str
    required: bool
    shape: AnyShape


def structure(of: type[Shape]) -> Structure:
    """The picture of a generated structure."""
    return Structure(of, issubclass(of, UnionShape), Limits(sensitive=issubclass(of, SensitiveShape)))


@functools.cache
def members(of: type[Shape]) -> tuple[Member, ...]:
    """The members of a structure, in the model's order."""
    hints = typing.get_type_hints(of, include_extras=True)
    return tuple(
        Member(field.name, field.encode_name, field.required, _shape(hints[field.name]))
        for field in msgspec.structs.fields(of)
    )


def _shape(annotation: Any) -> AnyShape:  # noqa: ANN401  # annotations have no common type
    limits = Limits()
    if typing.get_origin(annotation) in {types.UnionType, typing.Union}:
        annotation = next(part for part in typing.get_args(annotation) if part is not types.NoneType)
    if typing.get_origin(annotation) is typing.Annotated:
        annotation, meta = typing.get_args(annotation)
        limits = _limits(meta)
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return Scalar("text", Limits(choices=parts))
    if origin is list:
        return ListOf(_shape(parts[0]), limits)
    if origin is dict:
        key = _shape(parts[0])
        if not isinstance(key, Scalar):
            raise TypeError(f"map keys are text, not {parts[0]}")
        return MapOf(key, _shape(parts[1]), limits)
    if annotation is Any:
        return Free(limits)
    if issubclass(annotation, Shape):
        return structure(annotation)
    return Scalar(_KINDS[annotation], limits)


def _limits(meta: msgspec.Meta) -> Limits:
    extra = meta.extra or {}
    return Limits(
        low=_whole(meta.min_length if meta.ge is None else meta.ge),
        high=_whole(meta.max_length if meta.le is None else meta.le),
        pattern=re.compile(meta.pattern) if meta.pattern else None,
        java_pattern=extra.get("pattern"),
        sensitive=bool(extra.get("sensitive")),
    )


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)
