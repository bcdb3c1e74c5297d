"""The password record of somebody who does not exist, so that asking for them costs what asking for a user costs.

The same name gets the same salt each time, as a user does; the record goes through the very functions that judge a
real one, and no password fits it (R15).
"""

import hashlib
from typing import Final

from services.userpool.passwords import argon2, srp
from services.userpool.passwords.group import BYTES
from services.userpool.passwords.verifier import SRP_PARAMETERS, Kind, Owner, PasswordRecord, Seal, seal_record

KEY_BYTES: Final = 32
_VERSION: Final = 0


def decoy_record(seal: Seal, key: bytes, kind: Kind, owner: Owner) -> PasswordRecord:
    """Makes the record of an `owner` nobody is. `key`: 32 secret bytes of the installation, for this purpose only."""
    if len(key) != KEY_BYTES:
        raise ValueError("a decoy key has 32 bytes")
    label = f"{kind}\0{owner.pool_id}\0{owner.srp_user_id}".encode()
    derived = hashlib.shake_256(key + label).digest(srp.SALT_BYTES + BYTES // 2)  # a MAC: SHAKE has no extensions
    salt, seed = derived[: srp.SALT_BYTES], derived[srp.SALT_BYTES :]
    if kind is Kind.SRP:
        # A square, as each g^x is (2 is a square modulo N), and below N without a division. Nobody knows its
        # logarithm, and so no password.
        root = int.from_bytes(seed, "big")
        secret, parameters = (root * root).to_bytes(BYTES, "big"), SRP_PARAMETERS
    else:
        secret, parameters = seed[: argon2.HASH_BYTES], str(argon2.Parameters())
    return seal_record(seal, kind, owner, secret, salt=salt, parameters=parameters, version=_VERSION)
