"""Connections to PostgreSQL that stop waiting, to databases that hold any text.

A server whose machine hangs still acknowledges packets: keepalives succeed, its own time limits do not run, and a plain
read would wait for ever.
"""

from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg.abc import RV, PQGen

from shared.clock import monotonic_s
from shared.sql import HANGS

_ANSWER_WITHIN_S: Final = 4.0
_LONG_WORK_WITHIN_S: Final = 6 * 3600.0
CONNECT_ARGS: Final[dict[str, object]] = {
    "client_encoding": "utf8",
    "connect_timeout": 2,
    "keepalives_idle": 10,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
}
SERVER_OPTIONS: Final = "-cstatement_timeout=3000"
"""Below the connection's own limit: a statement that is only slow is ended by the server, and the connection stays."""


class NoAnswer(psycopg.OperationalError):
    """The server took the question and says nothing."""

    sqlstate = HANGS


class Impatient(psycopg.Connection[Any]):
    """A connection that waits for no answer longer than its limit."""

    answer_within_s = _ANSWER_WITHIN_S

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Waits as psycopg does, with a limit. Raises NoAnswer; the connection is of no use then."""
        began = monotonic_s()
        try:
            return super().wait(gen, interval, timeout or self.answer_within_s)
        except psycopg.OperationalError as error:
            if monotonic_s() - began < self.answer_within_s:
                raise
            raise NoAnswer("the database does not answer in time") from error


def _connected(*words: Any, **options: Any) -> Impatient:  # noqa: ANN401 - as the driver takes them
    """Raises OperationalError for a database of another encoding than UTF-8, as `initdb` makes them in locale C."""
    connection = Impatient.connect(*words, **{**CONNECT_ARGS, **options})
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        connection.close()
        raise psycopg.OperationalError(f"its encoding is {encoding}; make one with ENCODING 'UTF8'")
    return connection


def be_patient(connection: sa.Connection) -> None:
    """Lets `connection` do what takes long, as a migration of many rows does; it is to be closed afterwards."""
    driver: Any = connection.connection.driver_connection
    driver.answer_within_s = _LONG_WORK_WITHIN_S
    connection.exec_driver_sql("SET statement_timeout = 0")


def use_impatient(engine: sa.Engine) -> None:
    """Makes `engine` connect by `Impatient`."""

    @sa.event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, words: list[Any], options: dict[str, Any]) -> Impatient:
        return _connected(*words, **options)
