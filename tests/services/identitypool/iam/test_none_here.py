"""What Terraform and cleaning scripts ask about users and roles before they delete them."""

import json
from typing import Any

import pytest

from services.identitypool import errors
from tests.services.identitypool.iam.console import ACCOUNT, Console

OF_USERS = {
    "ListMFADevices": "mfa_devices",
    "ListSSHPublicKeys": "ssh_public_keys",
    "ListSigningCertificates": "certificates",
    "ListServiceSpecificCredentials": "service_specific_credentials",
}
TRUST = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize("operation", OF_USERS)
def test_a_user_has_none(iam: Console, operation: str) -> None:
    iam("CreateUser", UserName="Ann")
    for named in ({"UserName": "Ann"}, {}):
        answer: Any = iam(operation, **named)
        assert (getattr(answer, OF_USERS[operation]), answer.is_truncated, answer.marker) == ([], False, None)
    with pytest.raises(errors.NoSuchEntity, match=r"The user with name Bob cannot be found\."):
        iam(operation, UserName="Bob")
    with pytest.raises(errors.ValidationFailed, match=r"^Invalid Marker\.$"):
        iam(operation, UserName="Ann", Marker="made-up")


def test_a_role_has_no_instance_profiles(iam: Console) -> None:
    iam("CreateRole", RoleName="R", AssumeRolePolicyDocument=json.dumps({"Statement": [TRUST]}))
    assert iam("ListInstanceProfilesForRole", RoleName="R").instance_profiles == []
    with pytest.raises(errors.NoSuchEntity, match=r"The role with name S cannot be found\."):
        iam("ListInstanceProfilesForRole", RoleName="S")


def test_an_account_has_no_virtual_devices_and_no_services_with_credentials(iam: Console) -> None:
    assert iam("ListVirtualMFADevices", AssignmentStatus="Assigned").virtual_mfa_devices == []
    assert iam("ListServiceSpecificCredentials", AllUsers=True).service_specific_credentials == []
    with pytest.raises(errors.NoSuchEntity, match=r"No such service codecommit\.amazonaws\.com is supported for"):
        iam("ListServiceSpecificCredentials", ServiceName="codecommit.amazonaws.com")


@pytest.mark.parametrize("operation", ["GetLoginProfile", "DeleteLoginProfile"])
def test_a_user_has_no_password_for_a_console(iam: Console, operation: str) -> None:
    iam("CreateUser", UserName="Ann")
    for named, name in (({"UserName": "Ann"}, "Ann"), ({}, "admin")):
        with pytest.raises(errors.NoSuchEntity, match=rf"Login Profile for User {name} cannot be found\."):
            iam(operation, **named)
    with pytest.raises(errors.NoSuchEntity, match=r"The user with name Bob cannot be found\."):
        iam(operation, UserName="Bob")
