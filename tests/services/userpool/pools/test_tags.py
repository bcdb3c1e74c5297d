import pytest

from services.userpool.errors import InvalidParameter, ResourceNotFound
from tests.services.userpool.in_process import ACCOUNT, STRANGER, InProcess


def test_tags_are_added_replaced_and_removed(aws: InProcess) -> None:
    arn = f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/{aws.pool(UserPoolTags={'a': '1'})}"
    aws.call("TagResource", ResourceArn=arn, Tags={"a": "2", "b": "3"})
    assert aws.call("ListTagsForResource", ResourceArn=arn)["Tags"] == {"a": "2", "b": "3"}
    aws.call("UntagResource", ResourceArn=arn, TagKeys=["a", "never"])
    assert aws.call("ListTagsForResource", ResourceArn=arn)["Tags"] == {"b": "3"}


def test_a_51st_tag_is_refused_and_changes_nothing(aws: InProcess) -> None:
    arn = f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/{aws.pool()}"
    aws.call("TagResource", ResourceArn=arn, Tags={f"k{n}": "" for n in range(50)})
    with pytest.raises(InvalidParameter):
        aws.call("TagResource", ResourceArn=arn, Tags={"one more": ""})
    assert len(aws.call("ListTagsForResource", ResourceArn=arn)["Tags"]) == 50


def test_arns_of_others_and_of_nothing_are_refused(aws: InProcess) -> None:
    pool = aws.pool()
    mine, theirs = (f"arn:aws:cognito-idp:us-east-1:{account}:userpool/{pool}" for account in (ACCOUNT, STRANGER))
    with pytest.raises(ResourceNotFound):
        aws.call("ListTagsForResource", by=STRANGER, ResourceArn=mine)
    with pytest.raises(ResourceNotFound):
        aws.call("ListTagsForResource", by=STRANGER, ResourceArn=theirs)
    with pytest.raises(InvalidParameter):
        aws.call("ListTagsForResource", ResourceArn=f"arn:aws:iam::{ACCOUNT}:role/r")
