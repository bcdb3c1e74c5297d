"""`poolkeeper doctor`: what is wrong with an installation and how to mend it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from services.command.init import is_initialised
from services.command.parts import MIGRATIONS, SERVICES, port_of
from services.command.supervisor import is_ready
from shared import serve as server
from shared.house import check_keys, open_sql
from shared.keys import NoMasterKey, read_master_keys
from shared.refusal import Unavailable
from shared.settings import PREFIX, Settings
from shared.sql.revision import is_current

_LEAST_FREE_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `mend` is empty when it is well."""

    what: str
    mend: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Everything that was looked at, in the order in which it should be mended."""
    findings: list[Finding] = []
    for look in (_data, _key, _databases, _redis, _ports):
        findings.extend(look(settings))
    return findings


def _data(settings: Settings) -> Iterator[Finding]:
    if not settings.data.is_dir():
        yield Finding(f"there is no folder {settings.data}", "run `poolkeeper init`")
        return
    mode = settings.data.stat().st_mode & 0o777
    yield Finding(
        f"the data folder {settings.data} has mode {mode:o}",
        f"chmod 700 {settings.data}" if mode & 0o077 else "",
    )
    free = shutil.disk_usage(settings.data).free
    yield Finding(
        f"{free >> 20} MiB are free on its disk",
        "make room: writes fail when the disk is full" if free < _LEAST_FREE_BYTES else "",
    )


def _key(settings: Settings) -> Iterator[Finding]:
    try:
        read_master_keys(settings.master_key, settings.key_file)
    except NoMasterKey as error:
        yield Finding(
            str(error), "give the key that belongs to this data, or run `poolkeeper init` where there is none"
        )
    else:
        yield Finding("the master key can be read")


def _databases(settings: Settings) -> Iterator[Finding]:
    for service in MIGRATIONS:
        try:
            yield from _database(settings, service)
        except Unavailable:
            yield Finding(f"the database of {service} does not answer", "start it, or mend POOLKEEPER_DATABASE_URL")


def _database(settings: Settings, service: str) -> Iterator[Finding]:
    if not is_initialised(settings, service):
        yield Finding(f"the database of {service} is not initialised", "run `poolkeeper init`")
        return
    sql = open_sql(settings, service)
    current = is_current(sql, MIGRATIONS[service])
    yield Finding(
        f"the schema of {service} is {'current' if current else 'not the one of this version'}",
        "" if current else "`poolkeeper serve` migrates older data; newer data needs a newer version",
    )
    try:
        check_keys(sql, read_master_keys(settings.master_key, settings.key_file))
    except NoMasterKey as error:
        yield Finding(f"{service}: {error}", "give the key that belongs to this data")


def _redis(settings: Settings) -> Iterator[Finding]:
    if settings.redis_url is None:
        return
    import redis  # noqa: PLC0415 - only where it is used

    try:
        redis.Redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1).ping()
    except redis.RedisError:
        yield Finding("Redis does not answer", "start it, or mend POOLKEEPER_REDIS_URL; sign-in goes on without it")
    else:
        yield Finding("Redis answers")


def _ports(settings: Settings) -> Iterator[Finding]:
    for service in SERVICES:
        port = port_of(settings, service)
        try:
            server.refuse_taken_port(settings.host, port)
        except server.PortTaken:
            if is_ready(settings, service):
                yield Finding(f"{service} answers on port {port}")
            else:
                name = f"{PREFIX}{service.upper()}_PORT"
                yield Finding(
                    f"port {port} of {service} is taken, and nothing healthy answers there",
                    f"stop what has it, or set {name}",
                )
        else:
            yield Finding(f"port {port} of {service} is free: {service} does not run")
