"""Tokens: what a signed-in user gets, and the one session row behind it.

keys.py: a pool's two signing keys, as objects and as published. spare.py: keys made ahead. key_ring.py: the keys of
all pools this process has met. claims.py: what stands in an id and an access token. issue.py: signing. verify.py:
the one way an access token is verified. refresh_token.py: the form of refresh tokens. sessions.py: what one that comes
back is worth. flow.py: hand out, refresh, revoke. signed_in.py: from an access token to its user. documents.py: JWKS and
discovery. internal.py: what the identity pool asks about sign-ins. store.py: the SQL.
Serves signin and signup; stands on directory, clients, pools.
"""
