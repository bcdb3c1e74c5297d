"""Identity pools, identities and the logins linked to them. The tenant is the identity pool."""

from typing import Final

import sqlalchemy as sa

from services.identitypool.schema import metadata
from shared.sql.texts import TEXT

identity_pools: Final = sa.Table(
    "identity_pools",
    metadata,
    sa.Column("pool_id", TEXT, primary_key=True),
    sa.Column("account_id", TEXT, nullable=False),
    sa.Column("settings", sa.LargeBinary, nullable=False),  # JSON, as `pools.pool.Settings`
    sa.Column("roles", sa.LargeBinary, nullable=False),  # JSON, as `pools.pool.Roles`
    sa.Column("tags", sa.LargeBinary, nullable=False),  # JSON
    sa.Column("created_at", sa.Float, nullable=False),
)

account_identity_pools: Final = sa.Table(
    "account_identity_pools",
    metadata,
    sa.Column("account_id", TEXT, primary_key=True),
    sa.Column("pool_id", TEXT, primary_key=True),
    sa.Column("name", TEXT, nullable=False),
)
"""An account's pools, for its list; the tenant is the account."""

identities: Final = sa.Table(
    "identities",
    metadata,
    sa.Column("pool_id", TEXT, primary_key=True),
    sa.Column("identity_id", TEXT, primary_key=True),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.Column("merged_into", TEXT),  # a guest's, disabled: the identity that the one who signed in already had
)

identity_logins: Final = sa.Table(
    "identity_logins",
    metadata,
    sa.Column("pool_id", TEXT, primary_key=True),
    sa.Column("issuer", TEXT, primary_key=True),
    sa.Column("subject", TEXT, primary_key=True),
    sa.Column("identity_id", TEXT, nullable=False),
    sa.Column("shown_as", TEXT, nullable=False),  # the provider's name as the pool's settings spell it
)
"""Which person of which issuer an identity belongs to; one person has one identity in a pool."""

sa.Index("identity_logins_by_identity", identity_logins.c.pool_id, identity_logins.c.identity_id)

identity_index: Final = sa.Table(
    "identity_index",
    metadata,
    sa.Column("identity_id", TEXT, primary_key=True),
    sa.Column("pool_id", TEXT, nullable=False),
)
"""Global index: in which pool an identity lives. Never changes while the identity exists."""

token_keys: Final = sa.Table(
    "identity_token_keys",
    metadata,
    sa.Column("region", TEXT, primary_key=True),
    sa.Column("key_id", TEXT, primary_key=True),
    sa.Column("private_key", sa.LargeBinary, nullable=False),  # PKCS 8, sealed
    sa.Column("created_at", sa.Float, nullable=False),
)
"""The key pairs behind GetOpenIdToken; one for the installation's region."""
