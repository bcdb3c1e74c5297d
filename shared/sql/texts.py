"""Texts are compared by code points in every database, whatever the language that a PostgreSQL was made for.

A language's order puts punctuation aside: the range of a prefix is none there. And it changes with the system's library,
which breaks indexes.
"""

from typing import Final

import sqlalchemy as sa

from shared.sql.engine import Sql

TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ACCOUNT_ID: Final = sa.String(12).with_variant(sa.String(12, collation="C"), "postgresql")

_OTHERWISE: Final = sa.text(
    "SELECT table_name, column_name, data_type, character_maximum_length FROM information_schema.columns "
    "WHERE table_schema = :schema AND data_type IN ('text', 'character varying') "
    "AND collation_name IS DISTINCT FROM 'C' ORDER BY table_name, column_name"
)


def by_code_points(connection: sa.Connection, sql: Sql) -> None:
    """Makes every text column of a PostgreSQL's schema such a one. Within the caller's transaction."""
    if sql.is_sqlite:
        return
    changes: dict[str, list[str]] = {}
    quote = connection.dialect.identifier_preparer.quote
    for table, column, kind, length in connection.execute(_OTHERWISE, {"schema": sql.schema}):
        kept = kind if length is None else f"{kind}({length})"
        changes.setdefault(table, []).append(f'ALTER COLUMN {quote(column)} TYPE {kept} COLLATE "C"')
    for table, columns in changes.items():
        connection.exec_driver_sql(f"ALTER TABLE {quote(table)} {', '.join(columns)}")
