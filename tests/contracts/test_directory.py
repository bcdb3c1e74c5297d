"""Pools, clients, users and groups on SQLite and PostgreSQL: the same answers, and one winner of every race."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.userpool.clients import store as clients
from services.userpool.clients.client import AppClient
from services.userpool.clients.settings import ClientSettings
from services.userpool.directory import store
from services.userpool.directory.filters import past_prefix
from services.userpool.directory.user import Group, User
from services.userpool.errors import AliasExists, UsernameExists
from services.userpool.passwords.lockout import Lockout
from services.userpool.passwords.verifier import Kind, PasswordRecord
from services.userpool.pools import store as pools
from services.userpool.pools.pool import UserPool
from services.userpool.pools.settings import created_settings
from services.userpool.schema import metadata
from shared import ids
from shared.aws.api import cognito_idp as api
from shared.seal import Keys
from shared.sql.engine import Sql

AT = datetime(2026, 3, 1, tzinfo=UTC)
KEYS = Keys([b"k" * 32])


@pytest.fixture(params=["sqlite", "postgresql"])
def sql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sql]:
    url = f"sqlite:///{tmp_path / 'x.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    sql = Sql(url, schema="public", synchronous="OFF")
    with sql.write() as tx:
        metadata.create_all(tx)
    yield sql
    sql.close()
    sql.engine.dispose()


@pytest.fixture
def pool(sql: Sql) -> UserPool:
    request = api.CreateUserPoolRequest(pool_name="p", alias_attributes=["email", "preferred_username"])
    pool = UserPool(f"us-east-1_{ids.pool_suffix()}", ids.account_id(), "p", created_settings(request), AT, AT)
    with sql.write() as tx:
        pools.add_pool(tx, pool)
    return pool


def add(sql: Sql, pool: UserPool, name: str, **attributes: str) -> str:
    sub, at = ids.uuid4(), AT.timestamp()
    user = User(
        pool_id=pool.id,
        sub=sub,
        username=name,
        status="CONFIRMED",
        enabled=True,
        attributes=attributes,
        created_s=at,
        modified_s=at,
    )
    with sql.write() as tx:
        store.add_user(tx, pool, user)
    return sub


def test_pools_and_clients_come_back_as_stored(sql: Sql, pool: UserPool) -> None:
    client = AppClient(ids.client_id(), pool.id, "c", ("s" * 51,), ClientSettings(), AT, AT)
    with sql.write() as tx:
        clients.add_client(tx, KEYS, client)
    with sql.read() as tx:
        assert clients.client_and_pool(tx, KEYS, client.id) == (client, pool)
        assert pools.pools_of_account(tx, pool.account_id, after="", limit=2) == [pool]
        assert clients.clients_of_pool(tx, KEYS, pool.id, after="", limit=2) == [client]


def test_a_users_whole_life(sql: Sql, pool: UserPool) -> None:
    sub = add(sql, pool, "ann", email="a@example.com", email_verified="true")
    record = PasswordRecord(Kind.SRP, b"salt", b"\0sealed", "3072,sha256", 1)
    with sql.write() as tx:
        user = store.user_to_change(tx, pool, "a@example.com")
        store.set_password(tx, user, record, AT, history_size=2)
        store.set_lockout(tx, user, Lockout(5, AT))
        user = store.set_attributes(tx, pool, user, {"email": "b@example.com"}, AT)
        user = store.set_enabled(tx, pool, user, AT, enabled=False)
        store.raise_session_epoch(tx, user)
    with sql.read() as tx:
        found = store.find_user(tx, pool, "b@example.com")
        assert found is not None
        assert (found.sub, found.password, found.lockout) == (sub, record, Lockout(5, AT))
        assert (found.enabled, found.session_epoch) == (False, 1)
        assert store.find_user(tx, pool, "a@example.com") is None
    with sql.write() as tx:
        store.remove_user(tx, found)
    with sql.read() as tx:
        assert store.find_user(tx, pool, "ann") is None
        assert store.users_of_pool(tx, pool.id, after="", limit=5) == []


def test_prefixes_are_ranges_of_code_points_on_every_engine(sql: Sql, pool: UserPool) -> None:
    for name, given in {"a": "Zoe", "b": "zoe", "c": "Zürich", "d": "Z", "e": "_Z", "f": "\U0001f388"}.items():
        add(sql, pool, name, given_name=given)
    with sql.read() as tx:
        found = store.users_found(tx, pool.id, "given_name", after=("z", ""), below="{", limit=9)
        assert [value for value, _ in found] == ["z", "zoe", "zoe", "zürich"]
        rest = store.users_found(tx, pool.id, "given_name", after=("zoe", found[1][1].sub), below="{", limit=9)
        assert [value for value, _ in rest] == ["zoe", "zürich"]
        assert {user.username for _, user in found} == {"a", "b", "c", "d"}
        assert [user.username for user in store.users_with(tx, pool.id, "username", "b", after="", limit=9)] == ["b"]


def test_pages_of_all_users_and_of_a_prefix_of_their_subs_are_ranges_too(sql: Sql, pool: UserPool) -> None:
    subs = sorted(add(sql, pool, name) for name in "abc")
    with sql.read() as tx:
        assert [user.sub for user in store.users_of_pool(tx, pool.id, after="", limit=9)] == subs
        for sub in subs:
            first_part = sub[:9]
            found = store.users_of_pool(tx, pool.id, since=first_part, below=past_prefix(first_part), after="", limit=9)
            assert [user.sub for user in found] == [sub]


def test_groups_and_members(sql: Sql, pool: UserPool) -> None:
    sub = add(sql, pool, "ann")
    made = [
        Group(pool_id=pool.id, name=n, precedence=p, created_at=AT, modified_at=AT) for n, p in (("a", None), ("b", 1))
    ]
    with sql.write() as tx:
        for group in made:
            store.add_group(tx, group)
            store.add_member(tx, pool.id, sub, group.name)
    with sql.read() as tx:
        assert store.groups_of(tx, pool.id, sub) == (made[1], made[0])
        assert [user.sub for user in store.members(tx, pool.id, "a", after="", limit=5)] == [sub]
    with sql.write() as tx:
        assert pools.remove_pool(tx, pool.id, AT)
    with sql.read() as tx:
        assert store.find_group(tx, pool.id, "a") is None


def test_a_large_pool_is_removed_a_part_at_a_time(sql: Sql, pool: UserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        add(sql, pool, f"user{number}")
    with sql.write() as tx:
        store.add_group(tx, Group(pool_id=pool.id, name="g", created_at=AT, modified_at=AT))
    monkeypatch.setattr(pools, "AT_ONCE", 2)
    with sql.write() as tx:
        assert not pools.remove_pool(tx, pool.id, AT)
    with sql.read() as tx:
        assert pools.find_pool(tx, pool.id) is None
        assert pools.removed_pool(tx) == pool.id
    turns = 1
    while True:
        with sql.write() as tx:
            if not pools.remove_some(tx, pool.id):
                break
        turns += 1
    with sql.read() as tx:
        assert (turns, pools.removed_pool(tx), pools.count_users(tx, pool.id)) == (2, None, 0)


def test_of_many_who_take_one_name_or_alias_at_once_one_gets_it(sql: Sql, pool: UserPool) -> None:
    def take(number: int) -> bool:
        try:
            add(sql, pool, f"user{number % 2}", email="a@example.com", email_verified="true")
        except (UsernameExists, AliasExists):
            return False
        finally:
            sql.close()
        return True

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(take, range(16))) == 1
    with sql.read() as tx:
        assert len(store.users_of_pool(tx, pool.id, after="", limit=9)) == 1
