"""User pools: what they are given, what that means, and their life.

settings.py: everything CreateUserPool takes, defaults settled. pool.py: the record and what follows from its settings.
attributes.py: the attribute table (21 standard ones and the pool's own). unserved.py: what has no effect yet is refused
by name. shown.py: the record as AWS gives it. store.py: its SQL. operations/: pools, tags, MFA configuration.
"""
