"""The first schema."""

from alembic import op

from services.userpool.schema import directory, metadata, signin, signup, tokens

TABLES = (directory, signin, signup, tokens)

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
