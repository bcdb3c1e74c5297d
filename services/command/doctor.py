"""`poolkeeper doctor`: what is wrong with an installation and how to mend it."""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.command.init import is_initialised
from services.command.parts import MIGRATIONS, SERVICES, port_of
from services.command.supervisor import is_ready
from shared import serve as server
from shared.house import check_keys, open_sql
from shared.keys import OF_OTHERS, NoMasterKey, read_master_keys
from shared.refusal import Unavailable
from shared.settings import PREFIX, Settings
from shared.sql.revision import known, revision_of

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
    yield _private(settings.data, "the data folder", 0o700)
    if not os.access(settings.data, os.W_OK | os.X_OK):
        yield Finding(f"the data folder {settings.data} cannot be written to", "mount or own it so that it can")
    free = shutil.disk_usage(settings.data).free
    yield Finding(
        f"{free >> 20} MiB are free on its disk",
        "make room: writes fail when the disk is full" if free < _LEAST_FREE_BYTES else "",
    )
    outbox = settings.outbox_folder
    if outbox.exists() and not (outbox.is_dir() and os.access(outbox, os.W_OK | os.X_OK)):
        yield Finding(f"messages cannot be written to {outbox}", f"make it a folder that can, or set {PREFIX}OUTBOX")


def _private(path: Path, what: str, mode: int) -> Finding:
    """Whether nobody else may look into a file or folder."""
    found = stat.S_IMODE(path.stat().st_mode)
    return Finding(f"{what} {path} has mode {found:o}", f"chmod {mode:o} {path}" if found & OF_OTHERS else "")


def _key(settings: Settings) -> Iterator[Finding]:
    if settings.master_key is None and settings.key_file.is_file():
        yield _private(settings.key_file, "the master key", 0o600)
        if settings.key_file.stat().st_mode & OF_OTHERS:
            return
    try:
        read_master_keys(settings.master_key, settings.key_file)
    except NoMasterKey as error:
        mend = "give the key that belongs to this data, or run `poolkeeper init` where there is none"
        yield Finding(str(error), mend)
    else:
        yield Finding("the master key can be read")


def _databases(settings: Settings) -> Iterator[Finding]:
    for service in MIGRATIONS:
        try:
            yield from _database(settings, service)
        except Unavailable as error:
            if open_sql(settings, service).is_sqlite:
                mend = "see that the file is whole and can be written to, or restore it from a backup"
            else:
                mend = f"start the server, or mend {PREFIX}DATABASE_URL"
            yield Finding(str(error), mend)


def _database(settings: Settings, service: str) -> Iterator[Finding]:
    sql = open_sql(settings, service)
    revision = revision_of(sql)
    if revision is None:
        others = [other for other in MIGRATIONS if other != service and is_initialised(settings, other)]
        yield Finding(
            f"the database of {service} is not initialised",
            f"{'restore it from a backup, since there is one of ' + others[0] + ', or ' if others else ''}"
            "run `poolkeeper init`",
        )
        return
    if sql.is_sqlite:
        yield _private(Path(sql.engine.url.database or ""), f"the database of {service}", 0o600)
    yield _schema(service, revision)
    try:
        keys = read_master_keys(settings.master_key, settings.key_file)
    except NoMasterKey:
        return  # told already
    try:
        check_keys(sql, keys)
    except NoMasterKey as error:
        yield Finding(f"{service}: {error}", "give the key that belongs to this data")


def _schema(service: str, revision: str) -> Finding:
    revisions = known(MIGRATIONS[service])
    if revision not in revisions:
        return Finding(f"the schema {revision} of {service} is not known to this version", "install a newer version")
    if revision != revisions[-1]:
        return Finding(f"the schema of {service} is an older one", "`poolkeeper serve` brings it up to date")
    return Finding(f"the schema of {service} is current")


def _redis(settings: Settings) -> Iterator[Finding]:
    if settings.redis_url is None:
        return
    import redis  # noqa: PLC0415 - only where it is used

    try:
        redis.Redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1).ping()
    except redis.RedisError:
        yield Finding("Redis does not answer", f"start it, or mend {PREFIX}REDIS_URL; sign-in goes on without it")
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
