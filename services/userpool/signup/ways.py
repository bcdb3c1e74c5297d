"""Which address of a person a code goes to, and which one is told where none goes out (R15). Pure.

Source: developer guide, "Verifying contact information at sign-up", "Recovering user accounts".
"""

from typing import Final

from services.userpool.directory.attributes import is_email, is_phone_number
from services.userpool.directory.user import User
from services.userpool.errors import USER_DISABLED, InvalidParameter, NotAuthorized
from services.userpool.pools.pool import UserPool
from services.userpool.signup.delivery import Destination
from shared.refusal import Refusal

_UNREACHABLE: Final = "Cannot reset password for the user as there is no registered/verified email or phone_number"
_LETTERS: Final = "abcdefghijklmnoprstw"


def to_confirm(pool: UserPool, user: User) -> Destination | None:
    """Where the code for a sign-up goes: the phone number before the e-mail address, as AWS prefers them."""
    phone, email = user.attributes.get("phone_number"), user.attributes.get("email")
    if phone and "phone_number" in pool.auto_verified_attributes:
        return Destination("phone_number", phone)
    if email and "email" in pool.auto_verified_attributes:
        return Destination("email", email)
    return None


def to_recover(pool: UserPool, user: User, *, by_admin: bool = False) -> Destination | Refusal:
    """Where the code for a new password goes: the verified address that the pool prefers, or why there is none."""
    if not user.enabled:
        return NotAuthorized(USER_DISABLED)
    if user.status not in {"CONFIRMED", "RESET_REQUIRED", "UNCONFIRMED"}:
        return NotAuthorized("User password cannot be reset in the current state.")
    if "admin_only" in pool.recovery and not by_admin:
        return NotAuthorized("Contact administrator to reset password.")
    ways = [way for way in pool.recovery if way != "admin_only"] or ["verified_email", "verified_phone_number"]
    for way in ways:
        attribute = "email" if way == "verified_email" else "phone_number"
        target = user.attributes.get(attribute)
        if target and user.verified(attribute):
            return Destination("email" if way == "verified_email" else "phone_number", target)
    return InvalidParameter(_UNREACHABLE)


def pretended(pool: UserPool, typed: str, sub: str, user: User | None) -> Destination:
    """The address that is told where no code goes out, whatever the code was asked for: the same each time.

    Of a user it is the one that another call writes to, or two calls would tell together who is a user. `sub` is
    somebody's, or that of somebody invented.
    """
    if user is not None:
        recovery = to_recover(pool, user)
        known = recovery if isinstance(recovery, Destination) else to_confirm(pool, user)
        if known is not None:
            return known
    if is_phone_number(typed):
        return Destination("phone_number", typed)
    if is_email(typed):
        return Destination("email", typed)
    return _invented(pool, typed, int(sub[:8], 16))


def _invented(pool: UserPool, typed: str, seed: int) -> Destination:
    """An address like anybody's in this pool; where people have either kind, some of those invented have each."""
    verified = pool.auto_verified_attributes & {"email", "phone_number"}
    if verified == {"phone_number"} or (len(verified) > 1 and seed % 2):
        return Destination("phone_number", f"+1555{seed % 10**7:07}")
    first = typed[:1].lower() if typed[:1].isascii() and typed[:1].isalnum() else _LETTERS[seed // 32 % len(_LETTERS)]
    return Destination("email", f"{first}@{_LETTERS[seed % len(_LETTERS)]}")
