"""App clients. secret_hash.py: the proof that a caller holds the client's secret."""
