from typing import Any

import pytest

from services.userpool.errors import InvalidParameter, ResourceNotFound
from services.userpool.pools.store import pool_named
from services.userpool.schema import directory, metadata
from shared.aws.paging import BadPageToken
from tests.services.userpool.in_process import ACCOUNT, STRANGER, InProcess

STANDARD = [
    "sub",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
    "identities",
]


def test_a_fresh_pool_has_awss_id_arn_and_defaults(aws: InProcess) -> None:
    pool = aws.call("CreateUserPool", PoolName="people")["UserPool"]
    region, _, suffix = pool["Id"].partition("_")
    assert region == "us-east-1"
    assert len(suffix) == 9
    assert suffix.isalnum()
    assert pool["Arn"] == f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/{pool['Id']}"
    assert pool["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 8,
        "RequireUppercase": True,
        "RequireLowercase": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
        "TemporaryPasswordValidityDays": 7,
    }
    assert pool["CreationDate"] == pool["LastModifiedDate"] == aws.now.timestamp()
    assert (pool["MfaConfiguration"], pool["DeletionProtection"], pool["UserPoolTier"]) == (
        "OFF",
        "INACTIVE",
        "ESSENTIALS",
    )
    assert pool["VerificationMessageTemplate"] == {"DefaultEmailOption": "CONFIRM_WITH_CODE"}
    assert not {"EmailVerificationMessage", "EmailVerificationSubject", "SmsVerificationMessage"} & pool.keys()
    assert pool["AccountRecoverySetting"]["RecoveryMechanisms"] == [
        {"Priority": 1, "Name": "verified_email"},
        {"Priority": 2, "Name": "verified_phone_number"},
    ]
    assert (pool["KeyConfiguration"], pool["IssuerConfiguration"]) == (
        {"KeyType": "AWS_OWNED_KEY"},
        {"Type": "ORIGINAL"},
    )
    assert pool["LambdaConfig"] == {}
    assert pool["EstimatedNumberOfUsers"] == 0


def test_the_21_standard_attributes_stand_in_awss_order(aws: InProcess) -> None:
    shown = aws.call("DescribeUserPool", UserPoolId=aws.pool())["UserPool"]["SchemaAttributes"]
    assert [each["Name"] for each in shown] == STANDARD
    by_name = {each["Name"]: each for each in shown}
    assert by_name["sub"] == {
        "Name": "sub",
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": False,
        "Required": True,
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "2048"},
    }
    assert by_name["birthdate"]["StringAttributeConstraints"] == {"MinLength": "10", "MaxLength": "10"}
    assert by_name["updated_at"]["NumberAttributeConstraints"] == {"MinValue": "0"}
    assert by_name["identities"]["StringAttributeConstraints"] == {}
    assert "StringAttributeConstraints" not in by_name["email_verified"]


def test_what_is_created_is_what_is_described(aws: InProcess) -> None:
    given: dict[str, Any] = {
        "AliasAttributes": ["email", "preferred_username"],
        "AutoVerifiedAttributes": ["email"],
        "DeletionProtection": "ACTIVE",
        "UsernameConfiguration": {"CaseSensitive": False},
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}]},
        "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
        "UserPoolTags": {"team": "blue"},
        "UserPoolTier": "LITE",
        "SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::111122223333:role/sms", "ExternalId": "x"},
        "UserPoolAddOns": {"AdvancedSecurityMode": "OFF"},
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    }
    pool = aws.pool(**given, EmailVerificationSubject="Hello")
    shown = aws.call("DescribeUserPool", UserPoolId=pool)["UserPool"]
    assert {name: shown[name] for name in given} == given
    assert shown["EmailVerificationSubject"] == shown["VerificationMessageTemplate"]["EmailSubject"] == "Hello"


def test_a_template_and_the_older_texts_are_both_given_back(aws: InProcess) -> None:
    older = {
        "EmailVerificationMessage": "Older {####}",
        "EmailVerificationSubject": "Older",
        "SmsVerificationMessage": "Older {####}",
    }
    newer = {"EmailMessage": "Newer {####}", "EmailSubject": "Newer", "SmsMessage": "Newer {####}"}
    pool = aws.pool(**older, VerificationMessageTemplate=newer)
    shown = aws.call("DescribeUserPool", UserPoolId=pool)["UserPool"]
    assert {name: shown[name] for name in older} == older
    assert shown["VerificationMessageTemplate"] == newer | {"DefaultEmailOption": "CONFIRM_WITH_CODE"}
    with aws.sql.read() as tx:
        assert pool_named(tx, pool).settings.verification_message_template.email_message == "Newer {####}"


