"""Identity pools: whom they trust, and which roles their identities may take.

operations.py: what the wire may call; the roles are set in identities/roles.py, which may look into IAM. pool.py: the
record, and what it says about a provider (pure). store.py: its SQL.
"""
