"""A removed pool says so while its rows go."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("user_pools", sa.Column("removed_at", sa.Double(), nullable=True))
    removed = sa.text("removed_at IS NOT NULL")
    op.create_index(
        "user_pools_removed", "user_pools", ["pool_id"], unique=False, sqlite_where=removed, postgresql_where=removed
    )
