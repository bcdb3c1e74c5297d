"""Permissions boundaries of users and roles: the most that their policies can give them."""

from services.identitypool.context import Call
from services.identitypool.errors import NoSuchEntity
from services.identitypool.iam import resources
from services.identitypool.iam.entities import boundary_policy, role_named, user_named
from services.identitypool.iam.store import roles, users
from services.identitypool.service import iam
from shared.aws.api import iam as api


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def put_user_permissions_boundary(
    call: Call, request: api.PutUserPermissionsBoundaryRequest
) -> api.PutUserPermissionsBoundaryResponse:
    """From the next call on the user has at most what this managed policy allows."""
    with call.write() as tx:
        user = user_named(tx, call.caller.account, request.user_name, lock=True)
        policy = boundary_policy(tx, user.account, request.permissions_boundary)
        users.set_user_boundary(tx, user, policy.arn)
    return api.PutUserPermissionsBoundaryResponse()


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys)
def delete_user_permissions_boundary(
    call: Call, request: api.DeleteUserPermissionsBoundaryRequest
) -> api.DeleteUserPermissionsBoundaryResponse:
    """Nothing limits the user's policies any more."""
    with call.write() as tx:
        user = user_named(tx, call.caller.account, request.user_name, lock=True)
        if user.boundary_arn is None:
            raise NoSuchEntity(f"The user with name {user.name} does not have a permissions boundary.")
        users.set_user_boundary(tx, user, None)
    return api.DeleteUserPermissionsBoundaryResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def put_role_permissions_boundary(
    call: Call, request: api.PutRolePermissionsBoundaryRequest
) -> api.PutRolePermissionsBoundaryResponse:
    """From the next call on the role has at most what this managed policy allows."""
    with call.write() as tx:
        role = role_named(tx, call.caller.account, request.role_name, lock=True)
        policy = boundary_policy(tx, role.account, request.permissions_boundary)
        roles.set_role_boundary(tx, role, policy.arn)
    return api.PutRolePermissionsBoundaryResponse()


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys)
def delete_role_permissions_boundary(
    call: Call, request: api.DeleteRolePermissionsBoundaryRequest
) -> api.DeleteRolePermissionsBoundaryResponse:
    """Nothing limits the role's policies any more."""
    with call.write() as tx:
        role = role_named(tx, call.caller.account, request.role_name, lock=True)
        if role.boundary_arn is None:
            raise NoSuchEntity(f"The role with name {role.name} does not have a permissions boundary.")
        roles.set_role_boundary(tx, role, None)
    return api.DeleteRolePermissionsBoundaryResponse()
