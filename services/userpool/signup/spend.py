"""The one place where a code is checked and used up (R1), in the transaction of what it opens (R2)."""

from collections.abc import Callable

from services.userpool.context import Call
from services.userpool.directory import store as directory
from services.userpool.directory.user import User
from services.userpool.errors import TOO_MANY_ATTEMPTS, CodeMismatch, ExpiredCode, LimitExceeded
from services.userpool.pools.pool import UserPool
from services.userpool.pools.resource import by_user
from services.userpool.signin.parts import Secrets
from services.userpool.signup import store
from services.userpool.signup.codes import NO_CODE, Code, Purpose, Verdict, judge, ttl
from shared.refusal import Refusal
from shared.sql.engine import Tx

MISMATCH = "Invalid verification code provided, please try again."
EXPIRED = "Invalid code provided, please request a code again."

Effect = Callable[[Tx, User, Code], None]


def spend(call: Call, pool: UserPool, sub: str, purpose: Purpose, given: str, *, effect: Effect) -> None:
    """Uses the code up and writes its effect, both or neither; a wrong try is counted and stays counted.

    `effect` gets the user's row, held. `sub` may be nobody's: a try costs the same, and is counted too (R15).
    Raises CodeMismatch, ExpiredCode, LimitExceeded.
    """
    with call.context.sql.write() as tx:
        held = directory.find_user_by_sub(tx, pool.id, sub, hold=True)
        code = store.code_to_spend(tx, pool.id, sub, purpose)
        verdict = _verdict(call, code, given, held)
        if code is not None and held is not None and verdict is Verdict.GOOD:
            store.remove_code(tx, pool.id, sub, purpose)
            effect(tx, held, code)
            call.record(tx, by_user(call, pool, sub))
            return
        store.count_try(tx, code or _no_code(call, pool, sub, purpose))
        store.forget_ended(tx, pool.id, call.now.timestamp())
    raise _refusal(verdict)


def is_good(call: Call, pool: UserPool, sub: str, purpose: Purpose, given: str, user: User | None) -> bool:
    """Whether `spend` would take the code now. For what must not be done inside a transaction; decides nothing."""
    with call.context.sql.read() as tx:
        return _verdict(call, store.find_code(tx, pool.id, sub, purpose), given, user) is Verdict.GOOD


def _verdict(call: Call, code: Code | None, given: str, user: User | None) -> Verdict:
    version = 0 if user is None else user.password_version
    return judge(code, call.context.part(Secrets).codes, given, call.now.timestamp(), version=version)


def _no_code(call: Call, pool: UserPool, sub: str, purpose: Purpose) -> Code:
    """What counts the tries of somebody who was sent no code."""
    ends = (call.now + ttl(Purpose.NOTHING)).timestamp()
    return Code(pool.id, sub, purpose, attribute="", target="", hash=NO_CODE, tries=1, expires_at=ends)


def _refusal(verdict: Verdict) -> Refusal:
    if verdict is Verdict.TOO_MANY:
        return LimitExceeded(TOO_MANY_ATTEMPTS)
    return CodeMismatch(MISMATCH) if verdict is Verdict.WRONG else ExpiredCode(EXPIRED)
