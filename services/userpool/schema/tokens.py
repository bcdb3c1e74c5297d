"""Signing keys and sign-in sessions."""

import sqlalchemy as sa

from services.userpool.schema import metadata

signing_key = sa.Table(
    "signing_key",
    metadata,
    sa.Column("pool_id", sa.String, primary_key=True),
    sa.Column("use", sa.String, primary_key=True),
    sa.Column("generation", sa.Integer, primary_key=True),
    sa.Column("kid", sa.String, nullable=False, index=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
)
"""The private keys that sign a pool's tokens, sealed; `use` is `id` or `access`. `kid` is a small global index."""

session = sa.Table(
    "session",
    metadata,
    sa.Column("pool_id", sa.String, primary_key=True),
    sa.Column("origin_jti", sa.String, primary_key=True),
    sa.Column("client_id", sa.String, nullable=False),
    sa.Column("sub", sa.String, nullable=False),
    sa.Column("auth_time", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False),
    sa.Column("token_hash", sa.LargeBinary, nullable=False),
    sa.Column("previous_hash", sa.LargeBinary, nullable=True),
    sa.Column("previous_until", sa.Float, nullable=True),
    sa.Column("revoked_at", sa.Float, nullable=True),
    sa.Index("session_of_user", "pool_id", "sub"),
)
"""One row a sign-in. It stands behind the refresh token, and behind every access token that came of it."""
