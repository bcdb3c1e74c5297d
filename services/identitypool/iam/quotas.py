"""How much there may be. IAM and AWS STS quotas (defaults); sizes count characters without blanks. Pure."""

from collections.abc import Mapping
from typing import Final

from services.identitypool.errors import InvalidInput, LimitExceeded
from shared.policy.document import policy_size

ACCESS_KEYS_PER_USER: Final = 2
GROUPS_PER_USER: Final = 10
POLICIES_ATTACHED: Final = 10
VERSIONS_PER_POLICY: Final = 5
TAGS: Final = 50
MANAGED_POLICY_SIZE: Final = 6144
TRUST_POLICY_SIZE: Final = 2048
INLINE_SIZES: Final = {"user": 2048, "group": 5120, "role": 10240}

SUMMARY: Final = {
    "UsersQuota": 5000,
    "GroupsQuota": 300,
    "RolesQuota": 1000,
    "PoliciesQuota": 1500,
    "UserPolicySizeQuota": INLINE_SIZES["user"],
    "GroupPolicySizeQuota": INLINE_SIZES["group"],
    "RolePolicySizeQuota": INLINE_SIZES["role"],
    "AssumeRolePolicySizeQuota": TRUST_POLICY_SIZE,
    "PolicySizeQuota": MANAGED_POLICY_SIZE,
    "GroupsPerUserQuota": GROUPS_PER_USER,
    "AccessKeysPerUserQuota": ACCESS_KEYS_PER_USER,
    "AttachedPoliciesPerUserQuota": POLICIES_ATTACHED,
    "AttachedPoliciesPerGroupQuota": POLICIES_ATTACHED,
    "AttachedPoliciesPerRoleQuota": POLICIES_ATTACHED,
    "VersionsPerPolicyQuota": VERSIONS_PER_POLICY,
    "PolicyVersionsInUseQuota": 10000,
    "InstanceProfilesQuota": 1000,
    "ServerCertificatesQuota": 20,
    "SigningCertificatesPerUserQuota": 2,
}
"""GetAccountSummary's quotas. Those of whole accounts, and of what is not served, are shown as AWS has them, not enforced."""


def check_room(name: str, used: int, most: int) -> None:
    """Raises LimitExceeded when nothing may be added to `used`; `name` is the quota's, as in `GroupsPerUser`."""
    if used >= most:
        raise LimitExceeded(f"Cannot exceed quota for {name}: {most}")


def check_managed_size(text: str) -> None:
    """Raises LimitExceeded for a managed policy that is too long."""
    if policy_size(text) > MANAGED_POLICY_SIZE:
        raise LimitExceeded(f"Cannot exceed quota for PolicySize: {MANAGED_POLICY_SIZE}")


def check_trust_size(text: str) -> None:
    """Raises LimitExceeded for a trust policy that is too long."""
    if policy_size(text) > TRUST_POLICY_SIZE:
        raise LimitExceeded(f"Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY_SIZE}")


def check_inline_size(kind: str, name: str, total: int) -> None:
    """Raises LimitExceeded when the inline policies of a user, group or role are too long together."""
    most = INLINE_SIZES[kind]
    if total > most:
        raise LimitExceeded(f"Maximum policy size of {most} bytes exceeded for {kind} {name}")


def check_versions(used: int) -> None:
    """Raises LimitExceeded when a managed policy has all the versions it may have."""
    if used >= VERSIONS_PER_POLICY:
        raise LimitExceeded(
            f"A managed policy can have up to {VERSIONS_PER_POLICY} versions. "
            "Before you create a new version, you must delete an existing version."
        )


def check_tags(has: Mapping[str, str], adds: Mapping[str, str], *, with_case: bool) -> None:
    """Raises LimitExceeded or InvalidInput unless `adds` may be added to the tags that are there.

    `with_case` is false for users and roles: their tag keys are unique without case.
    """
    if any(key.lower().startswith("aws:") for key in adds):
        raise InvalidInput("Tag keys beginning with aws: are reserved for system use.")
    together = {*has, *adds}
    if len(together if with_case else {key.lower() for key in together}) > TAGS:
        raise LimitExceeded("The number of tags has reached the maximum limit.")


def tags_once(pairs: list[tuple[str, str]], *, with_case: bool) -> dict[str, str]:
    """The tags by key. Raises InvalidInput for a key that is given twice."""
    keys = [key if with_case else key.lower() for key, _ in pairs]
    if len(set(keys)) < len(keys):
        without_case = "" if with_case else " Please note that Tag keys are case insensitive."
        raise InvalidInput(f"Duplicate tag keys found.{without_case}")
    return dict(pairs)
