"""Who and what appears in the story. Everything is made under one prefix, and its removal is noted in the same breath."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.command.tour.stage import Client, Credentials, Stage

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """An IAM user with an access key."""

    name: str
    arn: str
    key: Credentials


@dataclass(frozen=True, slots=True)
class Cast:
    """Makes users, groups, roles and buckets by `iam` and `s3`; `leftovers` removes them, last made first."""

    stage: Stage
    prefix: str
    iam: Client
    s3: Client
    leftovers: contextlib.ExitStack

    def named(self, name: str) -> str:
        """A name of the tour's own."""
        return f"{self.prefix}-{name}"

    def user(self, name: str, *documents: Document, boundary: str | None = None) -> Person:
        """An IAM user with inline policies and a key."""
        full, iam = self.named(name), self.iam
        bounded = {"PermissionsBoundary": boundary} if boundary else {}
        made = iam.create_user(UserName=full, **bounded)["User"]
        self.leftovers.callback(iam.delete_user, UserName=full)
        for number, document in enumerate(documents):
            policy = f"policy-{number}"
            iam.put_user_policy(UserName=full, PolicyName=policy, PolicyDocument=json.dumps(document))
            self.leftovers.callback(iam.delete_user_policy, UserName=full, PolicyName=policy)
        key = iam.create_access_key(UserName=full)["AccessKey"]
        self.leftovers.callback(iam.delete_access_key, UserName=full, AccessKeyId=key["AccessKeyId"])
        return Person(full, made["Arn"], Credentials(key["AccessKeyId"], key["SecretAccessKey"]))

    def group(self, name: str, document: Document, members: Sequence[Person]) -> str:
        """A group with an inline policy and members; gives its ARN."""
        full, iam = self.named(name), self.iam
        arn = str(iam.create_group(GroupName=full)["Group"]["Arn"])
        self.leftovers.callback(iam.delete_group, GroupName=full)
        iam.put_group_policy(GroupName=full, PolicyName="grants", PolicyDocument=json.dumps(document))
        self.leftovers.callback(iam.delete_group_policy, GroupName=full, PolicyName="grants")
        for member in members:
            iam.add_user_to_group(GroupName=full, UserName=member.name)
            self.leftovers.callback(iam.remove_user_from_group, GroupName=full, UserName=member.name)
        return arn

    def role(self, name: str, trust: Document, document: Document) -> str:
        """A role with an inline policy; gives its ARN."""
        full, iam = self.named(name), self.iam
        made = iam.create_role(RoleName=full, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
        self.leftovers.callback(iam.delete_role, RoleName=full)
        iam.put_role_policy(RoleName=full, PolicyName="grants", PolicyDocument=json.dumps(document))
        self.leftovers.callback(iam.delete_role_policy, RoleName=full, PolicyName="grants")
        return str(made["Arn"])

    def managed_policy(self, name: str, document: Document) -> str:
        """A managed policy; gives its ARN."""
        made = self.iam.create_policy(PolicyName=self.named(name), PolicyDocument=json.dumps(document))["Policy"]
        self.leftovers.callback(self.iam.delete_policy, PolicyArn=made["Arn"])
        return str(made["Arn"])

    def bucket(self, name: str) -> str:
        """A bucket in the store; gives its name."""
        full = self.named(name)
        self.s3.create_bucket(Bucket=full)
        self.leftovers.callback(self.s3.delete_bucket, Bucket=full)
        self.leftovers.callback(_empty, self.s3, full)
        return full


def allow(*actions: str, on: str | Sequence[str]) -> Document:
    """A policy of one statement that allows `actions` on `on`."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": on}]}


def deny(*actions: str, on: str) -> Document:
    """A policy of one statement that denies."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": list(actions), "Resource": on}]}


def trust_in(arn: str) -> Document:
    """A trust policy that lets one principal assume the role."""
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def session(stage: Stage, who: Credentials, role: str, name: str, **options: object) -> Credentials:
    """The temporary credentials of AssumeRole."""
    made = stage.client("sts", who).assume_role(RoleArn=role, RoleSessionName=name, **options)["Credentials"]
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def text_of(stage: Stage, who: Credentials, bucket: str, key: str) -> str:
    """The object's text, read with the rights of `who`."""
    body: bytes = stage.client("s3", who).get_object(Bucket=bucket, Key=key)["Body"].read()
    return body.decode()


def _empty(s3: Client, bucket: str) -> None:
    for item in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=item["Key"])
