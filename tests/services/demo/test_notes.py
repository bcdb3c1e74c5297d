from typing import Any

import botocore.auth
import httpx
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.services.demo.served import ACCOUNT, SECRET


def ask(url: str, method: str, path: str, body: str = "", key_id: str = "AKIAADMIN00000000000") -> httpx.Response:
    request = AWSRequest(method, f"{url}{path}", data=body.encode())
    botocore.auth.SigV4Auth(Credentials(key_id, SECRET), "notes", "us-east-1").add_auth(request)
    return httpx.request(method, f"{url}{path}", content=body.encode(), headers=dict(request.headers.items()))


def test_a_note_is_written_read_listed_and_removed(url: str) -> None:
    written = ask(url, "PUT", "/notes/first", '{"text": "remember"}')
    assert (written.status_code, written.json()["text"]) == (200, "remember")
    assert ask(url, "GET", "/notes/first").json()["text"] == "remember"
    assert [note["id"] for note in ask(url, "GET", "/notes/").json()["notes"]] == ["first"]
    assert ask(url, "DELETE", "/notes/first").status_code == 204
    assert ask(url, "GET", "/notes/first").status_code == 404


def test_a_note_is_denied_in_the_words_of_a_policy_of_ones_own(url: str) -> None:
    denied = ask(url, "PUT", "/notes/first", '{"text": "x"}', "AKIAFOLDER0000000000")
    assert denied.status_code == 403
    assert denied.json()["message"] == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/app/CognitoIdentityCredentials is not authorized to perform: "
        f"notes:Write on resource: arn:aws:notes:us-east-1:{ACCOUNT}:note/first because no identity-based policy allows "
        "the notes:Write action"
    )


@pytest.mark.parametrize(
    "body", ["", "{}", '{"text": 1}', '{"text": "a", "more": 1}', "[" * 5000, '{"text": "\ud83c"}']
)
def test_a_bad_note_is_refused(url: str, body: str) -> None:
    body = body.encode("utf-8", "replace").decode()
    wanted = 200 if body == '{"text": "?"}' else 400
    assert ask(url, "PUT", "/notes/bad", body).status_code == wanted


def test_an_unsigned_request_gets_nothing(url: str) -> None:
    assert httpx.get(f"{url}/notes/").status_code == 403


def test_a_bucket_may_be_called_notes(url: str, s3: Any) -> None:
    s3.create_bucket(Bucket="notes")
    s3.put_object(Bucket="notes", Key="x", Body=b"an object")
    assert s3.get_object(Bucket="notes", Key="x")["Body"].read() == b"an object"
    assert url
