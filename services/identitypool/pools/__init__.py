"""Identity pools: whom they trust, and which roles their identities may take.

operations.py: what the wire may call. roles.py: Get/SetIdentityPoolRoles. pool.py: the record, and what it says about a
provider (pure). store.py: its SQL.
"""
