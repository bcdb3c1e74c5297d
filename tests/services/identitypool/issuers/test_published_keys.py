import base64
import json
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from services.identitypool.issuers import published_keys
from tests.services.identitypool.sibling import sibling
from tests.services.identitypool.userpool_stub import KEY, key_set


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    published_keys._KEPT.clear()
    yield
    published_keys._KEPT.clear()


def _set_of(**kinds: rsa.RSAPrivateKey) -> bytes:
    def number(value: int) -> str:
        return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()

    keys = []
    for kid, private in kinds.items():
        numbers = private.public_key().public_numbers()
        keys.append({"kid": kid, "kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)})
    return json.dumps({"keys": keys}).encode()


def test_a_key_is_fetched_once_and_found_by_its_id() -> None:
    asked: list[str] = []

    def published(path: str, _body: bytes) -> tuple[int, bytes]:
        asked.append(path)
        return 200, key_set()

    with sibling(published) as base:
        found = published_keys.find_key(f"{base}/jwks.json", "k1")
        assert found is not None
        assert found.public_numbers() == KEY.public_key().public_numbers()
        assert published_keys.find_key(f"{base}/jwks.json", "k1") is found
        assert published_keys.find_key(f"{base}/jwks.json", "made-up") is None
    assert asked == ["/jwks.json"]


def test_a_short_key_is_none() -> None:
    short = rsa.generate_private_key(65537, 1024)
    with sibling(lambda _path, _body: (200, _set_of(short=short, long=KEY))) as base:
        assert published_keys.find_key(base, "short") is None
        assert published_keys.find_key(base, "long") is not None


def test_nobody_is_sent_elsewhere_for_keys() -> None:
    def moved(_path: str, _body: bytes) -> tuple[int, bytes]:
        return 302, b""

    with (
        sibling(lambda _path, _body: (200, key_set())) as elsewhere,
        sibling(moved, {"location": elsewhere}) as base,
    ):
        assert published_keys.find_key(base, "k1") is None


@pytest.mark.parametrize("body", [b"", b"[]", b'{"keys":[{"kid":"k1"}]}', b"\xff"])
def test_what_is_no_key_set_holds_no_key(body: bytes) -> None:
    with sibling(lambda _path, _body: (200, body)) as base:
        assert published_keys.find_key(base, "k1") is None
