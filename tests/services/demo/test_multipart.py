import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.demo.served import REGION, SECRET
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
