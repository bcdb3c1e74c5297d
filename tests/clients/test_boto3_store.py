"""The store by boto3's own transfers, over the real server."""

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig

from shared import ids
from tests.conftest import Installation

MIB = 1 << 20
IN_PARTS = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
ODD_KEYS = [
    "two words",
    "ü/ñ/日本/😀",
    "a+b%20c%",
    "//twice//",
    "./a/../b",
    "a?b#c&d=e;f",
    "<'\"&>",
    " lead and trail ",
    "tab\tand\nline",
    "é" * 512,
]


@pytest.fixture(scope="module")
def s3(house: Installation) -> Any:
    return house.client("s3")


@pytest.fixture(scope="module")
def bucket(s3: Any) -> str:
    name = f"transfers-{ids.digits(8)}"
    s3.create_bucket(Bucket=name)
    return name


def test_a_large_file_goes_there_and_back_in_parts_and_is_copied_in_parts(s3: Any, bucket: str, tmp_path: Path) -> None:
    (tmp_path / "sent").write_bytes(os.urandom(12 * MIB))
    s3.upload_file(str(tmp_path / "sent"), bucket, "large", Config=IN_PARTS)
    s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "copy", Config=IN_PARTS)
    for key in ("large", "copy"):
        s3.download_file(bucket, key, str(tmp_path / key), Config=IN_PARTS)
        assert (tmp_path / key).read_bytes() == (tmp_path / "sent").read_bytes()
        assert s3.head_object(Bucket=bucket, Key=key)["ETag"].endswith('-3"')
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_a_stream_and_nothing_at_all_are_objects_too(s3: Any, bucket: str) -> None:
    for body in (b"", b"some bytes"):
        s3.upload_fileobj(io.BytesIO(body), bucket, "stream")
        back = io.BytesIO()
        s3.download_fileobj(bucket, "stream", back)
        assert back.getvalue() == body


@pytest.mark.parametrize("key", ODD_KEYS, ids=range(len(ODD_KEYS)))
def test_any_key_is_written_read_copied_listed_and_removed(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() == key
    s3.copy_object(Bucket=bucket, Key="copied", CopySource={"Bucket": bucket, "Key": key})
    assert s3.get_object(Bucket=bucket, Key="copied")["Body"].read().decode() == key
    for listing in ("list_objects_v2", "list_objects"):
        pages = s3.get_paginator(listing).paginate(Bucket=bucket, Prefix=key)
        assert key in [one["Key"] for page in pages for one in page["Contents"]]
    gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}]})
    assert [one["Key"] for one in gone["Deleted"]] == [key]
    assert s3.list_objects_v2(Bucket=bucket, Prefix=key)["KeyCount"] == 0


def test_who_reads_slowly_gets_the_whole_of_an_object_that_is_removed_meanwhile(
    house: Installation, s3: Any, bucket: str
) -> None:
    sent = os.urandom(32 * MIB)  # more than the sockets between hold
    s3.upload_fileobj(io.BytesIO(sent), bucket, "slow", Config=IN_PARTS)
    body = s3.get_object(Bucket=bucket, Key="slow")["Body"]
    begun = body.read(1000)
    s3.delete_object(Bucket=bucket, Key="slow")
    for loan in (house.data / "store" / "lent").iterdir():
        loan.unlink()  # as the store does a while after it has begun to send
    assert hashlib.sha256(begun + body.read()).digest() == hashlib.sha256(sent).digest()
