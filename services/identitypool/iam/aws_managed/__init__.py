"""The managed policies that AWS provides, as far as stacks around Cognito, IAM and S3 use them: one JSON text each.

index.json: their paths and names, AWS's own unique ids, default versions, descriptions, and when each was made and last
edited (AWS Managed Policy Reference). The texts are those of these versions, word for word; of ReadOnlyAccess, which
names every service there is, only what concerns accounts, Cognito, IAM, Organizations, S3 and STS. The id of the guests'
session policy is not published: it is ours.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

import msgspec

from services.identitypool.iam.records import ManagedPolicy, PolicyVersion


class _Known(msgspec.Struct, frozen=True):
    """An entry of the index; `name` may stand under a path, as in `service-role/NAME`."""

    name: str
    id: str
    version: int
    created: datetime
    edited: datetime
    description: str | None = None


def find(arn: str) -> ManagedPolicy | None:
    """The policy `arn:aws:iam::aws:policy/NAME`; None for one that is not provided here."""
    return _by_arn().get(arn)


def every() -> Sequence[ManagedPolicy]:
    """All of them, by name without regard to case."""
    return tuple(_by_arn().values())


def version(policy: ManagedPolicy) -> PolicyVersion:
    """The default version, which is the only one that is kept here."""
    return PolicyVersion(policy.default_version, _text(policy.name), policy.updated_at)


@cache
def _by_arn() -> dict[str, ManagedPolicy]:
    known = msgspec.json.decode(_read("index"), type=list[_Known])
    policies = sorted(map(_record, known), key=lambda policy: policy.name.lower())
    return {policy.arn: policy for policy in policies}


def _record(known: _Known) -> ManagedPolicy:
    path, _, name = known.name.rpartition("/")
    return ManagedPolicy(
        account="aws",
        id=known.id,
        name=name,
        path=f"/{path}/" if path else "/",
        description=known.description,
        default_version=known.version,
        newest_version=known.version,
        created_at=known.created,
        updated_at=known.edited,
    )


@cache
def _text(name: str) -> str:
    return _read(name)


def _read(name: str) -> str:
    return (files(__name__) / f"{name}.json").read_text(encoding="utf-8")
