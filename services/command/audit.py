"""`poolkeeper audit`: the newest records of every service's audit: who, what, on whom, result, source, request id."""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from services.command.init import open_installation
from services.command.parts import MIGRATIONS
from shared.audit import store
from shared.audit.record import KINDS, Entry, Kind
from shared.house import clock_of
from shared.settings import Settings
from shared.sql.engine import Sql

_NEWEST: Final = 50
_MOST: Final = 10_000
_LATE_S: Final = 30.0
"""How much later than its time a row may be written: the buffer gathers, and other services report."""
_Key = tuple[str, str, int, float]


def show(settings: Settings, options: argparse.Namespace) -> int:
    """Prints the records that the options ask for; with `--follow` goes on until interrupted."""
    try:
        return _show(settings, options)
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _show(settings: Settings, options: argparse.Namespace) -> int:
    databases = [open_installation(settings, service)[1] for service in MIGRATIONS]
    since = 0.0 if options.since is None else clock_of(settings)().timestamp() - options.since
    most = _NEWEST if options.since is None and options.request is None else _MOST
    kinds: tuple[Kind, ...] = ("denial",) if options.denied else KINDS
    found = records(databases, kinds, since, _MOST)
    for entry in _asked_for(options, found)[-most:]:
        _print(options, entry)
    while options.follow:
        time.sleep(1)
        seen = {_key(entry) for entry in found}
        since = max([since, *(entry.at - _LATE_S for entry in found)])
        found = records(databases, kinds, since, _MOST)
        for entry in _asked_for(options, found):
            if _key(entry) not in seen:
                _print(options, entry)
    return 0


def _asked_for(options: argparse.Namespace, found: list[Entry]) -> list[Entry]:
    return [entry for entry in found if options.request in {None, entry.request_id}]


def _print(options: argparse.Namespace, entry: Entry) -> None:
    print(as_json(entry) if options.json else as_text(entry), flush=True)


def records(databases: Sequence[Sql], kinds: Sequence[Kind], since: float, most: int) -> list[Entry]:
    """The newest `most` records of these kinds in all databases and accounts, in order of time."""
    found: list[Entry] = []
    for sql in databases:
        with sql.read() as tx:
            for account in store.accounts(tx):
                for kind in kinds:
                    found += store.newest(tx, account, kind, since=since, most=most)
        sql.close()
    return sorted(found, key=lambda entry: (entry.at, entry.request_id, entry.number))[-most:]


def as_json(entry: Entry) -> str:
    """A record as one line of JSON."""
    whole = msgspec.to_builtins(entry) | {
        "at": _time(entry.at).isoformat(),
        "decision": msgspec.json.decode(entry.decision) if entry.decision else None,
    }
    return json.dumps(whole, separators=(",", ":"))  # ASCII: a terminal obeys some letters beyond it


def as_text(entry: Entry) -> str:
    """A record for reading: what happened, and below it who, on what, why not, and under which id."""
    return "\n".join(_lines(entry))


def _lines(entry: Entry) -> Iterator[str]:
    yield f"{_time(entry.at):%Y-%m-%d %H:%M:%S}Z  {entry.action}  {entry.result}"
    key = f" ({entry.access_key_id})" if entry.access_key_id else ""
    yield f"    who  {_printable(entry.caller)}{key} from {_printable(entry.source) or 'this machine'}"
    shown = {part for resource in entry.resources for part in (resource, resource.rpartition("/")[2])}
    on = [*entry.resources, *(f"{name}={value}" for name, value in entry.named.items() if value not in shown)]
    if on:
        yield f"    on   {_printable('  '.join(on))}"
    if entry.explanation:
        yield f"    why  {_printable(entry.explanation)}"
    if entry.decision:
        yield from (f"         {_printable(line)}" for line in _reasons(msgspec.json.decode(entry.decision)))
    yield f"    id   {entry.request_id}"


def _reasons(decision: dict[str, Any]) -> Iterator[str]:
    """What each layer of the policies said, by which statements, and which keys were missing."""
    for check in decision["checks"]:
        by = ", ".join(_statement(one) for one in check.get("matched", ()))
        yield f"{check['layer']}: {check['outcome']}" + (f" by {by}" if by else "")
    if decision["missing_keys"]:
        yield f"condition keys that were not there: {', '.join(decision['missing_keys'])}"


def _statement(matched: dict[str, Any]) -> str:
    version = f" {matched['version']}" if matched["version"] else ""
    return f"{matched['source_id'] or 'the session policy'}{version}" + (f" {matched['sid']}" if matched["sid"] else "")


def _key(entry: Entry) -> _Key:
    return entry.account, entry.request_id, entry.number, entry.at


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _printable(text: str) -> str:
    """Names are other people's words: what a terminal would obey is shown as an escape."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
