"""The table of the audit. Its key starts with its tenant, the account; each kind is a range of it in order of time."""

from typing import Final

import sqlalchemy as sa

from shared.sql.texts import TEXT

AUDIT: Final = sa.Table(
    "audit",
    sa.MetaData(),
    sa.Column("account_id", TEXT, primary_key=True),
    sa.Column("kind", TEXT, primary_key=True),
    sa.Column("at", sa.Double, primary_key=True),
    sa.Column("request_id", TEXT, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("action", TEXT, nullable=False),
    sa.Column("caller", TEXT, nullable=False),
    sa.Column("access_key_id", TEXT, nullable=False),
    sa.Column("source", TEXT, nullable=False),
    sa.Column("resources", TEXT, nullable=False),  # JSON
    sa.Column("named", TEXT, nullable=False),  # JSON
    sa.Column("result", TEXT, nullable=False),
    sa.Column("explanation", TEXT, nullable=False),
    sa.Column("decision", TEXT, nullable=False),  # JSON
    sqlite_with_rowid=False,
)
"""Services put it into their own metadata (`to_metadata`), since each has one in its own database."""
