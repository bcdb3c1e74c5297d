"""A new database has every table that the code speaks of, and every table's key starts with its tenant."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from services.command.parts import MIGRATIONS
from services.identitypool.schema import metadata as identitypool
from services.userpool.schema import metadata as userpool
from shared.sql.engine import Sql
from shared.sql.migrate import migrate
from shared.sql.revision import known, newest

SCHEMAS = {"userpool": userpool, "identitypool": identitypool}


@pytest.mark.parametrize("service", SCHEMAS)
def test_the_migrations_make_every_table_and_column(service: str, service_modules: list[str], tmp_path: Path) -> None:
    assert service_modules
    sql = Sql(f"sqlite:///{tmp_path / service}.db", schema=service)
    migrate(sql, MIGRATIONS[service])
    made = sa.inspect(sql.engine)
    for table in SCHEMAS[service].sorted_tables:
        assert table.name in made.get_table_names()
        assert {column["name"] for column in made.get_columns(table.name)} == {column.name for column in table.columns}
    sql.close()


@pytest.mark.parametrize("service", SCHEMAS)
def test_every_text_is_compared_by_code_points(service: str, service_modules: list[str]) -> None:
    assert service_modules
    for table in SCHEMAS[service].sorted_tables:
        for column in table.columns:
            if isinstance(column.type, sa.String):
                on_postgresql = column.type.dialect_impl(sa.make_url("postgresql+psycopg://").get_dialect()())
                assert getattr(on_postgresql, "collation", None) == "C", (
                    f"{table.name}.{column.name}: use `shared.sql.texts`"
                )


@pytest.mark.parametrize("service", sorted(MIGRATIONS))
def test_migrations_follow_one_another_by_the_names_of_their_files(service: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS[service]))
    config.set_main_option("path_separator", "os")
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert known(MIGRATIONS[service]) == revisions[::-1]
    assert newest(MIGRATIONS[service]) == ScriptDirectory.from_config(config).get_current_head()
