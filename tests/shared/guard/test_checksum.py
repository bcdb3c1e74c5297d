import base64
import hashlib
import zlib

import pytest
from botocore.httpchecksum import Crc32Checksum, Sha1Checksum, Sha256Checksum
from hypothesis import given
from hypothesis import strategies as st

from shared.guard import checksum
from shared.guard.refusals import ChecksumMismatch, InvalidChecksum
from shared.refusal import Refusal

NAMES = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256", "sha512", "md5"]
ZLIB = 0xEDB88320


def test_crc32c_and_crc64nvme_give_the_published_check_values() -> None:
    # the catalogue of parametrised CRC algorithms: CRC-32/ISCSI and CRC-64/NVME of "123456789"
    assert base64.b64decode(checksum.checksum("crc32c", b"123456789")).hex() == "e3069283"
    assert base64.b64decode(checksum.checksum("crc64nvme", b"123456789")).hex() == "ae8b14860a799888"
    assert base64.b64decode(checksum.checksum("crc32c", bytes(32))).hex() == "8a9136aa"  # RFC 3720, B.4


@given(st.binary(max_size=100))
def test_checksums_agree_with_botocore(data: bytes) -> None:
    for name, made in (("crc32", Crc32Checksum), ("sha1", Sha1Checksum), ("sha256", Sha256Checksum)):
        assert checksum.checksum(name, data) == made().handle(data)


@given(st.binary(max_size=70), st.sampled_from([(32, 0x82F63B78), (64, 0x9A6C9329AC4BC9B5), (32, ZLIB)]))
def test_crcs_agree_with_division_bit_by_bit(data: bytes, kind: tuple[int, int]) -> None:
    bits, polynomial = kind
    ones = (1 << bits) - 1
    value = ones
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
    names = {0x82F63B78: "crc32c", 0x9A6C9329AC4BC9B5: "crc64nvme", ZLIB: "crc32"}
    assert base64.b64decode(checksum.checksum(names[polynomial], data)) == (value ^ ones).to_bytes(bits // 8, "big")
    assert bits == 64 or polynomial != ZLIB or zlib.crc32(data) == value ^ ones


@pytest.mark.parametrize("name", NAMES)
def test_a_header_is_checked_against_the_body(name: str) -> None:
    headers = {f"x-amz-checksum-{name}": checksum.checksum(name, b"body")}
    checksum.check_headers(headers, b"body")
    with pytest.raises(ChecksumMismatch, match=name.upper()):
        checksum.check_headers(headers, b"bodz")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["", "AAAA", "é", "not base64!", "A" * 200])
def test_a_value_that_cannot_be_a_checksum_is_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidChecksum, match=f"Value for x-amz-checksum-{name} header is invalid"):
        checksum.check(f"x-amz-checksum-{name}", value, b"body")


def test_an_unknown_checksum_is_refused_by_name() -> None:
    with pytest.raises(InvalidChecksum, match="x-amz-checksum-xxhash64"):
        checksum.check_headers({"x-amz-checksum-xxhash64": "AAAA"}, b"")


def test_two_checksums_at_once_are_refused() -> None:
    headers = {f"x-amz-checksum-{name}": checksum.checksum(name, b"") for name in ("crc32", "sha1")}
    with pytest.raises(InvalidChecksum, match="single"):
        checksum.check_headers(headers, b"")


def test_headers_that_only_name_the_algorithm_are_no_checksums() -> None:
    checksum.check_headers({"x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-mode": "ENABLED"}, b"body")


def test_content_md5_is_checked() -> None:
    headers = {"content-md5": base64.b64encode(hashlib.md5(b"body").digest()).decode()}
    checksum.check_headers(headers, b"body")
    with pytest.raises(ChecksumMismatch, match="Content-MD5"):
        checksum.check_headers(headers, b"bodz")
    with pytest.raises(InvalidChecksum, match="Content-MD5"):
        checksum.check_headers({"content-md5": "x"}, b"body")


@given(
    st.dictionaries(st.sampled_from(["content-md5", *(f"x-amz-checksum-{n}" for n in NAMES)]), st.text(), min_size=1)
)
def test_no_header_raises_anything_but_a_refusal(headers: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        checksum.check_headers(headers, b"body")


@given(st.lists(st.binary(max_size=40), max_size=4), st.sampled_from(NAMES))
def test_pieces_have_the_checksum_of_the_whole(pieces: list[bytes], name: str) -> None:
    assert checksum.of_pieces(name, pieces) == checksum.checksum(name, b"".join(pieces))


@given(st.lists(st.binary(max_size=40), max_size=4), st.sampled_from(["crc32", "crc32c", "crc64nvme"]))
def test_the_checksums_of_parts_combine_to_that_of_the_whole(parts: list[bytes], name: str) -> None:
    known = [(checksum.digest(name, part), len(part)) for part in parts]
    assert checksum.combined(name, known) == checksum.checksum(name, b"".join(parts))


@given(
    st.binary(min_size=1, max_size=50),
    st.integers(2040, 9000),
    st.binary(max_size=20),
    st.sampled_from(["crc32c", "crc64nvme"]),
)
def test_long_data_has_the_checksum_of_its_short_pieces(unit: bytes, size: int, end: bytes, name: str) -> None:
    data = (unit * (size // len(unit) + 1))[:size] + end
    pieces = [data[at : at + 1000] for at in range(0, len(data), 1000)]
    assert checksum.checksum(name, data) == checksum.of_pieces(name, pieces)
    assert checksum.of_pieces(name, [end, data]) == checksum.of_pieces(name, [end, *pieces])


@pytest.mark.parametrize("name", ["crc32c", "crc64nvme"])
def test_very_long_data_has_the_checksum_of_its_parts(name: str) -> None:
    parts = [bytes([number]) * (300_001 + number) for number in range(4)]
    known = [(checksum.digest(name, part), len(part)) for part in parts]
    assert checksum.checksum(name, b"".join(parts)) == checksum.combined(name, known)
