import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.credentials import Credentials

from services.identitypool.authorizer.grants import LocalGrants
from services.identitypool.authorizer.internal import answer
from services.identitypool.iam.store.access_keys import key_named, set_key_status
from services.identitypool.iam.store.users import find_user, remove_user
from shared.guard import authorizer_wire as wire
from shared.guard.authorizer_wire import PATH, Granted, Question, Refused
from shared.guard.guard import Grant
from shared.guard.refusals import ExpiredToken, SignatureMismatch, UnknownAccessKey
from shared.guard.remote import RemoteGrants
from shared.guard.signed_request import SignedRequest
from shared.guard.sigv2 import Claims
from shared.refusal import Unavailable
from shared.seal import BrokenSeal, Keys
from tests.services.identitypool.installation import ACCOUNT, Installation, allow, install, session, trusting
from tests.services.identitypool.sibling import sibling


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return install(tmp_path)


@contextmanager
def _served(here: Installation) -> Iterator[tuple[str, list[bytes]]]:
    """The internal authorizer behind a port."""
    asked: list[bytes] = []

    def answered(path: str, body: bytes) -> tuple[int, bytes]:
        assert path == PATH
        asked.append(body)
        said = answer(here.context, body)
        here.context.sql.close()
        return 200, said

    with sibling(answered) as url:
        yield url, asked


def _signed(credentials: Credentials, here: Installation) -> SignedRequest:
    return SignedRequest(
        method="GET",
        raw_path="/",
        query="",
        canonical_headers="",
        signed_headers="host",
        access_key_id=credentials.access_key,
        date="20260301",
        region="us-east-1",
        service="s3",
        signature="",
        amz_date="20260301T120000Z",
        requested_at=here.clock.now,
        security_token=credentials.token,
        payload_claim=None,
        expires_s=None,
    )


def _remote(here: Installation, url: str, cache_s: float) -> RemoteGrants:
    return RemoteGrants(url, here.context.keys, here.clock, cache_s)


def _local(here: Installation, credentials: Credentials) -> Grant:
    return LocalGrants(here.context.sql, here.context.keys).find(_signed(credentials, here), here.clock.now)


def _chained(here: Installation) -> Credentials:
    here.role("worker", trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), allow("s3:*"))
    ann = here.user("ann", allow("sts:AssumeRole"))
    request = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/worker", "RoleSessionName": "s1"}
    return session(here.sts("AssumeRole", ann, Policy=json.dumps(allow("s3:GetObject")), **request))


def test_both_ways_give_the_same_grant(here: Installation) -> None:
    session_key = _chained(here)
    with _served(here) as (url, asked), closing(_remote(here, url, 2.0)) as remote:
        for credentials in (session_key, here.user("bob", allow("s3:*")), here.root):
            assert not remote.holds(credentials.access_key)
            assert remote.find(_signed(credentials, here), here.clock.now) == _local(here, credentials)
            assert remote.holds(credentials.access_key)
        assert len(asked) == 3
        assert all(session_key.secret_key.encode() not in body for body in asked)


def test_an_answer_is_kept_for_its_time_and_a_refusal_too(here: Installation) -> None:
    ann = here.user("ann")
    unknown = Credentials("AKIAUNKNOWNUNKNOWN12", "x")
    with _served(here) as (url, asked), closing(_remote(here, url, 2.0)) as remote:
        for _ in range(2):
            remote.find(_signed(ann, here), here.clock.now)
            with pytest.raises(UnknownAccessKey):
                remote.find(_signed(unknown, here), here.clock.now)
        assert len(asked) == 2
        with here.context.sql.write() as tx:
            key = key_named(tx, ann.access_key)
            assert key is not None
            set_key_status(tx, key, "Inactive")
        here.clock.move(seconds=2)
        with pytest.raises(UnknownAccessKey):
            remote.find(_signed(ann, here), here.clock.now)


def test_an_answer_that_is_too_old_is_let_go_of_with_the_next_question(here: Installation) -> None:
    ann, bob = here.user("ann"), here.user("bob")
    with _served(here) as (url, _), closing(_remote(here, url, 2.0)) as remote:
        remote.find(_signed(ann, here), here.clock.now)
        here.clock.move(seconds=1)
        remote.find(_signed(bob, here), here.clock.now)
        assert len(remote._kept) == len(remote._last) == 2
        here.clock.move(seconds=1)
        remote.find(_signed(ann, here), here.clock.now)
        assert len(remote._kept) == len(remote._last) == 2
        here.clock.move(seconds=60)
        remote.find(_signed(bob, here), here.clock.now)
        assert len(remote._kept) == len(remote._last) == 1
        assert remote.holds(bob.access_key)


def test_a_key_about_which_different_questions_are_asked_is_not_held(here: Installation) -> None:
    ann = here.user("ann")
    made_up = Credentials(ann.access_key, "x", "a-token")
    with _served(here) as (url, _), closing(_remote(here, url, 2.0)) as remote:
        remote.find(_signed(ann, here), here.clock.now)
        assert remote.holds(ann.access_key)
        with pytest.raises(UnknownAccessKey):
            remote.find(_signed(made_up, here), here.clock.now)
        assert not remote.holds(ann.access_key)
        here.clock.move(seconds=2)
        remote.find(_signed(ann, here), here.clock.now)
        assert remote.holds(ann.access_key)


def test_with_no_cache_each_call_asks(here: Installation) -> None:
    ann = here.user("ann")
    with _served(here) as (url, asked), closing(_remote(here, url, 0.0)) as remote:
        remote.find(_signed(ann, here), here.clock.now)
        remote.find(_signed(ann, here), here.clock.now)
        assert len(asked) == 2
        assert not remote.holds(ann.access_key)


