"""Signing keys and sign-in sessions."""

import sqlalchemy as sa

from services.userpool.schema import metadata
from services.userpool.schema.directory import user_pools, users
from shared.sql.texts import TEXT

signing_key = sa.Table(
    "signing_key",
    metadata,
    sa.Column("pool_id", sa.ForeignKey(user_pools.c.pool_id, ondelete="CASCADE"), primary_key=True, type_=TEXT),
    sa.Column("use", TEXT, primary_key=True),
    sa.Column("generation", sa.Integer, primary_key=True),
    sa.Column("kid", TEXT, nullable=False, index=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("made_at", sa.Double, nullable=False),
)
"""The private keys that sign a pool's tokens, sealed; `use` is `id` or `access`. `kid` is a small global index."""

session = sa.Table(
    "session",
    metadata,
    sa.Column("pool_id", TEXT, primary_key=True),
    sa.Column("origin_jti", TEXT, primary_key=True),
    sa.Column("client_id", TEXT, nullable=False),
    sa.Column("sub", TEXT, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("auth_time", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Column("token_hash", sa.LargeBinary, nullable=False),
    sa.Column("previous_hash", sa.LargeBinary, nullable=True),
    sa.Column("previous_until", sa.Double, nullable=True),
    sa.Column("revoked_at", sa.Double, nullable=True),
    sa.ForeignKeyConstraint(["pool_id", "sub"], [users.c.pool_id, users.c.sub], ondelete="CASCADE"),
    sa.Index("session_of_user", "pool_id", "sub", "expires_at"),
)
"""One row a sign-in, behind the refresh token and every access token that came of it.

`epoch` is the user's count of global sign-outs at that time: a later one voids the row.
"""
