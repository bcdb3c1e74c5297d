"""JSON with positions: every value knows where it starts and ends in the text, and no name may stand twice.

The standard library's reader drops positions and lets the last of two equal names win; a policy read so could mean one
thing here and another elsewhere. RFC 8259 is kept to the letter: no comments, no NaN, nothing after the value.
"""

from bisect import bisect_right
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # the C reader of strings, typed nowhere

MAX_DEPTH = 16  # a policy nests six deep; more is an attack on the stack
_BLANKS = " \t\n\r"
_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a character stands in a document; both counted from 1."""

    line: int
    column: int


class JsonFault(Exception):
    """The text is no JSON, or names a member twice. `offset` says where."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value and the half-open range of text it was read from.

    Objects are dicts of Nodes, lists are lists of Nodes, numbers keep their source text in a `Number`.
    """

    value: "dict[str, Node] | list[Node] | str | Number | bool | None"
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number as it was written: 10 and 10.0 stay apart until someone compares them as numbers."""

    text: str


def read(text: str) -> Node:
    """Reads one JSON value that fills the text. Raises JsonFault."""
    node = _value(text, _skip(text, 0), 0)
    end = _skip(text, node.end)
    if end != len(text):
        raise JsonFault("text after the end of the document", end)
    return node


class Lines:
    """Line and column of many characters of one text, without counting from its start each time."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        at = text.find("\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = text.find("\n", at + 1)

    def position(self, offset: int) -> Position:
        """Line and column of a character."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at


def _value(text: str, at: int, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise JsonFault("nested too deeply", at)
    first = text[at : at + 1]
    if first == "{":
        return _object(text, at, depth)
    if first == "[":
        return _array(text, at, depth)
    if first == '"':
        string, end = _string(text, at)
        return Node(string, at, end)
    for word, value in (("true", True), ("false", False), ("null", None)):
        if text.startswith(word, at):
            return Node(value, at, at + len(word))
    return _number(text, at)


def _string(text: str, at: int) -> tuple[str, int]:
    try:
        string, end = scanstring(text, at + 1, True)
    except ValueError as error:
        raise JsonFault("unfinished or wrong string", getattr(error, "pos", at)) from None
    return string, end


def _number(text: str, at: int) -> Node:
    end = at + (text[at : at + 1] == "-")
    whole = _digits(text, end)
    if whole == end or (text[end] == "0" and whole > end + 1):
        raise JsonFault("no JSON value", at)
    end = whole
    if text[end : end + 1] == ".":
        fraction = _digits(text, end + 1)
        if fraction == end + 1:
            raise JsonFault("digits missing after the point", end)
        end = fraction
    if text[end : end + 1] in {"e", "E"}:
        sign = end + 1 + (text[end + 1 : end + 2] in {"+", "-"})
        exponent = _digits(text, sign)
        if exponent == sign:
            raise JsonFault("digits missing in the exponent", end)
        end = exponent
    return Node(Number(text[at:end]), at, end)


def _digits(text: str, at: int) -> int:
    while at < len(text) and text[at] in _DIGITS:
        at += 1
    return at


def _object(text: str, start: int, depth: int) -> Node:
    members: dict[str, Node] = {}
    at = _skip(text, start + 1)
    if text[at : at + 1] == "}":
        return Node(members, start, at + 1)
    while True:
        if text[at : at + 1] != '"':
            raise JsonFault("a member's name is missing", at)
        name, end = _string(text, at)
        if name in members:
            raise JsonFault(f"the name {name} stands twice", at)
        colon = _skip(text, end)
        if text[colon : colon + 1] != ":":
            raise JsonFault("a colon is missing", colon)
        member = _value(text, _skip(text, colon + 1), depth + 1)
        members[name] = member
        at = _skip(text, member.end)
        mark = text[at : at + 1]
        if mark == "}":
            return Node(members, start, at + 1)
        if mark != ",":
            raise JsonFault("a comma or brace is missing", at)
        at = _skip(text, at + 1)


def _array(text: str, start: int, depth: int) -> Node:
    items: list[Node] = []
    at = _skip(text, start + 1)
    if text[at : at + 1] == "]":
        return Node(items, start, at + 1)
    while True:
        item = _value(text, at, depth + 1)
        items.append(item)
        at = _skip(text, item.end)
        mark = text[at : at + 1]
        if mark == "]":
            return Node(items, start, at + 1)
        if mark != ",":
            raise JsonFault("a comma or bracket is missing", at)
        at = _skip(text, at + 1)
