import hashlib
import hmac
import io
from datetime import UTC, datetime

import msgspec
import pytest
from botocore.auth import S3SigV4Auth
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum, Sha256Checksum
from hypothesis import given
from hypothesis import strategies as st

from shared.guard import checksum, chunked, sigv4
from shared.guard.refusals import ChecksumMismatch, InvalidChecksum, MalformedChunks, SignatureMismatch
from shared.refusal import Refusal
from tests.shared.guard.signing import KEY_ID, S3, SECRET, sign

EMPTY = hashlib.sha256(b"").hexdigest()
KEY = sigv4.derive_key(SECRET, "20130524", "us-east-1", "s3")
UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
DATA = b"a" * 66_560
LENGTH = {"x-amz-decoded-content-length": "66560"}

# S3 API Reference, the two examples of chunked uploads: seed, the chunks' signatures, the trailer's
PUBLISHED = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
]
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
PUBLISHED_TRAILER = [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
]
SEED_TRAILER = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
TRAILER = (
    b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
    b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
)
ANNOUNCED = LENGTH | {"x-amz-trailer": "x-amz-checksum-crc32c"}


def _request(claim: str, seed: str = SEED) -> sigv4.SignedRequest:
    sent = sign("PUT", "/b/k", [("X-Amz-Content-SHA256", claim)], service="s3")
    signed = sigv4.parse(sent.method, sent.path, sent.query, sent.headers)
    return msgspec.structs.replace(
        signed,
        date="20130524",
        amz_date="20130524T000000Z",
        requested_at=datetime(2013, 5, 24, tzinfo=UTC),
        signature=seed,
    )


def _body(signatures: list[str], data: bytes = DATA, size: int = 65_536) -> bytes:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    lines = [
        b"%x;chunk-signature=%s\r\n%s\r\n" % (len(d), s.encode(), d) for d, s in zip(pieces, signatures, strict=False)
    ]
    return b"".join(lines) + b"0;chunk-signature=%s\r\n" % signatures[len(pieces)].encode()


PLAIN_BODY = _body(PUBLISHED) + b"\r\n"
TRAILED_BODY = _body(PUBLISHED_TRAILER) + TRAILER


