"""Which parts make which object: their order and sizes, the object's entity tag and checksum (S3: Multipart upload)."""

import base64
import hashlib
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from services.demo.documents import NamedPart
from services.demo.layout import KeptPart
from services.demo.multipart.store import Part
from services.demo.refusals import EntityTooLarge, EntityTooSmall, InvalidPart, InvalidPartOrder
from shared.guard import checksum as checksums

LEAST_PART: Final = 5 << 20
MOST_BYTES: Final = 5 << 40
COMPOSITE, FULL_OBJECT = "COMPOSITE", "FULL_OBJECT"


def chosen(named: Sequence[NamedPart], uploaded: Sequence[Part]) -> list[Part]:
    """The parts as named. Raises InvalidPartOrder or InvalidPart."""
    if any(one.number >= other.number for one, other in itertools.pairwise(named)):
        raise InvalidPartOrder
    by_number = {part.number: part for part in uploaded}
    for one in named:
        part = by_number.get(one.number)
        if part is None or part.etag != one.etag:
            raise InvalidPart(PartNumber=str(one.number), ETag=one.etag[:64])
        if any(f"{algorithm}:{value}" != part.checksum for algorithm, value in one.checksums):
            raise InvalidPart(PartNumber=str(one.number), ETag=one.etag[:64])
    return [by_number[one.number] for one in named]


def checked_size(parts: Sequence[Part]) -> int:
    """The size of the object. Raises EntityTooSmall (a part that is not the last) or EntityTooLarge."""
    for part in parts[:-1]:
        if part.size < LEAST_PART:
            raise EntityTooSmall(
                ProposedSize=str(part.size), MinSizeAllowed=str(LEAST_PART), PartNumber=str(part.number)
            )
    size = sum(part.size for part in parts)
    if size > MOST_BYTES:
        raise EntityTooLarge(ProposedSize=str(size), MaxSizeAllowed=str(MOST_BYTES))
    return size


def joint_etag(parts: Sequence[Part]) -> str:
    """The hash of the parts' hashes, and their number."""
    digests = b"".join(bytes.fromhex(part.etag) for part in parts)
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"


def kept_parts(asked: str, parts: Sequence[Part]) -> list[KeptPart]:
    """What stays known of the parts: their sizes, and the checksums that the object's own (COMPOSITE) was made of."""
    composite = asked.endswith(f":{COMPOSITE}")
    return [KeptPart(part.size, part.checksum if composite else "") for part in parts]


def joint_checksum(asked: str, parts: Sequence[Part], contents: Callable[[], Iterable[bytes]]) -> str:
    """The object's checksum as `algorithm:value`: of its parts' checksums or of all its bytes, as was asked for.

    `asked`: `algorithm:type`, empty for none. `contents` is read only where a part brought no checksum to combine.
    """
    algorithm, _, kind = asked.partition(":")
    if not algorithm:
        return ""
    complete = all(part.checksum.startswith(f"{algorithm}:") for part in parts)
    values = [base64.b64decode(part.checksum.removeprefix(f"{algorithm}:")) for part in parts] if complete else []
    if kind == COMPOSITE:
        return f"{algorithm}:{checksums.checksum(algorithm, b''.join(values))}-{len(parts)}" if complete else ""
    if complete:
        whole = checksums.combined(algorithm, list(zip(values, (part.size for part in parts), strict=True)))
    else:
        whole = checksums.of_pieces(algorithm, contents())
    return f"{algorithm}:{whole}"
