"""Which operations of cognito-idp are not served, and the documented error that each answers with (the ledger's other half)."""

from typing import Final

from shared.aws.operation import NOT_YET, Refused

_ONE_REGION: Final = Refused(
    "one installation has no second AWS Region; use backup, database replication or export/import",
    "OperationNotEnabledException",
)
REFUSED: Final[dict[str, Refused]] = {
    "CreateUserPoolReplica": _ONE_REGION,
    "DeleteUserPoolReplica": _ONE_REGION,
    "UpdateUserPoolReplica": _ONE_REGION,
}
"""Refused for good."""

LATER: Final[frozenset[str]] = frozenset(
    """
    AddUserPoolClientSecret
    AdminDeleteSoftwareToken
    AdminDisableProviderForUser
    AdminForgetDevice
    AdminGetDevice
    AdminGetUserAuthFactors
    AdminLinkProviderForUser
    AdminListDevices
    AdminListUserAuthEvents
    AdminListUserSessions
    AdminRevokeUserSession
    AdminSetUserMFAPreference
    AdminSetUserSettings
    AdminUpdateAuthEventFeedback
    AdminUpdateDeviceStatus
    AssociateSoftwareToken
    CompleteWebAuthnRegistration
    ConfirmDevice
    CreateIdentityProvider
    CreateManagedLoginBranding
    CreateResourceServer
    CreateTerms
    CreateUserImportJob
    CreateUserPoolDomain
    DeleteIdentityProvider
    DeleteManagedLoginBranding
    DeleteResourceServer
    DeleteTerms
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
    DescribeUserPoolDomain
    ForgetDevice
    GetCSVHeader
    GetClientToken
    GetDerivedToken
    GetDevice
    GetIdentityProviderByIdentifier
    GetLogDeliveryConfiguration
    GetProvisionedLimit
    GetSigningCertificate
    GetUICustomization
    GetUserAuthFactors
    GetUserPoolClientSessionConfiguration
    GetUserPoolSessionConfiguration
    ListDevices
    ListIdentityProviders
    ListResourceServers
    ListTerms
    ListUserImportJobs
    ListUserPoolClientSecrets
    ListUserPoolReplicas
    ListUserSessions
    ListWebAuthnCredentials
    RevokeUserSession
    SetLogDeliveryConfiguration
    SetRiskConfiguration
    SetUICustomization
    SetUserMFAPreference
    SetUserPoolClientSessionConfiguration
    SetUserPoolSessionConfiguration
    SetUserSettings
    StartUserImportJob
    StartWebAuthnRegistration
    StopUserImportJob
    UpdateAuthEventFeedback
    UpdateDeviceStatus
    UpdateIdentityProvider
    UpdateManagedLoginBranding
    UpdateProvisionedLimit
    UpdateResourceServer
    UpdateTerms
    UpdateUserPoolDomain
    VerifySoftwareToken
    """.split(),
)
"""In the service model, and not served yet."""


def refused() -> dict[str, Refused]:
    """Every operation that is not served, with its reason."""
    return REFUSED | {name: Refused(NOT_YET, "InvalidParameterException") for name in LATER}
