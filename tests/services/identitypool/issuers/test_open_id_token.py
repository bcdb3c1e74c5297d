from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.identitypool.issuers import compact, open_id_token, store
from services.identitypool.issuers.open_id_token import IdentityClaims
from tests.services.identitypool.installation import install
from tests.services.identitypool.userpool_stub import OTHER_KEY

CLAIMS = IdentityClaims("us-east-1:1", "us-east-1:2", ("authenticated",))


def test_a_token_says_what_it_was_made_of_for_a_quarter_of_an_hour(tmp_path: Path) -> None:
    here = install(tmp_path)
    token = open_id_token.issue(here.context, CLAIMS, "arn:x", here.clock.now)
    assert open_id_token.verify(here.context, token, here.clock.now + timedelta(seconds=899)) == CLAIMS
    with pytest.raises(open_id_token.Expired):
        open_id_token.verify(here.context, token, here.clock.now + timedelta(seconds=900))


def test_two_key_pairs_that_were_made_at_once_both_hold(tmp_path: Path) -> None:
    here = install(tmp_path)
    seal = here.context.keys.seal(open_id_token.SEALED_FOR)
    first = open_id_token.issue(here.context, CLAIMS, "arn:x", here.clock.now)
    der = OTHER_KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with here.context.sql.write() as tx:
        store.add_key(tx, "us-east-1", "earlier", seal.seal(der, b"earlier"), here.clock.now.timestamp() - 1)
    second = open_id_token.issue(here.context, CLAIMS, "arn:x", here.clock.now)
    assert compact.read(second).key_id == "earlier"
    for token in (first, second):
        assert open_id_token.verify(here.context, token, here.clock.now) == CLAIMS
    header = {"kid": compact.read(first).key_id, "alg": "RS512"}
    with pytest.raises(open_id_token.Invalid):
        open_id_token.verify(here.context, compact.sign(header, compact.read(first).claims, OTHER_KEY), here.clock.now)
    with pytest.raises(open_id_token.Invalid):
        open_id_token.verify(
            here.context, compact.sign(header | {"kid": "none"}, compact.read(first).claims, OTHER_KEY), here.clock.now
        )
