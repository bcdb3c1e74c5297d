"""The tables of the user pool service. Every table's key starts with its tenant, `pool_id`."""

import sqlalchemy as sa

metadata = sa.MetaData()
