"""Which bytes of an object were which part of its upload (Amazon S3 API Reference: GetObject, partNumber; pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.demo.preconditions import Span
from services.demo.refusals import InvalidPartNumber


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A part that an object was made of. `checksum` is `algorithm:value` or empty."""

    size: int
    checksum: str


def span_of_part(parts: Sequence[KeptPart], number: int) -> Span:
    """The bytes of the part of this number: parts count from 1 in their order, whatever their uploads called them.

    Raises InvalidPartNumber.
    """
    if number > len(parts):
        raise InvalidPartNumber(PartNumberRequested=str(number), ActualPartCount=str(len(parts)))
    first = sum(part.size for part in parts[: number - 1])
    return Span(first, first + parts[number - 1].size - 1)
