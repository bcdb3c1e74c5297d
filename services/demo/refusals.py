"""Every way the store refuses, with S3's code and status (Amazon S3 API Reference: Error responses)."""

from collections.abc import Callable, Mapping
from typing import Final

from shared.guard import refusals as signing
from shared.guard.guard import AccessDenied
from shared.refusal import HeadTooLarge, Misframed, Overloaded, Refusal, TooLarge, TooSlow, Unavailable


class S3Refusal(Refusal):
    """A refusal in S3's words; its class name is S3's code. `details` stand as elements of their own in the answer."""

    sentence = ""

    def __init__(self, message: str = "", **details: str) -> None:
        super().__init__(message or self.sentence)
        self.details = details


class NoSuchBucket(S3Refusal):
    """No such bucket."""

    sentence = "The specified bucket does not exist"


class NoSuchKey(S3Refusal):
    """No such object, told only to those who may list."""

    sentence = "The specified key does not exist."


class NoSuchUpload(S3Refusal):
    """No such multipart upload, or one that has ended."""

    sentence = (
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
        "completed."
    )


class BucketAlreadyExists(S3Refusal):
    """The name belongs to another account."""

    sentence = (
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please "
        "select a different name and try again."
    )


class BucketAlreadyOwnedByYou(S3Refusal):
    """The name belongs to the caller's account."""

    sentence = "Your previous request to create the named bucket succeeded and you already own it."


class BucketNotEmpty(S3Refusal):
    """There are objects in it."""

    sentence = "The bucket you tried to delete is not empty"


class InvalidBucketName(S3Refusal):
    """Not a name that a bucket may have."""

    sentence = "The specified bucket is not valid."


class InvalidLocationConstraint(S3Refusal):
    """Another region."""

    sentence = "The specified location-constraint is not valid"


class IllegalLocationConstraintException(S3Refusal):
    """No region where one is needed."""

    sentence = (
        "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."
    )


class InvalidArgument(S3Refusal):
    """A parameter that cannot be."""


class InvalidRequest(S3Refusal):
    """A request that cannot be."""


class InvalidURI(S3Refusal):
    """A path that is not UTF-8."""

    sentence = "Couldn't parse the specified URI."


class KeyTooLongError(S3Refusal):
    """More than 1024 bytes."""

    sentence = "Your key is too long"


class EntityTooLarge(S3Refusal):
    """More than the store takes."""

    sentence = (
        "Your proposed upload exceeds the maximum allowed size. One request carries 64 MiB here; send more in parts "
        "(boto3's upload_file and upload_fileobj and the CLI's s3 cp do)."
    )


class EntityTooSmall(S3Refusal):
    """A part, not the last, below 5 MiB."""

    sentence = "Your proposed upload is smaller than the minimum allowed size"


class MetadataTooLarge(S3Refusal):
    """More than 2 KB of x-amz-meta-*."""

    sentence = "Your metadata headers exceed the maximum allowed metadata size"


class MalformedXML(S3Refusal):
    """A body that is not the document wanted."""

    sentence = "The XML you provided was not well-formed or did not validate against our published schema"


class InvalidPart(S3Refusal):
    """A part that was not uploaded, or not so."""

    sentence = (
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified "
        "entity tag may not match the part's entity tag."
    )


class InvalidPartOrder(S3Refusal):
    """Parts not in ascending order."""

    sentence = "The list of parts was not in ascending order. Parts must be ordered by part number."


class InvalidRange(S3Refusal):
    """A range outside the object."""

    sentence = "The requested range is not satisfiable"


class InvalidPartNumber(S3Refusal):
    """A part that the object has not."""

    sentence = "The requested partnumber is not satisfiable"


class PreconditionFailed(S3Refusal):
    """If-Match, If-None-Match and kin."""

    sentence = "At least one of the pre-conditions you specified did not hold"


class DiskFull(Unavailable):
    """Nothing more can be kept."""


class MethodNotAllowed(S3Refusal):
    """A method S3 does not have."""

    sentence = "The specified method is not allowed against this resource."


class AccessControlListNotSupported(S3Refusal):
    """ACLs are off, as in every new bucket at AWS."""

    sentence = "The bucket does not allow ACLs"


class NotImplemented501(S3Refusal):
    """Something S3 has and this store has not."""

    sentence = "A header you provided implies functionality that is not implemented"

    def __init__(self, message: str = "", **details: str) -> None:
        super().__init__(message or f"{self.sentence}: {details.get('Header', '')}", **details)


