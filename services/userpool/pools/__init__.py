"""User pools: what they are given, what that means, and their life.

settings.py: everything CreateUserPool takes, defaults settled. pool.py: the record and what follows from its settings.
attributes.py: the attribute table (21 standard ones and the pool's own). unserved.py: what has no effect yet is refused
by name. resource.py: the ARN that permission is asked on. tagging.py: how many tags, and which. shown.py: the record as
AWS gives it. store.py: its SQL. operations/: pools, custom attributes, tags, MFA configuration.
"""
