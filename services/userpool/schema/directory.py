"""The tables of pools, app clients, users and groups.

Whatever belongs to a user or a pool hangs on it by a foreign key with ON DELETE CASCADE: removing the one removes all
(codes alone hang on the pool only, see `signup.py`).
Keys start with the tenant, `pool_id`; `client_pools` is the small global index from a client's id to its pool.
Tables without a rowid are stored in the order of their key, so a page of a list is one range of it.
"""

import sqlalchemy as sa

from services.userpool.schema import metadata
from shared.sql.texts import TEXT

user_pools = sa.Table(
    "user_pools",
    metadata,
    sa.Column("pool_id", TEXT, primary_key=True),
    sa.Column("account_id", TEXT, nullable=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("settings", TEXT, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("modified_at", sa.Double, nullable=False),
    sa.Column("removed_at", sa.Double),  # for everybody it is gone; its rows go a few at a time, and it as the last
    sa.Index("user_pools_of_account", "account_id", "pool_id"),
)
sa.Index(
    "user_pools_removed",
    user_pools.c.pool_id,
    sqlite_where=user_pools.c.removed_at.is_not(None),
    postgresql_where=user_pools.c.removed_at.is_not(None),
)

app_clients = sa.Table(
    "app_clients",
    metadata,
    sa.Column("pool_id", sa.ForeignKey("user_pools.pool_id", ondelete="CASCADE"), primary_key=True, type_=TEXT),
    sa.Column("client_id", TEXT, primary_key=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("secrets", sa.LargeBinary),
    sa.Column("settings", TEXT, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("modified_at", sa.Double, nullable=False),
)

client_pools = sa.Table(
    "client_pools",
    metadata,
    sa.Column("client_id", TEXT, primary_key=True),
    sa.Column("pool_id", TEXT, nullable=False),
    sa.ForeignKeyConstraint(
        ["pool_id", "client_id"], ["app_clients.pool_id", "app_clients.client_id"], ondelete="CASCADE"
    ),
    sa.Index("client_pools_of_pool", "pool_id", "client_id"),
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("pool_id", sa.ForeignKey("user_pools.pool_id", ondelete="CASCADE"), primary_key=True, type_=TEXT),
    sa.Column("sub", TEXT, primary_key=True),
    sa.Column("username", TEXT, nullable=False),
    sa.Column("status", TEXT, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("attributes", TEXT, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("modified_at", sa.Double, nullable=False),
    sa.Column("password", sa.LargeBinary),
    sa.Column("password_set_at", sa.Double),
    sa.Column("password_history", sa.LargeBinary),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_failure_at", sa.Double),
    sa.Column("session_epoch", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)


def _of_user() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["pool_id", "sub"], ["users.pool_id", "users.sub"], ondelete="CASCADE")


user_names = sa.Table(
    "user_names",
    metadata,
    sa.Column("pool_id", TEXT, primary_key=True),
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("sub", TEXT, nullable=False),
    _of_user(),
    sa.Index("user_names_of_user", "pool_id", "sub"),
    sqlite_with_rowid=False,
)

user_search = sa.Table(
    "user_search",
    metadata,
    sa.Column("pool_id", TEXT, primary_key=True),
    sa.Column("attribute", TEXT, primary_key=True),
    sa.Column("value", TEXT, primary_key=True),
    sa.Column("sub", TEXT, primary_key=True),
    _of_user(),
    sa.Index("user_search_of_user", "pool_id", "sub"),
    sqlite_with_rowid=False,
)

groups = sa.Table(
    "groups",
    metadata,
    sa.Column("pool_id", sa.ForeignKey("user_pools.pool_id", ondelete="CASCADE"), primary_key=True, type_=TEXT),
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("description", TEXT),
    sa.Column("role_arn", TEXT),
    sa.Column("precedence", sa.Integer),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("modified_at", sa.Double, nullable=False),
    sqlite_with_rowid=False,
)

group_members = sa.Table(
    "group_members",
    metadata,
    sa.Column("pool_id", TEXT, primary_key=True),
    sa.Column("sub", TEXT, primary_key=True),
    sa.Column("group_name", TEXT, primary_key=True),
    _of_user(),
    sa.ForeignKeyConstraint(["pool_id", "group_name"], ["groups.pool_id", "groups.name"], ondelete="CASCADE"),
    sa.Index("group_members_of_group", "pool_id", "group_name", "sub"),
    sqlite_with_rowid=False,
)
