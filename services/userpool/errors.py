"""Every refusal of the user pool service, by AWS's word. Codes and statuses stand in each entrance's table.

Below them are the sentences that more than one module says.
"""

from typing import Final

from shared.refusal import Refusal


class NotAuthorized(Refusal):
    """The caller did not prove what this call needs."""


class InvalidParameter(Refusal):
    """A value in the request has a form that is not accepted."""


class InvalidPassword(Refusal):
    """The proposed password does not satisfy the pool's policy."""


class PasswordHistoryPolicyViolation(Refusal):
    """The proposed password is one of the user's latest."""


class PasswordResetRequired(Refusal):
    """The user has to choose a new password by the forgotten-password way."""


class TooManyRequests(Refusal):
    """There is more work waiting than may wait."""


class ResourceNotFound(Refusal):
    """The pool, client, group or other thing that the call names does not exist."""


class UserNotFound(Refusal):
    """The user does not exist."""

    def __init__(self, message: str = "User does not exist.") -> None:
        super().__init__(message)


class UsernameExists(Refusal):
    """Another user has this name."""


class AliasExists(Refusal):
    """Another user signs in with this e-mail address, phone number or preferred name."""


class GroupExists(Refusal):
    """Another group has this name."""


class LimitExceeded(Refusal):
    """There are as many of these as there may be."""


class UserNotConfirmed(Refusal):
    """The user has signed up and not confirmed it yet."""


class CodeMismatch(Refusal):
    """The code is not the one that was sent."""


class ExpiredCode(Refusal):
    """There is no code that could still be used."""


class CodeDeliveryFailure(Refusal):
    """The message with the code could not be handed over."""


class RefreshTokenReuse(Refusal):
    """The refresh token was rotated before; its family is revoked."""


class UnsupportedOperation(Refusal):
    """The client or pool is not set up for this."""


class UnsupportedTokenType(Refusal):
    """The token is none that could be revoked."""


class Unauthorized(Refusal):
    """The client may not do this to the token."""


class UnsupportedUserState(Refusal):
    """The user's state does not allow this."""


WRONG_PROOF: Final = "Incorrect username or password."
INVALID_SESSION: Final = "Invalid session for the user."
USER_DISABLED: Final = "User is disabled."
TOO_MANY_ATTEMPTS: Final = "Attempt limit exceeded, please try after some time."

AS_COGNITO_IDP: Final[dict[type[Refusal], str]] = {
    NotAuthorized: "NotAuthorizedException",
    InvalidParameter: "InvalidParameterException",
    InvalidPassword: "InvalidPasswordException",
    PasswordHistoryPolicyViolation: "PasswordHistoryPolicyViolationException",
    PasswordResetRequired: "PasswordResetRequiredException",
    TooManyRequests: "TooManyRequestsException",
    ResourceNotFound: "ResourceNotFoundException",
    UserNotFound: "UserNotFoundException",
    UsernameExists: "UsernameExistsException",
    AliasExists: "AliasExistsException",
    GroupExists: "GroupExistsException",
    LimitExceeded: "LimitExceededException",
    UserNotConfirmed: "UserNotConfirmedException",
    CodeMismatch: "CodeMismatchException",
    ExpiredCode: "ExpiredCodeException",
    CodeDeliveryFailure: "CodeDeliveryFailureException",
    RefreshTokenReuse: "RefreshTokenReuseException",
    UnsupportedOperation: "UnsupportedOperationException",
    UnsupportedTokenType: "UnsupportedTokenTypeException",
    Unauthorized: "UnauthorizedException",
    UnsupportedUserState: "UnsupportedUserStateException",
}
