import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from hypothesis import given
from hypothesis import strategies as st

from services.userpool.directory.user import Group
from services.userpool.errors import NotAuthorized
from services.userpool.pools import store as pools
from services.userpool.pools.pool import UserPool
from services.userpool.pools.settings import PoolSettings
from services.userpool.schema import metadata
from services.userpool.tokens import claims, documents, issue
from services.userpool.tokens.key_ring import KeyRing
from services.userpool.tokens.keys import encode
from services.userpool.tokens.spare import SpareKeys
from services.userpool.tokens.verify import verify_access_token
from shared.seal import BrokenSeal, Keys
from shared.sql.engine import Sql

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BASE = "http://127.0.0.1:8401"
POOL = "us-east-1_abc"


def group(name: str, precedence: int | None, role_arn: str | None) -> Group:
    return Group(pool_id=POOL, name=name, precedence=precedence, role_arn=role_arn, created_at=NOW, modified_at=NOW)


SUBJECT = claims.Subject(
    sub="sub-1",
    username="alice",
    attributes={
        "sub": "sub-1",
        "email": "alice@example.com",
        "email_verified": "true",
        "phone_number_verified": "false",
        "custom:level": "7",
        "address": "Elm Street 1",
    },
    groups=[
        group("writers", 10, "arn:aws:iam::111122223333:role/writer"),
        group("staff", None, None),
        group("chiefs", 1, "arn:aws:iam::111122223333:role/chief"),
    ],
)
OCCASION = claims.Occasion(
    issuer=f"{BASE}/{POOL}",
    client_id="client1",
    auth_time=NOW - timedelta(hours=1),
    now=NOW,
    origin_jti="2f1b8f50-1a2b-4c3d-8e4f-111111111111",
    event_id="event",
)


@pytest.fixture
def sql(tmp_path: Path) -> Iterator[Sql]:
    database = Sql(f"sqlite:///{tmp_path}/pool.db", schema="userpool")
    metadata.create_all(database.engine)
    with database.write() as tx:
        for pool_id in (POOL, "us-east-1_other"):
            pools.add_pool(tx, UserPool(pool_id, "111122223333", "people", PoolSettings(), NOW, NOW))
    yield database
    database.close()


@pytest.fixture(scope="module")
def spare() -> Iterator[SpareKeys]:
    keys = SpareKeys(2)
    yield keys
    keys.close()


MASTER = Keys([b"m" * 32])


def ring_on(sql: Sql, spare: SpareKeys, keys: Keys = MASTER) -> KeyRing:
    return KeyRing(sql, keys, spare, lambda: NOW)


def access_token(ring: KeyRing, *, ttl_s: int = 3600) -> str:
    return issue.signed(ring.keys_of(POOL).access, claims.access_claims(SUBJECT, OCCASION, jti="j", ttl_s=ttl_s))


def test_an_id_token_has_the_claims_that_clients_read() -> None:
    assert claims.id_claims(SUBJECT, OCCASION, jti="j2", ttl_s=600) == {
        "sub": "sub-1",
        "email": "alice@example.com",
        "email_verified": True,
        "phone_number_verified": False,
        "custom:level": "7",
        "address": {"formatted": "Elm Street 1"},
        "cognito:groups": ["chiefs", "writers", "staff"],
        "cognito:roles": ["arn:aws:iam::111122223333:role/chief", "arn:aws:iam::111122223333:role/writer"],
        "cognito:preferred_role": "arn:aws:iam::111122223333:role/chief",
        "iss": f"{BASE}/{POOL}",
        "cognito:username": "alice",
        "origin_jti": OCCASION.origin_jti,
        "aud": "client1",
        "event_id": "event",
        "token_use": "id",
        "auth_time": int(NOW.timestamp()) - 3600,
        "exp": int(NOW.timestamp()) + 600,
        "iat": int(NOW.timestamp()),
        "jti": "j2",
    }


