"""The one place where a code is checked and used up (R1), in the transaction of what it opens (R2)."""

from collections.abc import Callable

from services.userpool.context import Call
from services.userpool.directory import store as directory
from services.userpool.directory.user import User
from services.userpool.errors import CodeMismatch, ExpiredCode, LimitExceeded
from services.userpool.pools.pool import UserPool
from services.userpool.pools.resource import by_user
from services.userpool.signin.parts import Secrets
from services.userpool.signup import store
from services.userpool.signup.codes import Code, Purpose, Verdict, judge
from shared.refusal import Refusal
from shared.sql.engine import Tx

MISMATCH = "Invalid verification code provided, please try again."
EXPIRED = "Invalid code provided, please request a code again."
TOO_MANY = "Attempt limit exceeded, please try after some time."

Effect = Callable[[Tx, User, Code], None]


def spend(call: Call, pool: UserPool, user: User, purpose: Purpose, given: str, *, effect: Effect) -> None:
    """Uses the code up and writes its effect, both or neither; a wrong try is counted and stays counted.

    `effect` gets the user's row, held. Raises CodeMismatch, ExpiredCode, LimitExceeded.
    """
    key = call.context.part(Secrets).codes
    with call.context.sql.write() as tx:
        held = directory.find_user_by_sub(tx, pool.id, user.sub, hold=True)
        code = store.code_to_spend(tx, pool.id, user.sub, purpose)
        verdict = judge(code, key, given, call.now.timestamp())
        if code is not None and verdict is Verdict.WRONG:
            store.count_try(tx, code)
        if code is not None and held is not None and verdict is Verdict.GOOD:
            store.remove_code(tx, pool.id, user.sub, purpose)
            effect(tx, held, code)
            call.record(tx, by_user(call, pool, user.sub))
            return
    raise _refusal(verdict)


def _refusal(verdict: Verdict) -> Refusal:
    if verdict is Verdict.TOO_MANY:
        return LimitExceeded(TOO_MANY)
    return CodeMismatch(MISMATCH) if verdict is Verdict.WRONG else ExpiredCode(EXPIRED)
