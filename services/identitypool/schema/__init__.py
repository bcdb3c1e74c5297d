"""The tables of the identity pool service. Every table's key starts with its tenant: `account_id`, or a pool's id."""

import sqlalchemy as sa

from shared.audit.schema import AUDIT

metadata = sa.MetaData()
audit = AUDIT.to_metadata(metadata)
