"""What each operation of IAM is asked on, and the condition keys that go with it.

Service Authorization Reference: Actions, resources, and condition keys for AWS IAM. The path belongs to an ARN, so the
thing is looked up; one that does not exist is asked for under the path `/`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.identitypool.context import Call, signed
from services.identitypool.iam import entities
from services.identitypool.iam.records import Group, Role, User
from services.identitypool.iam.store import access_keys, groups, policies, roles, tags, users
from shared.aws import arn
from shared.aws.operation import ConditionKeys
from shared.guard.caller import ContextValue
from shared.sql.engine import Tx


def everything(_call: Call, _request: object) -> str:
    """Operations that name no thing: `*`."""
    return "*"


def a_new(kind: str) -> Callable[[Call, Any], str]:
    """The ARN of the user, group, role or policy that the request makes."""

    def of(call: Call, request: Any) -> str:  # noqa: ANN401 - any request that has the member
        return arn.iam(call.caller.account, kind, request.path or "/", getattr(request, f"{kind}_name"))

    return of


def all_under_path(kind: str) -> Callable[[Call, Any], str]:
    """What AWS names when a list is asked for: the kind, and the path that the list is narrowed to."""

    def of(call: Call, request: Any) -> str:  # noqa: ANN401 - any request that has the member
        return arn.iam(call.caller.account, kind, request.path_prefix or "/", "")

    return of


def of_user(call: Call, request: Any) -> str:  # noqa: ANN401 - any request that has the member
    """The named user; without a name, the caller."""
    if request.user_name is None:
        caller = entities.calling_user(call)
        return arn.root(call.caller.account) if caller is None else caller.arn
    with call.context.sql.read() as tx:
        return _arn(users.find_user(tx, call.caller.account, request.user_name), call, "user", request.user_name)


def of_group(call: Call, request: Any) -> str:  # noqa: ANN401 - any request that has the member
    """The named group."""
    with call.context.sql.read() as tx:
        return _arn(groups.find_group(tx, call.caller.account, request.group_name), call, "group", request.group_name)


def of_role(call: Call, request: Any) -> str:  # noqa: ANN401 - any request that has the member
    """The named role."""
    with call.context.sql.read() as tx:
        return _arn(roles.find_role(tx, call.caller.account, request.role_name), call, "role", request.role_name)


def of_policy(_call: Call, request: Any) -> str:  # noqa: ANN401 - any request that has the member
    """The policy whose ARN is given."""
    return str(request.policy_arn)


def of_policy_source(_call: Call, request: Any) -> str:  # noqa: ANN401 - any request that has the member
    """The user, group or role whose policies are simulated."""
    return str(request.policy_source_arn)


def of_access_key(call: Call, request: Any) -> str:  # noqa: ANN401 - any request that has the member
    """The user who has the access key."""
    with call.context.sql.read() as tx:
        key = access_keys.key_named(tx, request.access_key_id)
        if key is None or key.account != call.caller.account:
            return "*"
        owner = None if key.user_id is None else users.user_with_id(tx, key.account, key.user_id)
    return arn.root(key.account) if owner is None else owner.arn


def check_target(call: Call, action: str, target: str) -> None:
    """Renaming and moving need the right to the target as well. Raises AccessDenied. API UpdateUser, UpdateGroup."""
    call.context.guard.authorize(signed(call), action, target, call.keys)


def check_tagging(call: Call, request: Any, kind: str) -> None:  # noqa: ANN401 - any request that makes the kind
    """Who makes something with tags needs the right to tag it as well. Raises AccessDenied.

    IAM User Guide: Tags for AWS Identity and Access Management resources.
    """
    if request.tags:
        check_target(call, f"iam:Tag{kind.capitalize()}", a_new(kind)(call, request))


def user_keys(call: Call, request: Any) -> ConditionKeys:  # noqa: ANN401 - any request that has the member
    """Condition keys of a request about a user. A boundary that the request names counts, not the one that stands."""
    account, name = call.caller.account, getattr(request, "user_name", None)
    with call.context.sql.read() as tx:
        found = None if name is None else users.find_user(tx, account, name)
        return _standing(tx, found) | _requested(request)


def role_keys(call: Call, request: Any) -> ConditionKeys:  # noqa: ANN401 - any request that has the member
    """Condition keys of a request about a role."""
    with call.context.sql.read() as tx:
        found = roles.find_role(tx, call.caller.account, request.role_name)
        return _standing(tx, found) | _requested(request)


def group_keys(_call: Call, request: Any) -> ConditionKeys:  # noqa: ANN401 - any request that has the member
    """Condition keys of a request about a group."""
    return _requested(request)


def policy_keys(call: Call, request: Any) -> ConditionKeys:  # noqa: ANN401 - any request that has the member
    """Condition keys of a request about a managed policy."""
    keys = _requested(request)
    keys.pop("iam:policyarn", None)
    given = getattr(request, "policy_arn", None)
    if given is None:
        return keys
    with call.context.sql.read() as tx:
        found = policies.policy_with_arn(tx, given)
        tagged = {} if found is None else tags.tags_of(tx, found.account, found.id)
    return keys | tag_keys(tagged)


_BOUNDARY: Final = "iam:permissionsboundary"


def _requested(request: object) -> dict[str, ContextValue]:
    """What the request itself says: the policy, the boundary, the tags."""
    keys: dict[str, ContextValue] = {}
    for member, key in (("policy_arn", "iam:policyarn"), ("permissions_boundary", _BOUNDARY)):
        value = getattr(request, member, None)
        if value is not None:
            keys[key] = value
    given = getattr(request, "tags", None) or []
    keys |= {f"aws:requesttag/{tag.key.lower()}": tag.value for tag in given}
    tag_keys = tuple(tag.key for tag in given) or tuple(getattr(request, "tag_keys", None) or ())
    return keys | {"aws:tagkeys": tag_keys} if tag_keys else keys


def _standing(tx: Tx, found: User | Role | None) -> dict[str, ContextValue]:
    """What holds already for the user or role: its boundary and tags."""
    if found is None:
        return {}
    keys = tag_keys(tags.tags_of(tx, found.account, found.id))
    if found.boundary_arn is not None:
        keys[_BOUNDARY] = found.boundary_arn
    return keys


def tag_keys(tagged: Mapping[str, str]) -> dict[str, ContextValue]:
    """The condition keys of the tags on the resource that is asked about."""
    return {f"{prefix}:resourcetag/{key.lower()}": value for key, value in tagged.items() for prefix in ("aws", "iam")}


def _arn(found: User | Group | Role | None, call: Call, kind: str, name: str) -> str:
    return arn.iam(call.caller.account, kind, "/", name) if found is None else found.arn
