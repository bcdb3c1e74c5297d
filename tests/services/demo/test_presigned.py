import re
from typing import Any
from urllib.parse import quote, urlencode

import boto3
import httpx
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.client import Config
from botocore.credentials import Credentials

from tests.services.demo.served import REGION, SECRET, SUB, client

KEYS = ["plain", "a b+c%20%", "ünï/日本 🎈", "a//b", "/a", "folder/", "a?b#c&d=e;f:@", "'q'\"!*()~", "é" * 510]


@pytest.fixture(params=["s3v4", "default"], ids=["version-4", "version-2"])
def signer(request: pytest.FixtureRequest, url: str, s3: Any) -> Any:
    """A client that presigns with version 4, or as boto3 does when nobody tells it how: with version 2."""
    assert s3 is not None
    return client(url, **({"signature_version": "s3v4"} if request.param == "s3v4" else {}))


def code_of(answer: httpx.Response) -> tuple[int, str]:
    found = re.search("<Code>(.*)</Code>", answer.text)
    return answer.status_code, found[1] if found else ""


@pytest.mark.parametrize("key", KEYS)
def test_a_url_writes_reads_and_removes_with_no_other_credentials(signer: Any, key: str) -> None:
    this = {"Bucket": "demo", "Key": f"pre/{key}"}
    put = httpx.put(signer.generate_presigned_url("put_object", Params=this), content=b"by url")
    assert put.status_code == 200, put.text
    more = {"ResponseContentDisposition": 'attachment; filename="x & y.txt"', "ResponseContentType": "text/x"}
    got = httpx.get(signer.generate_presigned_url("get_object", Params=this | more))
    assert (got.content, got.headers["content-type"]) == (b"by url", "text/x")
    assert got.headers["content-disposition"] == 'attachment; filename="x & y.txt"'
    assert got.headers["content-security-policy"] == "sandbox"
    assert httpx.head(signer.generate_presigned_url("head_object", Params=this)).headers["content-length"] == "6"
    assert httpx.delete(signer.generate_presigned_url("delete_object", Params=this)).status_code == 204
    assert code_of(httpx.get(signer.generate_presigned_url("get_object", Params=this))) == (404, "NoSuchKey")


def test_a_url_is_good_for_its_own_request_only(signer: Any) -> None:
    url = signer.generate_presigned_url("get_object", Params={"Bucket": "demo", "Key": "this one"})
    for changed in (url.replace("this", "that"), f"{url}&response-content-type=text%2Fhtml"):
        assert code_of(httpx.get(changed)) == (403, "SignatureDoesNotMatch")
    assert code_of(httpx.put(url, content=b"x")) == (403, "SignatureDoesNotMatch")
    assert httpx.get(url, headers={"x-amz-checksum-mode": "ENABLED"}).status_code == 403
    both = httpx.get(url, headers={"authorization": "AWS4-HMAC-SHA256 Credential=x"})
    assert code_of(both) == (400, "AuthorizationQueryParametersError")


def test_a_plus_in_a_url_is_the_space_that_was_signed(signer: Any, s3: Any) -> None:
    """Browsers write the spaces of `URLSearchParams` so, and with them Amplify's getUrl."""
    this = {"Bucket": "demo", "Key": "plus"}
    s3.put_object(**this, Body=b"by url")
    more = this | {"ResponseContentDisposition": 'attachment; filename="1+1 = 2.txt"'}
    url = signer.generate_presigned_url("get_object", Params=more)
    for spelt in (url, url.replace("%20", "+")):
        got = httpx.get(spelt)
        assert got.headers.get("content-disposition") == 'attachment; filename="1+1 = 2.txt"', got.text
    assert code_of(httpx.get(url.replace("1%2B1", "1+1"))) == (403, "SignatureDoesNotMatch")


def test_a_url_ends(signer: Any) -> None:
    url = signer.generate_presigned_url("get_object", Params={"Bucket": "demo", "Key": "x"}, ExpiresIn=-1000)
    answer = httpx.get(url)
    assert answer.status_code in {400, 403}
    assert code_of(answer)[1] in {"AccessDenied", "AuthorizationQueryParametersError"}


def test_headers_that_were_signed_are_kept_with_the_object(signer: Any, s3: Any) -> None:
    this = {"Bucket": "demo", "Key": "with headers"}
    url = signer.generate_presigned_url("put_object", Params=this | {"ContentType": "text/x", "Metadata": {"a": "1 2"}})
    sent = httpx.put(url, content=b"x", headers={"content-type": "text/x", "x-amz-meta-a": "1 2"})
    assert sent.status_code == 200, sent.text
    head = s3.head_object(**this)
    assert (head["ContentType"], head["Metadata"]) == ("text/x", {"a": "1 2"})


