"""Whose boundary a policy is, is found by an index."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for table in ("iam_users", "iam_roles"):
        op.create_index(f"{table}_of_boundary", table, ["account_id", "boundary_arn"], unique=False)
