"""What a user pool shows to the identity pool: signed tokens, and its public keys over HTTP."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from services.identitypool.issuers import compact, published_keys
from tests.services.identitypool.sibling import sibling

POOL, CLIENT = "us-east-1_abcdefghi", "1client"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class UserPool:
    base: str
    asked: list[str] = field(default_factory=list)

    @property
    def provider(self) -> str:
        return f"{self.base.partition('://')[2]}/{POOL}"

    def token(self, now: float, sub: str = "ann", *, key: Any = KEY, header: Any = None, **claims: Any) -> str:
        payload = {
            "sub": sub,
            "iss": f"{self.base}/{POOL}",
            "aud": CLIENT,
            "token_use": "id",
            "exp": int(now) + 3600,
            **claims,
        }
        return compact.sign({"kid": "k1", "alg": "RS256", **(header or {})}, payload, key)


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()


def key_set() -> bytes:
    """What the user pool publishes (RFC 7517)."""
    numbers = KEY.public_key().public_numbers()
    key = {"kid": "k1", "kty": "RSA", "alg": "RS256", "n": _number(numbers.n), "e": _number(numbers.e)}
    return json.dumps({"keys": [key]}).encode()


@contextmanager
def user_pool() -> Iterator[UserPool]:
    """A user pool's published keys on a port of its own."""
    asked: list[str] = []
    keys = key_set()

    def published(path: str, _body: bytes) -> tuple[int, bytes]:
        asked.append(path)
        return 200, keys

    published_keys._KEPT.clear()
    with sibling(published) as base:
        yield UserPool(base, asked)
