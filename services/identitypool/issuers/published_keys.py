"""The public keys that a user pool publishes, fetched over HTTP and kept for a while (RFC 7517).

A key id that is not known asks again, but not more often than every few seconds: made-up key ids cost nobody anything.
While the user pool does not answer, what is kept goes on counting until it is too old.
"""

import threading
from dataclasses import dataclass
from typing import Any, Final

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from services.identitypool.issuers.compact import decoded
from shared.clock import monotonic_s

_FRESH_S: Final = 300.0
_OLDEST_S: Final = 3600.0
_FLOOR_S: Final = 5.0
_TIMEOUT: Final = httpx.Timeout(1.0)
_MOST_POOLS: Final = 1024
_SMALLEST_BITS: Final = 2048


@dataclass(frozen=True, slots=True)
class _Kept:
    """The keys of one user pool; when they came, and when they were last asked for."""

    keys: dict[str, RSAPublicKey]
    came_at: float
    asked_at: float


class _Jwk(msgspec.Struct):
    """The members of a key that matter here."""

    kid: str
    kty: str
    n: str
    e: str


class _JwkSet(msgspec.Struct):
    keys: list[_Jwk]


_KEPT: Final[dict[str, _Kept]] = {}
_LOCK: Final = threading.Lock()


def find_key(url: str, key_id: str) -> RSAPublicKey | None:
    """The key called `key_id` of the set at `url`; None if there is none, or the set cannot be had."""
    if holds(url, key_id):
        return _KEPT[url].keys.get(key_id)
    with _LOCK:
        kept = _KEPT.get(url)
        now = monotonic_s()
        if kept is None or now - kept.asked_at >= _FLOOR_S:
            kept = _asked(url, kept, now)
            if len(_KEPT) >= _MOST_POOLS:
                _KEPT.clear()
            _KEPT[url] = kept
    return kept.keys.get(key_id) if now - kept.came_at < _OLDEST_S else None


def holds(url: str, key_id: str) -> bool:
    """Whether `find_key` will answer without asking the user pool."""
    kept = _KEPT.get(url)
    return kept is not None and key_id in kept.keys and monotonic_s() - kept.came_at < _FRESH_S


def _asked(url: str, kept: _Kept | None, now: float) -> _Kept:
    try:
        response = httpx.get(url, timeout=_TIMEOUT, follow_redirects=False, trust_env=False)
        response.raise_for_status()
        found = {
            key.kid: made for key in msgspec.json.decode(response.content, type=_JwkSet).keys if (made := _made(key))
        }
    except (httpx.HTTPError, msgspec.MsgspecError, ValueError):
        return _Kept({} if kept is None else kept.keys, now if kept is None else kept.came_at, now)
    return _Kept(found, now, now)


def _made(key: _Jwk) -> RSAPublicKey | None:
    """The key, if it is RSA and long enough."""
    if key.kty != "RSA":
        return None
    numbers: dict[str, Any] = {name: int.from_bytes(decoded(getattr(key, name))) for name in ("e", "n")}
    made = RSAPublicNumbers(**numbers).public_key()
    return made if made.key_size >= _SMALLEST_BITS else None
