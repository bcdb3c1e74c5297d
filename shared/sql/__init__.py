"""Durable state.

engine.py: `read()` and `write()`, the only transactions. prepared.py: statements of hot paths, run by SQLite's driver
itself. migrate.py: schemas brought up to date under a lock.
"""
