"""When keys and roles were last used, as IAM shows it (GetAccessKeyLastUsed, GetRole)."""

from collections.abc import Sequence

from services.identitypool.iam.store import access_keys, roles
from shared.audit.record import KeyUse
from shared.sql.engine import Sql


def keep_uses(sql: Sql, uses: Sequence[KeyUse]) -> None:
    """Notes the newest use of each; a key or role that is gone has none."""
    with sql.write() as tx:
        for use in {(use.account, use.key): use for use in sorted(uses, key=lambda use: use.at)}.values():
            if use.key.startswith("AROA"):
                roles.touch_role_last_used(tx, use)
            else:
                access_keys.touch_key_last_used(tx, use)
