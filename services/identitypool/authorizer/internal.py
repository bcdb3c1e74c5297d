"""The internal check: the guards of other services ask here which caller, signing key and policies a key stands for.

They report here as well: which keys signed, and what belongs into the audit of a service that keeps none itself.
"""

from functools import lru_cache

from services.identitypool.authorizer.grants import LocalGrants
from services.identitypool.context import Context
from shared.guard import authorizer_wire as wire
from shared.guard import sigv2, sigv4
from shared.refusal import Refusal
from shared.seal import Keys
from shared.sql.engine import Sql


def answer(context: Context, body: bytes) -> bytes:
    """The sealed answer to a sealed question. Raises BrokenSeal when no service of this installation asked it."""
    question = wire.open_question(context.keys, body)
    try:
        found, secret = _grants(context.sql, context.keys).bound(
            question.access_key_id, question.security_token, question.service, context.clock()
        )
        if question.proof is not None:
            sigv2.check(question.proof.text, question.proof.signature, secret.reveal())
            return wire.seal_answer(context.keys, body, wire.Granted(found, b""))
    except Refusal as refusal:
        return wire.seal_answer(context.keys, body, wire.refused(refusal))
    key = sigv4.derive_key(secret.reveal(), question.date, question.region, question.service)
    return wire.seal_answer(context.keys, body, wire.Granted(found, key))


def take_report(context: Context, body: bytes) -> bytes:
    """Takes what a service of this installation has seen; there is nothing to answer. Raises BrokenSeal."""
    report = wire.open_report(context.keys, body)
    for use in report.uses:
        context.journal.note(use)
    for entry in report.entries:
        context.journal.note(entry)
    return b""


@lru_cache(maxsize=4)  # a process has one
def _grants(sql: Sql, keys: Keys) -> LocalGrants:
    return LocalGrants(sql, keys)
