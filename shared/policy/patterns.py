"""Wildcards, variables and ARN fields. Linear for each star, without regular expressions.

A pattern is cut into tokens once: plain text, `*`, `?` and variables. What a variable stands for is filled in as plain
text when a request is looked at, so nothing from a request ever becomes a pattern.
Sources: IAM JSON policy elements: Resource; Variables and tags.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from operator import call

ContextValue = str | tuple[str, ...]
Context = Mapping[str, ContextValue]
TextTest = Callable[[str], bool]
OpenTest = Callable[[str, Context], bool | None]
ARN_FIELDS = 6


class Wild(Enum):
    """The two special characters."""

    STAR = "*"
    ONE = "?"


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key}` or `${key, 'default'}`; the key in lower case, the name as written."""

    key: str
    default: str | None
    name: str

    def fill(self, context: Context) -> str | None:
        """The text it stands for. None if the key is missing (and there is no default) or has several values."""
        value = context.get(self.key)
        if value is None or value == ():
            return self.default
        return single(value)


Token = str | Wild | Variable
Tokens = tuple[Token, ...]


def single(value: ContextValue) -> str | None:
    """The one value of a key; None if it has several (or none)."""
    if isinstance(value, str):
        return value
    return value[0] if len(value) == 1 else None


def cut(text: str, *, variables: bool, wildcards: bool = True) -> Tokens:
    """Takes a pattern apart. `variables` says whether the document's version knows them."""
    if "*" not in text and "?" not in text and "${" not in text:
        return (text,) if text else ()
    tokens: list[Token] = []
    plain: list[str] = []
    at = 0
    while at < len(text):
        mark = text[at]
        token: Token
        if variables and mark == "$" and text.startswith("${", at):
            token, after = _braces(text, at)
        elif wildcards and mark in "*?":
            token, after = Wild(mark), at + 1
        else:
            token, after = mark, at + 1
        if isinstance(token, str):
            plain.append(token)
        else:
            if plain:
                tokens.append("".join(plain))
                plain.clear()
            if token is not Wild.STAR or tokens[-1:] != [Wild.STAR]:
                tokens.append(token)
        at = after
    if plain:
        tokens.append("".join(plain))
    return tuple(tokens)


def _braces(text: str, at: int) -> tuple[str | Variable, int]:
    """What `${` at this place means: an escaped character, a variable, or just these two characters."""
    if text[at + 2 : at + 4] in {"*}", "?}", "$}"}:
        return text[at + 2], at + 4
    end = text.find("}", at + 2)
    comma = text.find(",", at + 2, end if end >= 0 else None)
    if comma >= 0:
        return _with_default(text, at, comma)
    key = text[at + 2 : end].strip() if end >= 0 else ""
    return (Variable(key.lower(), None, key), end + 1) if _is_key(key) else ("${", at + 2)


def _with_default(text: str, at: int, comma: int) -> tuple[str | Variable, int]:
    key = text[at + 2 : comma].strip()
    opening = comma + 1
    while text[opening : opening + 1] == " ":
        opening += 1
    closing = text.find("'", opening + 1)
    brace = text.find("}", closing + 1) if closing >= 0 else -1
    if text[opening : opening + 1] != "'" or brace < 0 or text[closing + 1 : brace].strip() or not _is_key(key):
        return "${", at + 2
    return Variable(key.lower(), text[opening + 1 : closing], key), brace + 1


def _is_key(key: str) -> bool:
    return bool(key) and not any(mark in key for mark in "${}*?'")


def variables_in(tokens: Tokens) -> frozenset[str]:
    """The keys a pattern asks for."""
    return frozenset(token.key for token in tokens if isinstance(token, Variable))


def filled(tokens: Tokens, context: Context) -> Tokens | None:
    """The pattern with its variables as plain text. None if one of them has no value: it is like nothing."""
    result: list[Token] = []
    for token in tokens:
        if token.__class__ is Variable:
            text = token.fill(context)
            if text is None:
                return None
            result.append(text)
        else:
            result.append(token)
    return tuple(result)


def plain_text(tokens: Tokens) -> str:
    """The text of tokens that hold neither wildcards nor variables."""
    return "".join(token for token in tokens if isinstance(token, str))


def literal_prefix(tokens: Tokens) -> str:
    """What every text that matches begins with."""
    return tokens[0] if tokens and isinstance(tokens[0], str) else ""


# ---- one text against one pattern

Chunk = tuple[tuple[int, str], ...]  # plain texts and where they stand in a stretch without stars


def text_test(tokens: Tokens) -> TextTest:
    """A test of whole texts for a pattern without variables; the simple shapes cost one call."""
    if Wild.ONE not in tokens:
        stars = tokens.count(Wild.STAR)
        if not stars:
            return plain_text(tokens).__eq__
        if tokens == (Wild.STAR,):
            return _anything
        if stars == 1 and tokens[-1] is Wild.STAR:
            return partial(_starts, plain_text(tokens))
        first, *between, last = [plain_text(tuple(part)) for part in _between_stars(tokens)]
        return partial(_fits_around_stars, first, tuple(between), last)
    stretches = [_stretch(part) for part in _between_stars(tokens)]
    if len(stretches) == 1:
        return partial(_fits_whole, *stretches[0])
    return partial(_fits, tuple(stretches))


def _anything(_text: str) -> bool:
    return True


def _starts(prefix: str, text: str) -> bool:
    return text.startswith(prefix)


def _fits_around_stars(first: str, between: tuple[str, ...], last: str, text: str) -> bool:
    """As `_fits`, where nothing but stars is between plain texts."""
    if not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for plain in between:
        found = text.find(plain, at, end)
        if found < 0:
            return False
        at = found + len(plain)
    return at <= end


