"""Trust policies name users and roles by ARN on the wire and by unique id where they are kept.

A user that is deleted and made again is thus another one, and the policy then shows the bare id of the first. The ids'
accounts are kept beside the text, because a look-up names one account.
Source: AWS JSON policy elements: Principal (IAM role principals, IAM user principals).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from services.identitypool.errors import MalformedPolicyDocument
from services.identitypool.iam import arns
from shared.aws import arn
from shared.policy import document
from shared.policy.principal_names import is_account_id, is_unique_id

_SESSION_PREFIX: Final = "arn:aws:sts::"


@dataclass(frozen=True, slots=True)
class Known:
    """How a rule without a store learns who exists. All of them give None or False for what does not."""

    account: Callable[[str], bool]
    id_of_arn: Callable[[str], str | None]
    arn_of_id: Callable[[str, str], str | None]


def keep(text: str, own_account: str, known: Known) -> tuple[str, dict[str, str]]:
    """The text to keep, and the account of each unique id in it.

    Raises MalformedPolicyDocument for a principal that does not exist; the text was parsed as a trust policy before.
    """
    mapping: dict[str, str] = {}
    owners: dict[str, str] = {}
    for name in document.principals_of(document.parse(text, document.Kind.TRUST)):
        kept, owner = _kept(name, own_account, known)
        mapping[name] = kept
        if owner is not None:
            owners[kept] = owner
    return document.with_principals(text, mapping), owners


def show(kept: str, owners: Mapping[str, str], known: Known) -> str:
    """The text as its readers expect it: ARNs, and bare ids where nothing has that id any more."""
    found = {unique_id: known.arn_of_id(account, unique_id) for unique_id, account in owners.items()}
    mapping = {unique_id: found_arn for unique_id, found_arn in found.items() if found_arn is not None}
    return document.with_principals(kept, mapping) if mapping else kept


def pack(owners: Mapping[str, str]) -> str:
    """The ids' accounts as a column."""
    return json.dumps(dict(owners), separators=(",", ":"), sort_keys=True)


def unpack(column: str) -> dict[str, str]:
    """As `pack` made it."""
    owners: dict[str, str] = json.loads(column)
    return owners


def _kept(name: str, own_account: str, known: Known) -> tuple[str, str | None]:
    if is_account_id(name) or name.endswith(":root"):
        account = name if is_account_id(name) else name.split(":")[4]
        if known.account(account):
            return arn.root(account), None
    elif is_unique_id(name):
        if known.arn_of_id(own_account, name) is not None:
            return name, own_account
    elif name.startswith(_SESSION_PREFIX):
        if known.account(name.split(":")[4]):
            return name, None
    else:
        parts = arns.parse(name)
        unique_id = known.id_of_arn(name)
        if parts is not None and unique_id is not None:
            return unique_id, parts.account
    raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{name}"')
