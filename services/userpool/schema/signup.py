"""Codes that were sent and not used yet."""

import sqlalchemy as sa

from services.userpool.schema import metadata
from services.userpool.schema.directory import users

code = sa.Table(
    "code",
    metadata,
    sa.Column("pool_id", sa.Text, primary_key=True),
    sa.Column("sub", sa.Text, primary_key=True),
    sa.Column("purpose", sa.Text, primary_key=True),
    sa.Column("attribute", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.ForeignKeyConstraint(["pool_id", "sub"], [users.c.pool_id, users.c.sub], ondelete="CASCADE"),
)
"""One code for each user and purpose; a new one replaces it. `target` is the address it was sent to, and is good for."""
