"""Sealing: authenticated encryption under keys that come from the master key by purpose.

A sealed value is `key id (4) | nonce (12) | AES-256-GCM ciphertext and tag`. The key id names the master key it was
sealed under, so that a rotation adds a key and old values still open. A process that runs meanwhile learns of the new
key when it meets a value that was sealed under it, or a few seconds after.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.clock import monotonic_s

T = TypeVar("T")
Masters = Sequence[bytes]
"""32-byte master keys from oldest to newest; the last one seals."""

_WithIds = tuple[tuple[bytes, bytes], ...]

ID_BYTES: Final = 4
_NONCE: Final = 12
_LOOK_EVERY_S: Final = 5.0


class BrokenSeal(Exception):
    """The value was not sealed by us for this purpose and this owner, or it was altered."""


class Derived(Generic[T]):
    """The keys of one purpose, one for each master key, in the form that they are used in."""

    __slots__ = ("_info", "_keys", "_made", "_state")

    def __init__(self, keys: "Keys", info: str, made: Callable[[bytes], T]) -> None:
        """`made`: from the 32 bytes that belong to `info` to the form."""
        self._keys = keys
        self._info = info
        self._made = made
        self._state: tuple[_WithIds, dict[bytes, T]] = ((), {})

    def newest(self) -> tuple[bytes, T]:
        """Id and key to seal or sign with."""
        self._keys.look_now_and_then()
        masters, by_id = self._now()
        key_id = masters[-1][0]
        return key_id, by_id[key_id]

    def find(self, key_id: bytes) -> T | None:
        """The key of that id; None if the installation has none."""
        self._keys.look_now_and_then()
        found = self._now()[1].get(key_id)
        if found is None:
            self._keys.look()
            found = self._now()[1].get(key_id)
        return found

    def _now(self) -> tuple[_WithIds, dict[bytes, T]]:
        state, masters = self._state, self._keys.masters
        if state[0] is not masters:
            state = self._state = masters, {key_id: self._made(_hkdf(key, self._info)) for key_id, key in masters}
        return state


class Seal:
    """Seals and opens values for one purpose."""

    __slots__ = ("_keys",)

    def __init__(self, keys: "Keys", purpose: str) -> None:
        self._keys: Derived[AESGCM] = Derived(keys, "seal " + purpose, AESGCM)

    def seal(self, plain: bytes, owner: bytes = b"") -> bytes:
        """Sealed `plain`; `owner` (a row's identity) is bound to it and must be given again to open it."""
        key_id, key = self._keys.newest()
        nonce = os.urandom(_NONCE)
        return key_id + nonce + key.encrypt(nonce, plain, owner)

    def open(self, sealed: bytes, owner: bytes = b"") -> bytes:
        """What was sealed. Raises BrokenSeal."""
        key = self._keys.find(sealed[:ID_BYTES])
        if key is None:
            raise BrokenSeal("sealed under a key that this installation does not have")
        nonce, rest = sealed[ID_BYTES : ID_BYTES + _NONCE], sealed[ID_BYTES + _NONCE :]
        try:
            return key.decrypt(nonce, rest, owner)
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal("altered, or sealed for something else") from error

    def again(self, sealed: bytes, owner: bytes = b"") -> bytes:
        """The same under the newest key; `sealed` itself if it is so already. Raises BrokenSeal."""
        return sealed if sealed[:ID_BYTES] == self._keys.newest()[0] else self.seal(self.open(sealed, owner), owner)

    def seal_text(self, plain: bytes, owner: bytes = b"") -> str:
        """As `seal`, as text."""
        return as_text(self.seal(plain, owner))

    def open_text(self, sealed: str, owner: bytes = b"") -> bytes:
        """As `open`, of what `seal_text` gave. Raises BrokenSeal."""
        return self.open(from_text(sealed), owner)


def as_text(sealed: bytes) -> str:
    """Sealed bytes in URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    """What `as_text` was given. Raises BrokenSeal, also for another spelling of the same bytes (R5)."""
    try:
        sealed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise BrokenSeal("not a sealed text") from error
    if as_text(sealed) != text:
        raise BrokenSeal("not a sealed text")
    return sealed


class Keys:
    """The installation's master keys and what is derived from them (HKDF-SHA256 by purpose)."""

    def __init__(self, masters: Masters, changed: Callable[[], Masters | None] = lambda: None) -> None:
        """`changed`: gives the master keys if they have changed since it was last asked; asking costs little."""
        self.masters = _with_ids(masters)
        self._changed = changed
        self._looks_at = monotonic_s() + _LOOK_EVERY_S
        self._derived: dict[str, Derived[bytes]] = {}
        self._seals: dict[str, Seal] = {}

    @property
    def ids(self) -> tuple[bytes, ...]:
        """The ids of the master keys, the newest last."""
        return tuple(key_id for key_id, _ in self.masters)

    def derived(self, purpose: str) -> Derived[bytes]:
        """32 bytes for `purpose`, of each master key."""
        derived = self._derived.get(purpose)
        if derived is None:
            derived = self._derived[purpose] = Derived(self, purpose, bytes)
        return derived

    def seal(self, purpose: str) -> Seal:
        """The seal for `purpose`; what one purpose sealed no other opens."""
        seal = self._seals.get(purpose)
        if seal is None:
            seal = self._seals[purpose] = Seal(self, purpose)
        return seal

    def look(self) -> None:
        """Learns which master keys there are now."""
        masters = self._changed()
        if masters is not None:
            self.masters = _with_ids(masters)

    def look_now_and_then(self) -> None:
        """As `look`, at most every few seconds."""
        now = monotonic_s()
        if now >= self._looks_at:
            self._looks_at = now + _LOOK_EVERY_S
            self.look()


def _with_ids(masters: Masters) -> _WithIds:
    return tuple((hashlib.sha256(b"poolkeeper key id" + key).digest()[:ID_BYTES], key) for key in masters)


def _hkdf(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"poolkeeper", info=purpose.encode()).derive(master)