def test_the_published_seed_signature_holds() -> None:
    headers = [
        ("Host", "s3.amazonaws.com"),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", SIGNED),
        ("Content-Encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("Content-Length", "66824"),
        (
            "Authorization",
            (
                f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;"
                "content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,"
                f"Signature={SEED}"
            ),
        ),
    ]
    signed = sigv4.parse("PUT", "/examplebucket/chunkObject.txt", "", headers)
    sigv4.check(signed, KEY, PLAIN_BODY, datetime(2013, 5, 24, tzinfo=UTC), rules=S3)
    assert len(PLAIN_BODY) == 66_824
    assert chunked.decode(signed, KEY, LENGTH, PLAIN_BODY).data == DATA


def test_signed_chunks_and_a_signed_trailer_decode() -> None:
    decoded = chunked.decode(_request(SIGNED_TRAILER, SEED_TRAILER), KEY, ANNOUNCED, TRAILED_BODY)
    assert decoded.data == DATA
    assert decoded.trailers == {"x-amz-checksum-crc32c": "sOO8/Q=="}


@pytest.mark.parametrize(
    "at", [0, 10, 30, 70, 100, 65_600, 65_630, 65_700, 65_720, 66_700, 66_750, 66_790, 66_830, 66_870]
)
def test_any_changed_byte_of_signed_chunks_is_refused(at: int) -> None:
    assert at < len(TRAILED_BODY)
    spoilt = bytearray(TRAILED_BODY)
    spoilt[at] ^= 1
    with pytest.raises(Refusal):
        chunked.decode(_request(SIGNED_TRAILER, SEED_TRAILER), KEY, ANNOUNCED, bytes(spoilt))


def test_chunks_in_another_order_or_without_the_end_are_refused() -> None:
    size = 1024
    first, second, end = _signatures([b"a" * size, b"b" * size, b""])
    right = _body([first, second, end], b"a" * size + b"b" * size, size) + b"\r\n"
    headers = {"x-amz-decoded-content-length": "2048"}
    assert chunked.decode(_request(SIGNED), KEY, headers, right).data == b"a" * size + b"b" * size
    swapped = _body([second, first, end], b"b" * size + b"a" * size, size) + b"\r\n"
    with pytest.raises(SignatureMismatch):
        chunked.decode(_request(SIGNED), KEY, headers, swapped)
    for cut in (right[:-90], right[: right.index(b"0;chunk")], right[:-40]):
        with pytest.raises(Refusal):
            chunked.decode(_request(SIGNED), KEY, headers, cut)


def _signatures(pieces: list[bytes]) -> list[str]:
    made, previous = [], SEED
    for piece in pieces:
        text = f"AWS4-HMAC-SHA256-PAYLOAD\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n{previous}\n{EMPTY}\n"
        previous = hmac.digest(KEY, (text + hashlib.sha256(piece).hexdigest()).encode(), "sha256").hex()
        made.append(previous)
    return made


@given(st.binary(max_size=300), st.integers(1, 80))
def test_what_botocore_wraps_decodes(data: bytes, size: int) -> None:
    for name, made in (("crc32", Crc32Checksum), ("sha256", Sha256Checksum)):
        header = f"x-amz-checksum-{name}"
        body = AwsChunkedWrapper(io.BytesIO(data), made, header, chunk_size=size).read()
        headers = {"x-amz-decoded-content-length": str(len(data)), "x-amz-trailer": header}
        decoded = chunked.decode(_request(UNSIGNED), KEY, headers, body)
        assert decoded.data == data
        assert decoded.trailers == {header: checksum.checksum(name, data)}


def test_botocores_whole_chunked_request_verifies_and_decodes() -> None:
    wire = AwsChunkedWrapper(io.BytesIO(b"hello"), Crc32Checksum, "x-amz-checksum-crc32").read()
    headers = [("X-Amz-Trailer", "x-amz-checksum-crc32"), ("X-Amz-Decoded-Content-Length", "5")]
    headers += [("Content-Encoding", "aws-chunked"), ("X-Amz-Content-SHA256", UNSIGNED)]
    sent = sign("PUT", "/b/k", headers, wire, signer=_StreamingSigner, service="s3")
    signed = sigv4.parse(sent.method, sent.path, sent.query, sent.headers)
    key = sigv4.derive_key(SECRET, signed.date, "us-east-1", "s3")
    sigv4.check(signed, key, sent.body, sent.at, rules=S3)
    assert chunked.is_chunked(signed)
    by_name = {name.lower(): value for name, value in sent.headers}
    assert chunked.decode(signed, key, by_name, sent.body).data == b"hello"


class _StreamingSigner(S3SigV4Auth):  # type: ignore[misc]
    """As botocore signs a body that it wraps in chunks."""

    def _is_streaming_checksum_payload(self, request: object) -> bool:
        return request is not None


@pytest.mark.parametrize("name", ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"])
def test_a_trailing_checksum_is_verified(name: str) -> None:
    header = f"x-amz-checksum-{name}"
    headers = {"x-amz-decoded-content-length": "4", "x-amz-trailer": header}
    trailer = f"{header}:{checksum.checksum(name, b'body')}\r\n\r\n".encode()
    assert chunked.decode(_request(UNSIGNED), KEY, headers, b"4\r\nbody\r\n0\r\n" + trailer).data == b"body"
    with pytest.raises(ChecksumMismatch):
        chunked.decode(_request(UNSIGNED), KEY, headers, b"4\r\nbodz\r\n0\r\n" + trailer)


def test_an_unknown_trailer_is_refused_by_name() -> None:
    headers = {"x-amz-decoded-content-length": "0", "x-amz-trailer": "x-amz-checksum-md5"}
    with pytest.raises(InvalidChecksum, match="x-amz-checksum-md5"):
        chunked.decode(_request(UNSIGNED), KEY, headers, b"0\r\nx-amz-checksum-md5:AAAA\r\n\r\n")


_CRC = f"x-amz-checksum-crc32:{checksum.checksum('crc32', b'body')}\r\n".encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"4\r\nbody\r\n",
        b"4\r\nbody\r\n0\r\n",
        b"4\r\nbody\r\n0\r\n\r\n",
        b"5\r\nbody\r\n0\r\n" + _CRC,
        b"3\r\nbod\r\n0\r\n" + _CRC,
        b"4\r\nbody0\r\n" + _CRC,
        b"4;chunk-signature=00\r\nbody\r\n0\r\n" + _CRC,
        b"-4\r\nbody\r\n0\r\n" + _CRC,
        b"0x4\r\nbody\r\n0\r\n" + _CRC,
        b"4_0\r\nbody\r\n0\r\n" + _CRC,
        b"\r\nbody\r\n0\r\n" + _CRC,
        b"fffffffffffffff\r\nbody\r\n0\r\n" + _CRC,
        b"4\r\nbody\r\n0\r\n" + _CRC + _CRC,
        b"4\r\nbody\r\n0\r\n" + _CRC + b"x-other:1\r\n",
        b"4\r\nbody\r\n0\r\n" + _CRC + b"x-amz-trailer-signature:00\r\n",
        b"4\r\nbody\r\n0\r\n" + _CRC + b"nothing\r\n",
        b"4\r\nbody\r\n0\r\n" + _CRC + b"\xff:\r\n",
        b"4\r\nbody\r\n0\r\n" + _CRC.rstrip(),
        b"4\r\nbody\r\n0\r\n" + _CRC + b"\r\n" * 5000,
    ],
)
def test_malformed_chunks_are_refused(body: bytes) -> None:
    headers = {"x-amz-decoded-content-length": "4", "x-amz-trailer": "x-amz-checksum-crc32"}
    with pytest.raises(MalformedChunks):
        chunked.decode(_request(UNSIGNED), KEY, headers, body)


