"""SECRET_HASH: the proof, call by call, that the caller holds the app client's secret."""

import base64
import hmac
from collections.abc import Iterable, Sequence

from services.userpool.errors import NotAuthorized


def check_secret_hash(client_id: str, secrets: Sequence[str], names: Iterable[str], given: str | None) -> None:
    """Raises NotAuthorized unless `given` is base64(HMAC-SHA256(secret, name + client id)).

    `secrets` are the client's active ones, none for a public client; a hash sent to such a client is refused.
    `names` are those by which clients mean this user: the USERNAME of the call, the alias, the user name, the sub
    (pycognito hashes the first, warrant-lite the second, refreshes the third or fourth). All are compared, so that
    the time says nothing about which. Source: developer guide, "Computing secret hash values".
    """
    if not given:
        if secrets:
            raise NotAuthorized(f"Client {client_id} is configured with secret but SECRET_HASH was not received")
        return
    sent = given.encode()
    matches = [
        hmac.compare_digest(secret_hash(client_id, secret, name).encode(), sent)
        for name in set(names)
        for secret in secrets
    ]
    if not any(matches):
        raise NotAuthorized(f"Unable to verify secret hash for client {client_id}")


def secret_hash(client_id: str, secret: str, name: str) -> str:
    """Gives the hash that a client with this secret sends for this name."""
    digest = hmac.digest(secret.encode(), (name + client_id).encode(), "sha256")
    return base64.b64encode(digest).decode()


def check_client_secret(client_id: str, secrets: Sequence[str], given: str | None) -> None:
    """Raises NotAuthorized unless `given` is one of the client's active secrets, or a public client gave none."""
    if not given:
        if secrets:
            raise NotAuthorized(f"Client {client_id} is configured with secret but ClientSecret was not received")
        return
    if not any([hmac.compare_digest(secret.encode(), given.encode()) for secret in secrets]):  # noqa: C419 -- all
        raise NotAuthorized(f"Unable to verify secret for client {client_id}")
