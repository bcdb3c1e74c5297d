"""What administrators may call of the directory. users.py: one user. lists.py: ListUsers. groups.py, members.py."""

from services.userpool.directory.operations import groups, lists, members, users

__all__ = ["groups", "lists", "members", "users"]
