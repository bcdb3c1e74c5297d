"""Which keys are in use: each key and service is told of at most once a minute, so that nothing is slowed by it."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from shared.audit.record import KeyUse
from shared.guard.caller import Caller, CallerKind

_EVERY_S: Final = 60.0
_MOST_KEPT: Final = 4096


class KeyUses:
    """What one process has told of lately."""

    def __init__(self, tell: Callable[[KeyUse], None]) -> None:
        self._tell = tell
        self._told: dict[str, float] = {}

    def saw(self, caller: Caller, service: str, region: str, now: datetime) -> None:
        """Somebody's signature for `service` held. A user's own session counts for no key: it has none in IAM."""
        key = caller.role_id or caller.access_key_id
        at = now.timestamp()
        mark = service + key
        if -_EVERY_S < at - self._told.get(mark, -_EVERY_S) < _EVERY_S:
            return
        if len(self._told) >= _MOST_KEPT:
            self._told.clear()
        self._told[mark] = at
        if caller.kind is CallerKind.ROLE_SESSION or not caller.temporary:
            self._tell(KeyUse(caller.account, key, service, region, at))
