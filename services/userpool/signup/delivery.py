"""Codes and invitations on their way to people. Nothing here is called inside a transaction, but `keep`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Literal

from services.userpool.context import Call
from services.userpool.directory.user import User
from services.userpool.errors import TOO_MANY_ATTEMPTS, CodeDeliveryFailure, LimitExceeded
from services.userpool.passwords.verifier import Owner
from services.userpool.pools.pool import UserPool
from services.userpool.signin.parts import Secrets
from services.userpool.signup import store
from services.userpool.signup.codes import DIGITS, NO_CODE, Code, Purpose, hashed, masked, ttl
from services.userpool.signup.names import known_as
from shared import ids
from shared.aws.api import cognito_idp as api
from shared.outbound.messages import Message
from shared.refusal import Unavailable
from shared.sql.engine import Tx

_MOST_AN_HOUR = 5
_HOUR_S = 3600
_CODE = "Your verification code is {####}. "
_CODE_SUBJECT = "Your verification code"
_INVITATION = "Your username is {username} and temporary password is {####}. "
_INVITATION_SUBJECT = "Your temporary password"

Medium = Literal["EMAIL", "SMS"]


@dataclass(frozen=True, slots=True)
class Destination:
    """An attribute that can be written to, and its value."""

    attribute: Literal["email", "phone_number"]
    target: str

    @property
    def medium(self) -> Medium:
        """How it is reached."""
        return "EMAIL" if self.attribute == "email" else "SMS"

    def shown(self) -> api.CodeDeliveryDetailsType:
        """Where a code went, masked (R16)."""
        return api.CodeDeliveryDetailsType(
            destination=masked(self.attribute, self.target),
            delivery_medium=self.medium,
            attribute_name=self.attribute,
        )


@dataclass(frozen=True, slots=True)
class OutgoingCode:
    """A code that has been made and is to be sent. `goes_out` is False for one that only costs as much (R15)."""

    code: Code
    digits: str
    destination: Destination
    username: str
    goes_out: bool = True


def check_rate(call: Call, pool: UserPool, sub: str) -> None:
    """Raises LimitExceeded when this person, or somebody invented, was written to five times within the hour."""
    if call.context.ephemeral.count(f"messages:{pool.id}:{sub}", _HOUR_S) > _MOST_AN_HOUR:
        raise LimitExceeded(TOO_MANY_ATTEMPTS)


def new_code(call: Call, owner: Owner, purpose: Purpose, destination: Destination, *, version: int = 0) -> OutgoingCode:
    """Makes a code for one purpose and one address. `version`: of the password that it may replace."""
    key, digits, target = call.context.part(Secrets).codes, ids.digits(DIGITS), destination.target
    pool_id, sub = owner.pool_id, owner.sub
    code = Code(
        pool_id=pool_id,
        sub=sub,
        purpose=purpose,
        attribute=destination.attribute,
        target=target,
        hash=hashed(key, digits, pool_id=pool_id, sub=sub, purpose=purpose, target=target, version=version),
        tries=0,
        expires_at=_ends(call.now, purpose),
    )
    return OutgoingCode(code, digits, destination, owner.srp_user_id)


def decoy_code(call: Call, owner: Owner, purpose: Purpose, destination: Destination) -> OutgoingCode:
    """What stands in for a code where none goes out: made, stored and sent alike, and good for nothing."""
    outgoing = new_code(call, owner, purpose, destination)
    return replace(outgoing, code=replace(outgoing.code, purpose=Purpose.NOTHING, hash=NO_CODE), goes_out=False)


def keep(tx: Tx, outgoing: OutgoingCode, now: datetime) -> None:
    """Stores the code that is about to be sent, and forgets some that have ended."""
    store.put_code(tx, outgoing.code)
    store.forget_ended(tx, outgoing.code.pool_id, now.timestamp())


def send_code(call: Call, pool: UserPool, outgoing: OutgoingCode) -> api.CodeDeliveryDetailsType:
    """Sends the code, in the words of the pool; gives where it went. Raises CodeDeliveryFailure."""
    words = pool.settings.verification_message_template
    texts = (words.email_subject or _CODE_SUBJECT, words.email_message or _CODE, words.sms_message or _CODE)
    destination = outgoing.destination
    name = known_as(pool, outgoing.username, {destination.attribute: destination.target})
    message = _message(destination, texts, outgoing.digits, name)
    _hand_over(call.context.messages.send if outgoing.goes_out else call.context.messages.pretend, message)
    return outgoing.destination.shown()


def send_invitation(call: Call, pool: UserPool, user: User, password: str, destination: Destination) -> None:
    """Sends a temporary password, in the words of the pool. Raises CodeDeliveryFailure."""
    words = pool.settings.admin_create_user_config.invite_message_template or api.MessageTemplateType()
    texts = (
        words.email_subject or _INVITATION_SUBJECT,
        words.email_message or _INVITATION,
        words.sms_message or _INVITATION,
    )
    _hand_over(
        call.context.messages.send,
        _message(destination, texts, password, known_as(pool, user.username, user.attributes)),
    )


def _message(destination: Destination, texts: tuple[str, str, str], code: str, username: str) -> Message:
    subject, email, sms = texts
    if destination.medium == "SMS":
        return Message("sms", destination.target, "", _filled(sms, code, username), code)
    body, markup = _filled(email, code, username), _markup(email, code, username)
    return Message("email", destination.target, _in_one_line(_filled(subject, code, username)), body, code, markup)


def _hand_over(send: Callable[[Message], None], message: Message) -> None:
    try:
        send(message)
    except Unavailable as error:
        raise CodeDeliveryFailure(f"The message could not be delivered: {error.message}") from error


def _filled(text: str, code: str, username: str) -> str:
    """Placeholders are replaced in one pass, so that a name that looks like one stays a name (R23)."""
    parts = [part.replace("{username}", username) for part in text.split("{####}")]
    return code.join(parts)


def _markup(text: str, code: str, username: str) -> str:
    """Where the pool's text is HTML: with what people chose escaped, since it is data (R23)."""
    return _filled(text, escape(code), escape(username)) if "<" in text else ""


def _in_one_line(subject: str) -> str:
    """A pool may be given a subject with line breaks, and a header has none."""
    return " ".join(subject.split())


def _ends(now: datetime, purpose: Purpose) -> float:
    return (now + ttl(purpose)).timestamp()
