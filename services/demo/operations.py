"""Which operation a request means. What S3 has and this store has not is refused by name, with S3's 501."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from services.demo import buckets, copying, deletion, headers, listing, objects
from services.demo.addressing import Target
from services.demo.bodies import is_checksum
from services.demo.call import Call
from services.demo.multipart import listing as upload_listing
from services.demo.multipart import operations as multipart
from services.demo.refusals import AccessControlListNotSupported, MethodNotAllowed, NotImplemented501
from shared.web import HttpResponse


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation, and the query parameters and x-amz- headers that it honours beside those of every request.

    `conditions`: the preconditions it honours that policies may ask about; elsewhere they are no more than noise.
    """

    name: str
    run: Callable[[Call], HttpResponse]
    parameters: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    checksum_of_body: bool = True
    conditions: frozenset[str] = frozenset()


_COPY_HEADERS: Final = frozenset(
    f"x-amz-copy-source{rest}"
    for rest in ("", "-if-match", "-if-none-match", "-if-modified-since", "-if-unmodified-since")
)
_READ: Final = frozenset({*headers.OVERRIDES, "partNumber"})
_READ_HEADERS: Final = frozenset({"x-amz-checksum-mode", "x-amz-te"})
"""x-amz-te says which codings of the transfer a client would take, as TE does; none is used."""
_LIST: Final = frozenset(
    {
        "list-type",
        "prefix",
        "delimiter",
        "max-keys",
        "continuation-token",
        "start-after",
        "encoding-type",
        "fetch-owner",
    }
)
_LIST_1: Final = frozenset({"prefix", "delimiter", "max-keys", "marker", "encoding-type"})
_ACL: Final = frozenset({"x-amz-acl"})
_CONDITIONS: Final = frozenset({"if-match", "if-none-match"})

OPERATIONS: Final[Mapping[tuple[str, str, str], Operation]] = {
    ("GET", "service", ""): Operation(
        "ListBuckets", buckets.list_buckets, frozenset({"prefix", "max-buckets", "continuation-token", "bucket-region"})
    ),
    ("PUT", "bucket", ""): Operation("CreateBucket", buckets.create_bucket, headers=_ACL),
    ("HEAD", "bucket", ""): Operation("HeadBucket", buckets.head_bucket),
    ("DELETE", "bucket", ""): Operation("DeleteBucket", buckets.delete_bucket),
    ("GET", "bucket", "location"): Operation("GetBucketLocation", buckets.get_bucket_location, frozenset({"location"})),
    ("GET", "bucket", "versioning"): Operation(
        "GetBucketVersioning", buckets.get_bucket_versioning, frozenset({"versioning"})
    ),
    ("GET", "bucket", ""): Operation("ListObjects", listing.list_objects, _LIST_1),
    ("GET", "bucket", "uploads"): Operation(
        "ListMultipartUploads",
        upload_listing.list_multipart_uploads,
        frozenset({"uploads", "prefix", "max-uploads", "key-marker", "upload-id-marker", "encoding-type"}),
    ),
    ("GET", "bucket", "list-type"): Operation("ListObjectsV2", listing.list_objects_v2, _LIST),
    ("POST", "bucket", "delete"): Operation("DeleteObjects", deletion.delete_objects, frozenset({"delete"})),
    ("PUT", "object", ""): Operation(
        "PutObject", objects.put_object, headers=_ACL | {"x-amz-storage-class"}, conditions=_CONDITIONS
    ),
    ("PUT", "object", "copy"): Operation(
        "CopyObject",
        copying.copy_object,
        headers=_COPY_HEADERS
        | _ACL
        | {"x-amz-metadata-directive", "x-amz-tagging-directive", "x-amz-storage-class", "x-amz-checksum-algorithm"},
        conditions=_CONDITIONS,
    ),
    ("GET", "object", ""): Operation("GetObject", objects.get_object, _READ, _READ_HEADERS, conditions=_CONDITIONS),
    ("HEAD", "object", ""): Operation("HeadObject", objects.head_object, _READ, _READ_HEADERS, conditions=_CONDITIONS),
    ("GET", "object", "tagging"): Operation("GetObjectTagging", objects.get_object_tagging, frozenset({"tagging"})),
    ("DELETE", "object", ""): Operation("DeleteObject", objects.delete_object),
    ("POST", "object", "uploads"): Operation(
        "CreateMultipartUpload",
        multipart.create_multipart_upload,
        frozenset({"uploads"}),
        _ACL | {"x-amz-storage-class", "x-amz-checksum-algorithm", "x-amz-checksum-type"},
    ),
    ("PUT", "object", "uploadId"): Operation(
        "UploadPart", multipart.upload_part, frozenset({"uploadId", "partNumber"})
    ),
    ("POST", "object", "uploadId"): Operation(
        "CompleteMultipartUpload",
        multipart.complete_multipart_upload,
        frozenset({"uploadId"}),
        frozenset({"x-amz-mp-object-size", "x-amz-checksum-type"}),
        checksum_of_body=False,
        conditions=_CONDITIONS,
    ),
    ("PUT", "object", "uploadId copy"): Operation(
        "UploadPartCopy",
        multipart.upload_part_copy,
        frozenset({"uploadId", "partNumber"}),
        _COPY_HEADERS | {"x-amz-copy-source-range"},
    ),
    ("GET", "object", "uploadId"): Operation(
        "ListParts", upload_listing.list_parts, frozenset({"uploadId", "max-parts", "part-number-marker"})
    ),
    ("DELETE", "object", "uploadId"): Operation(
        "AbortMultipartUpload", multipart.abort_multipart_upload, frozenset({"uploadId"})
    ),
}
"""(method, level, mark in the query) -> operation."""

