from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.demo.addressing import is_bucket_name
from tests.services.demo.served import ACCOUNT, SUB, client
from tests.services.demo.test_objects import code_of


def test_a_bucket_never_had_versions(s3: Any) -> None:
    assert s3.get_bucket_versioning(Bucket="demo").keys() == {"ResponseMetadata"}


def test_a_bucket_is_made_listed_found_and_removed(s3: Any) -> None:
    s3.create_bucket(Bucket="first-bucket")
    s3.create_bucket(Bucket="first-bucket")
    listed = s3.list_buckets()
    assert "first-bucket" in [one["Name"] for one in listed["Buckets"]]
    assert listed["Owner"]["ID"] == ACCOUNT
    assert s3.head_bucket(Bucket="first-bucket")["BucketRegion"] == "us-east-1"
    assert s3.get_bucket_location(Bucket="first-bucket")["LocationConstraint"] is None
    s3.put_object(Bucket="first-bucket", Key="k", Body=b"")
    with pytest.raises(ClientError) as error:
        s3.delete_bucket(Bucket="first-bucket")
    assert code_of(error) == ("BucketNotEmpty", 409)
    s3.delete_object(Bucket="first-bucket", Key="k")
    s3.delete_bucket(Bucket="first-bucket")
    with pytest.raises(ClientError) as error:
        s3.list_objects_v2(Bucket="first-bucket")
    assert code_of(error) == ("NoSuchBucket", 404)


def test_a_bucket_of_another_region_is_refused(s3: Any) -> None:
    with pytest.raises(ClientError) as error:
        s3.create_bucket(Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert code_of(error) == ("InvalidLocationConstraint", 400)


def test_another_account_gets_nothing_and_not_the_name(url: str, s3: Any) -> None:
    s3.put_object(Bucket="demo", Key="mine", Body=b"")
    other = client(url, "AKIAOTHER00000000000")
    asks: list[Callable[[], Any]] = [
        lambda: other.get_object(Bucket="demo", Key="mine"),
        lambda: other.put_object(Bucket="demo", Key="mine", Body=b""),
        lambda: other.list_objects_v2(Bucket="demo"),
        lambda: other.delete_bucket(Bucket="demo"),
    ]
    for ask in asks:
        with pytest.raises(ClientError) as error:
            ask()
        assert code_of(error) == ("AccessDenied", 403)
    with pytest.raises(ClientError) as error:
        other.create_bucket(Bucket="demo")
    assert code_of(error) == ("BucketAlreadyExists", 409)
    assert "demo" not in [one["Name"] for one in other.list_buckets()["Buckets"]]


def test_pages_of_a_listing_cover_every_key_once_in_order_of_bytes(s3: Any) -> None:
    s3.create_bucket(Bucket="pages")
    keys = [f"a/{n}" for n in range(7)] + ["b", "c/1", "c/2/x", "é", "\U0001f388", "\uffee"]
    for key in keys:
        s3.put_object(Bucket="pages", Key=key, Body=b"")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="pages", PaginationConfig={"PageSize": 2})
    assert [one["Key"] for page in pages for one in page["Contents"]] == sorted(keys, key=str.encode)
    grouped = list(
        s3.get_paginator("list_objects_v2").paginate(Bucket="pages", Delimiter="/", PaginationConfig={"PageSize": 1})
    )
    assert [p["Prefix"] for page in grouped for p in page.get("CommonPrefixes", [])] == ["a/", "c/"]
    assert [o["Key"] for page in grouped for o in page.get("Contents", [])] == ["b", "é", "\uffee", "\U0001f388"]
    assert all(page["KeyCount"] == 1 for page in grouped)
    after = s3.list_objects_v2(Bucket="pages", StartAfter="b", Prefix="", Delimiter="/", FetchOwner=True)
    assert [p["Prefix"] for p in after["CommonPrefixes"]] == ["c/"]
    assert {o["Owner"]["ID"] for o in after["Contents"]} == {ACCOUNT}
    assert s3.list_objects_v2(Bucket="pages", MaxKeys=0)["KeyCount"] == 0


