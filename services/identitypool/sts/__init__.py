"""STS: one identity for another, for a while.

operations.py: what the wire may call. session.py: durations, tags, packed size (pure). trust.py: may this principal assume
this role (pure, over shared/policy). guests.py: what guests of identity pools never get. flow.py: where every role
session begins. credentials.py: temporary credentials, minted and opened; nothing of them is stored.
"""
