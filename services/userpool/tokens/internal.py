"""The internal question: the identity pool asks whether sign-ins still stand before it gives anything for their tokens."""

from services.userpool.context import Context
from services.userpool.pools import store as pools
from services.userpool.tokens import store
from services.userpool.tokens.sessions import refusal_of
from shared.outbound.sign_ins import TALK, Answer, SignIn
from shared.sql.engine import Tx


def answer(context: Context, body: bytes) -> bytes:
    """The sealed answer to a sealed question. Raises BrokenSeal when no service of this installation asked it."""
    question = TALK.open_question(context.keys, body)
    with context.sql.read() as tx:
        said = Answer(all(_stands(tx, sign_in) for sign_in in question.sign_ins))
    return TALK.seal_answer(context.keys, body, said)


def _stands(tx: Tx, sign_in: SignIn) -> bool:
    """The same facts that an access token's user is asked for: there, in order, and the session not ended (R8)."""
    if pools.find_pool(tx, sign_in.pool_id) is None:
        return False
    found = store.find_holder(tx, sign_in.pool_id, sign_in.origin_jti, sign_in.sub, hold=False)
    return found is not None and found[1] and refusal_of(found[0]) is None
