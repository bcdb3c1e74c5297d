"""The text that a Signature Version 4 is computed over (AWS: Create a signed AWS API request).

Text that came as bytes is held as UTF-8 decoded with `surrogateescape`, so nothing is lost on the way back.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote, unquote

_UNTRIMMED = re.compile("[\t\r]|  |: | \n")  # finds more than it must: a colon may stand in a value


def paths(raw_path: str, *, normalise: bool) -> Iterable[str]:
    """The canonical path, and where clients differ a second form of the same path.

    Services other than S3 resolve `//`, `.` and `..` and encode what was sent once more. S3 takes the path as it was
    sent; some clients leave characters bare that they sign encoded, so the fully encoded form is the second candidate.
    """
    if raw_path in {"", "/"}:
        return ("/",)
    if normalise:
        return (quote(_without_dots(raw_path), safe="/~", errors="surrogateescape"),)
    return _paths_as_sent(raw_path)


def _paths_as_sent(raw_path: str) -> Iterator[str]:
    yield raw_path
    encoded = _encoded_once(raw_path, safe="/~")
    if encoded != raw_path:
        yield encoded


def queries(raw_query: str, *, plus_is_space: bool) -> Iterable[str]:
    """The canonical query without the signature parameter: as sent, then (if it differs) decoded and encoded afresh.

    Sorted by encoded name, then by encoded value. A `+` is a plus sign; S3 reads it as a space.
    """
    return _queries(raw_query, "%20" if plus_is_space else "+") if raw_query else ("",)


def _queries(raw_query: str, plus: str) -> Iterator[str]:
    pairs = [pair.partition("=")[::2] for pair in raw_query.split("&")]
    pairs = [pair for pair in pairs if unquote(pair[0]) != "X-Amz-Signature"]
    as_sent = _joined(pairs)
    yield as_sent
    read = [(name.replace("+", plus), value.replace("+", plus)) for name, value in pairs if name or value]
    afresh = _joined([(_encoded_once(name), _encoded_once(value)) for name, value in read])
    if afresh != as_sent:
        yield afresh


def header_lines(names: Sequence[str], found: Mapping[str, str]) -> str:
    """One line for each name, its value trimmed. Raises KeyError for a name that is not among the headers found."""
    text = "".join([f"{name}:{found[name]}\n" for name in names])
    if _UNTRIMMED.search(text) is not None or text.count("\n") != len(names):
        text = "".join([f"{name}:{header_value(found[name])}\n" for name in names])
    return text


def header_value(value: str) -> str:
    """Without blanks at the ends, each run of blanks inside as one space; folded lines become one."""
    for blank in "\t\r\n":
        value = value.replace(blank, " ")
    return " ".join([word for word in value.split(" ") if word])


def _without_dots(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if kept:
                kept.pop()
        elif segment not in {"", "."}:
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if kept and path.endswith("/") else "")


def _encoded_once(text: str, safe: str = "~") -> str:
    return quote(unquote(text, errors="surrogateescape"), safe=safe, errors="surrogateescape")


def _joined(pairs: list[tuple[str, str]]) -> str:
    return "&".join([f"{name}={value}" for name, value in sorted(pairs)])
