"""Signing in: begin, answer, and hand out tokens. Every way in goes through `proceed`."""

from collections.abc import Callable
from typing import Final

import msgspec

from services.userpool.clients.secret_hash import check_secret_hash
from services.userpool.directory import store as directory
from services.userpool.directory.user import User
from services.userpool.errors import INVALID_SESSION, WRONG_PROOF, InvalidParameter, NotAuthorized, UserNotConfirmed
from services.userpool.passwords import srp, verifier
from services.userpool.passwords.lockout import MESSAGE, after_failure, after_success, may_attempt
from services.userpool.passwords.policy import check_temporary
from services.userpool.passwords.verifier import Vault
from services.userpool.pools.pool import UserPool
from services.userpool.pools.resource import by_user
from services.userpool.signin import session, store
from services.userpool.signin.challenges import new_password_required, password_verifier
from services.userpool.signin.entrance import Entrance, check_source, count_source
from services.userpool.signin.person import Person, answers_to, person_again, person_named, record_for_srp
from services.userpool.signin.session import Asked
from services.userpool.signin.step import Attempt, Challenge, SignedIn, next_step, with_proof
from services.userpool.tokens import sessions
from services.userpool.tokens import store as tokens
from services.userpool.tokens.flow import Signer, Tokens
from services.userpool.tokens.refresh_token import SECRET_BYTES, RefreshTokens
from shared import ids
from shared.sql.engine import Tx

NO_SRP: Final = "USER_SRP_AUTH is not available: this user pool stores password hashes only."

_NOW_AND_THEN: Final = "0"  # one sign-in in sixteen clears away: ended sessions do no harm, and a look costs its share

Change = Callable[[Tx, User], None]


class Challenged(msgspec.Struct, frozen=True):
    """The user must answer this next."""

    challenge: Challenge
    session: str
    parameters: dict[str, str]


Outcome = Challenged | Tokens


class Underway(msgspec.Struct, frozen=True):
    """A sign-in between two steps. `user` is as read in this call."""

    attempt: Attempt
    origin_jti: str
    epoch: int
    user: User


def begin_with_password(entrance: Entrance) -> Outcome:
    """The plain password, proved in the call that begins the sign-in. Raises NotAuthorized and kin."""
    entrance.needed("USERNAME")  # is missed before the password
    password = entrance.needed("PASSWORD")
    person = _person(entrance)
    judge = verifier.matches_at_the_cost_of_a_hash if entrance.pool.may_hold_hashes else verifier.matches
    right = judge(entrance.context.part(Vault), person.record, person.owner, password)
    if not right or person.user is None:
        raise count_failure(entrance, person)
    attempt = with_proof(_attempt(entrance, person, Challenge.PASSWORD), Challenge.PASSWORD)
    underway = Underway(attempt, ids.uuid4(), person.user.session_epoch, person.user)
    return proceed(entrance, underway, _conversion(entrance, person, password))


def _conversion(entrance: Entrance, person: Person, password: str) -> Change | None:
    """Keeps a password that was proved in the pool's own way, where its record is of another kind."""
    kind, record = entrance.pool.password_kind, person.record
    if record.kind is kind:
        return None
    salt = ids.random_bytes(srp.SALT_BYTES)
    vault = entrance.context.part(Vault)
    fresh = verifier.make_record(vault, kind, person.owner, password, salt=salt, version=record.version)
    return lambda tx, user: directory.convert_password(tx, user, fresh)


def begin_with_srp(entrance: Entrance) -> Challenged:
    """Begins an SRP exchange; a stranger gets one as well, where the client hides who is a user."""
    _refuse_without_verifiers(entrance.pool)
    person = _person(entrance)
    record = record_for_srp(entrance.context, person)
    secret = verifier.srp_verifier(entrance.context.part(Vault).open, record, person.owner)
    random = ids.random_bytes(password_verifier.RANDOM_BYTES)
    exchange = password_verifier.ask(secret, entrance.sent.get("SRP_A"), random)
    asked = Asked(
        attempt=_attempt(entrance, person, Challenge.PASSWORD_VERIFIER),
        challenge=Challenge.PASSWORD_VERIFIER,
        origin_jti=ids.uuid4(),
        epoch=person.user.session_epoch if person.user else 0,
        expires_at=session.expires_at(entrance.call.now, entrance.client.auth_session_ttl_s),
        exchange=exchange,
    )
    sealed = session.seal(entrance.context.keys, asked)
    parameters = password_verifier.parameters(exchange, person.owner, record.salt, sealed)
    return Challenged(Challenge.PASSWORD_VERIFIER, session.as_session(sealed), parameters)


