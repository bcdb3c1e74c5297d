from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.identitypool.iam import bootstrap
from services.identitypool.iam.records import User
from services.identitypool.iam.store import access_keys, accounts, groups, users
from services.identitypool.iam.store.effective import identity_policies_of_user
from services.identitypool.schema import metadata
from shared.seal import Keys
from shared.secret import Secret
from shared.settings import Settings
from shared.sql.engine import Sql
from tests.services.identitypool.iam.console import START

KEYS = Keys([b"k" * 32])


@pytest.fixture
def sql(tmp_path: Path) -> Sql:
    made = Sql(f"sqlite:///{tmp_path / 'iam.db'}", schema="identitypool", synchronous="OFF")
    metadata.create_all(made.engine)
    return made


def begin(sql: Sql, settings: Settings) -> bootstrap.Credentials | None:
    with sql.write() as tx:
        return bootstrap.bootstrap(tx, KEYS, settings, START)


def test_the_first_administrator_may_do_everything_and_the_key_can_be_read_again(sql: Sql) -> None:
    first = begin(sql, Settings())
    assert first is not None
    again = begin(sql, Settings())
    assert again is not None
    assert (again.access_key_id, again.secret.reveal()) == (first.access_key_id, first.secret.reveal())
    with sql.read() as tx:
        key = access_keys.key_named(tx, first.access_key_id)
        admin = users.find_user(tx, first.account, "admin")
        assert key is not None
        assert admin is not None
        assert key.user_id == admin.id
        texts = identity_policies_of_user(tx, first.account, admin.id)
    assert [text.source_id for text in texts] == ["arn:aws:iam::aws:policy/AdministratorAccess"]


def test_account_and_key_can_be_given(sql: Sql) -> None:
    settings = Settings(
        account_id="123456789012",
        bootstrap_access_key_id="AKIAGIVENGIVENGIVEN",
        bootstrap_secret_access_key=Secret("s" * 40),
    )
    given = begin(sql, settings)
    assert given is not None
    assert (given.account, given.access_key_id) == ("123456789012", "AKIAGIVENGIVENGIVEN")
    assert given.secret.reveal() == "s" * 40
    with pytest.raises(bootstrap.DifferentInstallation, match="began with account 123456789012"):
        begin(sql, Settings(account_id="999999999999"))


def test_a_deleted_first_key_is_not_made_again(sql: Sql) -> None:
    first = begin(sql, Settings())
    assert first is not None
    with sql.write() as tx:
        key = access_keys.key_named(tx, first.access_key_id)
        assert key is not None
        access_keys.remove_key(tx, key)
    assert begin(sql, Settings()) is None


def test_a_bootstrap_that_dies_leaves_nothing(sql: Sql) -> None:
    def killed() -> None:
        with sql.write() as tx:
            bootstrap.bootstrap(tx, KEYS, Settings(), START)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    with sql.read() as tx:
        assert accounts.find_first_account(tx) is None


def test_many_at_once_make_one_account(sql: Sql) -> None:
    with ThreadPoolExecutor(4) as crowd:
        made = list(crowd.map(lambda _: begin(sql, Settings()), range(4)))
    assert len({one.access_key_id for one in made if one is not None}) == 1


def test_the_root_key_is_made_only_when_asked_for(sql: Sql) -> None:
    first = begin(sql, Settings())
    assert first is not None
    with sql.write() as tx:
        assert bootstrap.root_key(tx, KEYS, first.account) is None
        made = bootstrap.create_root_key(tx, KEYS, first.account, START)
        found = bootstrap.root_key(tx, KEYS, first.account)
        assert found is not None
        assert found.secret.reveal() == made.secret.reveal()
        newer = bootstrap.create_root_key(tx, KEYS, first.account, START)
        assert access_keys.key_named(tx, made.access_key_id) is None
        key = access_keys.key_named(tx, newer.access_key_id)
        assert key is not None
        assert key.user_id is None
        assert bootstrap.delete_root_keys(tx, first.account) == 1
        assert bootstrap.root_key(tx, KEYS, first.account) is None


def test_a_reset_leaves_the_administrator_and_the_root_key_alone(sql: Sql) -> None:
    first = begin(sql, Settings())
    assert first is not None
    with sql.write() as tx:
        root = bootstrap.create_root_key(tx, KEYS, first.account, START)
        ann = User(first.account, "AIDAANN", "Ann", "/", None, START)
        users.add_user(tx, ann)
        group = groups.find_group(tx, first.account, "administrators")
        assert group is not None
        groups.add_member(tx, group, ann.id)
    with sql.write() as tx:
        bootstrap.reset(tx, START)
    with sql.read() as tx:
        admin = users.find_user(tx, first.account, "admin")
        assert admin is not None
        assert users.find_user(tx, first.account, "Ann") is None
        assert len(identity_policies_of_user(tx, first.account, admin.id)) == 1
        assert access_keys.key_named(tx, root.access_key_id) is not None
        assert bootstrap.administrator_key(tx, KEYS) is not None
