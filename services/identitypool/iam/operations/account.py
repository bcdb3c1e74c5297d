"""The account: its alias and its numbers."""

from typing import Final

from services.identitypool.context import Call
from services.identitypool.errors import EntityAlreadyExists, NoSuchEntity, ValidationFailed
from services.identitypool.iam import lists, quotas, resources
from services.identitypool.iam.records import Account
from services.identitypool.iam.store import access_keys, accounts
from services.identitypool.service import iam
from shared.aws.api import iam as api
from shared.policy.principal_names import is_account_id
from shared.refusal import InternalFault
from shared.sql.engine import Tx

_NONE_YET: Final = (
    "AccountMFAEnabled",
    "AccountPasswordPresent",
    "AccountSigningCertificatesPresent",
    "InstanceProfiles",
    "MFADevices",
    "MFADevicesInUse",
    "Providers",
    "ServerCertificates",
)
"""What AWS counts beside the rest, and what nobody can have here."""


@iam.operation(resource=resources.everything)
def create_account_alias(call: Call, request: api.CreateAccountAliasRequest) -> api.CreateAccountAliasResponse:
    """The account's other name; it has one at most, and a new one takes the place of the old."""
    if is_account_id(request.account_alias):
        raise ValidationFailed("An account alias must not be a number of 12 digits: that is an account ID.")
    with call.write() as tx:
        account = _locked(call, tx)
        if account.alias != request.account_alias and not accounts.set_alias(tx, account, request.account_alias):
            raise EntityAlreadyExists(f"The account alias {request.account_alias} already exists.")
    return api.CreateAccountAliasResponse()


@iam.operation(resource=resources.everything)
def delete_account_alias(call: Call, request: api.DeleteAccountAliasRequest) -> api.DeleteAccountAliasResponse:
    """The account has no other name any more."""
    with call.write() as tx:
        account = _locked(call, tx)
        if account.alias != request.account_alias:
            raise NoSuchEntity(f"The account alias {request.account_alias} does not exist.")
        accounts.set_alias(tx, account, None)
    return api.DeleteAccountAliasResponse()


@iam.operation(resource=resources.everything, in_place=True)
def list_account_aliases(call: Call, request: api.ListAccountAliasesRequest) -> api.ListAccountAliasesResponse:
    """The account's alias, in a list of at most one."""
    with call.context.sql.read() as tx:
        account = accounts.find_account(tx, call.caller.account)
    found = [account.alias] if account is not None and account.alias is not None else []
    page = lists.cut(call, request, "aliases", found, lambda alias: alias)
    return api.ListAccountAliasesResponse(
        account_aliases=list(page.items), is_truncated=page.is_truncated, marker=page.marker
    )


@iam.operation(resource=resources.everything, in_place=True)
def get_account_summary(call: Call, _request: api.GetAccountSummaryRequest) -> api.GetAccountSummaryResponse:
    """How much the account has, and how much it may have."""
    with call.context.sql.read() as tx:
        counts = accounts.counts(tx, call.caller.account)
        root_keys = access_keys.keys_of_user(tx, call.caller.account, None)
    summary: dict[str, int] = {
        **quotas.SUMMARY,
        **dict.fromkeys(_NONE_YET, 0),
        "Users": counts["users"],
        "Groups": counts["groups"],
        "Roles": counts["roles"],
        "Policies": counts["policies"],
        "PolicyVersionsInUse": counts["policy_versions"],
        "AccountAccessKeysPresent": int(bool(root_keys)),
        "GlobalEndpointTokenVersion": 1,
    }
    return api.GetAccountSummaryResponse(summary_map=summary)  # type: ignore[arg-type]


def _locked(call: Call, tx: Tx) -> Account:
    account = accounts.lock_account(tx, call.caller.account)
    if account is None:
        raise InternalFault(f"account {call.caller.account} is gone")
    return account
