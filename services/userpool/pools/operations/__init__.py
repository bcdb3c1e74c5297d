"""What the wire may call of pools. life.py: create, describe, list, update, delete. custom_attributes.py: more attributes.

tags.py: tags, by ARN. mfa.py: the MFA configuration.
"""

from services.userpool.pools.operations import custom_attributes, life, mfa, tags

__all__ = ["custom_attributes", "life", "mfa", "tags"]
