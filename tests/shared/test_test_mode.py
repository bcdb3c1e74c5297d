from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.conftest import installation_in


def test_the_clock_moves_and_the_reset_leaves_accounts_and_their_keys(tmp_path: Path) -> None:
    installation = installation_in(tmp_path)
    installation.command("init")
    installation.start()
    try:
        idp, iam, sts = (installation.client(name) for name in ("cognito-idp", "iam", "sts"))
        account = sts.get_caller_identity()["Account"]
        idp.create_user_pool(PoolName="gone")
        iam.create_user(UserName="gone")
        installation.client("s3").create_bucket(Bucket="gone")

        assert httpx.post(f"{installation.userpool}/test/clock", json={"offset_s": 3600}).status_code == 200
        with pytest.raises(ClientError, match="Signature expired") as refusal:
            sts.get_caller_identity()
        told = refusal.value.response["ResponseMetadata"]["HTTPHeaders"]["date"]
        assert parsedate_to_datetime(told) - datetime.now(UTC) > timedelta(minutes=59)
        assert httpx.post(f"{installation.identitypool}/test/clock", json={"offset_s": 0}).status_code == 200

        for base in (installation.userpool, installation.identitypool, installation.store):
            for origin in ("http://evil.example", "null", base):
                assert httpx.post(f"{base}/test/reset", headers={"origin": origin}).status_code == 403
        assert idp.list_user_pools(MaxResults=10)["UserPools"] != []

        httpx.post(f"{installation.userpool}/test/reset").raise_for_status()
        assert sts.get_caller_identity()["Account"] == account
        assert [user["UserName"] for user in iam.list_users()["Users"]] == ["admin"]
        assert idp.list_user_pools(MaxResults=10)["UserPools"] == []
        assert installation.client("s3").list_buckets()["Buckets"] == []
    finally:
        assert installation.stop() == 0


def test_without_test_mode_there_is_neither_clock_nor_reset(tmp_path: Path) -> None:
    installation = installation_in(tmp_path, test_mode="0")
    installation.command("init")
    installation.start()
    try:
        for base in (installation.userpool, installation.identitypool, installation.store):
            assert httpx.post(f"{base}/test/reset").status_code in {403, 404, 405}
            assert httpx.post(f"{base}/test/clock", json={"offset_s": 9}).status_code in {403, 404, 405}
    finally:
        assert installation.stop() == 0