def test_an_access_token_says_what_may_be_done_and_not_who_it_is() -> None:
    told = claims.access_claims(SUBJECT, OCCASION, jti="j", ttl_s=600)
    assert told["scope"] == "aws.cognito.signin.user.admin"
    assert told["username"] == "alice"
    assert told["client_id"] == "client1"
    assert "aud" not in told
    assert "email" not in told


def test_a_user_without_groups_has_no_group_claims() -> None:
    alone = claims.Subject(sub="s", username="u", attributes={})
    for told in (
        claims.id_claims(alone, OCCASION, jti="j", ttl_s=1),
        claims.access_claims(alone, OCCASION, jti="j", ttl_s=1),
    ):
        assert not [name for name in told if name.startswith("cognito:") and name != "cognito:username"]


def test_two_first_groups_with_different_roles_give_no_preferred_role() -> None:
    assert claims.preferred_role([group("a", 1, "r1"), group("b", 1, "r2")]) is None
    assert claims.preferred_role([group("a", 1, "r1"), group("b", 1, "r1")]) == "r1"
    assert claims.preferred_role([group("a", None, "r1")]) is None


def test_published_keys_verify_both_tokens_with_an_independent_library(sql: Sql, spare: SpareKeys) -> None:
    ring = ring_on(sql, spare)
    keys = ring.keys_of(POOL)
    published = jwt.PyJWKSet.from_json(documents.documents(OCCASION.issuer, keys).jwks.decode())
    assert len({key.key_id for key in published.keys}) == 2
    for token, audience in (
        (access_token(ring), None),
        (issue.signed(keys.id, claims.id_claims(SUBJECT, OCCASION, jti="j", ttl_s=3600)), "client1"),
    ):
        header = jwt.get_unverified_header(token)
        assert sorted(header) == ["alg", "kid"]
        public = published[header["kid"]].key
        assert isinstance(public, RSAPublicKey)
        options = {"verify_exp": False, "verify_iat": False}
        read = jwt.decode(token, public, algorithms=["RS256"], audience=audience, options=options)  # type: ignore[arg-type]
        assert read["iss"] == OCCASION.issuer


def test_discovery_names_the_issuer_to_the_character_and_only_what_is_served(sql: Sql, spare: SpareKeys) -> None:
    told = json.loads(documents.documents(OCCASION.issuer, ring_on(sql, spare).keys_of(POOL)).discovery)
    assert told["issuer"] == f"{BASE}/{POOL}"
    assert told["jwks_uri"] == f"{BASE}/{POOL}/.well-known/jwks.json"
    assert not [name for name in told if name.endswith("_endpoint")]


def test_a_pool_keeps_its_keys_across_processes(sql: Sql, spare: SpareKeys) -> None:
    first, second = ring_on(sql, spare), ring_on(sql, spare)
    assert first.keys_of(POOL).access.kid == second.keys_of(POOL).access.kid
    assert first.keys_of(POOL).id.kid != first.keys_of(POOL).access.kid
    assert first.keys_of("us-east-1_other").access.kid != first.keys_of(POOL).access.kid


def test_keys_lie_sealed_in_the_database(sql: Sql, spare: SpareKeys) -> None:
    ring_on(sql, spare).keys_of(POOL)
    with pytest.raises(BrokenSeal):
        ring_on(sql, spare, Keys([b"other" * 6 + b"xx"])).keys_of(POOL)


def test_an_access_token_is_opened_by_a_process_that_never_signed(sql: Sql, spare: SpareKeys) -> None:
    token = access_token(ring_on(sql, spare))
    opened = verify_access_token(token, ring_on(sql, spare).access_key, BASE, NOW)
    assert (opened.pool_id, opened.sub, opened.client_id) == (POOL, "sub-1", "client1")
    assert opened.origin_jti == OCCASION.origin_jti


