"""Every refusal of the identity pool service, by AWS's word, and one table for each API that words them."""

from typing import Final

from shared.policy.simulate import InvalidInput as InvalidSimulation
from shared.policy.statement import MalformedPolicy
from shared.refusal import Refusal


# Identity pools.
class InvalidParameter(Refusal):
    """A parameter that this service does not take, or that contradicts another."""


class InvalidIdentityPoolConfiguration(Refusal):
    """The pool's roles do not admit this identity: none is set, or its trust policy does not name the pool."""

    def __init__(
        self, message: str = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
    ) -> None:
        super().__init__(message)


class NotAuthorized(Refusal):
    """The login does not hold, or this identity is not the caller's."""


class ExternalService(Refusal):
    """The user pool service does not say whether a sign-in still stands: nothing is given."""


class ResourceConflict(Refusal):
    """The login is already linked to another identity."""


class ResourceNotFound(Refusal):
    """No such identity pool or identity."""


# STS.
class ExpiredWebIdentityToken(Refusal):
    """The web identity token has ended."""


class InvalidIdentityToken(Refusal):
    """The web identity token is not one of a provider that is known here, or its signature does not hold."""


class InvalidParameterValue(Refusal):
    """Session tags that contradict each other or the calling session's."""


class PackedPolicyTooLarge(Refusal):
    """Session policies and tags together are larger than a session may carry."""


# IAM.
class NoSuchEntity(Refusal):
    """IAM has no user, group, role, policy, key of this name."""


class EntityAlreadyExists(Refusal):
    """The name is taken."""


class DeleteConflict(Refusal):
    """Something still hangs on what is to be deleted."""


class LimitExceeded(Refusal):
    """A quota is used up."""


class MalformedPolicyDocument(Refusal):
    """A policy document reads well and cannot be stored: it names a principal that does not exist."""


class UnmodifiableEntity(Refusal):
    """AWS manages it; no account may change it."""


class InvalidInput(Refusal):
    """A member of the request has no meaning here, or contradicts another."""


class ValidationFailed(Refusal):
    """A member of the request breaks a rule that the model does not tell."""


AS_COGNITO_IDENTITY: Final[dict[type[Refusal], str]] = {
    ExternalService: "ExternalServiceException",
    InvalidIdentityPoolConfiguration: "InvalidIdentityPoolConfigurationException",
    InvalidParameter: "InvalidParameterException",
    NotAuthorized: "NotAuthorizedException",
    ResourceConflict: "ResourceConflictException",
    ResourceNotFound: "ResourceNotFoundException",
}
AS_STS: Final[dict[type[Refusal], str]] = {
    ExpiredWebIdentityToken: "ExpiredTokenException",
    InvalidIdentityToken: "InvalidIdentityToken",
    InvalidParameterValue: "InvalidParameterValue",
    MalformedPolicy: "MalformedPolicyDocument",
    PackedPolicyTooLarge: "PackedPolicyTooLarge",
    ValidationFailed: "ValidationError",
}
AS_IAM: Final[dict[type[Refusal], str]] = {
    NoSuchEntity: "NoSuchEntity",
    EntityAlreadyExists: "EntityAlreadyExists",
    DeleteConflict: "DeleteConflict",
    LimitExceeded: "LimitExceeded",
    MalformedPolicyDocument: "MalformedPolicyDocument",
    MalformedPolicy: "MalformedPolicyDocument",
    UnmodifiableEntity: "UnmodifiableEntity",
    InvalidInput: "InvalidInput",
    InvalidSimulation: "InvalidInput",
    ValidationFailed: "ValidationError",
}
