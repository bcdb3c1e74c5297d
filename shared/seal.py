"""Sealing: authenticated encryption under keys that come from the master key by purpose.

A sealed value is `key id (4) | nonce (12) | AES-256-GCM ciphertext and tag`. The key id names the master key it was
sealed under, so that a rotation adds a key and old values still open.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_ID, _NONCE = 4, 12


class BrokenSeal(Exception):
    """The value was not sealed by us for this purpose and this owner, or it was altered."""


class Seal:
    """Seals and opens values for one purpose."""

    __slots__ = ("_by_id", "_current", "_id")

    def __init__(self, keys: Sequence[tuple[bytes, bytes]]) -> None:
        """`keys`: (key id, 32-byte key), the one to seal with last."""
        self._by_id = {key_id: AESGCM(key) for key_id, key in keys}
        self._id = keys[-1][0]
        self._current = self._by_id[self._id]

    def seal(self, plain: bytes, owner: bytes = b"") -> bytes:
        """Sealed `plain`; `owner` (a row's identity) is bound to it and must be given again to open it."""
        nonce = os.urandom(_NONCE)
        return self._id + nonce + self._current.encrypt(nonce, plain, owner)

    def open(self, sealed: bytes, owner: bytes = b"") -> bytes:
        """What was sealed. Raises BrokenSeal."""
        key = self._by_id.get(sealed[:_ID])
        if key is None:
            raise BrokenSeal("sealed under a key that this installation does not have")
        try:
            return key.decrypt(sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :], owner)
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal("altered, or sealed for something else") from error

    def seal_text(self, plain: bytes, owner: bytes = b"") -> str:
        """As `seal`, in URL-safe base64 without padding."""
        return base64.urlsafe_b64encode(self.seal(plain, owner)).rstrip(b"=").decode()

    def open_text(self, sealed: str, owner: bytes = b"") -> bytes:
        """As `open`, of what `seal_text` gave; any other spelling of the same bytes is refused (R5)."""
        try:
            raw = base64.b64decode(sealed.encode("ascii") + b"=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error, ValueError) as error:
            raise BrokenSeal("not a sealed text") from error
        if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != sealed:
            raise BrokenSeal("not a sealed text")
        return self.open(raw, owner)


class Keys:
    """The installation's master keys and what is derived from them (HKDF-SHA256 by purpose)."""

    def __init__(self, masters: Sequence[bytes]) -> None:
        """`masters`: 32-byte master keys from oldest to newest; the last one seals."""
        self._masters = tuple((hashlib.sha256(b"poolkeeper key id" + key).digest()[:_ID], key) for key in masters)
        self._seals: dict[str, Seal] = {}

    def derive(self, purpose: str) -> bytes:
        """32 bytes for `purpose`, from the newest master key."""
        return _hkdf(self._masters[-1][1], purpose)

    def derive_by_id(self, purpose: str) -> dict[bytes, bytes]:
        """For each master key id, its 32 bytes for `purpose`; the newest last."""
        return {key_id: _hkdf(master, purpose) for key_id, master in self._masters}

    def seal(self, purpose: str) -> Seal:
        """The seal for `purpose`; what one purpose sealed no other opens."""
        seal = self._seals.get(purpose)
        if seal is None:
            seal = self._seals[purpose] = Seal(
                [(key_id, _hkdf(master, "seal " + purpose)) for key_id, master in self._masters],
            )
        return seal


def _hkdf(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"poolkeeper", info=purpose.encode()).derive(master)
