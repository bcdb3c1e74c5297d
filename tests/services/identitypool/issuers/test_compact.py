import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from services.identitypool.issuers import compact
from tests.services.identitypool.userpool_stub import KEY

TOKEN = compact.sign({"kid": "k1", "alg": "RS256"}, {"sub": "ann", "n": "ü?>~"}, KEY)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. "


def _holds(token: str) -> bool:
    try:
        compact.verify(compact.read(token), KEY.public_key(), "RS256")
    except compact.NotAToken:
        return False
    return True


def test_the_token_that_was_signed_holds() -> None:
    assert _holds(TOKEN)


@settings(max_examples=200)
@given(place=st.integers(0, len(TOKEN) - 1), letter=st.sampled_from(LETTERS))
def test_no_altered_token_holds(place: int, letter: str) -> None:
    altered = TOKEN[:place] + letter + TOKEN[place + 1 :]
    assert _holds(altered) == (altered == TOKEN)


@pytest.mark.parametrize("letter", LETTERS)
def test_no_other_spelling_of_the_same_signature_holds(letter: str) -> None:
    altered = TOKEN[:-1] + letter
    assert _holds(altered) == (altered == TOKEN)
    assert not _holds(TOKEN + letter)


@pytest.mark.parametrize(
    "raw", [b'{"a":"\xff"}', b'{"a":"\xed\xa0\x80"}', b"[" * 20_000, b'{"a":1', b"\xef\xbb\xbf{}", b"null"]
)
def test_bytes_that_are_no_json_object_are_no_token(raw: bytes) -> None:
    part = base64.urlsafe_b64encode(raw[:9000]).rstrip(b"=").decode()
    head, body, signature = TOKEN.split(".")
    for token in (f"{part}.{body}.{signature}", f"{head}.{part}.{signature}"):
        with pytest.raises(compact.NotAToken):
            compact.read(token)


@pytest.mark.parametrize("named", ["none", "HS256", "RS512", "rs256", ""])
def test_the_header_does_not_choose_how_a_signature_is_checked(named: str) -> None:
    head = base64.urlsafe_b64encode(f'{{"kid":"k1","alg":"{named}"}}'.encode()).rstrip(b"=").decode()
    signed = f"{head}.{TOKEN.split('.')[1]}"
    signature = base64.urlsafe_b64encode(KEY.sign(signed.encode(), PKCS1v15(), SHA256())).rstrip(b"=").decode()
    assert not _holds(f"{signed}.{signature}")


@pytest.mark.parametrize("member", ["crit", "jku", "jwk", "x5u", "x5c"])
def test_a_header_that_brings_its_own_terms_is_refused_however_well_it_is_signed(member: str) -> None:
    assert _holds(compact.sign({"kid": "k1", "alg": "RS256", "typ": "JWT"}, {"sub": "ann"}, KEY))
    assert not _holds(compact.sign({"kid": "k1", "alg": "RS256", member: ""}, {"sub": "ann"}, KEY))