STATUS: Final[Mapping[type[S3Refusal], int]] = {
    NoSuchBucket: 404,
    NoSuchKey: 404,
    NoSuchUpload: 404,
    BucketAlreadyExists: 409,
    BucketAlreadyOwnedByYou: 409,
    BucketNotEmpty: 409,
    InvalidRange: 416,
    InvalidPartNumber: 416,
    PreconditionFailed: 412,
    MethodNotAllowed: 405,
    NotImplemented501: 501,
}

_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
)
_SKEWED = "The difference between the request time and the current time is too large."

AS_S3: Final[Mapping[type[Refusal], tuple[str, int, str | None]]] = {
    AccessDenied: ("AccessDenied", 403, None),
    signing.MissingAuthentication: ("AccessDenied", 403, "Access Denied"),
    signing.IncompleteSignature: ("AuthorizationHeaderMalformed", 400, None),
    signing.UnknownAccessKey: (
        "InvalidAccessKeyId",
        403,
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    signing.UnsignedHeaders: ("AccessDenied", 403, None),
    signing.SignatureMismatch: ("SignatureDoesNotMatch", 403, _MISMATCH),
    signing.SignatureExpired: ("RequestTimeTooSkewed", 403, _SKEWED),
    signing.SignatureNotYetCurrent: ("RequestTimeTooSkewed", 403, _SKEWED),
    signing.ScopeMismatch: ("AuthorizationHeaderMalformed", 400, None),
    signing.ExpiredToken: ("ExpiredToken", 400, "The provided token has expired."),
    signing.PresignedNotAccepted: ("AccessDenied", 403, None),
    signing.PayloadHashMismatch: ("XAmzContentSHA256Mismatch", 400, None),
    signing.MalformedChunks: ("InvalidRequest", 400, None),
    signing.InvalidDigest: ("InvalidDigest", 400, None),
    signing.InvalidChecksum: ("InvalidRequest", 400, None),
    signing.ChecksumMismatch: ("BadDigest", 400, None),
    Unavailable: ("ServiceUnavailable", 503, None),
    Overloaded: ("SlowDown", 503, "Please reduce your request rate."),
    TooLarge: ("EntityTooLarge", 400, None),
    HeadTooLarge: (
        "RequestHeaderSectionTooLarge",
        431,
        "Your request header section exceeds the maximum allowed request header section size.",
    ),
    TooSlow: (
        "RequestTimeout",
        408,
        "Your socket connection to the server was not read from or written to within the timeout period.",
    ),
    Misframed: ("InvalidRequest", 400, None),
}


def worded(refusal: Refusal, *, presigned: bool = False, session: bool = False) -> tuple[str, int, str]:
    """S3's code, status and sentence for a refusal. One that no table knows is an InternalError without its words.

    `presigned`: the signature came in the URL; `session`: a session token came with it.
    """
    if presigned and type(refusal) in _PRESIGNED:
        return _PRESIGNED[type(refusal)](refusal)
    if session and isinstance(refusal, signing.UnknownAccessKey):
        return "InvalidToken", 400, "The provided token is malformed or otherwise invalid."
    if isinstance(refusal, S3Refusal):
        code = "NotImplemented" if isinstance(refusal, NotImplemented501) else type(refusal).__name__
        return code, STATUS.get(type(refusal), 400), refusal.message
    for kind in type(refusal).__mro__:
        if kind in AS_S3:
            code, status, sentence = AS_S3[kind]
            return code, status, refusal.message if sentence is None else sentence
    return "InternalError", 500, "We encountered an internal error. Please try again."


def _malformed_query(refusal: Refusal) -> tuple[str, int, str]:
    return "AuthorizationQueryParametersError", 400, refusal.message


_PRESIGNED: Final[Mapping[type[Refusal], Callable[[Refusal], tuple[str, int, str]]]] = {
    signing.IncompleteSignature: _malformed_query,
    signing.ScopeMismatch: _malformed_query,
    signing.SignatureExpired: lambda _: ("AccessDenied", 403, "Request has expired"),
    signing.SignatureNotYetCurrent: lambda _: ("AccessDenied", 403, "Request is not valid yet"),
}
"""Refusals that S3 words otherwise where the signature came in the URL."""
