"""The exchange: verified logins in, an identity and temporary credentials out.

operations.py: GetId, GetCredentialsForIdentity, GetOpenIdToken. flow.py: from a pool, an identity and logins to a role
session. linking.py: the one identity of a person's logins. ownership.py: is this identity theirs, and which logins does
it take on? role_choice.py: which role? (both pure).
"""
