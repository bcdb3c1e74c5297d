"""Codes that were sent and not used yet."""

import sqlalchemy as sa

from services.userpool.schema import metadata
from services.userpool.schema.directory import user_pools
from shared.sql.texts import TEXT

code = sa.Table(
    "code",
    metadata,
    sa.Column("pool_id", sa.ForeignKey(user_pools.c.pool_id, ondelete="CASCADE"), primary_key=True, type_=TEXT),
    sa.Column("sub", TEXT, primary_key=True),
    sa.Column("purpose", TEXT, primary_key=True),
    sa.Column("attribute", TEXT, nullable=False),
    sa.Column("target", TEXT, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Index("code_by_age", "pool_id", "expires_at"),
    sqlite_with_rowid=False,
)
"""One code for each user and purpose; a new one replaces it. `target` is the address it was sent to, and is good for.

People who do not exist have rows too, with an empty hash, or a write would tell who is a user (R15). So a row hangs on
the pool and not on the user; removing a user removes their codes by a statement of its own.
"""
