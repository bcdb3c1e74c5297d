"""How the secret of an access key is kept: sealed, and bound to the key's id."""

from typing import Final

from services.identitypool.iam.records import AccessKey
from shared.seal import Keys
from shared.secret import Secret

SEALED_FOR: Final = "access key"


def seal_secret(keys: Keys, access_key_id: str, secret: Secret) -> bytes:
    """The sealed secret, which opens only as that of `access_key_id`."""
    return keys.seal(SEALED_FOR).seal(secret.reveal().encode(), access_key_id.encode())


def open_secret(keys: Keys, key: AccessKey) -> Secret:
    """The secret of an access key. Raises BrokenSeal when the master key is another one."""
    return Secret(keys.seal(SEALED_FOR).open(key.sealed_secret, key.id.encode()).decode())
