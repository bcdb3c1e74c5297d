"""Trust policies between the wire and the store: checked and kept by unique id, shown by ARN."""

from collections.abc import Callable

from services.identitypool.iam import trust_principals
from services.identitypool.iam.records import Role
from services.identitypool.iam.store import accounts, roles, users
from shared.sql.engine import Tx


def kept(tx: Tx, text: str, account: str) -> tuple[str, str]:
    """The text to keep and the accounts of the ids in it. Raises MalformedPolicy, MalformedPolicyDocument."""
    stored, owners = trust_principals.keep(text, account, _known(tx))
    return stored, trust_principals.pack(owners)


def shown_for(tx: Tx) -> Callable[[Role], str]:
    """A function that gives a role's trust policy as its readers expect it."""
    known = _known(tx)

    def shown(role: Role) -> str:
        return trust_principals.show(role.trust_policy, trust_principals.unpack(role.trusted_accounts), known)

    return shown


def _known(tx: Tx) -> trust_principals.Known:
    seen: dict[tuple[str, str], str | None] = {}

    def id_of_arn(arn: str) -> str | None:
        found = users.user_with_arn(tx, arn) or roles.role_with_arn(tx, arn)
        return None if found is None else found.id

    def arn_of_id(account: str, unique_id: str) -> str | None:
        if (account, unique_id) not in seen:
            found = users.user_with_id(tx, account, unique_id) or roles.role_with_id(tx, account, unique_id)
            seen[account, unique_id] = None if found is None else found.arn
        return seen[account, unique_id]

    return trust_principals.Known(
        account=lambda account: accounts.find_account(tx, account) is not None,
        id_of_arn=id_of_arn,
        arn_of_id=arn_of_id,
    )
