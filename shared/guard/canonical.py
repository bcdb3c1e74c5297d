"""The text that a Signature Version 4 is computed over (AWS: Create a signed AWS API request).

Text that came as bytes is held as UTF-8 decoded with `surrogateescape`, so nothing is lost on the way back.
"""

from collections.abc import Iterator
from urllib.parse import quote, unquote

_BLANK = " \t\r\n"


def paths(raw_path: str, *, normalise: bool) -> Iterator[str]:
    """The canonical path, and where clients differ a second form of the same path.

    Services other than S3 resolve `//`, `.` and `..` and encode what was sent once more. S3 takes the path as it was
    sent; some clients leave characters bare that they sign encoded, so the fully encoded form is the second candidate.
    """
    if raw_path in {"", "/"}:
        yield "/"
    elif normalise:
        yield quote(_without_dots(raw_path), safe="/~", errors="surrogateescape")
    else:
        yield raw_path
        encoded = _encoded_once(raw_path, safe="/~")
        if encoded != raw_path:
            yield encoded


def queries(raw_query: str) -> Iterator[str]:
    """The canonical query without the signature parameter: as sent, then (if it differs) decoded and encoded afresh.

    Sorted by encoded name, then by encoded value. A `+` is a plus sign, never a space.
    """
    if not raw_query:
        yield ""
        return
    pairs = [pair.partition("=")[::2] for pair in raw_query.split("&")]
    pairs = [pair for pair in pairs if "ignature" not in unquote(pair[0]) or unquote(pair[0]) != "X-Amz-Signature"]
    as_sent = _joined(pairs)
    yield as_sent
    afresh = _joined([(_encoded_once(name), _encoded_once(value)) for name, value in pairs if name or value])
    if afresh != as_sent:
        yield afresh


def header_value(value: str) -> str:
    """Without blanks at the ends, each run of blanks inside as one space; folded lines become one."""
    value = value.strip(_BLANK)
    if "  " in value or "\t" in value or "\n" in value or "\r" in value:
        for blank in "\t\r\n":
            value = value.replace(blank, " ")
        value = " ".join(word for word in value.split(" ") if word)
    return value


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
