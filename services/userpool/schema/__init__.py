"""The tables of the user pool service. Every table's key starts with its tenant, `pool_id`."""

import sqlalchemy as sa

from shared.audit.schema import AUDIT

metadata = sa.MetaData()
audit = AUDIT.to_metadata(metadata)
