import base64
import hashlib
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.demo.served import SUB, client

KEYS = [
    "plain.txt",
    "a b/c d.txt",
    "ünïcödé/日本語 🎈.txt",
    "plus+and+plus",
    "percent%20literal%",
    "a//b/../c/./d",
    "quote'\"<&>;=?#[]@!$(),*~",
    "/leading",
    "trailing/",
    "tab\tand\x01control",
]


def code_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize("key", KEYS)
def test_an_object_goes_round_under_any_key(s3: Any, key: str) -> None:
    put = s3.put_object(Bucket="demo", Key=f"round/{key}", Body=b"hello", Metadata={"who": "me"}, ContentType="text/x")
    assert put["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    got = s3.get_object(Bucket="demo", Key=f"round/{key}")
    assert got["Body"].read() == b"hello"
    assert (got["Metadata"], got["ContentType"]) == ({"who": "me"}, "text/x")
    listed = s3.list_objects_v2(Bucket="demo", Prefix=f"round/{key}")
    assert [one["Key"] for one in listed["Contents"]] == [f"round/{key}"]
    assert s3.head_object(Bucket="demo", Key=f"round/{key}")["ContentLength"] == 5
    copied = {"Bucket": "demo", "Key": f"round/{key}"}
    s3.copy_object(Bucket="demo", Key=f"copy/{key}", CopySource=copied)
    assert s3.get_object(Bucket="demo", Key=f"copy/{key}")["Metadata"] == {"who": "me"}
    if key.isprintable():  # XML cannot name the others
        assert "Errors" not in s3.delete_objects(Bucket="demo", Delete={"Objects": [{"Key": f"copy/{key}"}]})
    s3.delete_object(Bucket="demo", Key=f"round/{key}")
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket="demo", Key=f"round/{key}")
    assert code_of(error) == ("NoSuchKey", 404)
    assert error.value.response["Error"]["Key"] == f"round/{key}" or not key.isprintable()


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_a_checksum_is_verified_kept_and_given_back(s3: Any, algorithm: str) -> None:
    s3.put_object(Bucket="demo", Key="summed", Body=b"x" * 1000, ChecksumAlgorithm=algorithm)
    head = s3.head_object(Bucket="demo", Key="summed", ChecksumMode="ENABLED")
    assert head[f"Checksum{algorithm}"]
    assert s3.get_object(Bucket="demo", Key="summed")["Body"].read() == b"x" * 1000


def test_a_wrong_checksum_keeps_nothing(s3: Any) -> None:
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket="demo", Key="spoilt", Body=b"x", ChecksumSHA256=base64.b64encode(b"0" * 32).decode())
    assert code_of(error) == ("BadDigest", 400)
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket="demo", Key="spoilt", Body=b"x", ContentMD5="no digest")
    assert code_of(error) == ("InvalidDigest", 400)
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket="demo", Key="spoilt")
    assert code_of(error) == ("404", 404)


@pytest.mark.parametrize(
    ("span", "body", "shown"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=5-99", b"56789", "bytes 5-9/10"),
    ],
)
def test_a_range_gives_part_of_the_object(s3: Any, span: str, body: bytes, shown: str) -> None:
    s3.put_object(Bucket="demo", Key="ten", Body=b"0123456789")
    got = s3.get_object(Bucket="demo", Key="ten", Range=span)
    assert (got["Body"].read(), got["ContentRange"]) == (body, shown)
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206


@pytest.mark.parametrize("span", ["bytes=10-", "bytes=-0", "bytes=99999999999999999999-"])
def test_a_range_outside_is_refused(s3: Any, span: str) -> None:
    s3.put_object(Bucket="demo", Key="ten", Body=b"0123456789")
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket="demo", Key="ten", Range=span)
    assert code_of(error) == ("InvalidRange", 416)


def test_conditions_of_reads_and_writes(s3: Any) -> None:
    etag = s3.put_object(Bucket="demo", Key="once", Body=b"1", IfNoneMatch="*")["ETag"]
    for wanted, status in (({"IfNoneMatch": etag}, 304), ({"IfMatch": '"other"'}, 412)):
        with pytest.raises(ClientError) as error:
            s3.get_object(Bucket="demo", Key="once", **wanted)
        assert code_of(error)[1] == status
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket="demo", Key="once", Body=b"2", IfNoneMatch="*")
    assert code_of(error) == ("PreconditionFailed", 412)
    assert s3.get_object(Bucket="demo", Key="once", IfMatch=etag)["Body"].read() == b"1"


def test_several_are_deleted_at_once_each_allowed_on_its_own(s3: Any, member: Any) -> None:
    for key in (f"{SUB}/a", f"{SUB}/b", "theirs/c"):
        s3.put_object(Bucket="demo", Key=key, Body=b"")
    wanted = {"Objects": [{"Key": f"{SUB}/a"}, {"Key": f"{SUB}/b"}, {"Key": "theirs/c"}]}
    answer = member.delete_objects(Bucket="demo", Delete=wanted)
    assert [one["Key"] for one in answer["Deleted"]] == [f"{SUB}/a", f"{SUB}/b"]
    assert [(one["Key"], one["Code"]) for one in answer["Errors"]] == [("theirs/c", "AccessDenied")]
    assert s3.head_object(Bucket="demo", Key="theirs/c")["ContentLength"] == 0


