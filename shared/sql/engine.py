"""SQL on SQLite (a file, WAL) or PostgreSQL: `Sql.read()` and `Sql.write()` are the only transactions there are.

Each thread keeps one connection for as long as it lives. Reads run in autocommit: one statement is one snapshot.
Writes are BEGIN IMMEDIATE on SQLite and BEGIN on PostgreSQL, and end in COMMIT or ROLLBACK.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from shared import deadline
from shared.clock import monotonic_s
from shared.refusal import Removed, Unavailable
from shared.sql import HANGS

Tx = sa.Connection
T = TypeVar("T")

_MOST_KEPT: Final = 4096
_LONGEST_QUEUE_S: Final = 5
_POSTGRESQL_FOREIGN_KEY: Final = "23503"
_HANGING_S: Final = 1.0
_ALONE: Final = 7_305_118_022  # no meaning: an advisory lock of ours, and of nobody else in the database
_GONE: Final = frozenset({"25006", "57P01", "57P02", "57P03", HANGS})
"""After a failover or at a shutdown: read-only transaction, terminating connection, cannot connect now; no answer."""

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 4000",  # pages that change often are copied back a quarter as often
    "PRAGMA journal_size_limit = 67108864",  # after a large change the log gives its room back
    "PRAGMA cache_size = -16000",
    "PRAGMA mmap_size = 268435456",
    "PRAGMA temp_store = MEMORY",
)


class Sql:
    """One service's database."""

    def __init__(self, url: str, *, schema: str, synchronous: str = "FULL") -> None:
        """`url`: sqlite:///file or postgresql://...; `schema`: the PostgreSQL schema that holds this service's tables."""
        parsed = sa.make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.schema = schema
        if self.is_sqlite:
            self.engine = sa.create_engine(parsed, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
            _prepare_sqlite(self.engine, synchronous)
        else:
            from shared.sql import impatient  # noqa: PLC0415 - who runs on SQLite need not load PostgreSQL's driver

            self.engine = sa.create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                isolation_level="AUTOCOMMIT",
                poolclass=sa.NullPool,
                execution_options={"preserve_rowcount": True},  # INSERT .. ON CONFLICT says whether it inserted
                connect_args={"options": f"-csearch_path={schema} {impatient.SERVER_OPTIONS}"},
            )
            impatient.use_impatient(self.engine)
        self._begin = "BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN"
        self._kept = threading.local()
        self._turn: AbstractContextManager[object] = _Turn() if self.is_sqlite else nullcontext()
        self._outages = 0
        self._hangs = False
        self._trial = threading.Lock()

    def read(self) -> "_Reading":
        """A connection for reading. Raises Unavailable when the database does not answer."""
        return _Reading(self)

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction: committed when the block ends, rolled back when it raises.

        Raises Unavailable, and Removed where a row that a written one hangs on is gone.
        """
        with self._turn:
            tx = self._begun()
            try:
                yield tx
            except BaseException as error:
                self._roll_back(tx)
                if isinstance(error, DBAPIError):
                    self.lost(tx, error)
                    _refuse_orphan(error)
                raise
            try:
                deadline.check()
                self._say(tx, "COMMIT")
            except Unavailable:
                self._roll_back(tx)
                raise
            except DBAPIError as error:
                self._roll_back(tx)
                self.lost(tx, error)
                raise

    def current(self, key: object, read: Callable[[Tx], T], *, following: bool = False) -> T:
        """What `read` gives, or gave in this thread since anything at all was committed by anyone; never stale.

        `key` names the question, with all that it depends on; the answer must not be changed by its receiver. SQLite
        tells cheaply whether something was committed (PRAGMA data_version); PostgreSQL is asked at every call.
        `following`: another question of this call was answered just before, and this one is of the same moment.
        """
        mark = self.known_mark() if following else self.change_mark()
        kept = self._kept.__dict__
        if mark is None or kept.get("mark") != mark or len(kept["found"]) > _MOST_KEPT:
            kept["mark"], kept["found"] = mark, {}
        found: dict[object, Any] = kept["found"]
        if mark is None or key not in found:
            with self.read() as tx:
                found[key] = read(tx)
        answer: T = found[key]
        return answer

    def known_mark(self) -> tuple[int, int, int] | None:
        """The change mark that `current` met last in this thread: nothing is asked. None if there is none."""
        mark: tuple[int, int, int] | None = self._kept.__dict__.get("mark")
        return mark

    def change_mark(self) -> tuple[int, int, int] | None:
        """A value that stays the same in this thread until anything is committed; None where nothing can tell."""
        if not self.is_sqlite:
            return None
        self.connection()
        raw, cursor = self._kept.raw, self._kept.cursor
        if raw.in_transaction:
            return None
        return self._kept.serial, cursor.execute("PRAGMA data_version").fetchone()[0], raw.total_changes

    def alone(self, tx: Tx) -> None:
        """Waits until no other transaction is alone, so that what is made at a first start is made once.

        CREATE TABLE IF NOT EXISTS fails on PostgreSQL where two run at once. On SQLite every writer is alone.
        """
        if not self.is_sqlite:
            tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_ALONE)))

    def close(self) -> None:
        """Closes this thread's connection."""
        tx = getattr(self._kept, "tx", None)
        if tx is not None:
            self._kept.tx = None
            tx.close()

    def connection(self) -> Tx:
        """The connection of this thread, for `read`. Raises Unavailable."""
        tx: Tx | None = getattr(self._kept, "tx", None)
        if tx is not None and self._kept.outages == self._outages:
            return tx
        if tx is not None:
            self._drop(tx)
        return self._connected()

    def _connected(self) -> Tx:
        """A new connection. While the server hangs one thread at a time tries, and the others are told at once."""
        tries = self._hangs
        if tries and not self._trial.acquire(blocking=False):
            raise Unavailable("The database does not answer.")
        began = monotonic_s()
        try:
            tx = self._kept.tx = self.engine.connect()
        except (OperationalError, InterfaceError) as error:
            self._hangs = not self.is_sqlite and monotonic_s() - began > _HANGING_S
            raise Unavailable("The database does not answer.") from error
        finally:
            if tries:
                self._trial.release()
        self._hangs = False
        self._kept.outages = self._outages
        self._kept.serial = getattr(self._kept, "serial", 0) + 1
        if self.is_sqlite:
            self._kept.raw = tx.connection.driver_connection
            self._kept.cursor = self._kept.raw.cursor()
            tx.execution_options(driver=self._kept.raw)
        return tx

    def _begun(self) -> Tx:
        for attempt in (1, 2):
            tx = self.connection()
            try:
                self._say(tx, self._begin)
            except DBAPIError as error:
                if attempt == 1 and not self.is_sqlite and getattr(error.orig, "sqlstate", None) != HANGS:
                    self._drop(tx)
                    continue
                self.lost(tx, error)
                raise
            return tx
        raise Unavailable("The database does not answer.")

    def _say(self, tx: Tx, word: str) -> None:
        """Begins or ends a transaction; SQLite's driver is told directly."""
        if not self.is_sqlite:
            tx.exec_driver_sql(word)
            return
        raw: Any = tx.connection.driver_connection
        try:
            raw.execute(word)
        except sqlite3.Error as error:
            raise OperationalError(word, None, error) from error

    def _roll_back(self, tx: Tx) -> None:
        try:
            if not tx.invalidated:
                tx.exec_driver_sql("ROLLBACK")
                return
        except DBAPIError:
            pass  # there is nothing left to roll back on
        self._drop(tx)

    def _drop(self, tx: Tx) -> None:
        self._kept.tx = None
        if not tx.closed:
            tx.invalidate()
            tx.close()

    def lost(self, tx: Tx, error: DBAPIError) -> None:
        """Raises Unavailable where the database failed, not the statement; the connection is not used again."""
        state = getattr(error.orig, "sqlstate", None)
        gone = state in _GONE
        if gone or (not self.is_sqlite and error.connection_invalidated):
            self._outages = max(self._outages, self._kept.outages + 1)  # all connections lead to the same server
            self._hangs = state == HANGS
        if gone or (isinstance(error, OperationalError | InterfaceError) and not _is_our_fault(error)):
            self._drop(tx)
            raise Unavailable("The database does not answer.") from error


