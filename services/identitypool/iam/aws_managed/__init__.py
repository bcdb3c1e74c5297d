"""The managed policies that AWS provides, as far as they bear on what is served here: one JSON text each."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from services.identitypool.iam.records import ManagedPolicy, PolicyVersion

_OURS: Final = "ANPAUNAUTHEDIDENTITIE"
_KNOWN: Final = {
    "AdministratorAccess": ("ANPAIWMBCKSKIEE64ZLYK", 1, "2015-02-06T18:39:46Z", "2015-02-06T18:39:46Z"),
    "AmazonCognitoPowerUser": ("ANPAJKW5H2HNCPGCYGR6Y", 9, "2015-03-24T17:14:56Z", "2026-02-12T18:00:09Z"),
    "AmazonCognitoReadOnly": ("ANPAJBFTRZD2GQGJHSVQK", 4, "2015-03-24T17:06:46Z", "2019-08-01T19:21:04Z"),
    "AmazonCognitoUnAuthedIdentitiesSessionPolicy": (_OURS, 4, "2023-07-19T23:04:00Z", "2026-05-01T19:57:00Z"),
    "AmazonS3FullAccess": ("ANPAIFIR6V6BVTRAHWINE", 2, "2015-02-06T18:40:58Z", "2021-09-27T20:16:37Z"),
    "AmazonS3ReadOnlyAccess": ("ANPAIZTJ4DXE7G6AGAE6M", 3, "2015-02-06T18:40:59Z", "2023-08-10T21:31:39Z"),
    "IAMFullAccess": ("ANPAI7XKCFMBPM3QQRRVQ", 2, "2015-02-06T18:40:38Z", "2019-06-21T19:40:00Z"),
    "IAMReadOnlyAccess": ("ANPAJKSO7NDY4T57MWDSQ", 4, "2015-02-06T18:40:39Z", "2018-01-25T19:11:27Z"),
    "PowerUserAccess": ("ANPAJYRXTHIB4FOVS3ZXS", 12, "2015-02-06T18:39:47Z", "2026-02-12T17:59:14Z"),
    "ReadOnlyAccess": ("ANPAILL3HVNFSB6DCOWYQ", 178, "2015-02-06T18:39:48Z", "2026-02-12T18:01:33Z"),
}
"""AWS's own unique ids, default versions, and when each was made and last edited (AWS Managed Policy Reference).

The texts are those of these versions, word for word; of ReadOnlyAccess, which names every service there is, only what
concerns accounts, Cognito, IAM, Organizations, S3 and STS. The id of the guests' session policy is not published: it is
ours.
"""


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
    policies = [_record(name, *_KNOWN[name]) for name in sorted(_KNOWN, key=str.lower)]
    return {policy.arn: policy for policy in policies}


def _record(name: str, policy_id: str, version_number: int, created: str, edited: str) -> ManagedPolicy:
    return ManagedPolicy(
        account="aws",
        id=policy_id,
        name=name,
        path="/",
        description=None,
        default_version=version_number,
        newest_version=version_number,
        created_at=datetime.fromisoformat(created),
        updated_at=datetime.fromisoformat(edited),
    )


@cache
def _text(name: str) -> str:
    return (files(__name__) / f"{name}.json").read_text(encoding="utf-8")
