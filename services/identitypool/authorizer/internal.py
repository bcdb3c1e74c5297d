"""The internal check: the guards of other services ask here which caller, signing key and policies a key stands for."""

from services.identitypool.authorizer.grants import StoredGrants
from services.identitypool.context import Context
from shared.guard import authorizer_wire as wire
from shared.guard import sigv4
from shared.refusal import Refusal


def answer(context: Context, grants: StoredGrants, body: bytes) -> bytes:
    """The sealed answer to a sealed question. Raises BrokenSeal when no service of this installation asked it."""
    question = wire.open_question(context.keys, body)
    try:
        found, secret = grants.bound(question.access_key_id, question.security_token, question.service, context.clock())
    except Refusal as refusal:
        return wire.seal_answer(context.keys, body, wire.refused(refusal))
    key = sigv4.derive_key(secret.reveal(), question.date, question.region, question.service)
    return wire.seal_answer(context.keys, body, wire.Granted(found, key))