class _Turn:
    """SQLite has one writer at a time: threads queue here, asleep, and not in its busy handler, which polls."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=_LONGEST_QUEUE_S):
            raise Unavailable("The database is busy.")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class _Reading:
    """One block of reads. Not a generator: every call of the service begins with one."""

    __slots__ = ("_sql", "_tx")

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def __enter__(self) -> Tx:
        self._tx = self._sql.connection()
        return self._tx

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, DBAPIError):
            self._sql.lost(self._tx, error)


def _is_our_fault(error: DBAPIError) -> bool:
    """SQLite gives one class of error to a full disk and to a missing table; the latter is a bug, not a bad moment."""
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR


def _refuse_orphan(error: DBAPIError) -> None:
    """Raises Removed for a broken foreign key: what was there when it was read is there no longer."""
    if not isinstance(error, IntegrityError):
        return
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorcode", None)
    if code in {_POSTGRESQL_FOREIGN_KEY, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY}:
        raise Removed("What this belongs to does not exist any more.") from error


def _prepare_sqlite(engine: sa.Engine, synchronous: str) -> None:
    @sa.event.listens_for(engine, "connect")
    def pragmas(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in (*_SQLITE_PRAGMAS, f"PRAGMA synchronous = {synchronous}"):
            connection.execute(pragma)
