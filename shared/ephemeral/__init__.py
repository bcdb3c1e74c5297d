"""Short-lived shared state behind one small port. port.py: what it promises. on_sql.py, on_redis.py: the two adapters.

Carries rate counters, nonces of short life and notices between replicas; never users, sessions, tokens or single use.
"""
