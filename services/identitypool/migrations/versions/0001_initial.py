"""The first schema."""

from alembic import op

from services.identitypool.schema import iam, identities, metadata

TABLES = (iam, identities)

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
