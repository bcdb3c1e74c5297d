"""STS: one identity for another, for a while.

operations.py: what the wire may call. session.py: durations, tags, packed size (pure). trust.py: may this principal assume
this role (pure, over shared/policy). credentials.py: temporary credentials, minted and opened; nothing of them is stored.
"""
