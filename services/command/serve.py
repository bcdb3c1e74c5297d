"""`poolkeeper serve <service>`: one service in the foreground."""

import os
import select
import signal
import threading

from services.command.init import open_installation
from services.command.parts import IDENTITYPOOL, MIGRATIONS, port_of
from services.command.said import say
from shared import serve as server
from shared.drain import hang_on
from shared.settings import PREFIX, BadSetting, Settings
from shared.sql.revision import is_current


def refuse_unusable(settings: Settings) -> None:
    """Raises BadSetting for what would only show when it is first used."""
    if settings.redis_url is not None:
        from shared.ephemeral.on_redis import check_url  # noqa: PLC0415 - who has no Redis need not load its client

        try:
            check_url(settings.redis_url)
        except ValueError as error:
            raise BadSetting(f"{PREFIX}REDIS_URL cannot be used: {error}") from None
    place = settings.outbox_folder
    while not place.exists():
        place = place.parent
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        raise BadSetting(f"{PREFIX}OUTBOX: messages cannot be written to {settings.outbox_folder}")


def serve_one(settings: Settings, service: str, *, supervised: bool) -> None:
    """Serves one service until SIGTERM or the supervisor's end. Raises what is wrong with the installation."""
    if supervised:
        lifeline = os.dup(0)  # standard input itself is not passed on to the workers
        hang_on(lifeline)
        threading.Thread(target=_end_with_supervisor, args=(lifeline,), daemon=True).start()
    server.refuse_taken_port(settings.host, port_of(settings, service), server.GONE_WITHIN_S)
    _, sql = open_installation(settings, service if service in MIGRATIONS else IDENTITYPOOL)
    refuse_unusable(settings)
    if service in MIGRATIONS and not is_current(sql, MIGRATIONS[service]):
        from shared.sql.migrate import migrate  # noqa: PLC0415 - as in init.py

        migrate(sql, MIGRATIONS[service])
    sql.close()
    if settings.test_mode:
        say("test mode: anyone on this machine may move the clock and empty the data", as_error=True)
    server.run(f"services.{service}.app:adapter", settings, port_of(settings, service))


def _end_with_supervisor(lifeline: int) -> None:
    """The lifeline is a pipe that the supervisor never writes to: it ends when the supervisor does, however it ends.

    A killed one must leave no service behind that holds a port against the next.
    """
    select.select([lifeline], [], [])  # a worker may have made the pipe one that does not wait
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
