"""DeleteObjects: up to 1000 objects in one request, each allowed or denied on its own."""

from services.demo import store
from services.demo.addressing import check_key
from services.demo.answers import xml
from services.demo.call import Call
from services.demo.documents import Element, read_deletion
from services.demo.refusals import InvalidRequest, worded
from shared.guard.guard import AccessDenied
from shared.refusal import Refusal
from shared.web import HttpResponse


def delete_objects(call: Call) -> HttpResponse:
    """Removes the objects that the body names. AWS wants a checksum of the body, so that nothing else is removed."""
    if "content-md5" not in call.headers and not call.checksum:
        raise InvalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
    deletion = read_deletion(call.body)
    bucket = call.bucket()
    allowed, denied, answer = [], list[AccessDenied](), list[Element]()
    for key in deletion.keys:
        try:
            check_key(key)
            call.allow("s3:DeleteObject", f"{call.target.bucket_arn}/{key}", bucket.account)
        except Refusal as refusal:
            code, _, sentence = worded(refusal)
            answer.append(("Error", [("Key", key), ("Code", code), ("Message", sentence)]))
            if isinstance(refusal, AccessDenied):
                denied.append(refusal)
        else:
            allowed.append(key)
    for first in denied[:1]:  # the others have the same reason, or nearly so
        call.denied(first)
    with call.sql.write() as tx:
        blobs = [store.remove_object(tx, bucket, key) for key in allowed]
    for blob in blobs:
        if blob is not None:
            call.blobs.remove(bucket.account, blob)
    deleted: list[Element] = [("Deleted", [("Key", key)]) for key in allowed]
    return xml("DeleteResult", answer if deletion.quiet else deleted + answer)
