"""Credentials that were handed out: what costs microseconds may cost its record a fraction of one.

Between two writings alike ones become one row with a count. Where more different ones come than can be written singly,
the rest is one row for each role, with a count: no number of callers can fill the audit or slow the service.
"""

from collections import deque
from datetime import datetime
from typing import Final

import msgspec

from shared.audit.record import Entry

_MOST_WAITING: Final = 50_000
_MOST_SINGLY: Final = 256
_Key = tuple[str, ...]


class HandOut(msgspec.Struct, frozen=True, gc=False):
    """Temporary credentials that `caller` got, for a session of the role `resource` or, without one, of their own.

    `made` is the id of the temporary access key.
    """

    account: str
    action: str
    caller: str
    access_key_id: str
    source: str
    resource: str
    session: str
    made: str
    request_id: str
    now: datetime

    @property
    def alike(self) -> _Key:
        """What is the same of those that are counted together."""
        return self.account, self.action, self.caller, self.access_key_id, self.source, self.resource, self.session


class HandOuts:
    """Those that are not written yet."""

    def __init__(self) -> None:
        self._waiting: deque[HandOut] = deque(maxlen=_MOST_WAITING)

    def add(self, one: HandOut) -> None:
        """Takes one. Never waits."""
        self._waiting.append(one)

    def gather(self) -> list[Entry]:
        """What came since the last time, as rows."""
        came = [self._waiting.popleft() for _ in range(len(self._waiting))]
        alike: dict[_Key, list[HandOut]] = {}
        for one in came:
            alike.setdefault(one.alike, []).append(one)
        groups = list(alike.values())
        of_roles: dict[_Key, list[HandOut]] = {}
        for group in groups[_MOST_SINGLY:]:
            of_roles.setdefault((group[0].account, group[0].action, group[0].resource), []).extend(group)
        singly = [_row(group[0], len(group)) for group in groups[:_MOST_SINGLY]]
        return singly + [_row(_of_several(group[0]), len(group)) for group in of_roles.values()]


def _of_several(one: HandOut) -> HandOut:
    return msgspec.structs.replace(one, caller="several callers", access_key_id="", source="", session="", made="")


def _row(one: HandOut, times: int) -> Entry:
    named = {"AccessKeyId": one.made, "RoleSessionName": one.session, "Times": str(times) if times > 1 else ""}
    return Entry(
        account=one.account,
        kind="use",
        at=one.now.timestamp(),
        request_id=one.request_id,
        action=one.action,
        caller=one.caller,
        access_key_id=one.access_key_id,
        source=one.source,
        resources=(one.resource,) if one.resource else (),
        named={name: value for name, value in named.items() if value},
    )
