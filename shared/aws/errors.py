"""The refusals of the frame itself, worded for each protocol. Each service adds a table of its own beside this one."""

from collections.abc import Mapping
from typing import Final

from shared.aws.paging import BadPageToken
from shared.aws.violations import Malformed
from shared.guard import refusals
from shared.guard.guard import AccessDenied
from shared.refusal import HeadTooLarge, Misframed, Overloaded, Refusal, Removed, TooLarge, TooSlow, Unavailable

Table = Mapping[type[Refusal], tuple[str, int]]

AS_JSON: Final[Table] = {
    Malformed: ("SerializationException", 400),
    TooLarge: ("RequestEntityTooLargeException", 413),
    BadPageToken: ("InvalidParameterException", 400),
    AccessDenied: ("AccessDeniedException", 400),
    refusals.MissingAuthentication: ("MissingAuthenticationTokenException", 400),
    refusals.IncompleteSignature: ("IncompleteSignatureException", 400),
    refusals.UnknownAccessKey: ("UnrecognizedClientException", 400),
    refusals.SignatureMismatch: ("InvalidSignatureException", 400),
    refusals.UnsignedHeaders: ("InvalidSignatureException", 400),
    refusals.SignatureExpired: ("InvalidSignatureException", 400),
    refusals.SignatureNotYetCurrent: ("InvalidSignatureException", 400),
    refusals.ScopeMismatch: ("InvalidSignatureException", 400),
    refusals.ExpiredToken: ("ExpiredTokenException", 400),
    refusals.PresignedNotAccepted: ("IncompleteSignatureException", 400),
    refusals.PayloadHashMismatch: ("InvalidSignatureException", 400),
    Removed: ("ResourceNotFoundException", 400),
    HeadTooLarge: ("RequestHeaderSectionTooLargeException", 431),
    Misframed: ("SerializationException", 400),
    TooSlow: ("RequestTimeoutException", 408),
    Overloaded: ("TooManyRequestsException", 429),
    Unavailable: ("ServiceUnavailableException", 503),
}

AS_QUERY: Final[Table] = {
    Malformed: ("MalformedInput", 400),
    TooLarge: ("RequestEntityTooLarge", 413),
    BadPageToken: ("InvalidInput", 400),
    AccessDenied: ("AccessDenied", 403),
    refusals.MissingAuthentication: ("MissingAuthenticationToken", 403),
    refusals.IncompleteSignature: ("IncompleteSignature", 400),
    refusals.UnknownAccessKey: ("InvalidClientTokenId", 403),
    refusals.SignatureMismatch: ("SignatureDoesNotMatch", 403),
    refusals.UnsignedHeaders: ("SignatureDoesNotMatch", 403),
    refusals.SignatureExpired: ("SignatureDoesNotMatch", 403),
    refusals.SignatureNotYetCurrent: ("SignatureDoesNotMatch", 403),
    refusals.ScopeMismatch: ("SignatureDoesNotMatch", 403),
    refusals.ExpiredToken: ("ExpiredToken", 403),
    refusals.PresignedNotAccepted: ("IncompleteSignature", 400),
    refusals.PayloadHashMismatch: ("SignatureDoesNotMatch", 403),
    Removed: ("NoSuchEntity", 404),
    HeadTooLarge: ("RequestHeaderSectionTooLarge", 431),
    Misframed: ("MalformedInput", 400),
    TooSlow: ("RequestTimeout", 408),
    Overloaded: ("Throttling", 429),
    Unavailable: ("ServiceUnavailable", 503),
}

VIOLATIONS: Final = {
    "cognito-idp": "InvalidParameterException",
    "cognito-identity": "ValidationException",
    "sts": "ValidationError",
    "iam": "ValidationError",
}
