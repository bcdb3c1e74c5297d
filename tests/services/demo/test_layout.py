"""Objects read part by part, as the transfer managers of the SDKs for Go and Java download."""

import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.demo import store
from shared.sql.engine import Sql
from tests.services.demo.served import ACCOUNT
from tests.services.demo.test_objects import code_of

FIRST, LAST = os.urandom(5 << 20), b"the end"


def made_of_parts(s3: Any, key: str, numbers: tuple[int, ...] = (1, 2), last: bytes = LAST, **how: str) -> list[str]:
    """The checksums of the parts."""
    this = {"Bucket": "demo", "Key": key}
    this["UploadId"] = s3.create_multipart_upload(**this, **how)["UploadId"]
    parts = []
    for number, body in zip(numbers, (FIRST, last), strict=True):
        sent = s3.upload_part(**this, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
        parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumCRC32": sent["ChecksumCRC32"]})
    s3.complete_multipart_upload(**this, MultipartUpload={"Parts": parts})
    return [part["ChecksumCRC32"] for part in parts]


def of(key: str, number: int, **more: str) -> dict[str, Any]:
    return {"Bucket": "demo", "Key": key, "PartNumber": number, **more}


def test_a_part_is_read_by_its_number_with_the_checksum_it_came_with(s3: Any) -> None:
    checksums = made_of_parts(s3, "by part", ChecksumAlgorithm="CRC32")
    etag = s3.head_object(Bucket="demo", Key="by part")["ETag"]
    size = len(FIRST) + len(LAST)
    ranges = (f"bytes 0-{len(FIRST) - 1}/{size}", f"bytes {len(FIRST)}-{size - 1}/{size}")
    for number, body, checksum, span in zip((1, 2), (FIRST, LAST), checksums, ranges, strict=True):
        got = s3.get_object(**of("by part", number, ChecksumMode="ENABLED", IfMatch=etag))
        told = (got["PartsCount"], got["ChecksumCRC32"], got["ChecksumType"], got["ContentRange"], got["ETag"])
        assert told == (2, checksum, "COMPOSITE", span, etag)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert got["Body"].read() == body
        assert s3.head_object(**of("by part", number))["ContentLength"] == len(body)


def test_parts_count_from_one_whatever_their_uploads_called_them(s3: Any) -> None:
    made_of_parts(s3, "gaps", numbers=(7, 9))
    assert s3.get_object(**of("gaps", 2))["Body"].read() == LAST


def test_a_part_of_an_object_with_one_checksum_over_all_has_none_of_its_own(s3: Any) -> None:
    made_of_parts(s3, "whole sum", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    got = s3.get_object(**of("whole sum", 2, ChecksumMode="ENABLED"))
    assert (got["Body"].read(), "ChecksumCRC32" in got) == (LAST, False)


def test_an_empty_last_part_is_read_as_nothing(s3: Any) -> None:
    made_of_parts(s3, "empty end", last=b"")
    got = s3.get_object(**of("empty end", 2))
    assert (got["Body"].read(), got["PartsCount"], "ContentRange" in got) == (b"", 2, False)


def test_a_part_that_is_not_there_is_refused_with_how_many_there_are(s3: Any) -> None:
    made_of_parts(s3, "two")
    with pytest.raises(ClientError) as error:
        s3.get_object(**of("two", 3))
    assert code_of(error) == ("InvalidPartNumber", 416)
    told = error.value.response["Error"]
    assert (told["PartNumberRequested"], told["ActualPartCount"]) == ("3", "2")
    for number in (0, 10_001):
        with pytest.raises(ClientError) as error:
            s3.get_object(**of("two", number))
        assert code_of(error) == ("InvalidArgument", 400)


def test_a_part_and_a_range_at_once_are_refused(s3: Any) -> None:
    s3.put_object(Bucket="demo", Key="either", Body=b"x")
    with pytest.raises(ClientError) as error:
        s3.get_object(**of("either", 1, Range="bytes=0-0"))
    assert code_of(error) == ("InvalidRequest", 400)


def test_any_other_object_is_its_own_first_part(s3: Any) -> None:
    s3.put_object(Bucket="demo", Key="single", Body=b"at once", ChecksumAlgorithm="SHA256")
    whole = s3.head_object(Bucket="demo", Key="single", ChecksumMode="ENABLED")
    got = s3.get_object(**of("single", 1, ChecksumMode="ENABLED"))
    assert (got["Body"].read(), got["ContentRange"], "PartsCount" in got) == (b"at once", "bytes 0-6/7", False)
    assert (got["ChecksumSHA256"], got["ChecksumType"]) == (whole["ChecksumSHA256"], "FULL_OBJECT")
    s3.put_object(Bucket="demo", Key="nothing", Body=b"")
    assert s3.get_object(**of("nothing", 1))["Body"].read() == b""
    made_of_parts(s3, "copied")
    s3.copy_object(Bucket="demo", Key="copy", CopySource="demo/copied")
    assert s3.head_object(**of("copy", 1))["ContentLength"] == len(FIRST) + len(LAST)


def test_what_is_known_of_parts_goes_with_the_object(s3: Any, data: Path) -> None:
    sql = Sql(f"sqlite:///{data / 'demo.db'}", schema="demo")
    bucket = store.Bucket("demo", ACCOUNT, s3.list_buckets()["Buckets"][0]["CreationDate"])

    def known(blob_of: store.StoredObject) -> bool:
        with sql.read() as tx:
            return bool(store.find_parts(tx, bucket, blob_of))

    def found(key: str) -> store.StoredObject:
        with sql.read() as tx:
            stored = store.find_object(tx, bucket, key)
        assert stored is not None
        return stored

    goes = {"Bucket": "demo", "Key": "goes"}
    for go, how in (
        (s3.delete_object, goes),
        (s3.put_object, goes | {"Body": b"new"}),
        (s3.delete_objects, {"Bucket": "demo", "Delete": {"Objects": [{"Key": "goes"}]}}),
    ):
        made_of_parts(s3, "goes")
        before = found("goes")
        assert known(before)
        go(**how)
        assert not known(before)
