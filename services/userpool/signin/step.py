"""What must be proved next in a sign-in. The one place that decides; challenges never call each other. Pure."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from services.userpool.errors import INVALID_SESSION, NotAuthorized


class Challenge(StrEnum):
    """What a user can be asked for, by AWS's ChallengeName."""

    PASSWORD = "PASSWORD"  # noqa: S105 -- the plain password, proved in the call that begins the sign-in
    PASSWORD_VERIFIER = "PASSWORD_VERIFIER"  # noqa: S105
    NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"  # noqa: S105


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in under way: who wants to sign in where, what is asked of them and what they proved.

    The session seals it together with the step that is being asked, its single-use id and its end (R3).
    `password_version` is the version the proof was made with; tokens are handed out only while it is the user's.
    """

    pool_id: str
    client_id: str
    user_id: str
    username: str
    first_factor: Challenge
    new_password_required: bool
    password_version: int
    proved: frozenset[Challenge] = frozenset()


@dataclass(frozen=True, slots=True)
class Ask:
    """The user must prove this next."""

    challenge: Challenge


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Nothing is left to prove."""

    user_id: str


def next_step(attempt: Attempt) -> Ask | SignedIn:
    """Says what the user must prove next; each answer to a challenge returns here.

    A new password is asked for only from someone who has proved the old one.
    """
    if attempt.first_factor not in attempt.proved:
        return Ask(attempt.first_factor)
    if attempt.new_password_required and Challenge.NEW_PASSWORD_REQUIRED not in attempt.proved:
        return Ask(Challenge.NEW_PASSWORD_REQUIRED)
    return SignedIn(attempt.user_id)


def with_proof(attempt: Attempt, challenge: Challenge) -> Attempt:
    """Adds a proof that has just been checked. Raises NotAuthorized for one that was not asked for."""
    if next_step(attempt) != Ask(challenge):
        raise NotAuthorized(INVALID_SESSION)
    return msgspec.structs.replace(attempt, proved=attempt.proved | {challenge})
