"""Identities under races, on SQLite and PostgreSQL: one winner, no orphan, and no identity that becomes a guest's."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.identitypool.identities.store import find_identity
from services.identitypool.pools import store as pools
from services.identitypool.schema.identities import identities, identity_index, identity_logins
from services.identitypool.sweeping import sweep
from shared.settings import Settings
from tests.contracts.conftest import empty_database
from tests.services.identitypool.installation import Installation, Refused, install
from tests.services.identitypool.userpool_stub import CLIENT, UserPool, user_pool

SECOND = "us-east-1_second"


@pytest.fixture
def users() -> Iterator[UserPool]:
    with user_pool() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def here(request: pytest.FixtureRequest, tmp_path: Path, users: UserPool) -> Iterator[Installation]:
    with empty_database(request.param, request, tmp_path) as sql:
        yield install(tmp_path, Settings(userpool_url=users.base, sign_ins_url=users.base), sql)


def _together(here: Installation, calls: list[Callable[[], Any]]) -> list[Any]:
    """What calls that are made at once answer, or the codes of their refusals."""

    def one(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Refused as refused:
            return refused.code
        finally:
            here.context.sql.close()

    with ThreadPoolExecutor(len(calls)) as crowd:
        return list(crowd.map(one, calls))


def _identity_of(here: Installation, pool_id: str, logins: dict[str, str]) -> str:
    return str(here.identity("GetId", IdentityPoolId=pool_id, Logins=logins)["IdentityId"])


def _second(users: UserPool) -> str:
    return f"{users.base.partition('://')[2]}/{SECOND}"


def _pool(here: Installation, users: UserPool) -> str:
    providers = [{"ProviderName": name, "ClientId": CLIENT} for name in (users.provider, _second(users))]
    request = {"IdentityPoolName": "app", "AllowUnauthenticatedIdentities": True}
    made = here.identity("CreateIdentityPool", here.root, CognitoIdentityProviders=providers, **request)
    return str(made["IdentityPoolId"])


def _logins(here: Installation, users: UserPool, sub: str = "ann") -> tuple[dict[str, str], dict[str, str]]:
    now = here.clock.now.timestamp()
    first = {users.provider: users.token(now, sub)}
    return first, {_second(users): users.token(now, sub, iss=f"{users.base}/{SECOND}")}


def _rows(here: Installation, table: sa.Table) -> int:
    with here.context.sql.read() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_one_new_person_gets_one_identity_from_any_number_of_calls(here: Installation, users: UserPool) -> None:
    pool_id = _pool(here, users)
    logins, _ = _logins(here, users)
    request = {"IdentityPoolId": pool_id, "Logins": logins}
    found = _together(here, [lambda: here.identity("GetId", **request)["IdentityId"]] * 64)
    assert len(set(found)) == 1
    assert _rows(here, identities) == _rows(here, identity_index) == _rows(here, identity_logins) == 1


def test_two_logins_of_a_new_person_meet_in_one_identity_or_say_that_they_do_not(
    here: Installation, users: UserPool
) -> None:
    pool_id = _pool(here, users)
    for number in range(12):
        first, second = _logins(here, users, f"person{number}")
        forms = [first | second, second | first, first, first | second, first, second | first]
        found = _together(
            here,
            [partial(_identity_of, here, pool_id, logins) for logins in forms],
        )
        assert len(set(found)) == 1, found


def test_a_guests_identity_becomes_one_persons_of_many_who_bring_a_login(here: Installation, users: UserPool) -> None:
    pool_id = _pool(here, users)
    for number in range(6):
        guest = here.identity("GetId", IdentityPoolId=pool_id)["IdentityId"]
        crowd = [_logins(here, users, f"person{number}-{one % 4}")[0] for one in range(8)]
        _together(
            here, [partial(here.identity, "GetCredentialsForIdentity", IdentityId=guest, Logins=one) for one in crowd]
        )
        owners = {one[users.provider] for one in crowd if _identity_of(here, pool_id, one) == guest}
        assert len(owners) == 1
    assert _rows(here, identity_logins) == 6 * 4


def test_a_guests_identity_is_merged_or_grows_but_never_both(here: Installation, users: UserPool) -> None:
    pool_id = _pool(here, users)
    with_one = [_logins(here, users, f"old{number}")[0] for number in range(3)]
    before = {_identity_of(here, pool_id, one) for one in with_one}
    for number in range(6):
        guest = here.identity("GetId", IdentityPoolId=pool_id)["IdentityId"]
        crowd = [*with_one, *(_logins(here, users, f"new{number}-{one}")[0] for one in range(3))] * 2
        _together(
            here, [partial(here.identity, "GetCredentialsForIdentity", IdentityId=guest, Logins=one) for one in crowd]
        )
        with here.context.sql.read() as tx:
            found = find_identity(tx, pool_id, guest)
        assert found is not None
        assert len(found.logins) == (0 if found.merged_into in before else 1)


def test_logins_that_are_unlinked_at_once_leave_no_guest_behind(here: Installation, users: UserPool) -> None:
    pool_id = _pool(here, users)
    for number in range(6):
        first, second = _logins(here, users, f"person{number}")
        one = here.identity("GetId", IdentityPoolId=pool_id, Logins=first | second)["IdentityId"]

        def leave(logins: dict[str, str], name: str, one: str = one) -> Any:
            return here.identity("UnlinkIdentity", IdentityId=one, Logins=logins, LoginsToRemove=[name])

        said = _together(here, [partial(leave, first, users.provider), partial(leave, second, _second(users))])
        assert said == [{}, {}]
    assert _rows(here, identities) == _rows(here, identity_index) == _rows(here, identity_logins) == 0


def test_a_login_is_never_left_with_an_identity_that_is_deleted(here: Installation, users: UserPool) -> None:
    pool_id = _pool(here, users)
    for number in range(8):
        first, second = _logins(here, users, f"person{number}")
        one = here.identity("GetId", IdentityPoolId=pool_id, Logins=first)["IdentityId"]
        _together(
            here,
            [
                partial(here.identity, "GetId", IdentityPoolId=pool_id, Logins=first | second),
                partial(here.identity, "DeleteIdentities", here.root, IdentityIdsToDelete=[one]),
            ],
        )
        now = here.identity("GetId", IdentityPoolId=pool_id, Logins=second)["IdentityId"]
        assert here.identity("DescribeIdentity", here.root, IdentityId=now)["IdentityId"] == now


def test_a_deleted_pool_leaves_no_identity_behind(here: Installation, users: UserPool) -> None:
    for number in range(6):
        pool_id = _pool(here, users)
        logins, _ = _logins(here, users, f"person{number}")
        _together(
            here,
            [
                partial(here.identity, "GetId", IdentityPoolId=pool_id, Logins=logins),
                partial(here.identity, "DeleteIdentityPool", here.root, IdentityPoolId=pool_id),
                partial(here.identity, "GetId", IdentityPoolId=pool_id),
            ],
        )
        assert _rows(here, identities) == _rows(here, identity_index) == _rows(here, identity_logins) == 0


def test_tags_that_are_set_at_once_are_all_there(here: Installation, users: UserPool) -> None:
    pool_id = _pool(here, users)
    arn = f"arn:aws:cognito-identity:us-east-1:111122223333:identitypool/{pool_id}"
    keys = [f"k{number}" for number in range(8)]
    _together(
        here,
        [partial(here.identity, "TagResource", here.root, ResourceArn=arn, Tags={key: "v"}) for key in keys],
    )
    assert here.identity("ListTagsForResource", here.root, ResourceArn=arn)["Tags"] == dict.fromkeys(keys, "v")


def test_the_identities_of_a_removed_pool_go_a_part_at_a_time(
    here: Installation, users: UserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "AT_ONCE", 2)
    kept, removed = _pool(here, users), _pool(here, users)
    guest = here.identity("GetId", IdentityPoolId=kept)["IdentityId"]
    logins, _ = _logins(here, users)
    ann = _identity_of(here, removed, logins)
    for _ in range(4):
        here.identity("GetId", IdentityPoolId=removed)
    here.identity("DeleteIdentityPool", here.root, IdentityPoolId=removed)
    assert _rows(here, identities) == _rows(here, identity_index) == 4
    for operation, parameters in (
        ("GetCredentialsForIdentity", {"IdentityId": ann, "Logins": logins}),
        ("GetId", {"IdentityPoolId": removed}),
    ):
        with pytest.raises(Refused) as refused:
            here.identity(operation, **parameters)
        assert refused.value.code == "ResourceNotFoundException"
    sweep(here.context, here.context.sweeper)
    assert _rows(here, identities) == _rows(here, identity_index) == 1
    assert _rows(here, identity_logins) == 0
    assert here.identity("DescribeIdentity", here.root, IdentityId=guest)["IdentityId"] == guest
