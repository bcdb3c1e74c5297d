"""Issuers: a login token in, a Principal out, and nothing else. Below this room no token exists.

principal.py: who was vouched for. compact.py: a signed JWT read and its signature checked (pure). userpool.py: id tokens of
this installation's user pools. published_keys.py: their public keys, fetched and kept. sign_ins.py: whether the sign-ins
behind them still stand. open_id_token.py: the identity pools' own tokens of the basic flow. store.py: the key pair behind
those.
"""
