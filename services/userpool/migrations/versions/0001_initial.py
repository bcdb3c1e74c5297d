"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "user_pools",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("modified_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("pool_id"),
    )
    op.create_index("user_pools_of_account", "user_pools", ["account_id", "pool_id"], unique=False)
    op.create_table(
        "app_clients",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("modified_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["user_pools.pool_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pool_id", "client_id"),
    )
    op.create_table(
        "groups",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("role_arn", sa.Text(), nullable=True),
        sa.Column("precedence", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("modified_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["user_pools.pool_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pool_id", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "signing_key",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["user_pools.pool_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pool_id", "use", "generation"),
    )
    op.create_index(op.f("ix_signing_key_kid"), "signing_key", ["kid"], unique=False)
    op.create_table(
        "stranger",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("sub", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["user_pools.pool_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pool_id", "sub"),
        sqlite_with_rowid=False,
    )
    op.create_index("stranger_by_age", "stranger", ["pool_id", "last_failure_at"], unique=False)
    op.create_table(
        "users",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("sub", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("modified_at", sa.Double(), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=True),
        sa.Column("password_set_at", sa.Double(), nullable=True),
        sa.Column("password_history", sa.LargeBinary(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", sa.Double(), nullable=True),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["user_pools.pool_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pool_id", "sub"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "client_pools",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_id", "client_id"], ["app_clients.pool_id", "app_clients.client_id"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("client_id"),
    )
    op.create_index("client_pools_of_pool", "client_pools", ["pool_id", "client_id"], unique=False)
    op.create_table(
        "code",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("sub", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["user_pools.pool_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pool_id", "sub", "purpose"),
        sqlite_with_rowid=False,
    )
    op.create_index("code_by_age", "code", ["pool_id", "expires_at"], unique=False)
    op.create_table(
        "group_members",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("sub", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id", "group_name"], ["groups.pool_id", "groups.name"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pool_id", "sub"], ["users.pool_id", "users.sub"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pool_id", "sub", "group_name"),
        sqlite_with_rowid=False,
    )
    op.create_index("group_members_of_group", "group_members", ["pool_id", "group_name", "sub"], unique=False)
    op.create_table(
        "session",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("origin_jti", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("sub", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("auth_time", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", sa.Double(), nullable=True),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["pool_id", "sub"], ["users.pool_id", "users.sub"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pool_id", "origin_jti"),
    )
    op.create_index("session_of_user", "session", ["pool_id", "sub", "expires_at"], unique=False)
    op.create_table(
        "user_names",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sub", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id", "sub"], ["users.pool_id", "users.sub"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pool_id", "name"),
        sqlite_with_rowid=False,
    )
    op.create_index("user_names_of_user", "user_names", ["pool_id", "sub"], unique=False)
    op.create_table(
        "user_search",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("value", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("sub", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id", "sub"], ["users.pool_id", "users.sub"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pool_id", "attribute", "value", "sub"),
        sqlite_with_rowid=False,
    )
    op.create_index("user_search_of_user", "user_search", ["pool_id", "sub"], unique=False)
    op.create_table(
        "audit",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("access_key_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("resources", sa.Text(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "kind", "at", "request_id", "number"),
        sqlite_with_rowid=False,
    )
