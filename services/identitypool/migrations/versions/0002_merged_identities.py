"""A guest's identity knows into which one it was merged."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("identities", sa.Column("merged_into", sa.Text(), nullable=True))
