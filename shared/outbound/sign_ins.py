"""What the identity pool asks the user pool before it gives anything for a token: do these sign-ins still stand?

API CognitoIdentityProvider, ServerSideTokenCheck. One question names every sign-in that is to be checked.
"""

from typing import Final

import msgspec

from shared.conversation import Conversation

PATH: Final = "/internal/sign-ins"


class SignIn(msgspec.Struct, frozen=True, array_like=True):
    """One sign-in, as the claims of its id token name it."""

    pool_id: str
    sub: str
    origin_jti: str


class Question(msgspec.Struct, frozen=True, array_like=True):
    """Do all of these stand?"""

    sign_ins: tuple[SignIn, ...]


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """Whether every one of them stands: not revoked or signed out, its user there and enabled."""

    all_stand: bool


TALK: Final = Conversation("sign-ins", msgspec.msgpack.Decoder(Question), msgspec.msgpack.Decoder(Answer))