def test_an_attribute_that_waits_for_its_proof_has_to_be_verified(aws: InProcess) -> None:
    words = "^All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes$"
    with pytest.raises(InvalidParameter, match=words):
        aws.pool(UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]})


def test_an_empty_recovery_setting_is_none(aws: InProcess) -> None:
    pool = aws.pool()
    aws.call("UpdateUserPool", UserPoolId=pool, AccountRecoverySetting={})
    assert "AccountRecoverySetting" not in aws.call("DescribeUserPool", UserPoolId=pool)["UserPool"]
    aws.call("UpdateUserPool", UserPoolId=pool)
    assert "AccountRecoverySetting" in aws.call("DescribeUserPool", UserPoolId=pool)["UserPool"]


def test_members_that_a_partial_password_policy_leaves_out_are_not_required(aws: InProcess) -> None:
    pool_id = aws.pool(Policies={"PasswordPolicy": {"MinimumLength": 12, "RequireNumbers": True}})
    with aws.sql.read() as tx:
        policy = pool_named(tx, pool_id).password_policy
    assert (policy.minimum_length, policy.require_numbers, policy.require_symbols) == (12, True, False)
    assert policy.temporary_password_validity_days == 7


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"MfaConfiguration": "ON"}, "MfaConfiguration"),
        ({"LambdaConfig": {"PreSignUp": "arn:aws:lambda:us-east-1:1:function:f"}}, "LambdaConfig"),
        ({"DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True}}, "DeviceConfiguration"),
        ({"UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}}, "AdvancedSecurityMode"),
        (
            {
                "UserPoolAddOns": {
                    "AdvancedSecurityMode": "OFF",
                    "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"},
                }
            },
            "AdvancedSecurityAdditionalFlows",
        ),
        ({"DcrConfiguration": {"OpenDcrEnabled": True}}, "DcrConfiguration"),
        ({"AcrConfiguration": {"Level1": {"AcrValue": "b"}}}, "AcrConfiguration"),
        ({"SmsConfiguration": {"EumsSms": {"CallerArn": "arn:aws:iam::111122223333:role/sms"}}}, "EumsSms"),
        ({"IssuerConfiguration": {"Type": "UPDATED"}}, "IssuerConfiguration"),
        ({"KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY"}}, "KeyConfiguration"),
        ({"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER"}}, "EmailSendingAccount"),
        ({"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}}, "SignInPolicy"),
        ({"VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_LINK"}}, "DefaultEmailOption"),
    ],
)
def test_a_parameter_without_effect_is_refused_by_name(aws: InProcess, parameters: Any, named: str) -> None:
    with pytest.raises(InvalidParameter, match=named):
        aws.pool(**parameters)
    pool = aws.pool()
    with pytest.raises(InvalidParameter, match=named):
        aws.call("UpdateUserPool", UserPoolId=pool, **parameters)


def test_the_values_that_switch_nothing_on_are_taken(aws: InProcess) -> None:
    pool = aws.pool(
        MfaConfiguration="OFF", LambdaConfig={}, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}
    )
    assert aws.call("DescribeUserPool", UserPoolId=pool)["UserPool"]["MfaConfiguration"] == "OFF"


@pytest.mark.parametrize(
    "parameters",
    [
        {"AliasAttributes": ["email"], "UsernameAttributes": ["email"]},
        {
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [{"Priority": 1, "Name": n} for n in ("admin_only", "verified_email")]
            }
        },
        {"UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]}},
        {
            "AdminCreateUserConfig": {"UnusedAccountValidityDays": 3},
            "Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 5}},
        },
        {"UserPoolTags": {"aws:x": "1"}},
        {"UserPoolTags": {f"k{n}": "" for n in range(51)}},
    ],
)
def test_contradictions_are_refused_and_leave_nothing(aws: InProcess, parameters: Any) -> None:
    with pytest.raises(InvalidParameter):
        aws.pool(**parameters)
    assert not any(aws.rows().values())