def test_an_access_token_ends(sql: Sql, spare: SpareKeys) -> None:
    ring = ring_on(sql, spare)
    token = access_token(ring, ttl_s=300)
    verify_access_token(token, ring.access_key, BASE, NOW + timedelta(seconds=299))
    with pytest.raises(NotAuthorized, match="Access Token has expired"):
        verify_access_token(token, ring.access_key, BASE, NOW + timedelta(seconds=300))


def test_an_id_token_is_no_access_token(sql: Sql, spare: SpareKeys) -> None:
    ring = ring_on(sql, spare)
    keys = ring.keys_of(POOL)
    id_token = issue.signed(keys.id, claims.id_claims(SUBJECT, OCCASION, jti="j", ttl_s=3600))
    crossed = issue.signed(keys.access, claims.id_claims(SUBJECT, OCCASION, jti="j", ttl_s=3600))
    of_access = claims.access_claims(SUBJECT, OCCASION, jti="j", ttl_s=3600)
    for_another_use = issue.signed(keys.access, of_access | {"token_use": "id"})
    for token in (id_token, crossed, for_another_use):
        with pytest.raises(NotAuthorized, match="Invalid Access Token"):
            verify_access_token(token, ring.access_key, BASE, NOW)


def test_a_token_that_was_seen_before_is_asked_everything_but_its_signature(sql: Sql, spare: SpareKeys) -> None:
    ring = ring_on(sql, spare)
    token = access_token(ring, ttl_s=300)
    assert verify_access_token(token, ring.access_key, BASE, NOW) == verify_access_token(
        token, ring.access_key, BASE, NOW
    )
    for base, now, key_for in (
        ("http://elsewhere", NOW, ring.access_key),
        (BASE, NOW + timedelta(seconds=300), ring.access_key),
        (BASE, NOW, lambda _header: None),
        (BASE, NOW, lambda _header: ring.keys_of("us-east-1_other").access),
    ):
        with pytest.raises(NotAuthorized):
            verify_access_token(token, key_for, base, now)


def test_a_token_of_another_issuer_is_refused(sql: Sql, spare: SpareKeys) -> None:
    ring = ring_on(sql, spare)
    with pytest.raises(NotAuthorized, match="Invalid Access Token"):
        verify_access_token(access_token(ring), ring.access_key, "http://elsewhere", NOW)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS256", "crit": ["exp"]},
        {"alg": "RS256", "jku": "http://evil/jwks"},
        {"alg": "RS256", "typ": "JWT"},
    ],
)
def test_no_header_but_ours_is_taken(sql: Sql, spare: SpareKeys, header: dict[str, object]) -> None:
    ring = ring_on(sql, spare)
    key = ring.keys_of(POOL).access
    body = access_token(ring).split(".")[1]
    forged = encode(json.dumps({"kid": key.kid, **header}).encode())
    with pytest.raises(NotAuthorized, match="Invalid Access Token"):
        verify_access_token(f"{forged}.{body}.", ring.access_key, BASE, NOW)


def test_every_altered_character_spoils_the_token(sql: Sql, spare: SpareKeys) -> None:
    ring = ring_on(sql, spare)
    token = access_token(ring)
    verify_access_token(token, ring.access_key, BASE, NOW)  # one that was seen before spoils as well
    for place in [*range(0, len(token), 7), len(token) - 1]:
        other = "B" if token[place] != "B" else "C"
        altered = token[:place] + other + token[place + 1 :]
        with pytest.raises(NotAuthorized, match="Invalid Access Token"):
            verify_access_token(altered, ring.access_key, BASE, NOW)


@given(st.text(max_size=300))
def test_no_text_makes_the_verifier_fail_otherwise(text: str) -> None:
    with pytest.raises(NotAuthorized, match="Invalid Access Token"):
        verify_access_token(text, lambda _header: None, BASE, NOW)


def test_kids_end_like_the_originals(sql: Sql, spare: SpareKeys) -> None:
    kid = ring_on(sql, spare).keys_of(POOL).id.kid
    assert len(base64.b64decode(kid)) == 32
