"""DeleteObjects: up to 1000 objects in one request, each allowed, denied and judged on its own."""

from collections.abc import Sequence

from services.demo.addressing import check_key
from services.demo.answers import xml
from services.demo.call import Call
from services.demo.documents import Element, ObjectIdentifier, read_deletion
from services.demo.objects import allow_deletion, remove
from services.demo.refusals import InvalidRequest, PreconditionFailed, worded
from services.demo.store import Bucket
from shared.guard.guard import AccessDenied
from shared.refusal import Refusal
from shared.web import HttpResponse

Refused = list[tuple[ObjectIdentifier, Refusal]]


def delete_objects(call: Call) -> HttpResponse:
    """Removes the objects that the body names. AWS wants a checksum of the body, so that nothing else is removed."""
    if "content-md5" not in call.headers and not call.checksum:
        raise InvalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
    deletion = read_deletion(call.body)
    bucket, refused = call.bucket(), Refused()
    allowed = _allowed(call, bucket, deletion.objects, refused)
    removed = _removed(call, bucket, allowed, refused)
    deleted: list[Element] = [("Deleted", [("Key", one.key)]) for one in removed]
    errors = [_error(one, refusal) for one, refusal in refused]
    return xml("DeleteResult", errors if deletion.quiet else deleted + errors)


def _allowed(
    call: Call, bucket: Bucket, objects: Sequence[ObjectIdentifier], refused: Refused
) -> list[ObjectIdentifier]:
    """Those that the caller may remove; the others are added to `refused`."""
    allowed, denied = [], list[AccessDenied]()
    for one in objects:
        try:
            check_key(one.key)
            allow_deletion(call, bucket, one.key, one.if_match)
        except Refusal as refusal:
            refused.append((one, refusal))
            if isinstance(refusal, AccessDenied):
                denied.append(refusal)
        else:
            allowed.append(one)
    for first in denied[:1]:  # the others have the same reason, or nearly so
        call.denied(first)
    return allowed


def _removed(
    call: Call, bucket: Bucket, objects: Sequence[ObjectIdentifier], refused: Refused
) -> list[ObjectIdentifier]:
    """Those that are gone now; those of which the condition does not hold are added to `refused`."""
    removed, blobs = [], list[str | None]()
    with call.sql.write() as tx:
        for one in objects:
            try:
                blobs.append(remove(tx, bucket, one.key, one.if_match))
            except PreconditionFailed as refusal:
                refused.append((one, refusal))
            else:
                removed.append(one)
    for blob in blobs:
        if blob is not None:
            call.blobs.remove(bucket.account, blob)
    return removed


def _error(one: ObjectIdentifier, refusal: Refusal) -> Element:
    code, _, sentence = worded(refusal)
    return "Error", [("Key", one.key), ("Code", code), ("Message", sentence)]