def test_an_update_resets_what_it_does_not_give_but_not_identity_or_tags(aws: InProcess) -> None:
    pool = aws.pool(
        AliasAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        UserPoolTags={"a": "b"},
        Policies={"PasswordPolicy": {"MinimumLength": 20}},
        Schema=[{"Name": "x", "AttributeDataType": "String"}],
    )
    aws.pass_time(5)
    aws.call("UpdateUserPool", UserPoolId=pool, PoolName="renamed")
    shown = aws.call("DescribeUserPool", UserPoolId=pool)["UserPool"]
    assert shown["Name"] == "renamed"
    assert shown["Policies"]["PasswordPolicy"]["MinimumLength"] == 8
    assert "AutoVerifiedAttributes" not in shown
    assert shown["AliasAttributes"] == ["email"]
    assert shown["UserPoolTags"] == {"a": "b"}
    assert shown["SchemaAttributes"][-1]["Name"] == "custom:x"
    assert shown["LastModifiedDate"] - shown["CreationDate"] == 5


def test_a_protected_pool_is_not_deleted(aws: InProcess) -> None:
    pool = aws.pool(DeletionProtection="ACTIVE")
    with pytest.raises(InvalidParameter, match="deletion protection is activated"):
        aws.call("DeleteUserPool", UserPoolId=pool)
    aws.call("UpdateUserPool", UserPoolId=pool, DeletionProtection="INACTIVE")
    aws.call("DeleteUserPool", UserPoolId=pool)
    with pytest.raises(ResourceNotFound, match=rf"^User pool {pool} does not exist\.$"):
        aws.call("DescribeUserPool", UserPoolId=pool)


def test_a_deleted_pool_leaves_nothing_behind(aws: InProcess) -> None:
    pool = aws.pool(AliasAttributes=["email"])
    aws.client(pool, GenerateSecret=True)
    aws.user(pool, "ann", email="a@example.com", email_verified="true")
    aws.call("CreateGroup", UserPoolId=pool, GroupName="g")
    aws.call("AdminAddUserToGroup", UserPoolId=pool, Username="ann", GroupName="g")
    rows = aws.rows()
    assert all(rows[table.name] for table in metadata.sorted_tables if table.name in directory.__dict__)
    aws.call("DeleteUserPool", UserPoolId=pool)
    assert not any(aws.rows().values())


@pytest.mark.parametrize("operation", ["DescribeUserPool", "UpdateUserPool", "DeleteUserPool", "GetUserPoolMfaConfig"])
def test_another_accounts_pool_answers_as_missing(aws: InProcess, operation: str) -> None:
    pool = aws.pool()
    with pytest.raises(ResourceNotFound) as refused:
        aws.call(operation, by=STRANGER, UserPoolId=pool)
    assert refused.value.message == f"User pool {pool} does not exist."


def test_lists_hold_the_accounts_own_pools_page_by_page(aws: InProcess) -> None:
    mine = sorted(aws.pool() for _ in range(5))
    aws.call("CreateUserPool", by=STRANGER, PoolName="theirs")
    first = aws.call("ListUserPools", MaxResults=3)
    second = aws.call("ListUserPools", MaxResults=3, NextToken=first["NextToken"])
    assert [pool["Id"] for pool in first["UserPools"] + second["UserPools"]] == mine
    assert "NextToken" not in second
    with pytest.raises(BadPageToken):
        aws.call("ListUserPools", by=STRANGER, MaxResults=3, NextToken=first["NextToken"])


def test_mfa_is_off_and_stays_off(aws: InProcess) -> None:
    pool = aws.pool()
    assert aws.call("SetUserPoolMfaConfig", UserPoolId=pool, MfaConfiguration="OFF") == {"MfaConfiguration": "OFF"}
    with pytest.raises(InvalidParameter, match="MfaConfiguration"):
        aws.call("SetUserPoolMfaConfig", UserPoolId=pool, MfaConfiguration="OPTIONAL")
    refused: dict[str, Any] = {
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
        "SmsMfaConfiguration": {"SmsAuthenticationMessage": "Code {####}"},
        "EmailMfaConfiguration": {"Subject": "Code"},
        "WebAuthnConfiguration": {"RelyingPartyId": "example.com"},
    }
    for named, value in refused.items():
        with pytest.raises(InvalidParameter, match=named):
            aws.call("SetUserPoolMfaConfig", **{"UserPoolId": pool, named: value})
    assert aws.call("GetUserPoolMfaConfig", UserPoolId=pool) == {"MfaConfiguration": "OFF"}