@pytest.mark.parametrize("length", [None, "", "-1", "x", "5", "9" * 20, "٤"])
def test_the_decoded_length_must_be_given_and_right(length: str | None) -> None:
    headers = {"x-amz-trailer": "x-amz-checksum-crc32"}
    headers |= {} if length is None else {"x-amz-decoded-content-length": length}
    with pytest.raises(MalformedChunks):
        chunked.decode(_request(UNSIGNED), KEY, headers, b"4\r\nbody\r\n0\r\n" + _CRC)


def test_more_than_the_last_chunk_is_refused() -> None:
    with pytest.raises(MalformedChunks, match="more after the last chunk"):
        chunked.decode(_request(SIGNED), KEY, LENGTH, PLAIN_BODY + b"x")


def test_a_claim_that_is_not_streaming_is_refused() -> None:
    assert not chunked.is_chunked(_request("UNSIGNED-PAYLOAD"))
    with pytest.raises(MalformedChunks):
        chunked.decode(_request("UNSIGNED-PAYLOAD"), KEY, LENGTH, PLAIN_BODY)


@given(
    st.lists(st.sampled_from([b"0", b"4", b"\r\n", b"body", b";chunk-signature=", b":", b"\xff", _CRC]), max_size=12),
    st.sampled_from([UNSIGNED, SIGNED, SIGNED_TRAILER]),
    st.text(max_size=5),
    st.text(max_size=30) | st.just("x-amz-checksum-crc32"),
)
def test_no_body_raises_anything_but_a_refusal(pieces: list[bytes], claim: str, length: str, trailer: str) -> None:
    headers = {"x-amz-decoded-content-length": length, "x-amz-trailer": trailer}
    with pytest.raises(Refusal):
        chunked.decode(_request(claim), KEY, headers, b"".join(pieces))
