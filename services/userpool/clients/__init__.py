"""App clients: through which app somebody signs in, and what that app may do.

client.py: the record and what follows from its settings. settings.py: everything CreateUserPoolClient takes, settled.
secret_hash.py: the proof that a caller holds the client's secret. unserved.py: what has no effect yet is refused by
name. shown.py: the record as AWS gives it. store.py: its SQL. operations.py: create, describe, list, update, delete.
"""
