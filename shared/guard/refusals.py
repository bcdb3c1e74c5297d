"""Every way the guard refuses a signature, a credential or a body. Entrances give them codes and statuses."""

from shared.refusal import Refusal

SIGNATURE_DOES_NOT_MATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


class MissingAuthentication(Refusal):
    """Nothing in the request says who sends it."""

    def __init__(self, message: str = "Request is missing Authentication Token") -> None:
        super().__init__(message)


class IncompleteSignature(Refusal):
    """The signature's parts cannot be read, are missing, or contradict each other."""


class UnknownAccessKey(Refusal):
    """No such key, an inactive key, or a token that does not belong to it: one answer for all three."""

    def __init__(self, message: str = "The security token included in the request is invalid.") -> None:
        super().__init__(message)


class SignatureMismatch(Refusal):
    """The request is not what was signed, or was signed with another secret."""

    def __init__(self, message: str = SIGNATURE_DOES_NOT_MATCH) -> None:
        super().__init__(message)


class UnsignedHeaders(SignatureMismatch):
    """An X-Amz header came along that the signature does not cover."""

    def __init__(self, message: str = "There were headers present in the request which were not signed") -> None:
        super().__init__(message)


class SignatureExpired(Refusal):
    """Signed too long ago."""


class SignatureNotYetCurrent(Refusal):
    """Signed by a clock that runs ahead."""


class ScopeMismatch(Refusal):
    """Signed for another region, service or day."""


class ExpiredToken(Refusal):
    """The session behind the temporary key has ended."""

    def __init__(self, message: str = "The security token included in the request is expired") -> None:
        super().__init__(message)


class PresignedNotAccepted(Refusal):
    """A signature in the query, where only the Authorization header is taken."""

    def __init__(self, message: str = "Query-string authentication is not accepted by this service.") -> None:
        super().__init__(message)


class PayloadHashMismatch(Refusal):
    """The body is not the one whose hash was signed, or the claim about it is not accepted here."""

    def __init__(
        self, message: str = "The provided 'x-amz-content-sha256' header does not match what was computed."
    ) -> None:
        super().__init__(message)


class MalformedChunks(Refusal):
    """The body is not the aws-chunked text that its headers announce."""


class InvalidChecksum(Refusal):
    """A checksum's name or value is not one that can be checked."""


class InvalidDigest(InvalidChecksum):
    """A Content-MD5 that is not the base64 of 16 bytes."""

    def __init__(self, message: str = "The Content-MD5 you specified was invalid.") -> None:
        super().__init__(message)


class ChecksumMismatch(Refusal):
    """The body does not have the checksum that came with it."""
