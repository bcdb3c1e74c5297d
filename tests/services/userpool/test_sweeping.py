"""What is over, and belongs to nobody who comes back for it, is removed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.userpool.passwords.lockout import Lockout
from services.userpool.pools import store as pools
from services.userpool.schema.directory import users
from services.userpool.signin.store import hold_stranger, set_stranger
from services.userpool.signup.codes import Code, Purpose
from services.userpool.signup.store import put_code
from services.userpool.sweeping import sweep
from services.userpool.tokens.store import Session, add_session
from shared.ephemeral.on_sql import OnSql
from shared.refusal import Refusal
from shared.sweeper import Sweeper
from tests.services.userpool.in_process import InProcess

DAY = 86_400


class Paused(Sweeper):
    """Begins to sweep when told to, not by itself."""

    woken = 0

    def wake(self) -> None:
        self.woken += 1


@pytest.fixture
def sweeper() -> Paused:
    return Paused(lambda _: None)


@pytest.fixture
def here(tmp_path: Path, sweeper: Paused) -> InProcess:
    here = InProcess(tmp_path)
    OnSql(here.sql, here.context.clock).create()
    here.context.parts[Sweeper] = sweeper  # type: ignore[index]
    return here


def _crowd(here: InProcess, pool: str, count: int) -> None:
    """Copies of one user, as far as their own rows go."""
    sub = here.user(pool, "ann")
    with here.sql.write() as tx:
        row = dict(tx.execute(sa.select(users).where(users.c.sub == sub)).mappings().one())
        tx.execute(sa.insert(users), [row | {"sub": f"{n:08x}{sub[8:]}"} for n in range(count)])


def _refused(here: InProcess, operation: str, **parameters: Any) -> str:
    with pytest.raises(Refusal) as refused:
        here.call(operation, **parameters)
    return type(refused.value).__name__


def test_a_large_pool_is_gone_for_everybody_at_once_and_its_rows_a_little_later(
    here: InProcess, sweeper: Paused
) -> None:
    kept, pool = here.pool(), here.pool()
    here.user(kept, "ann")
    before_it = {name: count - (name == "user_pools") for name, count in here.rows().items() if count}
    _crowd(here, pool, 450)
    client = here.client(pool)["ClientId"]
    here.call("CreateGroup", UserPoolId=pool, GroupName="g")
    assert here.rows()["users"] == 452
    here.call("DeleteUserPool", UserPoolId=pool)
    assert sweeper.woken == 1
    assert here.rows()["users"] > 200
    assert _refused(here, "DescribeUserPool", UserPoolId=pool) == "ResourceNotFound"
    assert _refused(here, "DeleteUserPool", UserPoolId=pool) == "ResourceNotFound"
    assert _refused(here, "AdminGetUser", UserPoolId=pool, Username="ann") == "ResourceNotFound"
    assert _refused(here, "ForgotPassword", ClientId=client, Username="ann") == "ResourceNotFound"
    assert [one["Id"] for one in here.call("ListUserPools", MaxResults=9)["UserPools"]] == [kept]
    sweep(here.context, sweeper)
    left = {name: count for name, count in here.rows().items() if count}
    assert left == before_it
    assert here.names(kept) == ["ann"]


def test_a_removal_that_was_cut_off_is_finished_by_the_next_sweep(here: InProcess, sweeper: Paused) -> None:
    pool = here.pool()
    _crowd(here, pool, 450)
    here.call("DeleteUserPool", UserPoolId=pool)
    with here.sql.write() as tx:
        assert pools.remove_some(tx, pool)
    sweep(here.context, sweeper)
    assert here.rows()["users"] == here.rows()["user_pools"] == 0


def test_a_small_pool_is_gone_with_all_its_rows(here: InProcess, sweeper: Paused) -> None:
    pool = here.pool()
    here.user(pool, "ann")
    here.call("DeleteUserPool", UserPoolId=pool)
    assert not any(here.rows().values())
    assert sweeper.woken == 0


def test_sessions_codes_and_failures_of_those_who_never_come_back_are_removed(here: InProcess, sweeper: Paused) -> None:
    pool = here.pool()
    sub, now = here.user(pool, "ann"), here.now.timestamp()
    with here.sql.write() as tx:
        for number, ends_at in enumerate((now - DAY - 1, now - DAY + 60, now + 60)):
            session = Session(pool, f"jti{number}", "c", sub, 0, now, ends_at, b"h")
            assert add_session(tx, session)
        for name, ends_at in (("a", now - 1), ("b", now + 60)):
            put_code(tx, Code(pool, name, Purpose.SIGN_UP, "email", "a@b", b"", 0, ends_at))
        hold_stranger(tx, pool, "x", here.now)
        set_stranger(tx, pool, "x", Lockout(), Lockout(1, here.now))
    sweep(here.context, sweeper)
    rows = here.rows()
    assert (rows["session"], rows["code"], rows["stranger"]) == (2, 1, 1)
    here.pass_time(timedelta(days=2).total_seconds())
    sweep(here.context, sweeper)
    rows = here.rows()
    assert (rows["session"], rows["code"], rows["stranger"]) == (0, 0, 0)
    assert rows["users"] == 1