def test_a_bucket_may_be_named_by_the_host(signer: Any, s3: Any, url: str) -> None:
    config = signer.meta.config.merge(Config(s3={"addressing_style": "virtual"}))
    keys = {"aws_access_key_id": "AKIAADMIN00000000000", "aws_secret_access_key": SECRET}
    away = boto3.client("s3", endpoint_url="http://localhost", region_name=REGION, config=config, **keys)
    s3.put_object(Bucket="demo", Key="a b/c", Body=b"by host")
    made = away.generate_presigned_url("get_object", Params={"Bucket": "demo", "Key": "a b/c"})
    assert made.startswith("http://demo.localhost/a%20b/c?")
    sent = made.replace("http://demo.localhost", url)
    assert httpx.get(sent, headers={"host": "demo.localhost"}).text == "by host"
    assert code_of(httpx.get(sent.replace("/a%20b", "/demo/a%20b")))[0] == 403


def test_a_form_is_told_of_presigned_urls(s3: Any) -> None:
    made = s3.generate_presigned_post("demo", "k")
    answer = httpx.post(made["url"], data=made["fields"], files={"file": b"x"})
    assert code_of(answer) == (501, "NotImplemented")
    assert "presigned URL" in answer.text


def test_the_policies_of_the_signer_hold_for_the_url(url: str, s3: Any) -> None:
    s3.put_object(Bucket="demo", Key="theirs/x", Body=b"x")
    member = client(url, "AKIAFOLDER0000000000")
    mine = member.generate_presigned_url("put_object", Params={"Bucket": "demo", "Key": f"{SUB}/x"})
    assert httpx.put(mine, content=b"x").status_code == 200
    theirs = member.generate_presigned_url("get_object", Params={"Bucket": "demo", "Key": "theirs/x"})
    assert code_of(httpx.get(theirs)) == (403, "AccessDenied")


def test_a_policy_may_forbid_version_2(url: str, s3: Any) -> None:
    this = {"Bucket": "demo", "Key": "strict"}
    s3.put_object(**this, Body=b"x")
    for version, status in (("s3v4", 200), (None, 403)):
        strict = client(url, "AKIAVERSION4ONLY0000", signature_version=version)
        answer = httpx.get(strict.generate_presigned_url("get_object", Params=this))
        assert answer.status_code == status
    assert "with an explicit deny in an identity-based policy" in answer.text


def test_version_2_takes_nothing_that_it_leaves_unsigned(s3: Any, url: str) -> None:
    listed = httpx.get(s3.generate_presigned_url("list_objects_v2", Params={"Bucket": "demo", "Prefix": "a"}))
    assert code_of(listed) == (400, "AuthorizationQueryParametersError")
    assert "Config(signature_version='s3v4')" in listed.text
    v4 = client(url, signature_version="s3v4")
    again = v4.generate_presigned_url("list_objects_v2", Params={"Bucket": "demo", "Prefix": "a"})
    assert httpx.get(again).status_code == 200
    week = s3.generate_presigned_url("get_object", Params={"Bucket": "demo", "Key": "x"}, ExpiresIn=604_900)
    assert "a week away at most" in httpx.get(week).text
    header = httpx.get(f"{url}/demo/x", headers={"authorization": "AWS AKIAADMIN00000000000:abc"})
    assert "Please use AWS4-HMAC-SHA256" in header.text


def test_a_header_may_stand_in_the_url_and_a_checksum_of_no_body_does_not_count(url: str, s3: Any) -> None:
    """As the SDK for JavaScript hoists them: it has no body yet when it signs."""
    for value, status in (("AAAAAA==", 200), ("AAAAAQ==", 400)):
        query = urlencode(
            {"x-amz-checksum-crc32": value, "x-amz-meta-a": "1", "X-Amz-Meta-B": "2", "x-id": "PutObject"}
        )
        request = AWSRequest("PUT", f"{url}/demo/hoisted?{query}")
        S3SigV4QueryAuth(Credentials("AKIAADMIN00000000000", SECRET), "s3", REGION).add_auth(request)
        assert httpx.put(request.url, content=b"not empty").status_code == status
    got = s3.get_object(Bucket="demo", Key="hoisted")
    assert (got["Body"].read(), got["Metadata"]) == (b"not empty", {"a": "1", "b": "2"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-amz-meta-a b", "1"),
        ("x-amz-meta-a", "1\n2"),
        ("x-amz-meta-a", "日本"),
        ("response-expires", "日本"),
        ("response-expires", "a\nb"),
    ],
)
def test_what_no_header_can_hold_is_refused(url: str, s3: Any, name: str, value: str) -> None:
    s3.put_object(Bucket="demo", Key="plain one", Body=b"")
    request = AWSRequest("GET", f"{url}/demo/plain%20one?{urlencode({name: value}, quote_via=quote)}")
    S3SigV4QueryAuth(Credentials("AKIAADMIN00000000000", SECRET), "s3", REGION).add_auth(request)
    assert code_of(httpx.get(request.url)) == (400, "InvalidArgument")


def test_a_url_reaches_what_a_page_or_a_note_would_answer_otherwise(signer: Any, s3: Any) -> None:
    s3.create_bucket(Bucket="notes")
    for bucket, key in (("notes", "n1"), ("demo", "page/style.css")):
        s3.put_object(Bucket=bucket, Key=key, Body=b"mine")
        url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
        assert httpx.get(url).content == b"mine"
        s3.delete_object(Bucket=bucket, Key=key)
