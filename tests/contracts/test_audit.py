"""The audit's table on both engines: order, bounds, pruning, and rows that are there with their change or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared import ids
from shared.audit import journal as journals
from shared.audit import store
from shared.audit.journal import Journal
from shared.audit.record import Entry, KeyUse, Kind
from shared.audit.schema import AUDIT
from shared.sql.engine import Sql

ACCOUNT, OTHER = "111122223333", "444455556666"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Kept:
    """A service's audit; `now` is its clock."""

    def __init__(self, sql: Sql) -> None:
        self.sql = sql
        self.now = NOW
        self.uses: list[KeyUse] = []
        self.journal = Journal(sql, lambda: self.now, 90, self.uses.extend)

    def rows(
        self, kind: Kind = "change", account: str = ACCOUNT, since: float = 0.0, most: int = 10_000
    ) -> list[Entry]:
        with self.sql.read() as tx:
            return store.newest(tx, account, kind, since=since, most=most)


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    if request.param == "sqlite":
        sql = Sql(f"sqlite:///{tmp_path / 'x.db'}", schema="x")
    else:
        url, schema = request.getfixturevalue("postgres_url"), f"audit_{ids.pool_suffix()}"
        outside = Sql(url, schema="public")
        with outside.write() as tx:
            tx.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
        outside.close()
        sql = Sql(url, schema=f'"{schema}"')
    with sql.write() as tx:
        AUDIT.metadata.create_all(tx)
    made = Kept(sql)
    yield made
    made.journal.close()
    sql.close()
    sql.engine.dispose()


def entry(kind: Kind = "change", at: datetime = NOW, **more: Any) -> Entry:
    whole: dict[str, Any] = {
        "account": ACCOUNT,
        "kind": kind,
        "at": at.timestamp(),
        "request_id": ids.uuid4(),
        "action": "iam:DeleteUser",
        "caller": f"arn:aws:iam::{ACCOUNT}:user/admin",
    }
    return Entry(**whole | more)


def test_a_row_comes_back_as_it_was_written(kept: Kept) -> None:
    one = entry(
        access_key_id="AKIA",
        source="::1",
        resources=("arn:aws:iam::111122223333:user/ä", "*"),
        named={"UserName": "ä\0b"},
        explanation="why",
        decision='{"allowed":false}',
        result="AccessDenied",
    )
    with kept.sql.write() as tx:
        kept.journal.append(tx, one)
    assert kept.rows() == [one]


def test_the_row_of_a_change_is_there_with_it_or_not_at_all(kept: Kept) -> None:
    with pytest.raises(ZeroDivisionError), kept.sql.write() as tx:
        kept.journal.append(tx, entry())
        raise ZeroDivisionError
    assert kept.rows() == []


def test_the_newest_come_first_and_accounts_are_apart(kept: Kept) -> None:
    mine = [entry(at=NOW + timedelta(seconds=number)) for number in range(5)]
    for one in (*mine, entry(account=OTHER)):
        kept.journal.note(one)
    kept.journal.flush()
    assert kept.rows(most=2) == [mine[4], mine[3]]
    assert kept.rows(since=mine[3].at) == [mine[4], mine[3]]
    with kept.sql.read() as tx:
        assert store.accounts(tx) == [ACCOUNT, OTHER]


def test_a_batch_that_is_written_twice_is_there_once(kept: Kept) -> None:
    batch = [entry("denial"), entry("denial")]
    for _ in range(2):
        with kept.sql.write() as tx:
            store.append_all(tx, batch)
    assert len(kept.rows("denial")) == 2


def test_a_name_with_a_nul_is_no_way_out_of_the_record(kept: Kept) -> None:
    kept.journal.note(entry("denial", resources=("arn:aws:s3:::b/\0",), explanation="no: arn:aws:s3:::b/\0"))
    kept.journal.flush()
    assert kept.rows("denial")[0].resources == ("arn:aws:s3:::b/\0",)


def test_rows_are_kept_for_their_days_and_denials_for_one(kept: Kept) -> None:
    old, day = NOW - timedelta(days=91), NOW - timedelta(hours=25)
    for one in (entry(at=old), entry(at=day), entry("denial", at=day), entry("denial"), entry("use", at=old)):
        kept.journal.note(one)
    kept.journal.flush()
    assert [row.at for row in kept.rows()] == [day.timestamp()]
    assert [row.at for row in kept.rows("denial")] == [NOW.timestamp()]
    assert kept.rows("use") == []
    kept.now += timedelta(days=91)
    kept.journal.flush()
    assert kept.rows() == kept.rows("denial") == []


def test_many_old_rows_are_removed_some_at_a_time(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "AT_ONCE", 2)
    old = NOW - timedelta(days=91)
    for number in range(7):
        kept.journal.note(entry(at=old + timedelta(seconds=number // 3)))
    kept.journal.note(entry())
    with kept.sql.write() as tx:
        store.append_all(tx, [entry(at=old), entry()])
        assert store.prune(tx, ACCOUNT, "change", NOW.timestamp() + 1) is False
        store.append_all(tx, [entry(at=old + timedelta(seconds=number)) for number in range(7)])
        assert store.prune(tx, ACCOUNT, "change", NOW.timestamp() - 1) is True
    kept.journal.flush()
    assert [row.at for row in kept.rows()] == [NOW.timestamp()]


def test_who_is_denied_all_the_time_fills_nothing(kept: Kept) -> None:
    most = journals.MOST_KEPT["denial"]
    assert most is not None
    for number in range(3 * most):
        kept.journal.note(entry("denial", at=NOW + timedelta(milliseconds=number)))
    kept.journal.flush()
    rows = kept.rows("denial")
    assert len(rows) <= 1.5 * most
    assert rows[0].at == (NOW + timedelta(milliseconds=3 * most - 1)).timestamp()


def test_uses_of_keys_are_handed_on_and_no_rows(kept: Kept) -> None:
    use = KeyUse(ACCOUNT, "AKIA", "iam", "us-east-1", NOW.timestamp())
    kept.journal.note(use)
    kept.journal.note(msgspec.structs.replace(use, key="AROA"))
    kept.journal.flush()
    assert [one.key for one in kept.uses] == ["AKIA", "AROA"]
    with kept.sql.read() as tx:
        assert store.accounts(tx) == []
