"""A service's audit: rows of changes in the transaction of the change; uses, refusals and denials by way of the buffer."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from shared.audit import store
from shared.audit.buffer import Buffer
from shared.audit.hand_outs import HandOut, HandOuts
from shared.audit.record import KINDS, Entry, KeyUse, Kind
from shared.clock import Clock
from shared.sql.engine import Sql, Tx

DENIALS_KEPT_S: Final = 86_400.0
MOST_KEPT: Final[dict[Kind, int | None]] = {"change": None, "refusal": 10_000, "use": 100_000, "denial": 1_000}
"""How many rows of a kind an account keeps, or nearly so. Changes go by age alone."""
_TIDIED_EVERY_S: Final = 3600.0
_PAUSE_S: Final = 0.02


class Journal:
    """Where a service writes what its audit shall know."""

    def __init__(self, sql: Sql, clock: Clock, days: int, keep_uses: Callable[[Sequence[KeyUse]], None]) -> None:
        """`days`: how long rows are kept. `keep_uses`: takes note of keys in use, wherever that is kept."""
        self._sql = sql
        self._clock = clock
        self._kept_s = days * 86_400.0
        self._keep_uses = keep_uses
        self._hand_outs = HandOuts()
        self._buffer: Buffer[Entry | KeyUse] = Buffer(self._write, gather=self._hand_outs.gather)
        self._tidied_at: float | None = None
        self._added: Counter[tuple[str, Kind]] = Counter()

    def append(self, tx: Tx, entry: Entry) -> None:
        """Adds the row of a change, in the change's own transaction: both are there, or neither."""
        store.append(tx, entry)
        self._buffer.start()

    def note(self, thing: Entry | KeyUse) -> None:
        """Takes what may be written a moment later. Never waits and never raises."""
        self._buffer.put(thing, soon=isinstance(thing, Entry))

    def handed_out(self, one: HandOut) -> None:
        """Takes note of credentials that were handed out. Never waits and never raises."""
        self._hand_outs.add(one)
        self._buffer.start()

    def flush(self) -> None:
        """Writes what waits."""
        self._buffer.flush()

    def close(self) -> None:
        """Writes what waits, and ends."""
        self._buffer.close()

    def _write(self, things: Sequence[Entry | KeyUse]) -> None:
        entries = [thing for thing in things if isinstance(thing, Entry)]
        uses = [thing for thing in things if isinstance(thing, KeyUse)]
        try:
            if entries:
                with self._sql.write() as tx:
                    store.append_all(tx, entries)
            if uses:
                self._keep_uses(uses)
            self._tidy(entries)
        finally:
            self._sql.close()  # this thread comes seldom; it keeps no connection in between

    def _tidy(self, entries: Sequence[Entry]) -> None:
        """Prunes now and then, and at once where somebody fills a kind that is bounded in number."""
        now = self._clock().timestamp()
        self._added.update((entry.account, entry.kind) for entry in entries)
        full = [(account, kind) for (account, kind), added in self._added.items() if _is_many(added, MOST_KEPT[kind])]
        if self._tidied_at is None or abs(now - self._tidied_at) >= _TIDIED_EVERY_S:
            with self._sql.read() as tx:
                full = [(account, kind) for account in store.accounts(tx) for kind in KINDS]
            self._tidied_at = now
        for account, kind in full:
            self._added.pop((account, kind), None)
            self._prune(account, kind, now - (DENIALS_KEPT_S if kind == "denial" else self._kept_s))

    def _prune(self, account: str, kind: Kind, before: float) -> None:
        with self._sql.read() as tx:
            until = store.old_until(tx, account, kind, before=before, kept=MOST_KEPT[kind])
        more = True
        while more:
            with self._sql.write() as tx:
                more = store.prune(tx, account, kind, until)
            time.sleep(_PAUSE_S if more else 0)  # others write as well


def _is_many(added: int, most: int | None) -> bool:
    return most is not None and 2 * added > most