def answer_password_verifier(entrance: Entrance, given_session: str | None) -> Outcome:
    """The client's SRP proof. The sign-in is found by SECRET_BLOCK alone; a Session sent along must be the same."""
    _refuse_without_verifiers(entrance.pool)
    sealed = session.from_secret_block(entrance.needed("PASSWORD_CLAIM_SECRET_BLOCK"))
    if given_session and session.from_session(given_session) != sealed:
        raise NotAuthorized(INVALID_SESSION)
    asked, person = _asked(entrance, sealed, Challenge.PASSWORD_VERIFIER)
    if asked.exchange is None:
        raise NotAuthorized(INVALID_SESSION)
    record = record_for_srp(entrance.context, person)
    secret = verifier.srp_verifier(entrance.context.part(Vault).open, record, person.owner)
    try:
        password_verifier.check(secret, asked.exchange, person.owner, sealed, entrance.sent)
    except NotAuthorized:
        raise count_failure(entrance, person) from None
    if person.user is None:
        raise count_failure(entrance, person)
    attempt = with_proof(asked.attempt, Challenge.PASSWORD_VERIFIER)
    return proceed(entrance, Underway(attempt, asked.origin_jti, asked.epoch, person.user))


def _refuse_without_verifiers(pool: UserPool) -> None:
    """Raises InvalidParameter for every name alike, before anybody is looked up."""
    if pool.password_kind is not verifier.Kind.SRP:
        raise InvalidParameter(NO_SRP)


def open_new_password(entrance: Entrance, given_session: str | None) -> Underway:
    """The sign-in in which a new password was asked for; `new_password.choose` goes on with it."""
    sealed = session.from_session(given_session)
    asked, person = _asked(entrance, sealed, Challenge.NEW_PASSWORD_REQUIRED)
    if person.user is None:
        raise NotAuthorized(INVALID_SESSION)
    return Underway(asked.attempt, asked.origin_jti, asked.epoch, person.user)


def proceed(entrance: Entrance, underway: Underway, change: Change | None = None) -> Outcome:
    """Asks for what is still to be proved, or hands out tokens.

    `change` is written in the transaction that writes the session; `underway.user` shows it already.
    """
    step = next_step(underway.attempt)
    if isinstance(step, SignedIn):
        return _hand_out(entrance, underway, change)
    with entrance.context.sql.read() as tx:
        user = _standing(tx, entrance, underway, hold=False)
    if user.password_set_at is not None:
        check_temporary(entrance.pool.password_policy, user.password_set_at, entrance.call.now)
    asked = Asked(
        attempt=underway.attempt,
        challenge=step.challenge,
        origin_jti=underway.origin_jti,
        epoch=underway.epoch,
        expires_at=session.expires_at(entrance.call.now, entrance.client.auth_session_ttl_s),
    )
    shown = {name: value for name, value in user.attributes.items() if entrance.client.readable(name)}
    missing = required_and_missing(entrance, user)
    return Challenged(
        step.challenge,
        session.as_session(session.seal(entrance.context.keys, asked)),
        new_password_required.parameters(user.username, shown, missing),
    )


def required_and_missing(entrance: Entrance, user: User) -> list[str]:
    """Gives the attributes the pool requires and the user has not."""
    required = [attribute.name for attribute in entrance.pool.schema.values() if attribute.required]
    return new_password_required.missing_attributes(required, user.attributes)


def count_failure(entrance: Entrance, person: Person) -> NotAuthorized:
    """Counts a wrong proof, in a transaction of its own that a later rollback cannot undo; gives what to raise."""
    count_source(entrance)
    now = entrance.call.now
    with entrance.context.sql.write() as tx:
        if person.user is None:
            state = store.hold_stranger(tx, entrance.pool.id, person.owner.sub, now)
        else:
            user = directory.find_user_by_sub(tx, entrance.pool.id, person.owner.sub, hold=True)
            if user is None:
                return NotAuthorized(WRONG_PROOF)
            state = user.lockout
        if not may_attempt(state, now):
            return NotAuthorized(MESSAGE)
        counted = after_failure(state, now)
        if person.user is None:
            store.set_stranger(tx, entrance.pool.id, person.owner.sub, state, counted)
        else:
            directory.set_lockout(tx, person.user, counted)
        store.forget_rested(tx, entrance.pool.id, now)  # here too, so that both cost the same (R15)
    return NotAuthorized(WRONG_PROOF)


