"""A backup made while people sign up opens, holds all that was written before it began, and needs the master key."""

import shutil
import stat
from pathlib import Path

from tests.conftest import installation_in
from tests.robustness.people import said, settle
from tests.robustness.processes import Crowd, until


def test_a_backup_while_writing_is_restored(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    house = installation_in(tmp_path / "first")
    house.command("init")
    house.start()
    people = settle(house)
    store = house.client("s3")
    store.create_bucket(Bucket="bucket")
    store.put_object(Bucket="bucket", Key="note", Body=b"kept")
    signed_up: list[str] = []

    def sign_up() -> None:
        name = f"b{len(signed_up)}"
        if people.sign_up(name).status == 200:
            signed_up.append(name)

    crowd = Crowd(1, sign_up)
    until(lambda: len(signed_up) >= 50, 30, "there is something to copy")
    before = list(signed_up)
    copy = tmp_path / "copy"
    shutil.copy(house.data / "master.key", tmp_path / "master.key")
    told = house.command("backup", str(copy)).stdout
    crowd.stop()
    assert house.stop() == 0
    assert "the master key is not among them" in told
    assert {entry.name for entry in copy.iterdir()} == {"demo.db", "identitypool.db", "store", "userpool.db"}
    assert not [file for file in (copy, *copy.glob("*.db")) if stat.S_IMODE(file.stat().st_mode) & 0o077]

    # Restored as docs/backup.md says, under the same public addresses.
    shutil.rmtree(house.data)
    shutil.copytree(copy, house.data)
    assert "master key" in house.command("serve", check=False).stderr
    shutil.copy(tmp_path / "master.key", house.data / "master.key")
    house.start()
    for name in before:
        found = people.idp("AdminGetUser", signed=True, UserPoolId=people.pool, Username=name)
        assert said(found)["UserStatus"] == "UNCONFIRMED"
    assert store.get_object(Bucket="bucket", Key="note")["Body"].read() == b"kept"
    said(people.sign_up("after"))
    assert house.stop() == 0


def test_a_backup_is_refused_where_it_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    house = installation_in(tmp_path / "first")
    refused = house.command("backup", str(tmp_path / "copy"), check=False)
    assert (refused.returncode, "nothing is initialised" in refused.stderr) == (1, True)
    house.command("init")
    refused = house.command("backup", str(tmp_path), check=False)
    assert (refused.returncode, "exists" in refused.stderr) == (1, True)
    house.environ["POOLKEEPER_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    refused = house.command("backup", str(tmp_path / "copy"), check=False)
    assert (refused.returncode, "pg_dump" in refused.stderr) == (1, True)
    assert not (tmp_path / "copy").exists()
