"""What a row of the audit says. Pure.

Never a secret: a row names things (ARNs, names of users and groups, ids of keys) and holds nothing else of a request.
Names are taken from requests that changed what they name; from a refused one nothing is taken but ARNs, since whoever
types a password into the wrong field makes it a name.
"""

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from shared.guard.caller import Caller, CallerKind
from shared.policy.decision import Decision

Kind = Literal["change", "refusal", "use", "denial"]
"""A change that was made. A change that was refused. A use of the root user, or credentials handed out. AccessDenied."""

KINDS: Final[tuple[Kind, ...]] = ("change", "refusal", "use", "denial")
DONE: Final = "Success"
_LONGEST_DECISION: Final = 8192
_LONGEST_NAME: Final = 512
_NAMES: Final = {
    "username": "Username",
    "user_name": "UserName",
    "new_user_name": "NewUserName",
    "group_name": "GroupName",
    "new_group_name": "NewGroupName",
    "role_name": "RoleName",
    "role_arn": "RoleArn",
    "policy_name": "PolicyName",
    "policy_arn": "PolicyArn",
    "permissions_boundary": "PermissionsBoundary",
    "version_id": "VersionId",
    "access_key_id": "AccessKeyId",
    "status": "Status",
    "client_id": "ClientId",
    "client_name": "ClientName",
    "pool_name": "PoolName",
    "identity_pool_name": "IdentityPoolName",
    "identity_ids_to_delete": "IdentityIds",
    "account_alias": "AccountAlias",
    "tag_keys": "TagKeys",
}
"""Members of requests that name something. A member that is not here comes into no row."""
_READS: Final = ("Get", "List", "Describe", "Simulate", "AdminGet", "AdminList")
_SIGN_INS: Final = ("AdminInitiateAuth", "AdminRespondToAuthChallenge", "AssumeRole")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `number` tells apart the rows of one request; `action` is `service:Operation`.

    `caller` is an ARN; a user of a pool who acts for themselves is `user SUB`, an identity `identity ID`. `resources` are
    ARNs, `named` what else the change was made on. `decision` is the decision record behind a denial, as JSON.
    """

    account: str
    kind: Kind
    at: float
    request_id: str
    number: int = 0
    action: str
    caller: str
    access_key_id: str = ""
    source: str = ""
    resources: tuple[str, ...] = ()
    named: dict[str, str] = {}
    result: str = DONE
    explanation: str = ""
    decision: str = ""


class KeyUse(msgspec.Struct, frozen=True):
    """That a long-lived access key, or a session of a role, signed a request. `key` is AKIA... or the role's AROA..."""

    account: str
    key: str
    service: str
    region: str
    at: float


class Actor(msgspec.Struct, frozen=True):
    """Somebody who acts without a signature: a pool's user or an identity, for themselves."""

    account: str
    name: str
    resource: str


class Trail(msgspec.Struct):
    """What one call has shown so far: its action, the ARNs that permission was asked on, its request, its rows."""

    action: str
    request: object = None
    resources: tuple[str, ...] = ()
    rows: int = 0


def names_in(request: object) -> dict[str, str]:
    """What a request names, by the members' names on the wire."""
    return dict(_named(request))


def _named(request: object) -> Iterator[tuple[str, str]]:
    for member, shown in _NAMES.items():
        value = getattr(request, member, None)
        if isinstance(value, str):
            yield shown, value[:_LONGEST_NAME]
        elif isinstance(value, list):
            yield shown, ",".join(value)[:_LONGEST_NAME]


def refusal_matters(action: str, caller: Caller) -> bool:
    """Whether a refused call gets a row: a signed change does, and whatever the root user asked for."""
    operation = action.partition(":")[2]
    if caller.kind is CallerKind.ROOT:
        return True
    return caller.kind is not CallerKind.ANONYMOUS and not operation.startswith((*_READS, *_SIGN_INS))


def decision_text(decision: Decision | None) -> str:
    """A decision as JSON; where many statements had a say, only what each layer said."""
    if decision is None:
        return ""
    text = msgspec.json.encode(decision).decode()
    if len(text) <= _LONGEST_DECISION:
        return text
    short = {
        "allowed": decision.allowed,
        "verdict": decision.verdict,
        "checks": [{"layer": check.layer, "outcome": check.outcome} for check in decision.checks[:32]],
        "missing_keys": decision.missing_keys[:32],
        "stopped_by": decision.stopped_by,
    }
    return msgspec.json.encode(short).decode()
