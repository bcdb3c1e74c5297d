"""What a role session may be: its length, its tags, its source identity, its size. Pure.

STS API: AssumeRole, GetSessionToken; IAM User Guide: Pass session tags in AWS STS, Role chaining.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.identitypool.errors import InvalidParameterValue, PackedPolicyTooLarge, ValidationFailed
from shared.guard.guard import AccessDenied

CHAINED_MOST_S: Final = 3600
_USUAL_S: Final = 3600
_TOKEN_USUAL_S: Final = 43_200
_ROOT_MOST_S: Final = 3600
_PACKED_MOST: Final = 2048
_TAGS_MOST: Final = 459
"""Nine tags of 252 characters, however regular, are 498 % at AWS; fifty short ones still fit."""
_BESIDE_A_TAG: Final = 2
_MOST_POLICY_ARNS: Final = 10
_LONGEST_POLICY: Final = 2048


@dataclass(frozen=True, slots=True)
class SessionTags:
    """The tags of a session, and the keys (lower case) of those that follow it into every chained role."""

    tags: Mapping[str, str]
    transitive: frozenset[str]


_NO_TAGS: Final = SessionTags({}, frozenset())


def role_duration_s(requested_s: int | None, longest_s: int, *, chained: bool) -> int:
    """How long a role session lasts. Raises ValidationFailed when more is asked than the role or a chain allows."""
    if chained and requested_s is not None and requested_s > CHAINED_MOST_S:
        raise ValidationFailed(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        )
    if requested_s is not None and requested_s > longest_s:
        raise ValidationFailed("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return requested_s or _USUAL_S


def token_duration_s(requested_s: int | None, *, root: bool) -> int:
    """How long GetSessionToken's credentials last: up to 36 hours for users, at most one for root, which is cut."""
    wanted = requested_s or _TOKEN_USUAL_S
    return min(wanted, _ROOT_MOST_S) if root else wanted


def chained_tags(
    requested: Sequence[tuple[str, str]],
    transitive: Sequence[str],
    inherited: SessionTags,
) -> SessionTags:
    """The new session's tags: those asked for, and the transitive ones of the session that asks.

    Tag keys compare without case. Raises InvalidParameterValue.
    """
    if not requested and not transitive and not inherited.transitive:
        return _NO_TAGS
    keys = [key.lower() for key, _ in requested]
    if any(key.startswith("aws:") for key in keys):
        raise InvalidParameterValue("Tag keys that start with aws: are reserved.")
    if len(set(keys)) != len(keys):
        raise InvalidParameterValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if inherited.transitive.intersection(keys):
        raise InvalidParameterValue(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key "
            "from the calling session."
        )
    asked = frozenset(key.lower() for key in transitive)
    if not asked <= set(keys) | inherited.transitive:
        raise InvalidParameterValue("The specified transitive tag key must be included in the requested tags.")
    handed_on = {key: value for key, value in inherited.tags.items() if key.lower() in inherited.transitive}
    return SessionTags(handed_on | dict(requested), asked | inherited.transitive)


def source_identity(requested: str | None, inherited: str | None) -> str | None:
    """The source identity of the new session; once set it stays through every chain.

    Raises AccessDenied when a chained session asks for another one.
    """
    if inherited is not None and requested is not None and requested != inherited:
        raise AccessDenied("SourceIdentity cannot be changed by a chained role session.")
    return inherited or requested


def check_policy_length(text: str) -> None:
    """Raises ValidationFailed for an inline session policy that is longer than the API reference allows."""
    if len(text) > _LONGEST_POLICY:
        raise ValidationFailed(
            f"1 validation error detected: Value '{text}' at 'policy' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_LONGEST_POLICY}"
        )


def check_policy_arns(arns: Sequence[str | None]) -> tuple[str, ...]:
    """The managed session policies' ARNs. Raises ValidationFailed for too many, or for one that is missing."""
    if not arns:
        return ()
    if len(arns) > _MOST_POLICY_ARNS:
        raise ValidationFailed("Number of session policies exceeded the limit of 10.")
    if any(arn is None for arn in arns):
        raise ValidationFailed("Each of PolicyArns must have an arn.")
    return tuple(dict.fromkeys(arn for arn in arns if arn is not None))


def packed_percent(policy: str | None, arns: Sequence[str], tags: Mapping[str, str]) -> int | None:
    """How full the session is, in percent of what it may carry; None where it carries neither policies nor tags.

    Policies are packed, tags are not. Raises PackedPolicyTooLarge above 100.
    """
    if policy is None and not arns and not tags:
        return None
    policies = _policies_percent(policy, arns)
    percent = policies + _tags_percent(tags)
    if percent > 100:
        what = "policy" if not tags else "size of session tags" if not policies else "size of session policies and tags"
        raise PackedPolicyTooLarge(f"Packed {what} consumes {percent}% of allotted space.")
    return percent


def _policies_percent(policy: str | None, arns: Sequence[str]) -> int:
    if policy is None and not arns:
        return 0
    plain = "\n".join([policy or "", *arns])
    return -(-100 * len(zlib.compress(plain.encode(), 6)) // _PACKED_MOST)


def _tags_percent(tags: Mapping[str, str]) -> int:
    size = sum(len(key.encode()) + len(value.encode()) + _BESIDE_A_TAG for key, value in tags.items())
    return 100 * size // _TAGS_MOST