def test_a_kept_session_ends_on_time(here: Installation) -> None:
    credentials = _chained(here)
    with _served(here) as (url, _), closing(_remote(here, url, 1e9)) as remote:
        remote.find(_signed(credentials, here), here.clock.now)
        with pytest.raises(ExpiredToken):
            remote.find(_signed(credentials, here), here.clock.now + timedelta(hours=1))


def test_an_authorizer_that_does_not_answer_is_unavailable(here: Installation) -> None:
    with _served(here) as (url, _):
        pass
    remote = _remote(here, url, 2.0)
    with pytest.raises(Unavailable):
        remote.find(_signed(here.root, here), here.clock.now)


def test_a_question_of_somebody_else_is_not_answered(here: Installation) -> None:
    question = Question(here.root.access_key, "20260301", "us-east-1", "s3", None)
    with pytest.raises(BrokenSeal):
        answer(here.context, wire.seal_question(Keys([b"x" * 32]), question))
    with pytest.raises(BrokenSeal):
        answer(here.context, b"")


def test_an_answer_fits_its_question_only(here: Installation) -> None:
    keys = here.context.keys
    question = Question(here.root.access_key, "20260301", "us-east-1", "s3", None)
    first, second = wire.seal_question(keys, question), wire.seal_question(keys, question)
    said = answer(here.context, first)
    assert isinstance(wire.open_answer(keys, first, said), Granted)
    with pytest.raises(BrokenSeal):
        wire.open_answer(keys, second, said)


def test_a_session_ends_with_its_user(here: Installation) -> None:
    ann = here.user("ann")
    credentials = session(here.sts("GetSessionToken", ann))
    assert _local(here, credentials).caller.name == "ann"
    with here.context.sql.write() as tx:
        user = find_user(tx, ACCOUNT, "ann")
        assert user is not None
        remove_user(tx, user)
    with pytest.raises(UnknownAccessKey):
        _local(here, credentials)


def test_a_change_counts_in_the_next_call_of_the_same_grants(here: Installation) -> None:
    ann = here.user("ann")
    grants = LocalGrants(here.context.sql, here.context.keys)
    assert grants.find(_signed(ann, here), here.clock.now).caller.name == "ann"
    with here.context.sql.write() as tx:
        key = key_named(tx, ann.access_key)
        assert key is not None
        set_key_status(tx, key, "Inactive")
    with pytest.raises(UnknownAccessKey):
        grants.find(_signed(ann, here), here.clock.now)


def test_a_change_by_another_connection_counts_too(here: Installation) -> None:
    ann = here.user("ann")
    grants = LocalGrants(here.context.sql, here.context.keys)
    grants.find(_signed(ann, here), here.clock.now)

    def deactivate() -> None:
        with here.context.sql.write() as tx:
            key = key_named(tx, ann.access_key)
            assert key is not None
            set_key_status(tx, key, "Inactive")
        here.context.sql.close()

    thread = threading.Thread(target=deactivate)
    thread.start()
    thread.join()
    with pytest.raises(UnknownAccessKey):
        grants.find(_signed(ann, here), here.clock.now)


def test_a_temporary_key_needs_its_own_token_to_the_letter(here: Installation) -> None:
    first, second = _chained(here), session(here.sts("GetSessionToken", here.user("bob")))
    token = first.token or ""
    for wrong in (None, second.token, token[:-4], token + "=", token.swapcase(), "", "ä"):
        with pytest.raises(UnknownAccessKey):
            _local(here, Credentials(first.access_key, first.secret_key, wrong))
    with pytest.raises(UnknownAccessKey):
        _local(here, Credentials(here.root.access_key, here.root.secret_key, token))


def test_credentials_of_get_session_token_cannot_call_iam_without_mfa(here: Installation) -> None:
    credentials = session(here.sts("GetSessionToken", here.user("ann", allow("*"))))
    grants = LocalGrants(here.context.sql, here.context.keys)
    with pytest.raises(UnknownAccessKey):
        grants.bound(credentials.access_key, credentials.token, "iam", here.clock.now)


def test_an_unknown_refusal_travels_as_unavailable() -> None:
    assert wire.refused(Unavailable("x")) == Refused("Unavailable", "x")
    assert isinstance(wire.refusal_of(Refused("Nonsense", "y")), Unavailable)


def test_a_text_that_the_secret_signed_is_proved_and_nothing_is_kept_or_given_away(here: Installation) -> None:
    bob, session_key = here.user("bob", allow("s3:*")), _chained(here)
    with _served(here) as (url, asked), closing(_remote(here, url, 2.0)) as remote:
        for credentials in (bob, bob, session_key):
            claims = _claims(here, credentials)
            grant = remote.prove(claims, here.clock.now)
            assert (grant.caller, grant.signing_key) == (_local(here, credentials).caller, b"")
            with pytest.raises(SignatureMismatch):
                remote.prove(replace(claims, text="another"), here.clock.now)
            assert not remote.holds(credentials.access_key)
        assert len(asked) == 6
        with pytest.raises(UnknownAccessKey):
            remote.prove(replace(_claims(here, bob), access_key_id="AKIAUNKNOWNUNKNOWN12"), here.clock.now)
        late = _claims(here, session_key)
        here.clock.now += timedelta(hours=2)
        with pytest.raises(ExpiredToken):
            remote.prove(late, here.clock.now)


def _claims(here: Installation, credentials: Credentials) -> Claims:
    signature = hmac.digest(credentials.secret_key.encode(), b"text", "sha1")
    return Claims(credentials.access_key, credentials.token, "text", signature, here.clock.now)
