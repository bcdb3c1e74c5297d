r"""Java's regular expressions, as AWS publishes them, in Python's.

Java's \w \d \s are ASCII, `.` stops at more line ends, \p{..} does not exist in Python, and AWS matches the whole text.
"""

import re
from typing import Final

SEPARATORS: Final = "\ue000"
VISIBLE: Final = "\ue001"
"""Placeholders in a translated pattern for the character classes of `shared.aws.model`."""

_EVERYTHING: Final = "(?s).*"
_VISIBLE_PROPERTIES: Final = frozenset("LMSNP")
_SPACE: Final = r" \t\n\x0b\f\r"
_ASCII: Final = {r"\w": "0-9A-Za-z_", r"\d": "0-9", r"\s": _SPACE, r"\/": "/", r"\:": ":", r"\#": "#", r"\_": "_"}
_DOT: Final = r"[^\n\r\x85\u2028\u2029]"
_PIECE: Final = re.compile(r"\\p\{(?P<property>\w)\}|\\u[0-9A-F]{4}|\\x[0-9A-F]{2}|\\.|\[\^?|.", re.DOTALL)

# Patterns whose literal translation takes quadratic time on hostile text: the same language, each part tried once.
_REWRITTEN: Final = {
    r"^[\S]+.*[\S]+$": r"[\S].*[\S]",
    r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+@[\p{L}\p{M}\p{S}\p{N}\p{P}]+": (
        r"(?=[\x00-\U0010ffff][^@]*@[\x00-\U0010ffff])[\p{L}\p{M}\p{S}\p{N}\p{P}]+"
    ),
    r".*\{####\}.*": r"(?=(?>.*?\{####\})).*",
    r"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*": (
        r"(?=(?>[\x00-\U0010ffff]*?\{####\}))[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*"
    ),
    r"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{##[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*##\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*": (
        r"(?=(?>[\x00-\U0010ffff]*?\{##)[\x00-\U0010ffff]*?##\})[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*"
    ),
}
# Java reads \u10000 as \u1000 and a zero; every character of XML is what was meant.
_MEANT: Final = {r"\u10000-\u10FFFF": r"\U00010000-\U0010FFFF"}


def python_pattern(java: str) -> str | None:
    """The pattern that matches whole texts as Java's `matches` does; None where every text matches."""
    if java == _EVERYTHING:
        return None
    body = _REWRITTEN.get(java, java).removeprefix("^").removesuffix("$")
    for written, meant in _MEANT.items():
        body = body.replace(written, meant)
    translated = _translate(body)
    return rf"\A(?:{translated})\Z" if "|" in translated else rf"\A{translated}\Z"


def _translate(java: str) -> str:
    parts: list[str] = []
    position = 0
    while position < len(java):
        if java[position] == "[":
            end = _end_of_class(java, position)
            parts.append(_class(java[position + 1 : end]))
            position = end + 1
            continue
        piece = next(_PIECE.finditer(java, position))
        parts.append(_outside_class(piece[0]))
        position = piece.end()
    return "".join(parts)


def _end_of_class(java: str, start: int) -> int:
    position = start + 1
    while java[position] != "]":
        position += 2 if java[position] == "\\" else 1
    return position


def _outside_class(piece: str) -> str:
    if piece == ".":
        return _DOT
    if piece in {r"\w", r"\d", r"\s"}:
        return f"[{_ASCII[piece]}]"
    if piece.startswith(r"\p") or piece == r"\S":
        raise ValueError(f"{piece} outside a class is not translated yet")
    return _ASCII.get(piece, piece)


def _class(inside: str) -> str:
    if inside == r"\S":
        return f"[^{_SPACE}]"
    negated = "^" if inside.startswith("^") else ""
    pieces = list(_PIECE.finditer(inside, len(negated)))
    properties = {piece["property"] for piece in pieces if piece["property"]}
    rest = "".join(_ASCII.get(piece[0], piece[0]) for piece in pieces if not piece["property"])
    rest = rest.replace("z__", "z_")  # a class may name \w and the underscore
    return f"[{negated}{_properties(properties, rest)}{rest}]"


def _properties(properties: set[str], rest: str) -> str:
    separators = SEPARATORS if "Z" in properties else ""
    others = properties - {"Z"}
    if not others:
        return separators
    if others == _VISIBLE_PROPERTIES:
        return VISIBLE + separators
    if others == {"L", "N"} and "_" in rest:
        return r"\w" + separators  # Python's Unicode \w is exactly L, N and the underscore
    raise ValueError(f"no Python class for the properties {sorted(properties)}")
