from datetime import timedelta

import pytest

from services.identitypool import errors
from services.identitypool.authorizer.last_used import keep_uses
from services.identitypool.iam.secrets_at_rest import open_secret
from services.identitypool.iam.store import access_keys
from shared.audit.record import KeyUse
from shared.guard.guard import AccessDenied
from shared.seal import BrokenSeal, Keys
from tests.services.identitypool.iam.console import ACCOUNT, START, Console


def test_the_secret_is_shown_once_and_kept_sealed(iam: Console) -> None:
    made = iam("CreateAccessKey").access_key
    with iam.context.sql.read() as tx:
        key = access_keys.key_named(tx, made.access_key_id)
    assert key is not None
    assert made.secret_access_key.encode() not in key.sealed_secret
    assert open_secret(iam.context.keys, key).reveal() == made.secret_access_key
    with pytest.raises(BrokenSeal):
        open_secret(Keys([b"x" * 32]), key)
    with pytest.raises(errors.LimitExceeded, match="Cannot exceed quota for AccessKeysPerUser: 2"):
        iam("CreateAccessKey", UserName="admin")
    listed = iam("ListAccessKeys").access_key_metadata
    assert [one.access_key_id for one in listed] == [iam.caller.access_key_id, made.access_key_id]


def test_a_key_is_switched_off_and_deleted_by_its_owners_name(iam: Console) -> None:
    made = iam("CreateAccessKey").access_key
    iam("UpdateAccessKey", AccessKeyId=made.access_key_id, Status="Inactive")
    with iam.context.sql.read() as tx:
        key = access_keys.key_named(tx, made.access_key_id)
    assert key is not None
    assert not key.active
    iam("CreateUser", UserName="Ann")
    for operation, more in (("UpdateAccessKey", {"Status": "Active"}), ("DeleteAccessKey", {})):
        with pytest.raises(
            errors.NoSuchEntity, match=rf"The Access Key with id {made.access_key_id} cannot be found\."
        ):
            iam(operation, UserName="Ann", AccessKeyId=made.access_key_id, **more)
    iam("DeleteAccessKey", AccessKeyId=made.access_key_id)
    with iam.context.sql.read() as tx:
        assert access_keys.key_named(tx, made.access_key_id) is None


def test_of_several_uses_the_newest_is_shown(iam: Console) -> None:
    key_id = iam.caller.access_key_id
    assert iam("GetAccessKeyLastUsed", AccessKeyId=key_id).access_key_last_used.service_name == "N/A"
    for service, seconds in (("iam", 0), ("s3", 60), ("sts", 30)):
        use = KeyUse(ACCOUNT, key_id, service, "us-east-1", START.timestamp() + seconds)
        keep_uses(iam.context.sql, [use])
    used = iam("GetAccessKeyLastUsed", AccessKeyId=key_id)
    assert (used.user_name, used.access_key_last_used.service_name) == ("admin", "s3")
    assert used.access_key_last_used.last_used_date == START + timedelta(seconds=60)


def test_a_key_that_is_none_is_as_forbidden_as_another_accounts(iam: Console) -> None:
    with pytest.raises(AccessDenied) as refused:
        iam("GetAccessKeyLastUsed", AccessKeyId="AKIAIOSFODNN7EXAMPLE")
    assert refused.value.message == (
        f"User: {iam.caller.arn} is not authorized to perform iam:GetAccessKeyLastUsed "
        "on resource: access key AKIAIOSFODNN7EXAMPLE"
    )


def test_root_has_keys_of_its_own(iam: Console) -> None:
    root = iam.as_root()
    made = root("CreateAccessKey").access_key
    assert root.asked[-1][1] == f"arn:aws:iam::{ACCOUNT}:root"
    assert [one.access_key_id for one in root("ListAccessKeys").access_key_metadata] == [made.access_key_id]
    assert iam("GetAccountSummary").summary_map["AccountAccessKeysPresent"] == 1
    root("DeleteAccessKey", AccessKeyId=made.access_key_id)
    assert root("ListAccessKeys").access_key_metadata == []
