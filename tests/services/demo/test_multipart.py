import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from services.demo.front import compose
from shared.audit.reporter import Reporter
from shared.clock import system_clock
from shared.guard.checksum import checksum
from shared.settings import Settings
from tests.services.demo.served import REGION, SECRET, TableGrants, client, served
from tests.services.demo.test_objects import code_of

LARGE = os.urandom(1 << 20) * 12 + b"end"


def aws(url: str, *arguments: str) -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environ |= {
        "AWS_ENDPOINT_URL_S3": url,
        "AWS_ACCESS_KEY_ID": "AKIAADMIN00000000000",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": REGION,
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": os.devnull,
    }
    command = [sys.executable, "-m", "awscli", *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_the_aws_cli_copies_lists_and_removes(url: str, s3: Any, tmp_path: Path) -> None:
    assert s3 is not None
    folder = tmp_path / "up"
    folder.mkdir()
    (folder / "large one.bin").write_bytes(LARGE)
    (folder / "small+ü%.txt").write_text("small")
    aws(url, "s3", "cp", "--recursive", str(folder), "s3://demo/cli/")
    listed = aws(url, "s3", "ls", "s3://demo/cli/")
    assert "large one.bin" in listed
    assert "small+ü%.txt" in listed
    aws(url, "s3", "sync", "s3://demo/cli/", str(tmp_path / "down"))
    assert (tmp_path / "down" / "large one.bin").read_bytes() == LARGE
    assert (tmp_path / "down" / "small+ü%.txt").read_text() == "small"
    aws(url, "s3", "rm", "--recursive", "s3://demo/cli/")
    assert s3.list_objects_v2(Bucket="demo", Prefix="cli/")["KeyCount"] == 0


def test_parts_become_one_object(s3: Any, data: Path) -> None:
    before = sum(1 for file in (data / "store").rglob("*") if file.is_file())
    made = s3.create_multipart_upload(Bucket="demo", Key="joined", Metadata={"a": "b"}, ChecksumAlgorithm="CRC32")
    this = {"Bucket": "demo", "Key": "joined", "UploadId": made["UploadId"]}
    first = b"a" * (5 << 20)
    parts = []
    for number, body in ((1, first), (2, b"rest"), (2, b"end")):
        sent = s3.upload_part(**this, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
        parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumCRC32": sent["ChecksumCRC32"]})
    with pytest.raises(ClientError) as error:
        s3.complete_multipart_upload(**this, MultipartUpload={"Parts": [parts[2], parts[0]]})
    assert code_of(error) == ("InvalidPartOrder", 400)
    with pytest.raises(ClientError) as error:
        s3.complete_multipart_upload(**this, MultipartUpload={"Parts": [parts[0], parts[1]]})
    assert code_of(error) == ("InvalidPart", 400)
    done = s3.complete_multipart_upload(**this, MultipartUpload={"Parts": [parts[0], parts[2]]})
    assert done["ETag"].endswith('-2"')
    assert done["ChecksumCRC32"].endswith("-2")
    got = s3.get_object(Bucket="demo", Key="joined")
    assert (got["Body"].read(), got["Metadata"]) == (first + b"end", {"a": "b"})
    assert sum(1 for file in (data / "store").rglob("*") if file.is_file()) == before + 1
    with pytest.raises(ClientError) as error:
        s3.complete_multipart_upload(**this, MultipartUpload={"Parts": parts[:1]})
    assert code_of(error) == ("NoSuchUpload", 404)


def test_small_parts_are_refused_and_an_aborted_upload_leaves_nothing(s3: Any, data: Path) -> None:
    before = sum(1 for file in (data / "store").rglob("*") if file.is_file())
    this = {"Bucket": "demo", "Key": "aborted"}
    this["UploadId"] = s3.create_multipart_upload(**this)["UploadId"]
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**this, PartNumber=number, Body=b"x")["ETag"]}
        for number in (1, 2)
    ]
    with pytest.raises(ClientError) as error:
        s3.complete_multipart_upload(**this, MultipartUpload={"Parts": parts})
    assert code_of(error) == ("EntityTooSmall", 400)
    with pytest.raises(ClientError) as error:
        s3.upload_part(**this, PartNumber=10_001, Body=b"x")
    assert code_of(error) == ("InvalidArgument", 400)
    s3.abort_multipart_upload(**this)
    assert sum(1 for file in (data / "store").rglob("*") if file.is_file()) == before
    with pytest.raises(ClientError) as error:
        s3.upload_part(**this, PartNumber=1, Body=b"x")
    assert code_of(error) == ("NoSuchUpload", 404)


