import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.demo.documents import read_completion, read_deletion, read_location
from services.demo.grouping import after_all, grouped
from services.demo.preconditions import span_of
from services.demo.refusals import InvalidRange, MalformedXML
from services.demo.store import StoredObject
from shared.clock import system_clock

NOW = system_clock()
BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><Delete><Object><Key>&c;</Key></Object></Delete>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Delete/>",
        b"<Delete><Object/></Delete>",
        b"<Delete><Object><Key></Key></Object></Delete>",
        b"<Delete><Object><Key>a",
        b"\xff\xfe",
        b"<Other/>",
        b"<Delete><Surprise/></Delete>",
        b"<Delete>" + b"<Object><Key>k</Key></Object>" * 1001 + b"</Delete>",
        BOMB,
    ],
)
def test_a_deletion_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedXML):
        read_deletion(body)


def test_a_location_and_parts_are_read() -> None:
    assert read_location(b"") is None
    body = b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>"
    assert read_location(body) == "eu-west-1"
    parts = b'<Part><PartNumber>1</PartNumber><ETag>"a"</ETag><ChecksumCRC32>x==</ChecksumCRC32></Part>'
    named = read_completion(b"<CompleteMultipartUpload>" + parts + b"</CompleteMultipartUpload>")
    assert [(one.number, one.etag, one.checksums) for one in named] == [(1, "a", (("crc32", "x=="),))]


@given(
    keys=st.sets(st.text("ab/é\U0010ffff", min_size=1, max_size=6), max_size=25),
    prefix=st.text("ab/", max_size=2),
    delimiter=st.sampled_from(["", "/", "b/", "é"]),
    most=st.integers(1, 5),
)
def test_pages_together_are_the_listing_that_one_would_make_by_hand(
    keys: set[str], prefix: str, delimiter: str, most: int
) -> None:
    ordered = sorted(keys, key=str.encode)

    def find(low: bytes, high: bytes, limit: int) -> list[StoredObject]:
        found = [key for key in ordered if low <= key.encode() < high][:limit]
        return [StoredObject(key, 0, "", NOW, "") for key in found]

    objects: list[str] = []
    prefixes: list[str] = []
    start: bytes | None = b""
    while start is not None:
        page = grouped(find, prefix, delimiter, start, most)
        assert len(page) == most or page.next_at is None
        objects += [one.key for one in page.objects]
        prefixes += page.prefixes
        start = page.next_at
    inside = [key for key in ordered if key.startswith(prefix)]
    groups = {
        key: key[: key.index(delimiter, len(prefix)) + len(delimiter)]
        for key in inside
        if delimiter and delimiter in key[len(prefix) :]
    }
    assert objects == [key for key in inside if key not in groups]
    assert prefixes == sorted(set(groups.values()), key=str.encode)


@given(st.text(min_size=1), st.text())
def test_every_key_with_a_prefix_lies_before_the_end_of_the_prefix(prefix: str, rest: str) -> None:
    try:
        key, start = f"{prefix}{rest}".encode(), prefix.encode()
    except UnicodeEncodeError:
        return
    assert start <= key < after_all(start)


@given(first=st.integers(0, 20), last=st.integers(0, 20), size=st.integers(0, 15))
def test_a_span_lies_within_the_object(first: int, last: int, size: int) -> None:
    try:
        span = span_of(f"bytes={first}-{last}", size)
    except InvalidRange:
        assert first >= size
        return
    assert span is None if last < first else span is not None and 0 <= span.first <= span.last < size
