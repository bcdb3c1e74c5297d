"""Identities: the people and guests of identity pools, and the logins linked to them.

operations.py: what an administrator may call, and UnlinkIdentity's other half in the exchange. roles.py: which roles a
pool's identities may take. store.py: their SQL.
"""
