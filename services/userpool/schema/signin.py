"""What sign-in keeps about names that nobody has."""

import sqlalchemy as sa

from services.userpool.schema import metadata
from services.userpool.schema.directory import user_pools
from shared.sql.texts import TEXT

stranger = sa.Table(
    "stranger",
    metadata,
    sa.Column("pool_id", sa.ForeignKey(user_pools.c.pool_id, ondelete="CASCADE"), primary_key=True, type_=TEXT),
    sa.Column("sub", TEXT, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_failure_at", sa.Double, nullable=False),
    sa.Index("stranger_by_age", "pool_id", "last_failure_at"),
    sqlite_with_rowid=False,
)
"""Failed sign-ins under invented names: they lock as a user's do, or a lock would tell who is one (R15)."""
