"""The master key is changed while people sign in: nobody notices, and afterwards nothing needs the old one."""

import base64
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from botocore.exceptions import ClientError

from shared.clock import system_clock
from shared.keys import add_master_key
from tests.conftest import ACCESS_KEY, Installation, installation_in
from tests.robustness.held import check, hold, use_one_refresh_token
from tests.robustness.people import said
from tests.robustness.processes import Crowd
from tests.servers import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    server = Postgres() if request.param == "postgresql" else None
    if server is None:
        house = installation_in(tmp_path, workers="2")
    else:
        server.start()
        house = installation_in(tmp_path, workers="2", database_url=server.url)
    house.command("init")
    house.start()
    yield house
    if house.process is not None and house.process.poll() is None:
        house.stop()
    if server is not None:
        server.close()


def key_ids(house: Installation) -> list[str]:
    return [line.split()[0] for line in house.command("keys", "list").stdout.splitlines()]


def long_ago(house: Installation) -> None:
    """Every service had the time to meet the newest key."""
    at = system_clock().timestamp() - 3600
    os.utime(house.data / "master.key", (at, at))


def stored_bytes(house: Installation) -> list[bytes]:
    """Every value of bytes in every table."""
    url = house.environ.get("POOLKEEPER_DATABASE_URL")
    if url is None:
        return [value for name in ("userpool", "identitypool") for value in _in_sqlite(house.data / f"{name}.db")]
    found = []
    with psycopg.connect(url) as sql:
        columns = sql.execute(
            "SELECT format('SELECT %I FROM %I.%I', column_name, table_schema, table_name)"
            " FROM information_schema.columns WHERE data_type = 'bytea'"
            " AND table_schema IN ('userpool', 'identitypool')"
        ).fetchall()
        for (query,) in columns:
            found += [value for (value,) in sql.execute(query).fetchall() if value is not None]
    return found


def _in_sqlite(file: Path) -> list[bytes]:
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as sql:
        tables = [name for (name,) in sql.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for table in tables for row in sql.execute(f'SELECT * FROM "{table}"')]
    return [value for row in rows for value in row if isinstance(value, bytes)]


def _ask_for_an_open_id_token(house: Installation) -> None:
    """The first one makes the key pair that signs them."""
    identities = house.client("cognito-identity")
    pool = identities.create_identity_pool(
        IdentityPoolName="guests", AllowUnauthenticatedIdentities=True, AllowClassicFlow=True
    )["IdentityPoolId"]
    identities.get_open_id_token(IdentityId=identities.get_id(IdentityPoolId=pool)["IdentityId"])


def test_nobody_notices_a_rotation_and_then_nothing_stored_needs_the_old_key(house: Installation) -> None:
    held = hold(house)
    people, idp = held.people, house.client("cognito-idp")
    idp.create_user_pool_client(UserPoolId=people.pool, ClientName="confidential", GenerateSecret=True)
    _ask_for_an_open_id_token(house)
    use_one_refresh_token(held)
    (old,) = key_ids(house)
    crowd = Crowd(2, lambda: said(people.sign_in(held.name))["AuthenticationResult"])
    told = house.command("keys", "rotate").stdout
    assert "users.password" in told
    came = crowd.stop()
    assert came
    assert not [one for one in came if isinstance(one, Exception)]
    older, newest = key_ids(house)
    assert older == old
    check(held, house)

    early = house.command("keys", "retire", old, check=False)
    assert (early.returncode, "s ago" in early.stderr) == (1, True)
    long_ago(house)
    before = people.tokens(held.name)
    assert people.refresh(held.tokens["RefreshToken"]).status == 400  # `check` has used it
    house.command("keys", "retire", old)
    assert key_ids(house) == [newest]
    assert not [value for value in stored_bytes(house) if bytes.fromhex(old) in value]
    said(people.refresh(before["RefreshToken"]))
    house.stop()
    house.start()
    said(people.get_user(people.tokens(held.name)["AccessToken"]))
    assert house.stop() == 0
    actions = {json.loads(line)["action"] for line in house.command("audit", "--json").stdout.splitlines()}
    assert {"poolkeeper:AddMasterKey", "poolkeeper:RetireMasterKey"} <= actions
    assert "Traceback" not in (house.data.parent / "serve.log").read_text()


