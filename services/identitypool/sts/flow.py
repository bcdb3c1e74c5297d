"""Where all role sessions begin: AssumeRole, AssumeRoleWithWebIdentity and GetCredentialsForIdentity end here.

So it is here that the audit learns of them, by way of its buffer: handing out credentials writes nothing itself.
"""

from collections.abc import Mapping

import msgspec

from services.identitypool.context import Call
from services.identitypool.iam.records import Role
from services.identitypool.sts import credentials
from services.identitypool.sts.credentials import Claims, Credentials
from shared.aws import arn
from shared.guard.caller import ContextValue


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A role session that was granted: everything about it was checked before."""

    name: str
    duration_s: int
    inline: str | None = None
    policy_arns: tuple[str, ...] = ()
    guest: bool = False
    tags: Mapping[str, str] = {}
    transitive: frozenset[str] = frozenset()
    source_identity: str | None = None
    chain_depth: int = 0
    provider: str | None = None
    provider_keys: Mapping[str, ContextValue] = {}
    least_token_size: int = 0


class Begun(msgspec.Struct, frozen=True):
    """A session that has begun, and how the API names it."""

    credentials: Credentials
    arn: str
    assumed_role_id: str


def begin(call: Call, role: Role, wanted: Wanted, *, by: str) -> Begun:
    """Credentials for a session of `role`; `by` says in the audit to whom they go."""
    issued_at = int(call.now.timestamp())
    claims = Claims(
        kind="role",
        account=role.account,
        principal_id=role.id,
        name=wanted.name,
        issued_at=issued_at,
        expires_at=issued_at + wanted.duration_s,
        inline=wanted.inline,
        policy_arns=wanted.policy_arns,
        guest=wanted.guest,
        tags=dict(wanted.tags),
        transitive=wanted.transitive,
        source_identity=wanted.source_identity,
        chain_depth=wanted.chain_depth,
        provider=wanted.provider,
        provider_keys=wanted.provider_keys,
    )
    made = credentials.mint(call.context.keys, claims, least_size=wanted.least_token_size)
    call.handed_out(role.account, by, role.arn, wanted.name, made.access_key_id)
    return Begun(
        credentials=made,
        arn=arn.assumed_role(role.account, role.name, wanted.name),
        assumed_role_id=f"{role.id}:{wanted.name}",
    )
