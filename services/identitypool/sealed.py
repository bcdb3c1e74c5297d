"""What the identity pool's database holds sealed, for a rotation of the master key."""

from typing import Final

from services.identitypool.iam import secrets_at_rest
from services.identitypool.issuers import open_id_token
from services.identitypool.schema.iam import access_keys
from services.identitypool.schema.identities import token_keys
from shared.rewrap import OWN, Sealed

SEALED: Final = (
    OWN,
    Sealed(
        access_keys.c.sealed_secret,
        secrets_at_rest.SEALED_FOR,
        lambda row, through: through(row.sealed_secret, row.access_key_id.encode()),
    ),
    Sealed(
        token_keys.c.private_key,
        open_id_token.SEALED_FOR,
        lambda row, through: through(row.private_key, row.key_id.encode()),
    ),
)
