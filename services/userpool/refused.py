"""Which operations of cognito-idp are not served, and the documented error that each answers with (the ledger's other half)."""

from typing import Final

from shared.aws.operation import Refused

REFUSED: Final[dict[str, Refused]] = {
    "CreateUserPoolReplica": Refused(
        "one installation has no second AWS Region; use backup, database replication or export/import",
        "OperationNotEnabledException",
    ),
    "DeleteUserPoolReplica": Refused(
        "one installation has no second AWS Region; use backup, database replication or export/import",
        "OperationNotEnabledException",
    ),
    "UpdateUserPoolReplica": Refused(
        "one installation has no second AWS Region; use backup, database replication or export/import",
        "OperationNotEnabledException",
    ),
}
"""Refused for good."""

LATER: Final[frozenset[str]] = frozenset(
    """
    AddCustomAttributes
    AddUserPoolClientSecret
    AdminAddUserToGroup
    AdminConfirmSignUp
    AdminCreateUser
    AdminDeleteSoftwareToken
    AdminDeleteUser
    AdminDeleteUserAttributes
    AdminDisableProviderForUser
    AdminDisableUser
    AdminEnableUser
    AdminForgetDevice
    AdminGetDevice
    AdminGetUser
    AdminGetUserAuthFactors
    AdminInitiateAuth
    AdminLinkProviderForUser
    AdminListDevices
    AdminListGroupsForUser
    AdminListUserAuthEvents
    AdminListUserSessions
    AdminRemoveUserFromGroup
    AdminResetUserPassword
    AdminRespondToAuthChallenge
    AdminRevokeUserSession
    AdminSetUserMFAPreference
    AdminSetUserPassword
    AdminSetUserSettings
    AdminUpdateAuthEventFeedback
    AdminUpdateDeviceStatus
    AdminUpdateUserAttributes
    AdminUserGlobalSignOut
    AssociateSoftwareToken
    ChangePassword
    CompleteWebAuthnRegistration
    ConfirmDevice
    ConfirmForgotPassword
    ConfirmSignUp
    CreateGroup
    CreateIdentityProvider
    CreateManagedLoginBranding
    CreateResourceServer
    CreateTerms
    CreateUserImportJob
    CreateUserPool
    CreateUserPoolClient
    CreateUserPoolDomain
    DeleteGroup
    DeleteIdentityProvider
    DeleteManagedLoginBranding
    DeleteResourceServer
    DeleteTerms
    DeleteUser
    DeleteUserAttributes
    DeleteUserPool
    DeleteUserPoolClient
    DeleteUserPoolClientSecret
    DeleteUserPoolDomain
    DeleteWebAuthnCredential
    DescribeIdentityProvider
    DescribeManagedLoginBranding
    DescribeManagedLoginBrandingByClient
    DescribeResourceServer
    DescribeRiskConfiguration
    DescribeTerms
    DescribeTermsByClient
    DescribeUserImportJob
    DescribeUserPool
    DescribeUserPoolClient
    DescribeUserPoolDomain
    ForgetDevice
    ForgotPassword
    GetCSVHeader
    GetClientToken
    GetDerivedToken
    GetDevice
    GetGroup
    GetIdentityProviderByIdentifier
    GetLogDeliveryConfiguration
    GetProvisionedLimit
    GetSigningCertificate
    GetTokensFromRefreshToken
    GetUICustomization
    GetUser
    GetUserAttributeVerificationCode
    GetUserAuthFactors
    GetUserPoolClientSessionConfiguration
    GetUserPoolMfaConfig
    GetUserPoolSessionConfiguration
    GlobalSignOut
    InitiateAuth
    ListDevices
    ListGroups
    ListIdentityProviders
    ListResourceServers
    ListTagsForResource
    ListTerms
    ListUserImportJobs
    ListUserPoolClientSecrets
    ListUserPoolClients
    ListUserPoolReplicas
    ListUserPools
    ListUserSessions
    ListUsers
    ListUsersInGroup
    ListWebAuthnCredentials
    ResendConfirmationCode
    RespondToAuthChallenge
    RevokeToken
    RevokeUserSession
    SetLogDeliveryConfiguration
    SetRiskConfiguration
    SetUICustomization
    SetUserMFAPreference
    SetUserPoolClientSessionConfiguration
    SetUserPoolMfaConfig
    SetUserPoolSessionConfiguration
    SetUserSettings
    SignUp
    StartUserImportJob
    StartWebAuthnRegistration
    StopUserImportJob
    TagResource
    UntagResource
    UpdateAuthEventFeedback
    UpdateDeviceStatus
    UpdateGroup
    UpdateIdentityProvider
    UpdateManagedLoginBranding
    UpdateProvisionedLimit
    UpdateResourceServer
    UpdateTerms
    UpdateUserAttributes
    UpdateUserPool
    UpdateUserPoolClient
    UpdateUserPoolDomain
    VerifySoftwareToken
    VerifyUserAttribute
    """.split(),
)
"""In the service model, and not served yet."""


def refused() -> dict[str, Refused]:
    """Every operation that is not served, with its reason."""
    return REFUSED | {name: Refused("not served yet", "InvalidParameterException") for name in LATER}
