"""The calls of Terraform's AWS provider (5.32), in its order, and what it compares: a difference would be planned for ever."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared import ids
from tests.conftest import Installation

TEXT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]})


def trust_in(principal: str) -> str:
    statement = {"Action": "sts:AssumeRole", "Effect": "Allow", "Sid": "", "Principal": {"AWS": principal}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def idp(house: Installation) -> Any:
    return house.client("cognito-idp")


@pytest.fixture
def iam(house: Installation) -> Any:
    return house.client("iam")


@pytest.fixture
def account(house: Installation) -> str:
    return str(house.client("sts").get_caller_identity()["Account"])


@pytest.fixture
def name() -> str:
    return "iac" + ids.digits(8)


POLICY = {
    "MinimumLength": 10,
    "RequireUppercase": True,
    "RequireLowercase": True,
    "RequireNumbers": False,
    "RequireSymbols": False,
    "TemporaryPasswordValidityDays": 3,
}
CONFIGURED: dict[str, Any] = {
    "Policies": {"PasswordPolicy": POLICY},
    "DeletionProtection": "INACTIVE",
    "AutoVerifiedAttributes": ["email"],
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": True,
        "InviteMessageTemplate": {
            "EmailMessage": "{username} {####}",
            "EmailSubject": "Come",
            "SMSMessage": "{username} {####}",
        },
    },
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
    "UserPoolAddOns": {"AdvancedSecurityMode": "OFF"},
    "SmsAuthenticationMessage": "code {####}",
    "VerificationMessageTemplate": {
        "DefaultEmailOption": "CONFIRM_WITH_CODE",
        "EmailMessage": "code {####}",
        "EmailSubject": "Verify",
        "SmsMessage": "code {####}",
    },
}
ONCE = {
    "AliasAttributes": ["preferred_username"],
    "UsernameConfiguration": {"CaseSensitive": False},
}
TENANT = {
    "Name": "tenant",
    "AttributeDataType": "String",
    "DeveloperOnlyAttribute": False,
    "Mutable": True,
    "Required": False,
    "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "50"},
}


def read(pool: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """The members that were configured, as the pool shows them; AWS adds more to some of them."""
    shown = {key: pool[key] for key in wanted}
    if "AdminCreateUserConfig" in shown:
        shown["AdminCreateUserConfig"].pop("UnusedAccountValidityDays", None)
    if "Policies" in shown:
        shown["Policies"].pop("SignInPolicy", None)
    return shown


def test_a_pool_reads_back_as_it_was_configured(idp: Any, name: str) -> None:
    made = idp.create_user_pool(PoolName=name, UserPoolTags={"a": "b"}, Schema=[TENANT], **CONFIGURED, **ONCE)
    pool_id = made["UserPool"]["Id"]
    pool = idp.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    wanted = CONFIGURED | ONCE | {"UserPoolTags": {"a": "b"}}
    assert read(pool, wanted) == wanted
    assert TENANT | {"Name": "custom:tenant"} in pool["SchemaAttributes"]
    for also in ("EmailVerificationMessage", "EmailVerificationSubject", "SmsVerificationMessage"):
        assert pool[also] in CONFIGURED["VerificationMessageTemplate"].values()
    for absent in ("DeviceConfiguration", "SmsConfiguration", "Domain", "CustomDomain"):
        assert absent not in pool
    assert pool["LambdaConfig"] == {}
    mfa = idp.get_user_pool_mfa_config(UserPoolId=pool_id)
    del mfa["ResponseMetadata"]
    assert mfa == {"MfaConfiguration": "OFF"}
    idp.delete_user_pool(UserPoolId=pool_id)
    for gone in (idp.describe_user_pool, idp.delete_user_pool):
        with pytest.raises(idp.exceptions.ResourceNotFoundException):
            gone(UserPoolId=pool_id)


def test_an_update_says_everything_and_the_schema_only_grows(idp: Any, name: str) -> None:
    """Newer providers send MfaConfiguration, the sign-in policy, no false booleans, and zero for what is not set."""
    pool_id = idp.create_user_pool(PoolName=name, **CONFIGURED, **ONCE)["UserPool"]["Id"]
    changed = CONFIGURED | {
        "Policies": {
            "PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 0, "TemporaryPasswordValidityDays": 0},
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
        },
        "AdminCreateUserConfig": {},
        "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": []},
        "MfaConfiguration": "OFF",
    }
    idp.update_user_pool(UserPoolId=pool_id, **changed)
    idp.add_custom_attributes(UserPoolId=pool_id, CustomAttributes=[TENANT])
    pool = idp.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    policy = pool["Policies"]["PasswordPolicy"]
    assert {key: policy[key] for key in POLICY} == {
        "MinimumLength": 8,
        "RequireUppercase": False,
        "RequireLowercase": False,
        "RequireNumbers": False,
        "RequireSymbols": False,
        "TemporaryPasswordValidityDays": 7,
    }
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False
    assert "UserAttributeUpdateSettings" not in pool or not any(pool["UserAttributeUpdateSettings"].values())
    assert TENANT | {"Name": "custom:tenant"} in pool["SchemaAttributes"]
    idp.delete_user_pool(UserPoolId=pool_id)


def test_a_client_reads_back_as_made_and_as_updated(idp: Any, name: str) -> None:
    pool_id = idp.create_user_pool(PoolName=name)["UserPool"]["Id"]
    bare = idp.create_user_pool_client(UserPoolId=pool_id, ClientName=name, TokenValidityUnits={})["UserPoolClient"]
    client = {"UserPoolId": pool_id, "ClientId": bare["ClientId"]}
    assert idp.describe_user_pool_client(**client)["UserPoolClient"] == bare
    for computed in ("CallbackURLs", "LogoutURLs", "AllowedOAuthFlows", "AllowedOAuthScopes", "ExplicitAuthFlows"):
        assert not bare.get(computed)
    assert not bare.get("TokenValidityUnits")
    assert (bare["RefreshTokenValidity"], bare["EnableTokenRevocation"]) == (30, True)
    wanted = {
        "ClientName": name + "-renamed",
        "AccessTokenValidity": 10,
        "IdTokenValidity": 20,
        "RefreshTokenValidity": 12,
        "AuthSessionValidity": 5,
        "EnableTokenRevocation": False,
        "EnablePropagateAdditionalUserContextData": False,
        "AllowedOAuthFlowsUserPoolClient": False,
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
        "PreventUserExistenceErrors": "ENABLED",
        "ReadAttributes": ["email", "name"],
        "WriteAttributes": ["email", "name"],
        "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours"},
    }
    updated = idp.update_user_pool_client(**client, **wanted)["UserPoolClient"]
    assert {key: updated[key] for key in wanted} == wanted
    assert idp.describe_user_pool_client(**client)["UserPoolClient"] == updated
    idp.delete_user_pool_client(**client)
    with pytest.raises(idp.exceptions.ResourceNotFoundException):
        idp.describe_user_pool_client(**client)
    idp.delete_user_pool(UserPoolId=pool_id)


def test_an_identity_pool_and_its_roles_are_emptied_by_empty_members(
    house: Installation, idp: Any, account: str, name: str
) -> None:
    identity: Any = house.client("cognito-identity")
    user_pool = idp.create_user_pool(PoolName=name)["UserPool"]["Id"]
    client_id = idp.create_user_pool_client(UserPoolId=user_pool, ClientName=name)["UserPoolClient"]["ClientId"]
    provider = f"cognito-idp.us-east-1.amazonaws.com/{user_pool}"
    given = {"ClientId": client_id, "ProviderName": provider, "ServerSideTokenCheck": False}
    flags = {"IdentityPoolName": name, "AllowUnauthenticatedIdentities": False, "AllowClassicFlow": False}
    pool_id = identity.create_identity_pool(**flags, CognitoIdentityProviders=[given])["IdentityPoolId"]
    pool = identity.describe_identity_pool(IdentityPoolId=pool_id)
    assert {key: pool[key] for key in flags} | {"Providers": pool["CognitoIdentityProviders"]} == flags | {
        "Providers": [given]
    }
    role = f"arn:aws:iam::{account}:role/{name}"
    rule = {"Claim": "isAdmin", "MatchType": "Equals", "Value": "paid", "RoleARN": role}
    mapping = {
        "Type": "Rules",
        "AmbiguousRoleResolution": "Deny",
        "RulesConfiguration": {"Rules": [rule, rule | {"Value": "x"}]},
    }
    mappings = {f"{provider}:{client_id}": mapping}
    identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": role}, RoleMappings=mappings)
    roles = identity.get_identity_pool_roles(IdentityPoolId=pool_id)
    assert (roles["Roles"], roles["RoleMappings"]) == ({"authenticated": role}, mappings)

    identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={}, RoleMappings={})
    roles = identity.get_identity_pool_roles(IdentityPoolId=pool_id)
    assert not roles.get("Roles")
    assert not roles.get("RoleMappings")
    empties: dict[str, Any] = {"SupportedLoginProviders": {}, "OpenIdConnectProviderARNs": [], "SamlProviderARNs": []}
    identity.update_identity_pool(IdentityPoolId=pool_id, **flags, CognitoIdentityProviders=[], **empties)
    assert not identity.describe_identity_pool(IdentityPoolId=pool_id).get("CognitoIdentityProviders")
    identity.delete_identity_pool(IdentityPoolId=pool_id)
    idp.delete_user_pool(UserPoolId=user_pool)


def test_a_role_reads_back_and_is_emptied_before_it_goes(iam: Any, account: str, name: str) -> None:
    tags = [{"Key": "step", "Value": "1"}]
    policy = iam.create_policy(PolicyName=name, Path="/iac/", PolicyDocument=TEXT, Tags=tags)["Policy"]["Arn"]
    iam.create_role(
        RoleName=name,
        Path="/iac/",
        Description="step 1",
        AssumeRolePolicyDocument=trust_in(account),
        MaxSessionDuration=7200,
        PermissionsBoundary=policy,
        Tags=tags,
    )
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=TEXT)
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    role = iam.get_role(RoleName=name)["Role"]
    assert role["AssumeRolePolicyDocument"] == json.loads(trust_in(f"arn:aws:iam::{account}:root"))
    assert (role["Description"], role["MaxSessionDuration"], role["Path"]) == ("step 1", 7200, "/iac/")
    assert (role["PermissionsBoundary"]["PermissionsBoundaryArn"], role["Tags"]) == (policy, tags)
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["inline"]
    assert iam.get_role_policy(RoleName=name, PolicyName="inline")["PolicyDocument"] == json.loads(TEXT)
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == [
        {"PolicyName": name, "PolicyArn": policy}
    ]
    iam.update_role_description(RoleName=name, Description="step 2")
    iam.update_role(RoleName=name, MaxSessionDuration=3600)
    iam.delete_role_permissions_boundary(RoleName=name)
    iam.untag_role(RoleName=name, TagKeys=["step"])
    role = iam.get_role(RoleName=name)["Role"]
    assert (role["MaxSessionDuration"], "PermissionsBoundary" in role, role.get("Tags")) == (3600, False, None)
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_role(RoleName=name)
    assert iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []
    iam.detach_role_policy(RoleName=name, PolicyArn=policy)
    iam.delete_role_policy(RoleName=name, PolicyName="inline")
    iam.delete_role(RoleName=name)
    iam.delete_policy(PolicyArn=policy)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName=name)


def test_a_sixth_version_takes_the_place_of_the_oldest(iam: Any, name: str) -> None:
    policy = iam.create_policy(PolicyName=name, PolicyDocument=TEXT)["Policy"]["Arn"]
    for number in range(7):
        versions = iam.list_policy_versions(PolicyArn=policy)["Versions"]
        if len(versions) == 5:
            oldest = min((one for one in versions if not one["IsDefaultVersion"]), key=lambda one: one["CreateDate"])
            iam.delete_policy_version(PolicyArn=policy, VersionId=oldest["VersionId"])
        text = TEXT.replace("s3:Get", f"s3:Get{number}")
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=text, SetAsDefault=True)
        default = iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
        shown = iam.get_policy_version(PolicyArn=policy, VersionId=default)["PolicyVersion"]["Document"]
        assert shown == json.loads(text)
    for version in iam.list_policy_versions(PolicyArn=policy)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=policy, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=policy)


def test_a_user_is_renamed_in_place_and_destroyed_with_all_it_has(iam: Any, name: str) -> None:
    was, unique_id = name + "-old", iam.create_user(UserName=name + "-old", Path="/iac/")["User"]["UserId"]
    iam.create_group(GroupName=name)
    iam.add_user_to_group(GroupName=name, UserName=was)
    iam.update_user(UserName=was, NewUserName=name, NewPath="/iac/")
    assert iam.get_user(UserName=name)["User"]["UserId"] == unique_id
    assert [one["UserName"] for one in iam.get_group(GroupName=name)["Users"]] == [name]
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
    assert [one["Status"] for one in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]] == ["Inactive"]
    iam.remove_user_from_group(GroupName=name, UserName=name)
    iam.delete_access_key(UserName=name, AccessKeyId=key)
    assert iam.list_ssh_public_keys(UserName=name)["SSHPublicKeys"] == []
    assert iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"] == []
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.delete_login_profile(UserName=name)
    assert iam.list_signing_certificates(UserName=name)["Certificates"] == []
    assert iam.list_service_specific_credentials(UserName=name)["ServiceSpecificCredentials"] == []
    iam.delete_user(UserName=name)
    iam.delete_group(GroupName=name)


def test_what_is_not_served_yet_says_so_and_is_not_tried_again(iam: Any, idp: Any, name: str) -> None:
    """InvalidAction and InvalidParameterException are final to every AWS SDK."""
    pool_id = idp.create_user_pool(PoolName=name)["UserPool"]["Id"]
    calls: dict[str, Callable[[], Any]] = {
        "CreateInstanceProfile": lambda: iam.create_instance_profile(InstanceProfileName=name),
        "CreateUserPoolDomain": lambda: idp.create_user_pool_domain(Domain=name, UserPoolId=pool_id),
        "SetUserPoolMfaConfig": lambda: idp.set_user_pool_mfa_config(
            UserPoolId=pool_id, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration={"Enabled": True}
        ),
    }
    said = {}
    for operation, call in calls.items():
        with pytest.raises(ClientError) as refusal:
            call()
        said[operation] = refusal.value.response["Error"]["Code"], refusal.value.response["Error"]["Message"]
    assert said == {
        "CreateInstanceProfile": ("InvalidAction", "CreateInstanceProfile is not served yet."),
        "CreateUserPoolDomain": ("InvalidParameterException", "CreateUserPoolDomain is not served yet."),
        "SetUserPoolMfaConfig": ("InvalidParameterException", "MfaConfiguration is not supported yet."),
    }
    idp.delete_user_pool(UserPoolId=pool_id)