def test_only_the_own_folder_may_be_listed_and_the_denial_says_why(s3: Any, member: Any) -> None:
    s3.put_object(Bucket="demo", Key=f"{SUB}/photo", Body=b"")
    assert member.list_objects_v2(Bucket="demo", Prefix=f"{SUB}/")["KeyCount"] >= 1
    for prefix in ({}, {"Prefix": "theirs/"}, {"Prefix": ""}):
        with pytest.raises(ClientError) as error:
            member.list_objects_v2(Bucket="demo", **prefix)
        assert code_of(error) == ("AccessDenied", 403)
    assert error.value.response["Error"]["Message"].startswith(
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/app/CognitoIdentityCredentials is not authorized to perform: "
        "s3:ListBucket on resource: arn:aws:s3:::demo because no identity-based policy allows the s3:ListBucket action"
    )


def test_a_missing_object_is_told_only_to_those_who_may_list(s3: Any, member: Any) -> None:
    with pytest.raises(ClientError) as error:
        member.get_object(Bucket="demo", Key=f"{SUB}/missing")
    assert code_of(error) == ("AccessDenied", 403)
    with pytest.raises(ClientError) as error:
        member.put_object(Bucket="demo", Key="theirs/x", Body=b"")
    assert "s3:PutObject on resource: arn:aws:s3:::demo/theirs/x" in error.value.response["Error"]["Message"]
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket="demo", Key="missing")
    assert code_of(error) == ("NoSuchKey", 404)


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_bucket_acl", {}),
        ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
        ("put_bucket_tagging", {"Tagging": {"TagSet": []}}),
        ("list_object_versions", {}),
        ("list_multipart_uploads", {"Delimiter": "/"}),
        ("get_object_attributes", {"Key": "k", "ObjectAttributes": ["ETag"]}),
        ("get_object", {"Key": "k", "VersionId": "v"}),
        ("put_object", {"Key": "k", "Tagging": "a=b"}),
        ("put_object", {"Key": "k", "ServerSideEncryption": "AES256"}),
        ("put_object", {"Key": "k", "StorageClass": "GLACIER"}),
    ],
)
def test_what_is_not_served_is_refused_by_name(s3: Any, operation: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as error:
        getattr(s3, operation)(Bucket="demo", **arguments)
    assert code_of(error) == ("NotImplemented", 501)


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "Upper",
        "under_score",
        "a..b",
        "-a-",
        "192.168.0.1",
        "x" * 64,
        "xn--a",
        "sthree-a",
        "a-s3alias",
        "a--ol-s3",
    ],
)
def test_a_name_that_no_bucket_has_at_s3_is_refused(name: str) -> None:
    assert not is_bucket_name(name)


def test_the_wrong_region_is_answered_with_the_right_one(url: str) -> None:
    import boto3
    from botocore.client import Config

    from tests.services.demo.served import SECRET

    far = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id="AKIAADMIN00000000000",
        aws_secret_access_key=SECRET,
        config=Config(retries={"max_attempts": 1, "mode": "standard"}),
    )
    with pytest.raises(ClientError) as error:
        far.list_buckets()
    assert code_of(error) == ("AuthorizationHeaderMalformed", 400)
    assert error.value.response["Error"]["Region"] == "us-east-1"


def test_an_unknown_key_and_a_wrong_secret_are_told_apart_as_s3_does(url: str) -> None:
    with pytest.raises(ClientError) as error:
        client(url, "AKIAUNKNOWN000000000").list_buckets()
    assert code_of(error) == ("InvalidAccessKeyId", 403)
    with pytest.raises(ClientError) as error:
        client(url, "AKIAADMIN00000000000", secret="another").list_buckets()
    assert code_of(error) == ("SignatureDoesNotMatch", 403)
    assert error.value.response["Error"]["Message"].endswith("Check your key and signing method.")


def test_a_session_token_that_is_none_is_said_to_be_invalid(url: str) -> None:
    with pytest.raises(ClientError) as error:
        client(url, "ASIAUNKNOWN000000000", token="made-up").list_buckets()
    assert code_of(error) == ("InvalidToken", 400)
