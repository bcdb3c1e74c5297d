"""Durable state. engine.py: `read()` and `write()`, the only transactions. migrate.py: schemas brought up to date under a lock."""
