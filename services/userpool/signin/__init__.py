"""Sign-in: from a name and a proof to tokens.

operations/: the calls. flow.py: begin, answer, hand out; every way in goes through it. step.py: what must be proved
next; the one place that decides. session.py: a sign-in under way, sealed. challenges/: one file per ChallengeName.
in_place.py: which calls are answered without waiting.
entrance.py: who asks, from where. person.py: whom it is about, decoys included. new_password.py: how a password is
judged and stored. refresh_user.py: whose refresh token it is. parts.py: the process-wide objects. store.py: the SQL of
strangers. Stands on passwords, tokens, directory, clients, pools.
"""
