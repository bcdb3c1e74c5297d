"""`poolkeeper keys`: the master keys; a new one in, everything stored sealed under it, an old one out (R28)."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from services.command.init import first_account, open_installation
from services.command.parts import IDENTITYPOOL, MIGRATIONS, USERPOOL
from services.command.record import record
from services.identitypool.sealed import SEALED as IN_IDENTITYPOOL
from services.userpool.sealed import SEALED as IN_USERPOOL
from shared.clock import system_clock
from shared.house import clock_of
from shared.keys import NotNow, add_master_key, remove_master_key
from shared.rewrap import Sealed, counted, rewrap
from shared.settings import PREFIX, Settings

Say = Callable[[str], None]
_SEALED: Final[dict[str, Sequence[Sealed]]] = {USERPOOL: IN_USERPOOL, IDENTITYPOOL: IN_IDENTITYPOOL}
_ALL_KNOW_AFTER_S: Final = 60
_IN_A_SETTING: Final = (
    f"the master keys come from {PREFIX}MASTER_KEY, oldest first: give every service the new key in front of the others, "
    "then, once all were restarted, at the end; then run `poolkeeper keys rewrap`"
)


def shown(settings: Settings) -> list[str]:
    """A line for each master key, the newest last: its id, and how much of what is stored lies sealed under it."""
    keys, _ = open_installation(settings, IDENTITYPOOL)
    found = _counted(settings)
    lines = [f"{key_id.hex()}  older   {found.pop(key_id, 0):,} stored values" for key_id in keys.ids[:-1]]
    lines.append(f"{keys.ids[-1].hex()}  newest  {found.pop(keys.ids[-1], 0):,} stored values")
    return lines + [f"{key_id.hex()}  MISSING {count:,} stored values" for key_id, count in found.items()]


def rotate(settings: Settings, say: Say) -> None:
    """Adds a master key and seals everything stored under it. Services may run meanwhile. Raises NotNow."""
    if settings.master_key is not None:
        raise NotNow(_IN_A_SETTING)
    for service in MIGRATIONS:
        open_installation(settings, service)  # nothing is begun where something is wrong
    add_master_key(settings.key_file)
    keys, _ = open_installation(settings, IDENTITYPOOL)
    say(f"master key {keys.ids[-1].hex()} added to {settings.key_file}: back the file up now")
    _record(settings, "poolkeeper:AddMasterKey", keys.ids[-1])
    seal_again(settings, say)
    say("What was handed out under older keys stays good until `poolkeeper keys retire ID`.")


def seal_again(settings: Settings, say: Say) -> None:
    """Seals what is stored under the newest master key; to be repeated when it was interrupted. Raises NotNow."""
    broken = 0
    for service, places in _SEALED.items():
        keys, sql = open_installation(settings, service)
        for sealed in places:
            name = f"{sealed.column.table.name}.{sealed.column.name}"
            result = rewrap(sql, keys, sealed)
            say(f"{service}: {result.done:,} values of {name} sealed again")
            if result.broken:
                say(
                    f"{service}: {len(result.broken):,} values of {name} cannot be opened, such as of {result.broken[0]}"
                )
            broken += len(result.broken)
    if broken:
        raise NotNow(f"{broken:,} values cannot be opened: restore them, or delete what they belong to")


def retire(settings: Settings, key_id: str, say: Say) -> None:
    """Takes an older master key away: what was handed out under it (refresh tokens, temporary credentials) ends.

    Raises NotNow where something stored still needs it, or services may not have met the newer one yet.
    """
    if settings.master_key is not None:
        raise NotNow(f"the master keys come from {PREFIX}MASTER_KEY: take it away there, and restart the services")
    keys, _ = open_installation(settings, IDENTITYPOOL)
    gone = next((one for one in keys.ids[:-1] if one.hex() == key_id.lower()), None)
    if gone is None:
        raise NotNow(f"{key_id} is not the id of an older master key; `poolkeeper keys list` shows them")
    age_s = system_clock().timestamp() - settings.key_file.stat().st_mtime
    if age_s < _ALL_KNOW_AFTER_S:
        raise NotNow(f"the keys changed {age_s:.0f} s ago; services know of it after {_ALL_KNOW_AFTER_S} s")
    seal_again(settings, say)
    left = _counted(settings)[gone]
    if left:
        raise NotNow(f"{left:,} stored values lie under {key_id} still; run this again")
    remove_master_key(settings.key_file, gone)
    _record(settings, "poolkeeper:RetireMasterKey", gone)
    say(
        f"master key {key_id} is gone from {settings.key_file}; backups made before its rotation need it, so keep a copy"
    )


def _counted(settings: Settings) -> Counter[bytes]:
    found: Counter[bytes] = Counter()
    for service, places in _SEALED.items():
        _, sql = open_installation(settings, service)
        for sealed in places:
            found += counted(sql, sealed)
    return found


def _record(settings: Settings, action: str, key_id: bytes) -> None:
    _, sql = open_installation(settings, IDENTITYPOOL)
    with sql.write() as tx:
        record(tx, first_account(tx), action, clock_of(settings)(), MasterKeyId=key_id.hex())
