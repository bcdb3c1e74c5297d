"""What the wire may call, a file per resource. Importing this package registers all of it.

users.py groups.py roles.py policies.py access_keys.py account.py simulate.py: the things themselves. inline.py,
attached.py, boundaries.py, tags.py: what users, groups, roles and policies have, for all of them alike. none_here.py:
what they have at AWS only.
"""

from services.identitypool.iam.operations import (
    access_keys,
    account,
    attached,
    boundaries,
    groups,
    inline,
    none_here,
    policies,
    roles,
    simulate,
    tags,
    users,
)

__all__ = [
    "access_keys",
    "account",
    "attached",
    "boundaries",
    "groups",
    "inline",
    "none_here",
    "policies",
    "roles",
    "simulate",
    "tags",
    "users",
]
