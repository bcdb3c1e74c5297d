"""The account an installation begins with, its first administrator, and the root user's access key.

What `poolkeeper init`, `poolkeeper env` and `poolkeeper root-key` stand on. Each function does its work in the
transaction it is given, so that a process killed at any point leaves all of it or nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.identitypool.iam.records import AccessKey, Group, User
from services.identitypool.iam.secrets_at_rest import open_secret, seal_secret
from services.identitypool.iam.store import access_keys, accounts, attachments, emptying, groups, policies, users
from shared import ids
from shared.refusal import InternalFault
from shared.seal import Keys
from shared.secret import Secret
from shared.settings import Settings
from shared.sql.engine import Tx

ADMINISTRATOR: Final = "admin"
ADMINISTRATORS: Final = "administrators"
FULL_ACCESS: Final = "arn:aws:iam::aws:policy/AdministratorAccess"


class DifferentInstallation(Exception):
    """The settings name another account or key than those that this installation began with."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A long-lived access key, readable."""

    account: str
    access_key_id: str
    secret: Secret


def bootstrap(tx: Tx, keys: Keys, settings: Settings, now: datetime) -> Credentials | None:
    """Makes the first account with its administrator, or finds them made; gives the administrator's first key.

    None when the installation stands and that key was deleted since: it is not made again. Raises DifferentInstallation
    when the settings name another account, or an access key id that belongs elsewhere.
    """
    if accounts.find_first_account(tx) is not None:
        return _standing(tx, keys, settings)
    account = accounts.claim_first_account(tx, settings.account_id or ids.account_id())
    accounts.add_account(tx, account, settings.root_email, now)
    user = User(account, ids.unique_id("AIDA"), ADMINISTRATOR, "/", None, now)
    users.add_user(tx, user)
    _make_administrator(tx, user, now)
    return _add_key(
        tx,
        keys,
        account,
        user.id,
        settings.bootstrap_access_key_id or ids.unique_id("AKIA"),
        settings.bootstrap_secret_access_key or Secret(ids.secret_access_key()),
        now,
    )


def reset(tx: Tx, now: datetime) -> None:
    """Test mode: empties IAM but for accounts, root keys, and the first administrators with their keys and rights."""
    for user in emptying.empty(tx):
        _make_administrator(tx, user, now)


def administrator_key(tx: Tx, keys: Keys) -> Credentials | None:
    """The key that `bootstrap` made, while it exists and is active."""
    account = accounts.find_first_account(tx)
    found = None if account is None else access_keys.find_bootstrap_key(tx, account)
    return _readable(keys, found) if found is not None and found.active else None


def root_key(tx: Tx, keys: Keys, account: str) -> Credentials | None:
    """An active access key of the account's root user, if there is one."""
    return next((_readable(keys, key) for key in access_keys.keys_of_user(tx, account, None) if key.active), None)


def create_root_key(tx: Tx, keys: Keys, account: str, now: datetime) -> Credentials:
    """Makes an access key for the account's root user; one that exists is replaced."""
    delete_root_keys(tx, account)
    return _add_key(tx, keys, account, None, ids.unique_id("AKIA"), Secret(ids.secret_access_key()), now)


def delete_root_keys(tx: Tx, account: str) -> int:
    """Deletes every access key of the account's root user; gives how many there were."""
    found = access_keys.keys_of_user(tx, account, None)
    for key in found:
        access_keys.remove_key(tx, key)
    return len(found)


def _standing(tx: Tx, keys: Keys, settings: Settings) -> Credentials | None:
    account = accounts.find_first_account(tx)
    if settings.account_id not in {None, account}:
        raise DifferentInstallation(
            f"POOLKEEPER_ACCOUNT_ID is {settings.account_id}; this installation began with account {account}"
        )
    return administrator_key(tx, keys)


def _make_administrator(tx: Tx, user: User, now: datetime) -> None:
    group = Group(user.account, ids.unique_id("AGPA"), ADMINISTRATORS, "/", now)
    policy = policies.policy_with_arn(tx, FULL_ACCESS)
    if policy is None:
        raise InternalFault("AdministratorAccess is missing")
    groups.add_group(tx, group)
    groups.add_member(tx, group, user.id)
    attachments.attach(tx, user.account, group.id, policy)


def _add_key(
    tx: Tx, keys: Keys, account: str, user_id: str | None, key_id: str, secret: Secret, now: datetime
) -> Credentials:
    key = AccessKey(
        account=account,
        id=key_id,
        user_id=user_id,
        active=True,
        sealed_secret=seal_secret(keys, key_id, secret),
        bootstrap=user_id is not None,
        created_at=now,
        last_used_at=None,
        last_used_service=None,
        last_used_region=None,
    )
    if not access_keys.add_key(tx, key):
        raise DifferentInstallation(f"the access key {key_id} belongs to another account of this database")
    return Credentials(account, key_id, secret)


def _readable(keys: Keys, key: AccessKey) -> Credentials:
    return Credentials(key.account, key.id, open_secret(keys, key))
