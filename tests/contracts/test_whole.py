import json
from pathlib import Path

from tests.conftest import installation_in


def test_the_tour_comes_out_as_told_on_postgresql_and_redis(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    installation = installation_in(tmp_path, database_url=postgres_url, redis_url=redis_url)
    installation.command("init")
    installation.start()
    try:
        told = installation.command("tour", check=False)
        assert told.returncode == 0, told.stdout[-2000:]
    finally:
        assert installation.stop() == 0
    records = [
        json.loads(line) for line in installation.command("audit", "--since", "1h", "--json").stdout.splitlines()
    ]
    actions = {(record["action"], record["result"]) for record in records}
    assert {("iam:CreateUser", "Success"), ("cognito-idp:SignUp", "Success")} <= actions
    assert {("s3:GetObject", "AccessDenied"), ("cognito-identity:GetCredentialsForIdentity", "Success")} <= actions
    assert not list((tmp_path / "data").glob("userpool.db"))