def check_state(user: User) -> None:
    """Raises NotAuthorized, UserNotConfirmed or PasswordResetRequired for a user who may not sign in now."""
    refusal = sessions.refusal_of(user)
    if refusal is not None:
        raise refusal
    if user.status == "UNCONFIRMED":
        raise UserNotConfirmed("User is not confirmed.")
    if user.status not in {"CONFIRMED", "FORCE_CHANGE_PASSWORD"}:
        raise NotAuthorized(WRONG_PROOF)


def _person(entrance: Entrance) -> Person:
    """Whom the call names, unless a lock or the source's pause forbids to look further."""
    name = entrance.needed("USERNAME")
    check_source(entrance)
    with entrance.context.sql.read() as tx:
        person = person_named(entrance.context, tx, entrance.client, entrance.pool, name)
    _check(entrance, person)
    return person


def _asked(entrance: Entrance, sealed: bytes, challenge: Challenge) -> tuple[Asked, Person]:
    """What was asked, and of whom; they are looked up anew."""
    context, pool = entrance.context, entrance.pool
    name = entrance.needed("USERNAME")
    check_source(entrance)
    asked = session.open_asked(
        context.keys,
        sealed,
        pool_id=pool.id,
        client_id=entrance.client.id,
        challenge=challenge,
        now=entrance.call.now,
    )
    with context.sql.read() as tx:
        person = person_again(context, tx, pool, asked.attempt.user_id, asked.attempt.username, typed=name)
    if not answers_to(context, pool, person):
        raise NotAuthorized(INVALID_SESSION)
    _check(entrance, person)
    return asked, person


def _check(entrance: Entrance, person: Person) -> None:
    secrets = entrance.client.secrets
    check_secret_hash(entrance.client.id, secrets, person.names, entrance.sent.get("SECRET_HASH"))
    if not may_attempt(person.lockout, entrance.call.now):
        raise NotAuthorized(MESSAGE)
    if person.user is not None and not entrance.client.hides_user_existence:
        check_state(person.user)


def _attempt(entrance: Entrance, person: Person, first: Challenge) -> Attempt:
    return Attempt(
        pool_id=entrance.pool.id,
        client_id=entrance.client.id,
        user_id=person.owner.sub,
        username=person.owner.srp_user_id,
        first_factor=first,
        new_password_required=person.user is not None and person.user.status == "FORCE_CHANGE_PASSWORD",
        password_version=person.record.version,
    )


def _standing(tx: Tx, entrance: Entrance, underway: Underway, *, hold: bool) -> User:
    """The user as they are now, if this sign-in may still go on (R3, R8). Raises NotAuthorized and kin."""
    user = directory.find_user_by_sub(tx, entrance.pool.id, underway.attempt.user_id, hold=hold)
    if user is None:
        raise NotAuthorized(INVALID_SESSION)
    if not may_attempt(user.lockout, entrance.call.now):
        raise NotAuthorized(MESSAGE)
    check_state(user)
    version = user.password.version if user.password else None
    if version != underway.attempt.password_version or user.session_epoch != underway.epoch:
        raise NotAuthorized(INVALID_SESSION)
    return user


def _hand_out(entrance: Entrance, underway: Underway, change: Change | None) -> Tokens:
    """Signs, then writes the session: only one of any number of repetitions gets that far (R2)."""
    context, now, client, pool = entrance.context, entrance.call.now, entrance.client, entrance.pool
    with context.sql.read() as tx:
        groups = directory.groups_of(tx, pool.id, underway.user.sub)
    refresh = context.part(RefreshTokens).first(underway.origin_jti, ids.random_bytes(SECRET_BYTES))
    signed = Signer(context, client, pool, now).sign(
        underway.user, groups, origin_jti=underway.origin_jti, auth_time=now, refresh=refresh.text
    )
    row = sessions.new_session(
        refresh,
        pool_id=pool.id,
        client_id=client.id,
        sub=underway.user.sub,
        epoch=underway.epoch,
        now=now,
        ttl_s=client.refresh_ttl_s,
    )
    with context.sql.write() as tx:
        user = _standing(tx, entrance, underway, hold=True)
        if not tokens.add_session(tx, row):
            raise NotAuthorized(INVALID_SESSION)
        if underway.origin_jti.endswith(_NOW_AND_THEN):
            tokens.remove_ended_sessions_of(tx, pool.id, user.sub, now.timestamp())
        cleared = after_success(user.lockout)
        if cleared is not user.lockout:
            directory.set_lockout(tx, user, cleared)
        if change is not None:
            change(tx, user)
            entrance.call.record(tx, by_user(entrance.call, pool, user.sub))
    return signed
