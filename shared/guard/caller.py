"""Who signed a request, and the condition keys that follow from it.

IAM User Guide: AWS global condition context keys; IAM policy elements: Variables and tags (principal key values).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias

from shared.policy import patterns

ContextValue: TypeAlias = patterns.ContextValue
"""The value of a condition key, or its several values."""


class CallerKind(Enum):
    """The kinds of principals, with AWS's word for each in aws:PrincipalType."""

    ROOT = "Account"
    USER = "User"
    ROLE_SESSION = "AssumedRole"
    FEDERATED_USER = "FederatedUser"
    ANONYMOUS = "Anonymous"


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone whose signature held; only the guard makes one.

    `user_id` is AIDA..., AROA...:session, the account id (root) or ACCOUNT:name (federated user); `name` the user's or
    session's name. `issued_at`, `expires_at` and `mfa` are None for long-term keys. `principal_tags` are those of the
    user or role, `session_tags` those of this session, which win. `provider_keys` are the condition keys that the
    identity provider gave to a web identity session (`cognito-identity.amazonaws.com:sub`).
    """

    arn: str
    account: str
    kind: CallerKind
    user_id: str
    access_key_id: str
    name: str = ""
    role_arn: str | None = None
    role_id: str | None = None
    role_name: str | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    mfa: bool | None = None
    source_identity: str | None = None
    federated_provider: str | None = None
    principal_tags: Mapping[str, str] = field(default_factory=dict)
    session_tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: frozenset[str] = frozenset()
    provider_keys: Mapping[str, ContextValue] = field(default_factory=dict)
    chain_depth: int = 0

    @property
    def temporary(self) -> bool:
        """Whether the credentials came from STS."""
        return self.issued_at is not None

    @property
    def principal_arn(self) -> str:
        """What aws:PrincipalArn compares: for a session the role's ARN with its path, otherwise the caller's own."""
        return self.role_arn or self.arn


ANONYMOUS: Final = Caller(arn="", account="anonymous", kind=CallerKind.ANONYMOUS, user_id="anonymous", access_key_id="")


def context_keys(
    caller: Caller,
    now: datetime,
    *,
    source_ip: str | None,
    secure_transport: bool,
    user_agent: str | None,
    region: str | None,
) -> dict[str, ContextValue]:
    """The global condition keys of one request, names in lower case. A fact that is not there has no key at all.

    `source_ip` and `secure_transport` are those of the client as the trusted proxy settings see it.
    """
    keys: dict[str, ContextValue] = {name.lower(): value for name, value in caller.provider_keys.items()}
    if caller.principal_tags or caller.session_tags:
        keys |= _tags(caller)
    keys["aws:principaltype"] = caller.kind.value
    keys["aws:principalaccount"] = caller.account
    keys["aws:userid"] = caller.user_id
    if caller.kind is not CallerKind.ANONYMOUS:
        keys["aws:principalarn"] = caller.principal_arn
    if caller.kind is CallerKind.USER:
        keys["aws:username"] = caller.name
    if caller.issued_at is not None:
        keys |= _session(caller, caller.issued_at, now)
    second = int(now.timestamp())
    keys["aws:currenttime"] = _iso_second(second)
    keys["aws:epochtime"] = str(second)
    keys["aws:securetransport"] = "true" if secure_transport else "false"
    keys["aws:viaawsservice"] = "false"
    keys["aws:principalisawsservice"] = "false"
    if source_ip:
        keys["aws:sourceip"] = source_ip
    if user_agent:
        keys["aws:useragent"] = user_agent
    if region:
        keys["aws:requestedregion"] = region
    return keys


def _session(caller: Caller, issued_at: datetime, now: datetime) -> dict[str, ContextValue]:
    """What only temporary credentials have."""
    keys: dict[str, ContextValue] = {
        "aws:tokenissuetime": _iso_second(int(issued_at.timestamp())),
        "aws:multifactorauthpresent": "true" if caller.mfa else "false",
    }
    if caller.mfa:
        keys["aws:multifactorauthage"] = str(max(0, int((now - issued_at).total_seconds())))
    if caller.source_identity is not None:
        keys["aws:sourceidentity"] = caller.source_identity
    if caller.federated_provider is not None:
        keys["aws:federatedprovider"] = caller.federated_provider
    return keys


def _tags(caller: Caller) -> dict[str, ContextValue]:
    """Session tags override those of the user or role; tag keys compare without case."""
    tags: dict[str, ContextValue] = {}
    for source in (caller.principal_tags, caller.session_tags):
        tags |= {f"aws:principaltag/{key.lower()}": value for key, value in source.items()}
    return tags


@lru_cache(maxsize=1024)  # many requests come in one second, and many with one session
def _iso_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
