import json
import os
import subprocess
import sys
from pathlib import Path

import httpx

from shared import ids
from tests.conftest import Installation

AWS = str(Path(sys.executable).parent / "aws")


def _environment(house: Installation) -> dict[str, str]:
    lines = house.command("env").stdout.splitlines()
    given = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | given


def _aws(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, AWS, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_env_is_all_that_the_cli_needs(house: Installation) -> None:
    environment = _environment(house)
    assert json.loads(_aws(environment, "sts", "get-caller-identity"))["Arn"].endswith(":user/admin")
    name = "cli" + ids.digits(8)
    assert json.loads(_aws(environment, "iam", "create-user", "--user-name", name))["User"]["UserName"] == name
    pool = json.loads(_aws(environment, "cognito-idp", "create-user-pool", "--pool-name", name))["UserPool"]["Id"]
    described = json.loads(_aws(environment, "cognito-idp", "describe-user-pool", "--user-pool-id", pool))
    assert described["UserPool"]["Name"] == name


def test_s3_commands_copy_list_and_remove(house: Installation, tmp_path: Path) -> None:
    environment = _environment(house)
    bucket = "cli" + ids.digits(8)
    small, large = tmp_path / "small.txt", tmp_path / "large.bin"
    small.write_text("small")
    large.write_bytes(os.urandom(9 << 20))
    _aws(environment, "s3", "mb", f"s3://{bucket}")
    for file in (small, large):
        _aws(environment, "s3", "cp", str(file), f"s3://{bucket}/in/{file.name}")
        _aws(environment, "s3", "cp", f"s3://{bucket}/in/{file.name}", str(tmp_path / "back"))
        assert (tmp_path / "back").read_bytes() == file.read_bytes()
    assert "large.bin" in _aws(environment, "s3", "ls", f"s3://{bucket}/in/")
    _aws(environment, "s3", "rm", "--recursive", f"s3://{bucket}/")
    assert _aws(environment, "s3", "ls", f"s3://{bucket}/") == ""


def test_s3_sync_move_and_presign(house: Installation, tmp_path: Path) -> None:
    environment = _environment(house)
    bucket, up, down = "sync" + ids.digits(8), tmp_path / "up", tmp_path / "down"
    (up / "a b+ü%").mkdir(parents=True)
    (up / "one").write_text("1")
    (up / "a b+ü%" / "two").write_text("2")
    _aws(environment, "s3", "mb", f"s3://{bucket}")
    _aws(environment, "s3", "sync", str(up), f"s3://{bucket}/in")
    assert _aws(environment, "s3", "sync", str(up), f"s3://{bucket}/in") == ""
    (up / "one").unlink()
    _aws(environment, "s3", "sync", "--delete", str(up), f"s3://{bucket}/in")
    _aws(environment, "s3", "mv", "--recursive", f"s3://{bucket}/in", f"s3://{bucket}/moved")
    _aws(environment, "s3", "sync", f"s3://{bucket}/moved", str(down))
    assert [str(file.relative_to(down)) for file in down.rglob("*") if file.is_file()] == ["a b+ü%/two"]
    link = _aws(environment, "s3", "presign", f"s3://{bucket}/moved/a b+ü%/two").strip()
    assert httpx.get(link).text == "2"
    _aws(environment, "s3", "rb", "--force", f"s3://{bucket}")
