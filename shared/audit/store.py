"""The SQL of the audit: rows are added, read and pruned. There is no other statement, so no row is ever altered."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from shared.audit.record import Entry, Kind
from shared.audit.schema import AUDIT
from shared.sql.engine import Tx
from shared.sql.prepared import Prepared
from shared.sql.walk import next_value

_COLUMNS: Final = tuple(column.name for column in AUDIT.columns)
_ADD: Final = Prepared(sa.insert(AUDIT), _COLUMNS)
_ADD_ONCE: Final = insert(AUDIT).on_conflict_do_nothing()
_OF_KIND: Final = sa.and_(AUDIT.c.account_id == sa.bindparam("account"), AUDIT.c.kind == sa.bindparam("of_kind"))
_NEWEST: Final = (
    sa.select(AUDIT)
    .where(_OF_KIND, AUDIT.c.at >= sa.bindparam("since"))
    .order_by(AUDIT.c.at.desc(), AUDIT.c.request_id.desc(), AUDIT.c.number.desc())
    .limit(sa.bindparam("most"))
)
_NEXT_ACCOUNT: Final = next_value(AUDIT.c.account_id)
_AT_BOUND: Final = (
    sa.select(AUDIT.c.at).where(_OF_KIND).order_by(AUDIT.c.at.desc()).limit(1).offset(sa.bindparam("kept"))
)
_LAST_AT_ONCE: Final = sa.select(AUDIT.c.at).where(_OF_KIND).order_by(AUDIT.c.at).limit(1).offset(sa.bindparam("most"))
AT_ONCE: Final = 1000
"""How many rows, or nearly so, are removed in one transaction."""
_PRUNE: Final = sa.delete(AUDIT).where(_OF_KIND, AUDIT.c.at <= sa.bindparam("until"))


def append(tx: Tx, entry: Entry) -> None:
    """Adds a row, in the transaction of the change that it tells of."""
    _ADD.change(tx, _row(entry))


def append_all(tx: Tx, entries: Sequence[Entry]) -> None:
    """Adds rows; those that are there already, because a batch is written a second time, stay as they are."""
    tx.execute(_ADD_ONCE, [_row(entry) for entry in entries])


def newest(tx: Tx, account: str, kind: Kind, *, since: float, most: int) -> list[Entry]:
    """Up to `most` rows of one kind from `since` on, the newest first."""
    parameters = {"account": account, "of_kind": kind, "since": since, "most": most}
    return [_entry(row) for row in tx.execute(_NEWEST, parameters).mappings()]


def accounts(tx: Tx) -> list[str]:
    """The accounts that have rows: a point look-up in the key for each."""
    found: list[str] = []
    while True:
        account = tx.execute(_NEXT_ACCOUNT, {"after": found[-1] if found else ""}).scalar()
        if account is None:
            return found
        found.append(account)


def old_until(tx: Tx, account: str, kind: Kind, *, before: float, kept: int | None) -> float:
    """Up to when an account's rows of one kind are too old: up to `before`, and all but the newest `kept`, or nearly so."""
    where = {"account": account, "of_kind": kind}
    bound = None if kept is None else tx.execute(_AT_BOUND, {**where, "kept": kept}).scalar()
    return before if bound is None else max(before, bound)


def prune(tx: Tx, account: str, kind: Kind, until: float) -> bool:
    """Removes some of an account's rows of one kind that are not younger than `until`, the oldest first.

    Whether there may be more: so many at once would keep everybody else from writing.
    """
    where = {"account": account, "of_kind": kind}
    last = tx.execute(_LAST_AT_ONCE, {**where, "most": AT_ONCE}).scalar()
    tx.execute(_PRUNE, {**where, "until": until if last is None else min(until, last)})
    return last is not None and last < until


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "account_id": entry.account,
        "kind": entry.kind,
        "at": entry.at,
        "request_id": entry.request_id,
        "number": entry.number,
        "action": entry.action,
        "caller": entry.caller,
        "access_key_id": entry.access_key_id,
        "source": entry.source,
        "resources": msgspec.json.encode(entry.resources).decode(),
        "named": msgspec.json.encode(entry.named).decode(),
        "result": entry.result,
        "explanation": entry.explanation.replace("\0", "\\0"),  # PostgreSQL keeps no NUL, and a denied key may have one
        "decision": entry.decision,
    }


def _entry(row: sa.RowMapping) -> Entry:
    values = dict(row)
    account = values.pop("account_id")
    resources = msgspec.json.decode(values.pop("resources"), type=tuple[str, ...])
    named = msgspec.json.decode(values.pop("named"), type=dict[str, str])
    return Entry(account=account, resources=resources, named=named, **values)
