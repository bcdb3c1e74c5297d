"""The managed policies that AWS provides, as far as they bear on what is served here: one JSON text each."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Final

from services.identitypool.iam.records import ManagedPolicy, PolicyVersion

_SINCE: Final = datetime(2015, 2, 6, 18, 39, 46, tzinfo=UTC)
_IDS: Final = {
    "AdministratorAccess": "ANPAIWMBCKSKIEE64ZLYK",
    "AmazonCognitoPowerUser": "ANPAJKW5H2HNCPGCYGR6Y",
    "AmazonCognitoReadOnly": "ANPAJBFTRZD2GQGJHSVQK",
    "AmazonCognitoUnAuthedIdentitiesSessionPolicy": "ANPAUNAUTHEDIDENTITIE",
    "AmazonS3FullAccess": "ANPAIFIR6V6BVTRAHWINE",
    "AmazonS3ReadOnlyAccess": "ANPAIZTJ4DXE7G6AGAE6M",
    "IAMFullAccess": "ANPAI7XKCFMBPM3QQRRVQ",
    "IAMReadOnlyAccess": "ANPAJKSO7NDY4T57MWDSQ",
    "PowerUserAccess": "ANPAJYRXTHIB4FOVS3ZXS",
    "ReadOnlyAccess": "ANPAILL3HVNFSB6DCOWYQ",
}
"""AWS's own unique ids, which never change; that of the guests' session policy is not published, so it is ours."""


def find(arn: str) -> ManagedPolicy | None:
    """The policy `arn:aws:iam::aws:policy/NAME`; None for one that is not provided here."""
    return _by_arn().get(arn)


def every() -> Sequence[ManagedPolicy]:
    """All of them, by name without regard to case."""
    return tuple(_by_arn().values())


def version(policy: ManagedPolicy) -> PolicyVersion:
    """The one version there is."""
    return PolicyVersion(policy.default_version, _text(policy.name), policy.created_at)


@cache
def _by_arn() -> dict[str, ManagedPolicy]:
    policies = [
        ManagedPolicy(
            account="aws",
            id=policy_id,
            name=name,
            path="/",
            description=None,
            default_version=1,
            newest_version=1,
            created_at=_SINCE,
            updated_at=_SINCE,
        )
        for name, policy_id in sorted(_IDS.items(), key=lambda item: item[0].lower())
    ]
    return {policy.arn: policy for policy in policies}


@cache
def _text(name: str) -> str:
    return (files(__name__) / f"{name}.json").read_text(encoding="utf-8")
