"""Which sign-in calls are answered without waiting: those that read and sign, and write nothing."""

from typing import Final

import msgspec

from services.userpool.clients import store as clients
from services.userpool.clients.client import AppClient
from services.userpool.context import Context
from services.userpool.pools.pool import UserPool
from services.userpool.tokens.key_ring import KeyRing
from shared.refusal import Refusal

_REFRESHES: Final = frozenset({"REFRESH_TOKEN", "REFRESH_TOKEN_AUTH"})


class _Begun(msgspec.Struct):
    """What of InitiateAuth tells how long it takes."""

    flow: str = msgspec.field(name="AuthFlow", default="")
    client: str = msgspec.field(name="ClientId", default="")


_BEGUN: Final = msgspec.json.Decoder(_Begun)


def only_reads(context: Context, body: bytes) -> bool:
    """Whether an InitiateAuth writes nothing and asks nobody: the first half of SRP, and a refresh without rotation.

    A pool whose keys are not yet at hand may have to make them. What cannot be read is refused at once.
    """
    try:
        begun = _BEGUN.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return True
    if begun.flow == "USER_SRP_AUTH":
        return context.settings.redis_url is None  # the pause of a source may be kept there
    return begun.flow in _REFRESHES and _signs_at_once(context, begun.client)


def client_and_pool(context: Context, client_id: str) -> tuple[AppClient, UserPool]:
    """The client and its pool; asked again within one call, nothing is read twice. Raises ResourceNotFound."""
    return context.sql.current(("client", client_id), lambda tx: clients.client_and_pool(tx, context.keys, client_id))


def _signs_at_once(context: Context, client_id: str) -> bool:
    try:
        client, pool = client_and_pool(context, client_id)
    except Refusal:  # the answer is that refusal
        return True
    return not client.rotation.enabled and context.part(KeyRing).holds(pool.id)
