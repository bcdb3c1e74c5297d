"""The password record of somebody who does not exist, so that asking for them costs what asking for a user costs.

The same name gets the same salt each time, as a user does; the record goes through the very functions that judge a
real one, and no password fits it (security R15).
"""

import hmac
from typing import Final

from services.userpool.passwords import argon2, srp
from services.userpool.passwords.group import BYTES, N
from services.userpool.passwords.verifier import SRP_PARAMETERS, Kind, Owner, PasswordRecord, Seal, seal_record

_VERSION: Final = 0


def decoy_record(seal: Seal, key: bytes, kind: Kind, owner: Owner) -> PasswordRecord:
    """Makes the record of an `owner` nobody is. `key` is a secret of the installation, kept for this purpose."""
    salt = _derived(key, "salt", owner, srp.SALT_BYTES)
    if kind is Kind.SRP:
        # A square, as each g^x is: 2 is a square modulo N. Its logarithm, and so a password, nobody knows.
        number = pow(int.from_bytes(_derived(key, "verifier", owner, BYTES), "big"), 2, N)
        secret, parameters = number.to_bytes(BYTES, "big"), SRP_PARAMETERS
    else:
        secret, parameters = _derived(key, "hash", owner, argon2.HASH_BYTES), str(argon2.Parameters())
    return seal_record(seal, kind, owner, secret, salt=salt, parameters=parameters, version=_VERSION)


def _derived(key: bytes, purpose: str, owner: Owner, length: int) -> bytes:
    """HMAC-SHA256 in counter mode over purpose, pool and name."""
    label = f"{purpose}\0{owner.pool_id}\0{owner.srp_user_id}\0".encode()
    blocks = range(-(-length // 32))
    return b"".join(hmac.digest(key, label + bytes([block]), "sha256") for block in blocks)[:length]
