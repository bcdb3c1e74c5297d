"""Durable state.

engine.py: `read()` and `write()`, the only transactions. prepared.py: statements of hot paths, run by SQLite's driver
itself. impatient.py: connections to PostgreSQL that stop waiting. texts.py: how texts are compared. walk.py: values that many rows share. revision.py: which
schema a database has. migrate.py: schemas brought up to date under a lock.
"""

from typing import Final

HANGS: Final = "hangs"
"""In place of an SQLSTATE, for a server that took the question and says nothing."""
