"""Users and groups in SQL. users.py: find, add, change, remove. names.py: which name means whom, and the search index.
lists.py: pages of users. groups.py: groups and their members.

A name finds its user by one look-up in a table whose key is (pool, folded name); nothing here scans.
"""

from services.userpool.directory.store.groups import (
    add_group,
    add_member,
    count_groups,
    find_group,
    group_named,
    group_to_join,
    groups_of,
    groups_of_pool,
    members,
    remove_group,
    remove_member,
    set_group,
)
from services.userpool.directory.store.lists import users_found, users_of_pool, users_with
from services.userpool.directory.store.users import (
    add_user,
    convert_password,
    find_user,
    find_user_by_sub,
    raise_session_epoch,
    remove_attributes,
    remove_user,
    set_attributes,
    set_enabled,
    set_lockout,
    set_password,
    set_status,
    user_named,
    user_to_change,
)

__all__ = [
    "add_group",
    "add_member",
    "add_user",
    "convert_password",
    "count_groups",
    "find_group",
    "find_user",
    "find_user_by_sub",
    "group_named",
    "group_to_join",
    "groups_of",
    "groups_of_pool",
    "members",
    "raise_session_epoch",
    "remove_attributes",
    "remove_group",
    "remove_member",
    "remove_user",
    "set_attributes",
    "set_enabled",
    "set_group",
    "set_lockout",
    "set_password",
    "set_status",
    "user_named",
    "user_to_change",
    "users_found",
    "users_of_pool",
    "users_with",
]
