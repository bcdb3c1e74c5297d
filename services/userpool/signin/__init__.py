"""Sign-in: from a name and a proof to tokens.

operations/: the calls. flow.py: begin, answer, hand out; every way in goes through it. step.py: what must be proved
next; the one place that decides. session.py: a sign-in under way, sealed. challenges/: one file per ChallengeName.
entrance.py: who asks, from where. person.py: whom it is about, decoys included. lockout.py: whether a password may be
tried now. new_password.py: how a password is judged and stored. parts.py: the process-wide objects. store.py: the SQL
of strangers. Stands on tokens, directory, clients, pools.
"""
