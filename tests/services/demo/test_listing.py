from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.services.demo.served import SUB
from tests.services.demo.test_objects import code_of

KEYS = ["a", "a/1", "a/2/x", "a/3", "b b+%", "c/ü", "c/日本", "d//e", "z"]


@pytest.fixture(scope="module")
def bucket(s3: Any) -> str:
    s3.create_bucket(Bucket="listing")
    for key in KEYS:
        s3.put_object(Bucket="listing", Key=key, Body=b"")
    return "listing"


def shown(s3: Any, operation: str, bucket: str, size: int, **asked: str) -> list[str]:
    pages = s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": size}, **asked)
    return [
        line
        for page in pages
        for line in [
            *(one["Key"] for one in page.get("Contents", [])),
            *(one["Prefix"] for one in page.get("CommonPrefixes", [])),
        ]
    ]


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@given(
    size=st.integers(1, 10), prefix=st.sampled_from(["", "a", "a/", "c/", "d/", "q"]), delimiter=st.sampled_from("/b")
)
@settings(max_examples=25)
def test_pages_of_any_size_show_each_key_and_prefix_once(
    s3: Any, bucket: str, operation: str, size: int, prefix: str, delimiter: str
) -> None:
    def group(key: str) -> str:
        cut = key.find(delimiter, len(prefix))
        return key if cut < 0 else key[: cut + 1]

    expected = {group(key) for key in KEYS if key.startswith(prefix)}
    found = shown(s3, operation, bucket, size, Prefix=prefix, Delimiter=delimiter)
    assert sorted(found) == sorted(expected)
    assert shown(s3, operation, bucket, size, Prefix=prefix) == [key for key in KEYS if key.startswith(prefix)]


def test_the_first_version_shows_owners_and_begins_behind_a_marker(s3: Any, bucket: str) -> None:
    page = s3.list_objects(Bucket=bucket, Marker="b b+%", MaxKeys=2)
    assert [one["Key"] for one in page["Contents"]] == ["c/ü", "c/日本"]
    assert page["Contents"][0]["Owner"]["ID"] == "111122223333"
    assert (page["IsTruncated"], page["Marker"]) == (True, "b b+%")


def test_prefix_conditions_hold_for_both_versions(member: Any) -> None:
    for operation in (member.list_objects, member.list_objects_v2):
        assert operation(Bucket="demo", Prefix=f"{SUB}/")["Name"] == "demo"
        for wrong in ({}, {"Prefix": ""}, {"Prefix": "public/"}):
            with pytest.raises(ClientError) as error:
                operation(Bucket="demo", **wrong)
            assert code_of(error) == ("AccessDenied", 403)
