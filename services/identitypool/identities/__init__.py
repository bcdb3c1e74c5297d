"""Identities: the people and guests of identity pools, and the logins linked to them.

operations.py: what an administrator may call. roles.py: which roles a pool's identities may take. store.py: their SQL.
What their holders may call, UnlinkIdentity too, is in the exchange.
"""
