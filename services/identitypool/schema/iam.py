"""Tables of IAM: accounts, users, groups, roles, policies, access keys. Keys start with `account_id`.

Rows that hang on a user, group or role name it by its unique id (`owner_id`: AIDA..., AGPA..., AROA...), so a rename
touches one row. `name_key` is the name in lower case: names are unique without case.
"""

import sqlalchemy as sa

from services.identitypool.schema import metadata
from shared.sql.texts import ACCOUNT_ID, TEXT


def _account() -> sa.Column[str]:
    return sa.Column("account_id", ACCOUNT_ID, primary_key=True)


accounts = sa.Table(
    "iam_accounts",
    metadata,
    _account(),
    sa.Column("root_email", TEXT, nullable=False),
    sa.Column("alias", TEXT),
    sa.Column("created_at", sa.Float, nullable=False),
)

first_account = sa.Table(
    "iam_first_account",
    metadata,
    sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("account_id", ACCOUNT_ID, nullable=False),
)
"""One row: the account that the installation began with. Two concurrent bootstraps meet at its key."""

account_aliases = sa.Table(
    "iam_account_aliases",
    metadata,
    sa.Column("alias", TEXT, primary_key=True),
    sa.Column("account_id", ACCOUNT_ID, nullable=False),
)
"""Index of the whole installation: an alias belongs to one account."""

users = sa.Table(
    "iam_users",
    metadata,
    _account(),
    sa.Column("user_id", TEXT, primary_key=True),
    sa.Column("user_name", TEXT, nullable=False),
    sa.Column("name_key", TEXT, nullable=False),
    sa.Column("path", TEXT, nullable=False),
    sa.Column("boundary_arn", TEXT),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.UniqueConstraint("account_id", "name_key"),
    sa.Index("iam_users_of_boundary", "account_id", "boundary_arn"),
)

groups = sa.Table(
    "iam_groups",
    metadata,
    _account(),
    sa.Column("group_id", TEXT, primary_key=True),
    sa.Column("group_name", TEXT, nullable=False),
    sa.Column("name_key", TEXT, nullable=False),
    sa.Column("path", TEXT, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.UniqueConstraint("account_id", "name_key"),
)

memberships = sa.Table(
    "iam_memberships",
    metadata,
    _account(),
    sa.Column("user_id", TEXT, primary_key=True),
    sa.Column("group_id", TEXT, primary_key=True),
    sa.Index("iam_memberships_of_group", "account_id", "group_id"),
)

roles = sa.Table(
    "iam_roles",
    metadata,
    _account(),
    sa.Column("role_id", TEXT, primary_key=True),
    sa.Column("role_name", TEXT, nullable=False),
    sa.Column("name_key", TEXT, nullable=False),
    sa.Column("path", TEXT, nullable=False),
    sa.Column("trust_policy", TEXT, nullable=False),
    sa.Column("trusted_accounts", TEXT, nullable=False),
    sa.Column("description", TEXT),
    sa.Column("max_session_s", sa.Integer, nullable=False),
    sa.Column("boundary_arn", TEXT),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("last_used_at", sa.Float),
    sa.Column("last_used_region", TEXT),
    sa.UniqueConstraint("account_id", "name_key"),
    sa.Index("iam_roles_of_boundary", "account_id", "boundary_arn"),
)
"""`trust_policy` names users and roles by unique id, so that one made again under an old name is not trusted.

`trusted_accounts`: JSON, the account of each of those ids.
"""

policies = sa.Table(
    "iam_policies",
    metadata,
    _account(),
    sa.Column("policy_id", TEXT, primary_key=True),
    sa.Column("policy_name", TEXT, nullable=False),
    sa.Column("name_key", TEXT, nullable=False),
    sa.Column("path", TEXT, nullable=False),
    sa.Column("description", TEXT),
    sa.Column("default_version", sa.Integer, nullable=False),
    sa.Column("newest_version", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.UniqueConstraint("account_id", "name_key"),
)

policy_versions = sa.Table(
    "iam_policy_versions",
    metadata,
    _account(),
    sa.Column("policy_id", TEXT, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", TEXT, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
)

attachments = sa.Table(
    "iam_attachments",
    metadata,
    _account(),
    sa.Column("owner_id", TEXT, primary_key=True),
    sa.Column("policy_arn", TEXT, primary_key=True),
    sa.Column("policy_id", TEXT),
    sa.Column("name_key", TEXT, nullable=False),
    sa.Index("iam_attachments_of_policy", "account_id", "policy_arn"),
)
"""Managed policies of users, groups and roles. `policy_id` is null for those that AWS manages: their text is code."""

inline_policies = sa.Table(
    "iam_inline_policies",
    metadata,
    _account(),
    sa.Column("owner_id", TEXT, primary_key=True),
    sa.Column("policy_name", TEXT, primary_key=True),
    sa.Column("text", TEXT, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
)

access_keys = sa.Table(
    "iam_access_keys",
    metadata,
    _account(),
    sa.Column("access_key_id", TEXT, primary_key=True),
    sa.Column("user_id", TEXT, nullable=False),
    sa.Column("status", TEXT, nullable=False),
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
    sa.Column("bootstrap", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("last_used_at", sa.Float),
    sa.Column("last_used_service", TEXT),
    sa.Column("last_used_region", TEXT),
    sa.Index("iam_access_keys_of_user", "account_id", "user_id"),
)
"""`user_id` is the account's id for keys of its root user, as in GetCallerIdentity."""

access_key_index = sa.Table(
    "iam_access_key_index",
    metadata,
    sa.Column("access_key_id", TEXT, primary_key=True),
    sa.Column("account_id", ACCOUNT_ID, nullable=False),
)
"""Index of the whole installation: an access key id belongs to one account."""

tags = sa.Table(
    "iam_tags",
    metadata,
    _account(),
    sa.Column("owner_id", TEXT, primary_key=True),
    sa.Column("key_key", TEXT, primary_key=True),
    sa.Column("tag_key", TEXT, nullable=False),
    sa.Column("tag_value", TEXT, nullable=False),
)
"""`key_key`: in lower case for users and roles, whose tag keys are unique without case; as given for policies."""
