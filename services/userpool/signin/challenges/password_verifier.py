"""PASSWORD_VERIFIER: the SRP exchange. Pure: random bytes come in, the verifier was opened before."""

import base64
import binascii
from collections.abc import Mapping
from typing import Final

from services.userpool.errors import WRONG_PROOF, InvalidParameter, NotAuthorized
from services.userpool.passwords import srp
from services.userpool.passwords.group import BYTES, EXPONENT_BYTES
from services.userpool.passwords.verifier import Owner
from services.userpool.signin.session import Exchange

RANDOM_BYTES: Final = EXPONENT_BYTES


def ask(verifier: bytes, srp_a: str | None, random: bytes) -> Exchange:
    """Begins an exchange. Raises InvalidParameter unless SRP_A is there and a number of the group."""
    if srp_a is None:
        raise InvalidParameter("Missing required parameter SRP_A")
    client_public = srp.read_client_public(srp_a)
    secret, public = srp.begin(verifier, random)
    return Exchange(
        client_public=client_public.to_bytes(BYTES, "big"),
        server_public=public.to_bytes(BYTES, "big"),
        server_secret=secret.to_bytes(EXPONENT_BYTES, "big"),
    )


def parameters(exchange: Exchange, owner: Owner, salt: bytes, sealed: bytes) -> dict[str, str]:
    """Gives ChallengeParameters; the sealed sign-in is the SECRET_BLOCK."""
    return {
        "USER_ID_FOR_SRP": owner.srp_user_id,
        "USERNAME": owner.srp_user_id,
        "SRP_B": f"{int.from_bytes(exchange.server_public, 'big'):x}",
        "SALT": srp.salt_hex(salt),
        "SECRET_BLOCK": base64.b64encode(sealed).decode(),
    }


def check(verifier: bytes, exchange: Exchange, owner: Owner, sealed: bytes, answers: Mapping[str, str]) -> None:
    """Checks the client's claim. TIMESTAMP is only text in the hash: the sealed sign-in has an end of its own.

    Raises InvalidParameter for what is missing, NotAuthorized for a wrong proof.
    """
    timestamp = answers.get("TIMESTAMP")
    if timestamp is None:
        raise InvalidParameter("Missing required parameter TIMESTAMP")
    signature = _signature(answers.get("PASSWORD_CLAIM_SIGNATURE"))
    srp.check_proof(
        verifier,
        group=owner.group,
        user_id=owner.srp_user_id,
        client_public=int.from_bytes(exchange.client_public, "big"),
        server_public=int.from_bytes(exchange.server_public, "big"),
        server_secret=int.from_bytes(exchange.server_secret, "big"),
        secret_block=sealed,
        timestamp=timestamp,
        signature=signature,
    )


def _signature(text: str | None) -> bytes:
    if text is None:
        raise InvalidParameter("Missing required parameter PASSWORD_CLAIM_SIGNATURE")
    try:
        return base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, ValueError):
        raise NotAuthorized(WRONG_PROOF) from None
