"""Every setting: its name, meaning, default and form. The table is read once at start and shown in `docs/settings.md`."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from shared.secret import Secret

PREFIX: Final = "POOLKEEPER_"
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what to call where this is listened to


def cores() -> int:
    """Gives the number of cores that this process may use; a container's may be fewer than the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def sqlite_url(file: Path) -> str:
    """The URL of a database file, whatever its name: in a URL `%`, `?` and `#` mean something else."""
    return f"sqlite:///{quote(os.fsencode(file), safe='/')}"


class BadSetting(Exception):
    """A setting is unknown or malformed; the text names it."""


def _text(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


def _path(value: str) -> Path:
    if "?" in value:
        raise ValueError("must not hold a question mark")  # what follows would be options of the database
    return Path(_text(value)).expanduser()


def _matching(pattern: str, words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if re.fullmatch(pattern, value) is None:
            raise ValueError(words)
        return value

    return parse


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return parse


def _seconds(low: float) -> Callable[[str], float]:
    def parse(value: str) -> float:
        if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", value) or float(value) < low:
            raise ValueError(f"must be a number of seconds, {low:g} or more")
        return float(value)

    return parse


def _flag(value: str) -> bool:
    if value not in {"0", "1"}:
        raise ValueError("must be 0 or 1")
    return value == "1"


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        try:
            parts = urlsplit(value)
            port = parts.port
        except ValueError:
            raise ValueError("must be a URL") from None
        if not value.startswith(tuple(f"{scheme}://" for scheme in schemes)) or not (parts.netloc or parts.path):
            raise ValueError(f"must be a URL that starts with {' or '.join(s + '://' for s in schemes)}")
        if port == 0 or re.search(r"[^!-~]", value):
            raise ValueError("must be a URL, without blanks and with a port that is none or more than 0")
        return value

    return parse


def _server(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if not urlsplit(_url(*schemes)(value)).hostname:
            raise ValueError("must name a host")
        return value

    return parse


def _redis_url(value: str) -> str:
    parts = urlsplit(_url("redis", "rediss", "unix")(value))
    if parts.scheme != "unix" and not re.fullmatch(r"/?[0-9]{0,4}", parts.path):
        raise ValueError("must end in the number of a database, or in none")
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(_server("http", "https")(value))
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("must be a base URL such as https://login.example.com")
    return value.rstrip("/")


def _host(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        return _matching(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", "must be an address or a host's name")(value)


def _networks(value: str) -> tuple[str, ...]:
    """Addresses and networks; an address is a network of one."""
    try:
        found = [ip_network(word) for word in re.split(r"[,\s]+", value) if word]
    except ValueError:
        raise ValueError("must be addresses or networks such as 10.0.0.0/8, separated by commas") from None
    if any(network.prefixlen == 0 for network in found):
        raise ValueError("must not be everybody")
    return tuple(str(network) for network in found)


def _setting(parse: Callable[[str], Any], help_text: str, default: Any = None, shown: str = "") -> Any:  # noqa: ANN401 - typed by the field it stands for
    return field(default=default, metadata={"parse": parse, "help": help_text, "shown": shown})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one process, validated. Field names are the variables' names without the prefix, in lower case."""

    data: Path = _setting(_path, "Folder of everything the installation keeps.", Path(".poolkeeper"))
    region: str = _setting(
        _matching(r"[a-z]{2,4}(-[a-z]+)+-[0-9]", "must look like us-east-1"), "Region in ids and ARNs.", "us-east-1"
    )
    account_id: str | None = _setting(
        _matching(r"[0-9]{12}", "must be 12 digits"), "First account, made by `init`.", None, "random"
    )
    root_email: str = _setting(
        _matching(r"[^@\s]+@[^@\s]+", "must be an e-mail address"),
        "Address of the first account's root user.",
        "root@localhost",
    )
    host: str = _setting(_host, "Address to listen on.", "127.0.0.1")
    userpool_port: int = _setting(_whole(1, 65535), "Port of the user pool service.", 8401)
    identitypool_port: int = _setting(_whole(1, 65535), "Port of the identity pool service, STS and IAM.", 8402)
    demo_port: int = _setting(_whole(1, 65535), "Port of the demo store.", 8400)
    userpool_url: str = _setting(
        _base_url, "Public base URL of the user pool service; issuers are made of it.", "", "http://HOST:USERPOOL_PORT"
    )
    identitypool_url: str = _setting(
        _base_url, "Public base URL of the identity pool service.", "", "http://HOST:IDENTITYPOOL_PORT"
    )
    demo_url: str = _setting(_base_url, "Public base URL of the demo store.", "", "http://HOST:DEMO_PORT")
    authorizer_url: str = _setting(
        _base_url, "Where protected services ask the authorizer.", "", "http://HOST:IDENTITYPOOL_PORT"
    )
    sign_ins_url: str = _setting(
        _base_url,
        "Where the identity pool asks the user pools for their keys, and whether a sign-in still stands.",
        "",
        "http://HOST:USERPOOL_PORT",
    )
    database_url: str | None = _setting(
        _url("postgresql"),
        "Database: `postgresql://...`; each service keeps a schema of its own.",
        None,
        "SQLite files in DATA",
    )
    redis_url: str | None = _setting(
        _redis_url, "Redis for counters and notices between replicas.", None, "none: SQL is used"
    )
    master_key: Secret | None = _setting(
        lambda value: Secret(_text(value)),
        "The master key itself: base64 of 32 bytes; several from oldest to newest, with blanks between.",
        None,
        "none: the file is read",
    )
    master_key_file: Path | None = _setting(_path, "File of the master key, mode 0600.", None, "DATA/master.key")
    outbox: Path | None = _setting(_path, "Folder of outgoing messages, one JSON file each.", None, "DATA/outbox")
    smtp_url: Secret | None = _setting(
        lambda value: Secret(_server("smtp", "smtps")(value)),
        "Mail server: `smtp://user:password@host:port`; e-mail then leaves by it.",
        None,
        "none: e-mail goes to OUTBOX",
    )
    mail_from: str = _setting(
        _matching(r"[^@\s<>]+@[^@\s<>]+", "must be an e-mail address"), "Sender of outgoing mail.", "no-reply@localhost"
    )
    bootstrap_access_key_id: str | None = _setting(
        _matching(r"AKIA[A-Z0-9]{12,28}", "must start with AKIA and have 16 to 32 capitals and digits"),
        "First administrator's key id, given from outside.",
        None,
        "made by `init`",
    )
    bootstrap_secret_access_key: Secret | None = _setting(
        lambda value: Secret(_matching(r"[A-Za-z0-9+/]{16,128}", "must be 16 to 128 letters, digits, + or /")(value)),
        "First administrator's secret key, given from outside.",
        None,
        "made by `init`",
    )
    authorizer_cache_s: float = _setting(
        _seconds(0), "How long a protected service may keep keys and policies; 0 asks each time.", 2.0
    )
    source_failures: int = _setting(
        _whole(1, 1000000),
        "Failed sign-ins from one source address (IPv6: one /64) in 5 minutes before it is paused.",
        300,
    )
    audit_days: int = _setting(_whole(1, 36500), "How many days the audit keeps its records; denials stay for one.", 90)
    trusted_proxies: tuple[str, ...] = _setting(
        _networks,
        "Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
        (),
    )
    workers: int = _setting(_whole(1, 64), "Processes of each service.", cores(), "number of cores")
    threads: int = _setting(_whole(1, 128), "Threads of each process for work that waits.", 8)
    body_deadline_s: float = _setting(
        _seconds(0.1),
        "How long a request may take to arrive; each 64 KiB of it that are here give it a second more.",
        10.0,
    )
    request_deadline_s: float = _setting(
        _seconds(0.1),
        "How long a request may take once it is here; then it is answered with 503 and writes no more.",
        20.0,
    )
    drain_s: float = _setting(
        _seconds(0), "How long a service that is told to end (SIGTERM) says so at /health/ready and serves on.", 2.0
    )
    test_mode: bool = _setting(
        _flag, "1 opens POST /test/clock and /test/reset; refused unless HOST is a loopback address.", False, "0"
    )

    @property
    def userpool_base(self) -> str:
        """Public base URL of the user pool service."""
        return self.userpool_url or self.at(self.userpool_port)

    @property
    def identitypool_base(self) -> str:
        """Public base URL of the identity pool service."""
        return self.identitypool_url or self.at(self.identitypool_port)

    @property
    def demo_base(self) -> str:
        """Public base URL of the demo store."""
        return self.demo_url or self.at(self.demo_port)

    @property
    def authorizer_base(self) -> str:
        """Base URL of the internal authorizer."""
        return self.authorizer_url or self.at(self.identitypool_port)

    @property
    def sign_ins_base(self) -> str:
        """Base URL of the user pool service for the identity pool's own questions."""
        return self.sign_ins_url or self.at(self.userpool_port)

    def at(self, port: int) -> str:
        """The base URL of a port of ours. An address that stands for all is one to listen on, not one to call."""
        host = _EVERYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def key_file(self) -> Path:
        """File of the master key."""
        return self.master_key_file or self.data / "master.key"

    @property
    def outbox_folder(self) -> Path:
        """Folder of outgoing messages."""
        return self.outbox or self.data / "outbox"

    def database(self, service: str) -> str:
        """The database URL of one service: its own file, or its own schema of the common server."""
        return self.database_url or sqlite_url(self.data / f"{service}.db")


@dataclass(frozen=True, slots=True)
class Described:
    """One line of the settings page."""

    name: str
    default: str
    help: str


def described() -> list[Described]:
    """Every setting with its default and meaning, for the docs and `doctor`."""
    return [
        Described(PREFIX + f.name.upper(), f.metadata["shown"] or str(f.default), f.metadata["help"])
        for f in fields(Settings)
    ]


def read(environ: Mapping[str, str]) -> Settings:
    """The settings of this process. Raises BadSetting for an unknown, malformed or contradicting one."""
    known = {PREFIX + f.name.upper(): f for f in fields(Settings)}
    values: dict[str, Any] = {}
    for name in sorted(environ):
        if not name.startswith(PREFIX):
            continue
        setting = known.get(name)
        if setting is None:
            raise BadSetting(f"unknown setting {name}; see docs/settings.md")
        try:
            values[setting.name] = setting.metadata["parse"](environ[name])
        except ValueError as error:
            raise BadSetting(f"{name} {error}") from None
    settings = Settings(**values)
    _check_together(settings)
    return settings


def _check_together(settings: Settings) -> None:
    if settings.test_mode and settings.host not in {"127.0.0.1", "localhost", "::1"}:
        raise BadSetting(f"{PREFIX}TEST_MODE is refused while {PREFIX}HOST is {settings.host}: loopback only")
    if (settings.bootstrap_access_key_id is None) != (settings.bootstrap_secret_access_key is None):
        raise BadSetting(f"{PREFIX}BOOTSTRAP_ACCESS_KEY_ID and {PREFIX}BOOTSTRAP_SECRET_ACCESS_KEY go together")
    ports = [settings.userpool_port, settings.identitypool_port, settings.demo_port]
    if len(set(ports)) != len(ports):
        raise BadSetting(f"{PREFIX}USERPOOL_PORT, {PREFIX}IDENTITYPOOL_PORT and {PREFIX}DEMO_PORT must differ")
