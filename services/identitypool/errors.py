"""Every refusal of the identity pool service, by AWS's word, and one table for each API that words them."""

from typing import Final

from shared.policy.simulate import InvalidInput as InvalidSimulation
from shared.policy.statement import MalformedPolicy
from shared.refusal import Refusal


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


AS_COGNITO_IDENTITY: Final[dict[type[Refusal], str]] = {}
AS_STS: Final[dict[type[Refusal], str]] = {}
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
