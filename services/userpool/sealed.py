"""What the user pool's database holds sealed, for a rotation of the master key."""

from typing import Any, Final

import msgspec

from services.userpool.clients import store as clients
from services.userpool.passwords import verifier
from services.userpool.passwords.verifier import Owner, PasswordRecord
from services.userpool.schema.directory import app_clients, users
from services.userpool.schema.tokens import signing_key
from services.userpool.tokens import key_ring
from shared.rewrap import OWN, Sealed, Through


def _password(row: Any, through: Through) -> bytes:  # noqa: ANN401 - a row has no type
    record = msgspec.msgpack.decode(row.password, type=PasswordRecord)
    return msgspec.msgpack.encode(verifier.passed(record, _owner(row), through))


def _history(row: Any, through: Through) -> bytes:  # noqa: ANN401 - as above
    records = msgspec.msgpack.decode(row.password_history, type=tuple[PasswordRecord, ...])
    return msgspec.msgpack.encode([verifier.passed(record, _owner(row), through) for record in records])


def _owner(row: Any) -> Owner:  # noqa: ANN401 - as above
    """A seal is bound to pool and sub alone; under which name its user signs in does not matter here."""
    return Owner(row.pool_id, row.sub, "")


SEALED: Final = (
    OWN,
    Sealed(
        signing_key.c.sealed,
        key_ring.SEALED_FOR,
        lambda row, through: through(row.sealed, key_ring.owner_of(row.pool_id, row.use)),
    ),
    Sealed(
        app_clients.c.secrets, clients.SEALED_FOR, lambda row, through: through(row.secrets, row.client_id.encode())
    ),
    Sealed(users.c.password, verifier.SEALED_FOR, _password),
    Sealed(users.c.password_history, verifier.SEALED_FOR, _history),
)
