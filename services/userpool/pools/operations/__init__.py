"""What the wire may call of pools. life.py: create, describe, list, update, delete. custom_attributes.py, mfa.py, tags.py: as named."""

from services.userpool.pools.operations import custom_attributes, life, mfa, tags

__all__ = ["custom_attributes", "life", "mfa", "tags"]
