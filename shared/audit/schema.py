"""The table of the audit. Its key starts with its tenant, the account; each kind is a range of it in order of time."""

from typing import Final

import sqlalchemy as sa

AUDIT: Final = sa.Table(
    "audit",
    sa.MetaData(),
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("at", sa.Double, primary_key=True),
    sa.Column("request_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("caller", sa.Text, nullable=False),
    sa.Column("access_key_id", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("resources", sa.Text, nullable=False),  # JSON
    sa.Column("named", sa.Text, nullable=False),  # JSON
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("explanation", sa.Text, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),  # JSON
    sqlite_with_rowid=False,
)
"""Services put it into their own metadata (`to_metadata`), since each has one in its own database."""
