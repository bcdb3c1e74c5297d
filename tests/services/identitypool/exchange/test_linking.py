"""Guests who sign in, and people with several logins: whose identity it is then."""

from typing import Any

import pytest

from services.identitypool.issuers import published_keys
from shared.audit import store as audit
from tests.services.identitypool.exchange.app import NO_MATCH, credentials_of, logins_of, pool_with_roles
from tests.services.identitypool.installation import ACCOUNT, Installation, Refused
from tests.services.identitypool.userpool_stub import CLIENT, POOL, UserPool

SECOND = "us-east-1_second"


@pytest.fixture
def pool_id(here: Installation, users: UserPool) -> str:
    """A pool that takes logins of two user pools."""
    made = pool_with_roles(here, users, AllowClassicFlow=True)
    providers = [{"ProviderName": name, "ClientId": CLIENT} for name in (users.provider, _second_name(users))]
    here.identity(
        "UpdateIdentityPool",
        here.root,
        IdentityPoolId=made,
        IdentityPoolName="app",
        AllowUnauthenticatedIdentities=True,
        AllowClassicFlow=True,
        CognitoIdentityProviders=providers,
    )
    return made


def _second_name(users: UserPool) -> str:
    return f"{users.base.partition('://')[2]}/{SECOND}"


def _second(here: Installation, users: UserPool, sub: str = "ann") -> dict[str, str]:
    token = users.token(here.clock.now.timestamp(), sub, iss=f"{users.base}/{SECOND}")
    return {_second_name(users): token}


def _id(here: Installation, pool_id: str, **logins: Any) -> str:
    return str(here.identity("GetId", IdentityPoolId=pool_id, **logins)["IdentityId"])


def _answered(here: Installation, identity_id: str, logins: dict[str, str]) -> str:
    """The identity that the credentials are for."""
    answer = here.identity("GetCredentialsForIdentity", IdentityId=identity_id, Logins=logins)
    return str(answer["IdentityId"])


