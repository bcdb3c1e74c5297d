"""The exchange: verified logins in, an identity and temporary credentials out.

operations.py: GetId, GetCredentialsForIdentity, GetOpenIdToken. flow.py: from a pool, an identity and logins to a role
session. ownership.py: is this identity theirs? role_choice.py: which role? (both pure).
"""
