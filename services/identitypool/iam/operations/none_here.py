"""What users and roles of AWS may have beside the rest and nobody can have here: asked for by whoever clears them away.

Terraform asks for a role's instance profiles before it deletes the role, and for a user's devices, keys, certificates and
password before it deletes a user with force_destroy. The answers are those of AWS for a user or role that has none.
"""

from typing import Final

from services.identitypool.context import Call
from services.identitypool.errors import NoSuchEntity
from services.identitypool.iam import lists, resources
from services.identitypool.iam.entities import role_named, user_name, user_named
from services.identitypool.service import iam
from shared.aws.api import iam as api

_ROOT: Final = "root"


@iam.operation(resource=resources.of_role, context_keys=resources.role_keys, in_place=True)
def list_instance_profiles_for_role(
    call: Call, request: api.ListInstanceProfilesForRoleRequest
) -> api.ListInstanceProfilesForRoleResponse:
    """None: there are no machines here that take on a role."""
    with call.context.sql.read() as tx:
        role_named(tx, call.caller.account, request.role_name)
    _check_page(call, request)
    return api.ListInstanceProfilesForRoleResponse(instance_profiles=[], is_truncated=False)


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def list_mfa_devices(call: Call, request: api.ListMFADevicesRequest) -> api.ListMFADevicesResponse:
    """None: no device can be registered yet."""
    _check_user(call, request.user_name)
    _check_page(call, request)
    return api.ListMFADevicesResponse(mfa_devices=[], is_truncated=False)


@iam.operation(resource=resources.everything, in_place=True)
def list_virtual_mfa_devices(
    call: Call, request: api.ListVirtualMFADevicesRequest
) -> api.ListVirtualMFADevicesResponse:
    """None, assigned to somebody (AssignmentStatus) or not."""
    _check_page(call, request, str(request.assignment_status))
    return api.ListVirtualMFADevicesResponse(virtual_mfa_devices=[], is_truncated=False)


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def list_ssh_public_keys(call: Call, request: api.ListSSHPublicKeysRequest) -> api.ListSSHPublicKeysResponse:
    """None: nothing here takes them."""
    _check_user(call, request.user_name)
    _check_page(call, request)
    return api.ListSSHPublicKeysResponse(ssh_public_keys=[], is_truncated=False)


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def list_signing_certificates(
    call: Call, request: api.ListSigningCertificatesRequest
) -> api.ListSigningCertificatesResponse:
    """None: nothing here takes them."""
    _check_user(call, request.user_name)
    _check_page(call, request)
    return api.ListSigningCertificatesResponse(certificates=[], is_truncated=False)


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def list_service_specific_credentials(
    call: Call, request: api.ListServiceSpecificCredentialsRequest
) -> api.ListServiceSpecificCredentialsResponse:
    """None: no service here takes them, so none can be asked for by its name."""
    if not request.all_users:
        _check_user(call, request.user_name)
    if request.service_name is not None:
        raise NoSuchEntity(f"No such service {request.service_name} is supported for Service Specific Credentials")
    _check_page(call, request)
    return api.ListServiceSpecificCredentialsResponse(service_specific_credentials=[], is_truncated=False)


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def get_login_profile(call: Call, request: api.GetLoginProfileRequest) -> api.GetLoginProfileResponse:
    """No user has a password for a console."""
    raise _no_password(_check_user(call, request.user_name))


@iam.operation(resource=resources.of_user, context_keys=resources.user_keys, in_place=True)
def delete_login_profile(call: Call, request: api.DeleteLoginProfileRequest) -> api.DeleteLoginProfileResponse:
    """There is no password that could be deleted."""
    raise _no_password(_check_user(call, request.user_name))


def _check_user(call: Call, name: str | None) -> str:
    """The name of the user who is asked about: the one who calls, where none is named. Raises NoSuchEntity."""
    meant = user_name(call, name)
    if meant is None:
        return _ROOT
    with call.context.sql.read() as tx:
        return user_named(tx, call.caller.account, meant).name


def _check_page(call: Call, request: lists.ListRequest, narrowed: str = "") -> None:
    """An empty list has one page, and nobody was given a marker for another."""
    lists.cut(call, request, f"{call.trail.action} {narrowed}", (), str)


def _no_password(name: str) -> NoSuchEntity:
    return NoSuchEntity(f"Login Profile for User {name} cannot be found.")