def test_a_large_copy_and_download_through_the_transfer_manager(s3: Any, tmp_path: Path) -> None:
    source = tmp_path / "large"
    source.write_bytes(LARGE)
    s3.upload_file(str(source), "demo", "large")
    s3.download_file("demo", "large", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == LARGE


def begun(s3: Any, key: str, **more: str) -> dict[str, str]:
    made = s3.create_multipart_upload(Bucket="demo", Key=key, **more)
    return {"Bucket": "demo", "Key": key, "UploadId": made["UploadId"]}


def test_parts_and_uploads_are_listed_page_by_page(s3: Any) -> None:
    first, second, other = begun(s3, "listed/a"), begun(s3, "listed/a", ChecksumAlgorithm="CRC32"), begun(s3, "other/b")
    for number in (1, 2, 7):
        s3.upload_part(**second, PartNumber=number, Body=b"x" * number)
    pages = list(s3.get_paginator("list_parts").paginate(**second, PaginationConfig={"PageSize": 2}))
    assert [[part["PartNumber"] for part in page["Parts"]] for page in pages] == [[1, 2], [7]]
    assert (pages[1]["Parts"][0]["Size"], pages[0]["ChecksumAlgorithm"]) == (7, "CRC32")
    assert pages[1]["Parts"][0]["ChecksumCRC32"]
    paginator = s3.get_paginator("list_multipart_uploads")
    found = [
        (one["Key"], one["UploadId"])
        for page in paginator.paginate(Bucket="demo", Prefix="listed/", PaginationConfig={"PageSize": 1})
        for one in page.get("Uploads", [])
    ]
    assert found == sorted(("listed/a", this["UploadId"]) for this in (first, second))
    behind = s3.list_multipart_uploads(Bucket="demo", KeyMarker="listed/a")["Uploads"]
    assert [one["Key"] for one in behind if one["Key"] <= "other/b"] == ["other/b"]
    for this in (first, second, other):
        s3.abort_multipart_upload(**this)


def test_a_part_may_be_copied_from_an_object(s3: Any) -> None:
    source = {"Bucket": "demo", "Key": "source of parts"}
    s3.put_object(**source, Body=bytes(range(256)) * 24_000)
    this = begun(s3, "made of copies", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    first = s3.upload_part_copy(**this, PartNumber=1, CopySource=source, CopySourceRange="bytes=0-5242879")
    last = s3.upload_part_copy(**this, PartNumber=2, CopySource=source, CopySourceRange="bytes=256-511")
    for wrong, code in (
        ("bytes=1-99999999", "InvalidRange"),
        ("bytes=5-", "InvalidArgument"),
        ("x", "InvalidArgument"),
    ):
        with pytest.raises(ClientError) as error:
            s3.upload_part_copy(**this, PartNumber=3, CopySource=source, CopySourceRange=wrong)
        assert error.value.response["Error"]["Code"] == code
    parts = [
        {"PartNumber": number, **{name: one["CopyPartResult"][name] for name in ("ETag", "ChecksumCRC32")}}
        for number, one in ((1, first), (2, last))
    ]
    whole = bytes(range(256)) * 20_481
    expected = checksum("crc32", whole)
    ended: dict[str, Any] = {"MultipartUpload": {"Parts": parts}, "ChecksumCRC32": expected}
    done = s3.complete_multipart_upload(**this, **ended, ChecksumType="FULL_OBJECT", MpuObjectSize=len(whole))
    assert (done["ChecksumCRC32"], done["ChecksumType"]) == (expected, "FULL_OBJECT")
    assert s3.get_object(Bucket="demo", Key="made of copies")["Body"].read() == whole


def test_a_managed_copy_in_parts_keeps_the_contents(s3: Any) -> None:
    s3.put_object(Bucket="demo", Key="copied in parts", Body=LARGE)
    few = TransferConfig(multipart_threshold=6 << 20, multipart_chunksize=6 << 20)
    s3.copy({"Bucket": "demo", "Key": "copied in parts"}, "demo", "copy in parts", Config=few)
    got = s3.get_object(Bucket="demo", Key="copy in parts")
    assert got["Body"].read() == LARGE
    assert got["ETag"].endswith('-3"')
    assert s3.get_object_tagging(Bucket="demo", Key="copy in parts")["TagSet"] == []


def test_an_upload_that_nobody_ends_is_over_after_a_week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [system_clock()]
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: now[0].replace(tzinfo=None))  # signs by our clock
    with served(compose(Settings(data=tmp_path), TableGrants(), lambda: now[0], Reporter(lambda _seen: None))) as url:
        s3 = client(url)
        s3.create_bucket(Bucket="demo")
        this = begun(s3, "forgotten")
        s3.upload_part(**this, PartNumber=1, Body=b"x")
        now[0] += timedelta(days=7, seconds=1)
        with pytest.raises(ClientError) as error:
            s3.upload_part(**this, PartNumber=2, Body=b"x")
        assert code_of(error) == ("NoSuchUpload", 404)
        assert "Uploads" not in s3.list_multipart_uploads(Bucket="demo")
        assert [file for file in (tmp_path / "store").rglob("*") if file.is_file()] != []
        s3.abort_multipart_upload(**begun(s3, "another"))
    assert [file for file in (tmp_path / "store").rglob("*") if file.is_file()] == []
