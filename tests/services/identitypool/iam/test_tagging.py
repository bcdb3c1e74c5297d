"""Tags decide about rights, so who may make something may not give it tags for that alone."""

import json
from pathlib import Path

import pytest

from tests.services.identitypool.installation import ACCOUNT, Refused, allow, install, trusting

NEEDED = {
    "User": {},
    "Role": {"AssumeRolePolicyDocument": json.dumps(trusting({"AWS": ACCOUNT}))},
    "Policy": {"PolicyDocument": json.dumps(allow("s3:*"))},
}
TAGS = {"Tags.member.1.Key": "team", "Tags.member.1.Value": "blue"}


@pytest.mark.parametrize("kind", NEEDED)
def test_making_something_with_tags_needs_the_right_to_tag_it(tmp_path: Path, kind: str) -> None:
    here = install(tmp_path)
    maker = here.user("maker", allow(f"iam:Create{kind}"))
    here.iam(f"Create{kind}", maker, **{f"{kind}Name": "plain"}, **NEEDED[kind])
    with pytest.raises(Refused) as refused:
        here.iam(f"Create{kind}", maker, **{f"{kind}Name": "tagged"}, **NEEDED[kind], **TAGS)
    assert (refused.value.status, refused.value.code) == (403, "AccessDenied")
    arn = f"arn:aws:iam::{ACCOUNT}:{kind.lower()}/tagged"
    assert f"is not authorized to perform: iam:Tag{kind} on resource: {arn}" in refused.value.message
    condition = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    tagger = here.user("tagger", allow([f"iam:Create{kind}", f"iam:Tag{kind}"], Condition=condition))
    here.iam(f"Create{kind}", tagger, **{f"{kind}Name": "tagged"}, **NEEDED[kind], **TAGS)
