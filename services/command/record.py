"""The audit's row of what was done at this machine's command line, where nobody signs."""

import os
from datetime import datetime

from shared import ids
from shared.audit import store
from shared.audit.record import Entry
from shared.aws import arn
from shared.sql.engine import Tx


def record(tx: Tx, account: str, action: str, now: datetime, **named: str) -> None:
    """Appends it, in the transaction of the change; `named` is what the change was about."""
    entry = Entry(
        account=account,
        kind="change",
        at=now.timestamp(),
        request_id=ids.uuid4(),
        action=action,
        caller=f"command line of uid {os.getuid()}",
        resources=(arn.root(account),),
        named=named,
    )
    store.append(tx, entry)
