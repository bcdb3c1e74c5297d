"""XML text from typed values: one writer per type, made once."""

import base64
import functools
import re
from collections.abc import Callable
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final, TypeAlias

from shared.aws.model import Shape
from shared.aws.shapes import AnyShape, Kind, ListOf, MapOf, Scalar, Structure, members

Writer: TypeAlias = Callable[[Any, list[str]], None]
"""Appends a value's text to the parts of a document."""

_SPECIAL: Final = re.compile('[&<>"\r\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]')
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}


def escaped(text: str) -> str:
    """Text as it may stand in an element; characters that XML 1.0 cannot hold become U+FFFD."""
    if text.isascii() and text.isprintable():  # the usual case, without a regular expression over each character
        if not ("&" in text or "<" in text or ">" in text or '"' in text):
            return text
    elif _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(_escape, text)


def write_structure(value: Shape, parts: list[str]) -> None:
    """Appends the members of a structure; absent ones are left out."""
    for get, opening, write, closing in _members(type(value)):
        part = get(value)
        if part is None:
            continue
        if write is _write_text:  # the usual case, in one piece
            parts.append(f"{opening}{escaped(part)}{closing}")
        else:
            parts.append(opening)
            write(part, parts)
            parts.append(closing)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character in _ENTITIES:
        return _ENTITIES[character]
    return f"&#{ord(character)};" if "\x7f" <= character <= "\x9f" else "\ufffd"


@functools.cache
def _members(of: type[Shape]) -> tuple[tuple[Callable[[Any], Any], str, Writer, str], ...]:
    return tuple(
        (attrgetter(member.name), f"<{member.wire}>", _writer(member.shape), f"</{member.wire}>")
        for member in members(of)
    )


def _writer(shape: AnyShape) -> Writer:
    match shape:
        case Scalar(kind=kind):
            return _SCALARS[kind]
        case ListOf(item=item):
            return functools.partial(_write_list, _writer(item))
        case MapOf(value=value):
            return functools.partial(_write_map, _writer(value))
        case Structure():
            return write_structure
        case _:
            raise TypeError(f"{shape} cannot be written as XML")


def _write_list(write: Writer, value: list[Any], parts: list[str]) -> None:
    for item in value:
        parts.append("<member>")
        write(item, parts)
        parts.append("</member>")


def _write_map(write: Writer, value: dict[str, Any], parts: list[str]) -> None:
    for key, item in value.items():
        parts += "<entry><key>", escaped(key), "</key><value>"
        write(item, parts)
        parts.append("</value></entry>")


def _write_text(value: str, parts: list[str]) -> None:
    parts.append(escaped(value))


def _write_whole(value: int, parts: list[str]) -> None:
    parts.append(str(value))


def _write_flag(value: bool, parts: list[str]) -> None:  # noqa: FBT001  # a writer's value
    parts.append("true" if value else "false")


def _write_blob(value: bytes, parts: list[str]) -> None:
    parts.append(base64.b64encode(value).decode())


def _write_moment(value: datetime, parts: list[str]) -> None:
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    parts.append(value.isoformat(timespec="seconds")[:19] + "Z")


_SCALARS: Final[dict[Kind, Writer]] = {
    "text": _write_text,
    "whole": _write_whole,
    "flag": _write_flag,
    "blob": _write_blob,
    "moment": _write_moment,
}
