"""What an earlier version wrote opens under this one, on SQLite and PostgreSQL."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.command.parts import MIGRATIONS
from services.identitypool.identities.store import find_identity, lock_identity, merge
from shared.sql.engine import Sql
from shared.sql.migrate import migrate
from shared.sql.revision import revision_of

IDENTITY = {"pool_id": "p", "identity_id": "i", "created_at": 1.0, "updated_at": 1.0}


def _until(revision: str, folder: Path) -> Path:
    """The identity pool service's migrations as they were when `revision` was the newest."""
    earlier = shutil.copytree(MIGRATIONS["identitypool"], folder / "migrations")
    for file in (earlier / "versions").glob("*.py"):
        if file.name.partition("_")[0] > revision:
            file.unlink()
    return earlier


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_identities_of_the_first_schema_are_there_and_can_be_merged(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str
) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}" if engine == "sqlite" else request.getfixturevalue("postgres_url")
    sql = Sql(url, schema="migrated")
    migrate(sql, _until("0001", tmp_path))
    assert revision_of(sql) == "0001"
    table = sa.table("identities", *(sa.column(name) for name in IDENTITY))
    with sql.write() as tx:
        tx.execute(sa.insert(table), IDENTITY)
    migrate(sql, MIGRATIONS["identitypool"])
    with sql.write() as tx:
        found = lock_identity(tx, "p", "i")
        assert found is not None
        assert found.merged_into is None
        merge(tx, "p", "i", "other", 2.0)
    with sql.read() as tx:
        merged = find_identity(tx, "p", "i")
    assert merged is not None
    assert (merged.merged_into, merged.created_at, merged.updated_at) == ("other", 1.0, 2.0)
    if not sql.is_sqlite:
        with sql.read() as tx:
            compared = tx.exec_driver_sql(
                "SELECT DISTINCT collation_name FROM information_schema.columns "
                "WHERE table_schema = 'migrated' AND data_type IN ('text', 'character varying')"
            )
            assert compared.scalars().all() == ["C"]
    sql.close()
    sql.engine.dispose()