def _between_stars(tokens: Tokens) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token is Wild.STAR:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _stretch(part: list[Token]) -> tuple[int, Chunk]:
    """Its length, and its plain texts with their offsets; what lies between them is any character."""
    length = 0
    chunks: list[tuple[int, str]] = []
    for token in part:
        if not isinstance(token, str):
            length += 1
            continue
        if chunks and chunks[-1][0] + len(chunks[-1][1]) == length:
            chunks[-1] = (chunks[-1][0], chunks[-1][1] + token)
        else:
            chunks.append((length, token))
        length += len(token)
    return length, tuple(chunks)


def _fits_whole(length: int, chunks: Chunk, text: str) -> bool:
    return len(text) == length and _stands(chunks, text, 0)


def _stands(chunks: Chunk, text: str, at: int) -> bool:
    return all(text.startswith(plain, at + offset) for offset, plain in chunks)


def _fits(stretches: tuple[tuple[int, Chunk], ...], text: str) -> bool:
    """First and last stretch are anchored; each one between takes the leftmost place that is left."""
    first_length, first = stretches[0]
    last_length, last = stretches[-1]
    at, end = first_length, len(text) - last_length
    if end < at or not _stands(first, text, 0) or not _stands(last, text, end):
        return False
    for length, chunks in stretches[1:-1]:
        found = _leftmost(length, chunks, text, at, end)
        if found < 0:
            return False
        at = found + length
    return True


def _leftmost(length: int, chunks: Chunk, text: str, at: int, end: int) -> int:
    if not chunks:
        return at if at + length <= end else -1
    if len(chunks) > 1:
        return _leftmost_with_gaps(length, chunks, text, at, end)
    offset, plain = chunks[0]
    found = text.find(plain, at + offset, end - length + offset + len(plain))
    return found - offset if found >= 0 else -1


def _leftmost_with_gaps(length: int, chunks: Chunk, text: str, at: int, end: int) -> int:
    """Plain texts with `?` between them: a bit for each character, all places tried at once (Shift-And).

    Trying one place after the other would cost length times text for a pattern like `*?a?a?a*`.
    """
    gaps = (1 << length) - 1
    for offset, plain in chunks:
        gaps &= ~(((1 << len(plain)) - 1) << offset)
    allowed: dict[str, int] = {}
    for offset, plain in chunks:
        for place, mark in enumerate(plain, offset):
            allowed[mark] = allowed.get(mark, gaps) | 1 << place
    whole = 1 << length - 1
    alive = 0
    for place in range(at, end):
        alive = (alive << 1 | 1) & allowed.get(text[place], gaps)
        if alive & whole:
            return place + 1 - length
    return -1


# ---- ARNs, field by field


def arn_fields(tokens: Tokens) -> tuple[Tokens, ...]:
    """An ARN pattern cut at its first five colons; missing fields are filled up with `*`."""
    fields: list[list[Token]] = [[]]
    for token in tokens:
        if not isinstance(token, str):
            fields[-1].append(token)
            continue
        parts = token.split(":", ARN_FIELDS - len(fields)) if len(fields) < ARN_FIELDS else [token]
        if parts[0]:
            fields[-1].append(parts[0])
        fields.extend([part] if part else [] for part in parts[1:])
    while len(fields) < ARN_FIELDS:
        fields.append([Wild.STAR])
    return tuple(tuple(field) for field in fields)


def arn_test(tokens: Tokens) -> TextTest:
    """A test of ARNs for a pattern without variables; no wildcard but the sixth field's runs over a colon."""
    if literal_prefix(tokens).count(":") >= ARN_FIELDS - 1:
        return text_test(tokens)  # five plain fields pin the colons: one pass over the whole text is the same
    return partial(_fields_match, tuple(text_test(field) for field in arn_fields(tokens)))


def _fields_match(tests: tuple[TextTest, ...], text: str) -> bool:
    values = text.split(":", ARN_FIELDS - 1)
    return len(values) == ARN_FIELDS and all(map(call, tests, values))


# ---- patterns with variables; None says that one of them has no value, and so the pattern is like nothing


def open_text_test(tokens: Tokens) -> OpenTest:
    """As text_test, for a pattern with variables."""
    starts = tokens[-1] is Wild.STAR
    plain = tokens[:-1] if starts else tokens
    if any(isinstance(token, Wild) for token in plain):
        return partial(_filled_fits, tokens)
    return partial(_filled_compares, str.startswith if starts else str.__eq__, plain)


def _filled_fits(tokens: Tokens, text: str, context: Context) -> bool | None:
    plain = filled(tokens, context)
    return None if plain is None else text_test(plain)(text)


def _filled_compares(compare: Callable[[str, str], bool], tokens: Tokens, text: str, context: Context) -> bool | None:
    plain = filled(tokens, context)
    return None if plain is None else compare(text, plain_text(plain))


def open_arn_test(tokens: Tokens) -> OpenTest:
    """As arn_test, for a pattern with variables: what they stand for stays within its field."""
    if literal_prefix(tokens).count(":") >= ARN_FIELDS - 1:
        return open_text_test(tokens)
    return partial(_filled_fields_match, arn_fields(tokens))


def _filled_fields_match(fields: tuple[Tokens, ...], text: str, context: Context) -> bool | None:
    plain = [filled(field, context) for field in fields]
    tests = tuple(text_test(field) for field in plain if field is not None)
    return _fields_match(tests, text) if len(tests) == ARN_FIELDS else None