def test_of_several_those_are_deleted_that_still_have_their_entity_tag(s3: Any) -> None:
    tags = {key: s3.put_object(Bucket="demo", Key=key, Body=key.encode())["ETag"] for key in ("d1", "d2", "d3")}
    wanted = [{"Key": "d1", "ETag": tags["d1"]}, {"Key": "d2", "ETag": tags["d1"]}, {"Key": "d9", "ETag": "*"}]
    answer = s3.delete_objects(Bucket="demo", Delete={"Objects": [*wanted, {"Key": "d3"}]})
    assert [one["Key"] for one in answer["Deleted"]] == ["d1", "d3"]
    failed = [("d2", "PreconditionFailed"), ("d9", "PreconditionFailed")]
    assert [(one["Key"], one["Code"]) for one in answer["Errors"]] == failed
    assert s3.get_object(Bucket="demo", Key="d2")["Body"].read() == b"d2"


@pytest.mark.parametrize("other", [{"VersionId": "x"}, {"Size": 1}, {"LastModifiedTime": "2026-01-01T00:00:00Z"}])
def test_what_else_a_deletion_may_depend_on_is_refused_and_deletes_nothing(s3: Any, other: dict[str, Any]) -> None:
    s3.put_object(Bucket="demo", Key="kept", Body=b"")
    with pytest.raises(ClientError, match=next(iter(other))) as error:
        s3.delete_objects(Bucket="demo", Delete={"Objects": [{"Key": "kept"}, {"Key": "kept", **other}]})
    assert code_of(error) == ("NotImplemented", 501)
    assert s3.head_object(Bucket="demo", Key="kept")["ContentLength"] == 0


def test_who_may_delete_on_condition_only_names_the_condition_of_each_object(s3: Any, url: str) -> None:
    careful, with_header = client(url, "AKIACAREFUL000000000"), client(url, "AKIACAREFUL000000000")
    with_header.meta.events.register_first(
        "before-sign.s3.DeleteObjects", lambda request, **_: request.headers.add_header("If-Match", "*")
    )
    tag = s3.put_object(Bucket="demo", Key="careful", Body=b"")["ETag"]

    def errors(by: Any, **condition: str) -> list[str]:
        answer = by.delete_objects(Bucket="demo", Delete={"Objects": [{"Key": "careful", **condition}]})
        return [one["Code"] for one in answer.get("Errors", [])]

    assert errors(careful) == ["AccessDenied"]
    assert errors(with_header) == ["AccessDenied"]
    assert errors(careful, ETag=tag) == ["AccessDenied"]
    assert errors(careful, ETag="*") == []


def test_an_entity_tag_is_compared_only_for_who_may_read_the_object(s3: Any, url: str) -> None:
    careful = client(url, "AKIACAREFUL000000000")
    tag = s3.put_object(Bucket="demo", Key="sealed", Body=b"")["ETag"]
    for ask in (careful.delete_object, partial(careful.put_object, Body=b"mine")):
        for condition in (tag, '"guess"'):
            with pytest.raises(ClientError) as error:
                ask(Bucket="demo", Key="sealed", IfMatch=condition)
            assert code_of(error) == ("AccessDenied", 403)
    careful.delete_object(Bucket="demo", Key="sealed", IfMatch="*")


def test_nothing_is_left_of_what_was_deleted_or_replaced(s3: Any, data: Any) -> None:
    before = sum(1 for file in (data / "store").rglob("*") if file.is_file())
    for body in (b"1", b"2", b"3"):
        s3.put_object(Bucket="demo", Key="again", Body=body)
    assert sum(1 for file in (data / "store").rglob("*") if file.is_file()) == before + 1
    s3.delete_object(Bucket="demo", Key="again")
    assert sum(1 for file in (data / "store").rglob("*") if file.is_file()) == before


def test_copying_replaces_metadata_only_when_told_to(s3: Any) -> None:
    s3.put_object(Bucket="demo", Key="from", Body=b"x", Metadata={"a": "1"})
    source = {"Bucket": "demo", "Key": "from"}
    s3.copy_object(Bucket="demo", Key="from", CopySource=source, Metadata={"b": "2"}, MetadataDirective="REPLACE")
    assert s3.head_object(Bucket="demo", Key="from")["Metadata"] == {"b": "2"}
    with pytest.raises(ClientError) as error:
        s3.copy_object(Bucket="demo", Key="from", CopySource=source)
    assert code_of(error) == ("InvalidRequest", 400)


def test_bodies_without_chunks_are_taken_too(url: str) -> None:
    plain = client(url, request_checksum_calculation="when_required")
    plain.put_object(Bucket="demo", Key="unchunked", Body=b"plain")
    assert plain.get_object(Bucket="demo", Key="unchunked")["Body"].read() == b"plain"


def test_a_copy_may_be_asked_for_another_checksum(s3: Any, data: Any) -> None:
    this = {"Bucket": "demo", "Key": "summed copy", "CopySource": {"Bucket": "demo", "Key": "to sum"}}
    s3.put_object(Bucket="demo", Key="to sum", Body=b"abc")
    copied = s3.copy_object(**this, ChecksumAlgorithm="SHA256")["CopyObjectResult"]
    assert copied["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(b"abc").digest()).decode()
    before = sum(1 for file in (data / "store").rglob("*") if file.is_file())
    with pytest.raises(ClientError) as error:
        s3.copy_object(**this, ChecksumAlgorithm="XXHASH64")
    assert code_of(error) == ("InvalidRequest", 400)
    assert sum(1 for file in (data / "store").rglob("*") if file.is_file()) == before


def test_what_is_not_implemented_is_named_in_the_message(s3: Any) -> None:
    with pytest.raises(ClientError, match="x-amz-server-side-encryption"):
        s3.put_object(Bucket="demo", Key="sealed", Body=b"", ServerSideEncryption="AES256")