_MARKS: Final = ("location", "versioning", "list-type", "delete", "uploads", "uploadId", "tagging")
_METHODS: Final = frozenset({"GET", "HEAD", "PUT", "POST", "DELETE"})
_EVERYWHERE: Final = frozenset(
    {
        "x-amz-date",
        "x-amz-content-sha256",
        "x-amz-security-token",
        "x-amz-user-agent",
        "x-amz-sdk-checksum-algorithm",
        "x-amz-trailer",
        "x-amz-decoded-content-length",
        "x-amz-expected-bucket-owner",
        "x-amz-source-expected-bucket-owner",
    }
)
_ACL_WORDS: Final = frozenset({"private", "bucket-owner-full-control"})


def operation_of(method: str, target: Target, query: Mapping[str, str], named: Mapping[str, str]) -> Operation:
    """The operation that a request means, every parameter and x-amz- header of it known.

    Raises MethodNotAllowed, NotImplemented501 with the name of what is not served, or AccessControlListNotSupported.
    """
    if method not in _METHODS:
        raise MethodNotAllowed(Method=method[:16], ResourceType=target.level.upper())
    mark = next((mark for mark in _MARKS if mark in query), "")
    if method == "PUT" and target.level == "object" and "x-amz-copy-source" in named:
        mark = f"{mark} copy".strip()
    operation = OPERATIONS.get((method, target.level, mark))
    for name in query:
        if name != "x-id" and (not operation or name not in operation.parameters):
            raise NotImplemented501(f"{method} with the parameter {name[:64]!a} is not implemented.", Parameter=name)
    if operation is None:
        raise NotImplemented501(f"{method} of a {target.level} in this form is not implemented.")
    _check_headers(operation, named)
    return operation


def _check_headers(operation: Operation, named: Mapping[str, str]) -> None:
    for name, value in named.items():
        if not name.startswith("x-amz-"):
            continue
        if name.startswith("x-amz-grant-") or (name == "x-amz-acl" and value not in _ACL_WORDS):
            raise AccessControlListNotSupported
        if name == "x-amz-storage-class" and value != "STANDARD":
            raise NotImplemented501(Header=name)
        if (
            name not in _EVERYWHERE
            and name not in operation.headers
            and not name.startswith(headers.META)
            and not is_checksum(name)
        ):
            raise NotImplemented501(Header=name)