def _refusal(here: Installation, operation: str, **request: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        here.identity(operation, **request)
    return refused.value.code, refused.value.message


def test_a_guest_who_signs_in_keeps_the_identity_and_is_a_guest_no_more(
    here: Installation, users: UserPool, pool_id: str
) -> None:
    guest, ann = _id(here, pool_id), logins_of(here, users)
    assert _answered(here, guest, ann) == guest
    assert "assumed-role/member/" in here.sts("GetCallerIdentity", credentials_of(here, guest, Logins=ann))["Arn"]
    assert _id(here, pool_id, Logins=ann) == guest
    no_match = ("NotAuthorizedException", NO_MATCH)
    assert _refusal(here, "GetCredentialsForIdentity", IdentityId=guest) == no_match
    bob = logins_of(here, users, "bob")
    assert _refusal(here, "GetOpenIdToken", IdentityId=guest, Logins=bob) == no_match


def test_a_guest_who_has_an_identity_already_gets_that_one(here: Installation, users: UserPool, pool_id: str) -> None:
    ann, first = logins_of(here, users), _id(here, pool_id, Logins=logins_of(here, users))
    guest = _id(here, pool_id)
    assert _answered(here, guest, ann) == first
    assert here.identity("GetOpenIdToken", IdentityId=guest, Logins=ann)["IdentityId"] == first
    assert "Logins" not in here.identity("DescribeIdentity", here.root, IdentityId=guest)


def test_a_guests_identity_that_was_merged_is_a_guests_no_more(
    here: Installation, users: UserPool, pool_id: str
) -> None:
    ann, mine = logins_of(here, users), _id(here, pool_id, Logins=logins_of(here, users))
    guest, other_guest = _id(here, pool_id), _id(here, pool_id)
    assert _answered(here, guest, ann) == mine
    forbidden = ("NotAuthorizedException", f"Access to Identity '{guest}' is forbidden.")
    assert _refusal(here, "GetCredentialsForIdentity", IdentityId=guest) == forbidden
    assert _refusal(here, "GetOpenIdToken", IdentityId=guest, Logins={}) == forbidden
    bob = logins_of(here, users, "bob")
    assert _refusal(here, "GetCredentialsForIdentity", IdentityId=guest, Logins=bob)[1] == NO_MATCH
    assert _answered(here, guest, ann) == mine
    request = {"IdentityPoolId": pool_id, "MaxResults": 10}
    enabled = here.identity("ListIdentities", here.root, HideDisabled=True, **request)["Identities"]
    assert {one["IdentityId"] for one in enabled} == {mine, other_guest}
    assert len(here.identity("ListIdentities", here.root, **request)["Identities"]) == 3
    here.identity("DeleteIdentities", here.root, IdentityIdsToDelete=[mine])
    gone = ("ResourceNotFoundException", f"Identity '{guest}' not found.")
    assert _refusal(here, "GetCredentialsForIdentity", IdentityId=guest, Logins=ann) == gone


def test_a_merged_identity_takes_on_further_logins_for_the_one_it_leads_to(
    here: Installation, users: UserPool, pool_id: str
) -> None:
    ann, second = logins_of(here, users), _second(here, users)
    mine, guest = _id(here, pool_id, Logins=ann), _id(here, pool_id)
    assert _answered(here, guest, ann | second) == mine
    assert _answered(here, guest, second) == mine
    assert _id(here, pool_id, Logins=second) == mine


def test_an_identity_takes_on_a_login_of_another_user_pool(here: Installation, users: UserPool, pool_id: str) -> None:
    ann, second = logins_of(here, users), _second(here, users)
    mine = _id(here, pool_id, Logins=ann)
    assert _answered(here, mine, ann | second) == mine
    assert _id(here, pool_id, Logins=second) == mine
    shown = here.identity("DescribeIdentity", here.root, IdentityId=mine)["Logins"]
    assert set(shown) == {users.provider, _second_name(users)}


def test_a_login_that_somebody_else_has_is_not_taken_on(here: Installation, users: UserPool, pool_id: str) -> None:
    ann, second = logins_of(here, users), _second(here, users, "bob")
    mine, _ = _id(here, pool_id, Logins=ann), _id(here, pool_id, Logins=second)
    conflict = ("ResourceConflictException", "Logins are already linked to different identities.")
    for identity_id in (mine, _id(here, pool_id)):
        refused = _refusal(here, "GetCredentialsForIdentity", IdentityId=identity_id, Logins=ann | second)
        assert refused == conflict


def test_an_identity_never_has_two_logins_of_one_user_pool(here: Installation, users: UserPool, pool_id: str) -> None:
    ann = logins_of(here, users)
    mine = _id(here, pool_id, Logins=ann)
    both = ann | {f"cognito-idp.us-east-1.amazonaws.com/{POOL}": logins_of(here, users, "bob")[users.provider]}
    refused = _refusal(here, "GetCredentialsForIdentity", IdentityId=mine, Logins=both)
    assert refused == ("NotAuthorizedException", NO_MATCH)


def test_what_links_a_login_waits_for_its_write(here: Installation, users: UserPool, pool_id: str) -> None:
    guest, ann = _id(here, pool_id), logins_of(here, users)
    mine = _id(here, pool_id, Logins=ann)
    second = _second(here, users)
    _id(here, pool_id, Logins=second)
    assert published_keys.holds(f"{users.base}/{SECOND}/.well-known/jwks.json", "k1")

    def waits(identity_id: str, logins: dict[str, str]) -> bool:
        request = here.identity_request("GetCredentialsForIdentity", None, IdentityId=identity_id, Logins=logins)
        return here.gateway.waits(request)

    assert waits(guest, ann)
    assert waits(mine, ann | second)
    assert not waits(mine, ann)


def test_an_identity_that_grows_has_its_row_in_the_audit(here: Installation, users: UserPool, pool_id: str) -> None:
    guest, ann = _id(here, pool_id), logins_of(here, users)
    _answered(here, guest, ann)
    with here.context.sql.read() as tx:
        changes = audit.newest(tx, ACCOUNT, "change", since=0, most=10)
    (row,) = [change for change in changes if change.caller == f"identity {guest}"]
    assert row.action == "cognito-identity:GetCredentialsForIdentity"
    assert row.resources == (f"arn:aws:cognito-identity:us-east-1:{ACCOUNT}:identitypool/{pool_id}",)
    assert ann[users.provider] not in repr(row)


def test_a_login_is_unlinked_under_either_spelling(here: Installation, users: UserPool, pool_id: str) -> None:
    both = logins_of(here, users) | _second(here, users)
    mine = _id(here, pool_id, Logins=both)
    name = f"cognito-idp.us-east-1.amazonaws.com/{SECOND}"
    here.identity("UnlinkIdentity", IdentityId=mine, Logins=both, LoginsToRemove=[name])
    assert here.identity("DescribeIdentity", here.root, IdentityId=mine)["Logins"] == [users.provider]
    refused = _refusal(
        here, "UnlinkIdentity", IdentityId=mine, Logins=logins_of(here, users), LoginsToRemove=["accounts.google.com"]
    )
    assert refused == ("NotAuthorizedException", NO_MATCH)


def test_unlinking_links_nothing(here: Installation, users: UserPool, pool_id: str) -> None:
    guest = _id(here, pool_id)
    request = {"IdentityId": guest, "Logins": logins_of(here, users), "LoginsToRemove": [users.provider]}
    assert _refusal(here, "UnlinkIdentity", **request) == ("NotAuthorizedException", NO_MATCH)


def test_a_name_of_another_region_is_another_user_pools(here: Installation, users: UserPool, pool_id: str) -> None:
    token = logins_of(here, users)[users.provider]
    name = f"cognito-idp.eu-west-1.amazonaws.com/{POOL}"
    refused = _refusal(here, "GetId", IdentityPoolId=pool_id, Logins={name: token})
    assert refused == ("NotAuthorizedException", "Token is not from a supported provider of this identity pool.")
