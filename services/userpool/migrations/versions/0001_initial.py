"""The first schema."""

from alembic import op

from services.userpool.schema import directory, metadata, signin, tokens

TABLES = (directory, signin, tokens)

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
