"""If-Match and kin, and byte ranges (RFC 9110 sections 13 and 14; Amazon S3 API Reference: GetObject)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from services.demo.refusals import InvalidArgument, InvalidRange, NotImplemented501, PreconditionFailed

_RANGE: Final = re.compile(r"bytes=([0-9]{0,40})-([0-9]{0,40})")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `first` to `last`, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.last - self.first + 1


def matches(condition: str, etag: str) -> bool:
    """Whether a list of entity tags, or `*`, names `etag` (given without quotes)."""
    return any(_bare(one) in {"*", etag} for one in condition.split(","))


def is_unchanged(headers: Mapping[str, str], etag: str, modified_at: datetime, prefix: str = "") -> bool:
    """Whether a read answers 304. Raises PreconditionFailed. `prefix`: of the headers' names (x-amz-copy-source-)."""
    if_match, if_none_match = headers.get(f"{prefix}if-match"), headers.get(f"{prefix}if-none-match")
    since = _moment(headers.get(f"{prefix}if-modified-since"))
    until = _moment(headers.get(f"{prefix}if-unmodified-since"))
    modified_at = modified_at.replace(microsecond=0)
    if if_match is not None:
        if not matches(if_match, etag):
            raise PreconditionFailed(Condition="If-Match")
    elif until is not None and modified_at > until:
        raise PreconditionFailed(Condition="If-Unmodified-Since")
    if if_none_match is not None:
        return matches(if_none_match, etag)
    return since is not None and modified_at <= since


def check_write(headers: Mapping[str, str], etag: str | None) -> None:
    """May what is there now (its entity tag, None for nothing) be replaced? Raises PreconditionFailed.

    S3 knows `If-None-Match: *` (only where nothing is) and `If-Match: <etag>` (only in place of this).
    """
    if_none_match, if_match = headers.get("if-none-match"), headers.get("if-match")
    if if_none_match is not None:
        if if_none_match.strip() != "*":
            raise NotImplemented501(Header="If-None-Match")
        if etag is not None:
            raise PreconditionFailed(Condition="If-None-Match")
    if if_match is not None and (etag is None or not matches(if_match, etag)):
        raise PreconditionFailed(Condition="If-Match")


def span_of(text: str | None, size: int) -> Span | None:
    """The part of an object that a Range header asks for; None for all of it. Raises InvalidRange.

    A header that is not one simple range is ignored, as S3 does.
    """
    found = _RANGE.fullmatch(text.strip()) if text else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        if length == 0:
            raise _unsatisfiable(text, size)
        return Span(size - length, size - 1)
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if found[2] and int(found[2]) < first:
        return None
    if first >= size:
        raise _unsatisfiable(text, size)
    return Span(first, last)


def copied_span(text: str | None, size: int) -> Span:
    """The part of an object that x-amz-copy-source-range asks for. Raises InvalidArgument or InvalidRange."""
    if text is None:
        return Span(0, size - 1)
    found = _RANGE.fullmatch(text.strip())
    if found is None or not found[1] or not found[2] or int(found[2]) < int(found[1]):
        raise InvalidArgument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
            "zero-based offsets of the first and last bytes to copy",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=text[:64],
        )
    if int(found[2]) >= size:
        raise _unsatisfiable(text, size)
    return Span(int(found[1]), int(found[2]))


def range_holds(if_range: str | None, etag: str, modified_at: datetime) -> bool:
    """Whether a Range counts: If-Range names this very object, or is not there (RFC 9110 section 13.1.5)."""
    if if_range is None:
        return True
    if '"' in if_range:
        return if_range.strip() == f'"{etag}"'
    return _moment(if_range) == modified_at.replace(microsecond=0)


def _unsatisfiable(text: str | None, size: int) -> InvalidRange:
    return InvalidRange(RangeRequested=text or "", ActualObjectSize=str(size))


def _bare(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"')


def _moment(text: str | None) -> datetime | None:
    """A date of HTTP; one that cannot be read is as if it were not there (RFC 9110 section 13.1.3)."""
    try:
        at = parsedate_to_datetime(text[:64]) if text else None
        if at is None:
            return None
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