def test_what_was_handed_out_under_a_retired_key_ends(tmp_path: Path) -> None:
    house = installation_in(tmp_path)
    house.command("init")
    house.start()
    held = hold(house)
    (old,) = key_ids(house)
    house.command("keys", "rotate")
    long_ago(house)
    house.command("keys", "retire", old)
    house.stop()
    house.start()
    people, given = held.people, held.credentials
    assert people.refresh(held.tokens["RefreshToken"]).status == 400
    assert people.choose(held.challenged, held.session).status == 400
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        house.client("sts", given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]).get_caller_identity()
    said(people.get_user(held.tokens["AccessToken"]))  # the pools' own keys are the same
    said(people.confirm(held.waiting, held.waiting_code))
    assert house.stop() == 0


def test_a_rotation_that_was_killed_is_finished(tmp_path: Path) -> None:
    house = installation_in(tmp_path)
    house.command("init")
    (old,) = key_ids(house)
    add_master_key(house.data / "master.key")  # and no more than that
    assert [line.split()[1:3] for line in house.command("keys", "list").stdout.splitlines()] == [
        ["older", "3"],
        ["newest", "0"],
    ]
    house.command("keys", "rewrap")
    house.command("keys", "rewrap")
    assert [line.split()[2] for line in house.command("keys", "list").stdout.splitlines()] == ["0", "3"]
    long_ago(house)
    house.command("keys", "retire", old.upper())
    house.start()
    assert house.stop() == 0


def test_a_value_that_nothing_opens_is_named_and_keeps_nothing_else_back(tmp_path: Path) -> None:
    house = installation_in(tmp_path)
    house.command("init")
    (old,) = key_ids(house)
    with sqlite3.connect(house.data / "identitypool.db") as sql:
        sql.execute("UPDATE iam_access_keys SET sealed_secret = CAST(substr(sealed_secret, 1, 20) AS BLOB)")
    told = house.command("keys", "rotate", check=False)
    assert (told.returncode, "1 values cannot be opened" in told.stderr) == (1, True)
    assert ACCESS_KEY in told.stdout
    assert [line.split()[2] for line in house.command("keys", "list").stdout.splitlines()] == ["1", "2"]
    long_ago(house)
    assert house.command("keys", "retire", old, check=False).returncode == 1
    assert len(key_ids(house)) == 2


def test_keys_in_a_setting_are_changed_there(tmp_path: Path) -> None:
    house = installation_in(tmp_path)
    house.command("init")
    old = (house.data / "master.key").read_text().strip()
    new = base64.b64encode(b"n" * 32).decode()
    for given in (old, f"{new} {old}", f"{old} {new}"):
        house.environ["POOLKEEPER_MASTER_KEY"] = given
        house.start()
        assert house.stop() == 0
    refused = house.command("keys", "rotate", check=False)
    assert (refused.returncode, refused.stderr.count("\n"), "keys rewrap" in refused.stderr) == (1, 1, True)
    house.command("keys", "rewrap")
    house.environ["POOLKEEPER_MASTER_KEY"] = new
    house.start()
    assert house.stop() == 0
    house.environ["POOLKEEPER_MASTER_KEY"] = old
    assert "not the one" in house.command("keys", "list", check=False).stderr


@pytest.mark.parametrize("key_id", ["", "none", "00000000"])
def test_only_an_older_key_can_be_retired(tmp_path: Path, key_id: str) -> None:
    house = installation_in(tmp_path)
    house.command("init")
    before = (house.data / "master.key").read_bytes()
    long_ago(house)
    for one in (key_id, *key_ids(house)):
        refused = house.command("keys", "retire", one, check=False)
        assert (refused.returncode, "not the id of an older" in refused.stderr) == (1, True)
    assert (house.data / "master.key").read_bytes() == before
