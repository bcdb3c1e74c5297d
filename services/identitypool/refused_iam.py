"""Which operations of iam are not served, and the documented error that each answers with (the ledger's other half)."""

from typing import Final

from shared.aws.operation import NOT_YET, Refused

REFUSED: Final[dict[str, Refused]] = {
    "AcceptDelegationRequest": Refused(
        "needs the AWS partner delegation programme (and an LLM for the summary)",
        "NoSuchEntity",
    ),
    "AcquireRole": Refused(
        "role templates are published by AWS",
        "NoSuchEntity",
    ),
    "AssociateDelegationRequest": Refused(
        "needs the AWS partner delegation programme (and an LLM for the summary)",
        "NoSuchEntity",
    ),
    "CreateDelegationRequest": Refused(
        "needs the AWS partner delegation programme (and an LLM for the summary)",
        "InvalidInput",
    ),
    "DisableOrganizationsRootCredentialsManagement": Refused(
        "needs AWS Organizations",
        "OrganizationNotFoundException",
    ),
    "DisableOrganizationsRootSessions": Refused(
        "needs AWS Organizations",
        "OrganizationNotFoundException",
    ),
    "EnableOrganizationsRootCredentialsManagement": Refused(
        "needs AWS Organizations",
        "OrganizationNotFoundException",
    ),
    "EnableOrganizationsRootSessions": Refused(
        "needs AWS Organizations",
        "OrganizationNotFoundException",
    ),
    "GenerateOrganizationsAccessReport": Refused(
        "needs AWS Organizations",
        "AccessDenied",
    ),
    "GetAccountProperties": Refused(
        "account properties steer AWS-side features (Role Manager)",
        "InvalidInput",
    ),
    "GetDelegationRequest": Refused(
        "needs the AWS partner delegation programme (and an LLM for the summary)",
        "NoSuchEntity",
    ),
    "GetHumanReadableSummary": Refused(
        "needs the AWS partner delegation programme (and an LLM for the summary)",
        "NoSuchEntity",
    ),
    "GetOrganizationsAccessReport": Refused(
        "needs AWS Organizations",
        "NoSuchEntity",
    ),
    "GetRoleTemplateVersion": Refused(
        "role templates are published by AWS",
        "NoSuchEntity",
    ),
    "ListDelegationRequests": Refused(
        "needs the AWS partner delegation programme (and an LLM for the summary)",
        "InvalidInput",
    ),
    "ListOrganizationsFeatures": Refused(
        "needs AWS Organizations",
        "OrganizationNotFoundException",
    ),
    "PutAccountProperties": Refused(
        "account properties steer AWS-side features (Role Manager)",
        "InvalidInput",
    ),
    "RejectDelegationRequest": Refused(
        "needs the AWS partner delegation programme (and an LLM for the summary)",
        "NoSuchEntity",
    ),
    "SendDelegationToken": Refused(
        "needs the AWS partner delegation programme (and an LLM for the summary)",
        "NoSuchEntity",
    ),
    "UpdateDelegationRequest": Refused(
        "needs the AWS partner delegation programme (and an LLM for the summary)",
        "NoSuchEntity",
    ),
}
"""Refused for good."""

LATER: Final[frozenset[str]] = frozenset(
    """
    AddClientIDToOpenIDConnectProvider
    AddRoleToInstanceProfile
    ChangePassword
    CreateInstanceProfile
    CreateLoginProfile
    CreateOpenIDConnectProvider
    CreateSAMLProvider
    CreateServiceLinkedRole
    CreateServiceSpecificCredential
    CreateVirtualMFADevice
    DeactivateMFADevice
    DeleteAccountPasswordPolicy
    DeleteInstanceProfile
    DeleteOpenIDConnectProvider
    DeleteSAMLProvider
    DeleteSSHPublicKey
    DeleteServerCertificate
    DeleteServiceLinkedRole
    DeleteServiceSpecificCredential
    DeleteSigningCertificate
    DeleteVirtualMFADevice
    DisableOutboundWebIdentityFederation
    EnableMFADevice
    EnableOutboundWebIdentityFederation
    GenerateCredentialReport
    GenerateServiceLastAccessedDetails
    GetAccountAuthorizationDetails
    GetAccountPasswordPolicy
    GetCredentialReport
    GetInstanceProfile
    GetMFADevice
    GetOpenIDConnectProvider
    GetOutboundWebIdentityFederationInfo
    GetSAMLProvider
    GetSSHPublicKey
    GetServerCertificate
    GetServiceLastAccessedDetails
    GetServiceLastAccessedDetailsWithEntities
    GetServiceLinkedRoleDeletionStatus
    ListInstanceProfileTags
    ListInstanceProfiles
    ListMFADeviceTags
    ListOpenIDConnectProviderTags
    ListOpenIDConnectProviders
    ListPoliciesGrantingServiceAccess
    ListSAMLProviderTags
    ListSAMLProviders
    ListServerCertificateTags
    ListServerCertificates
    RemoveClientIDFromOpenIDConnectProvider
    RemoveRoleFromInstanceProfile
    ResetServiceSpecificCredential
    ResyncMFADevice
    SetSecurityTokenServicePreferences
    TagInstanceProfile
    TagMFADevice
    TagOpenIDConnectProvider
    TagSAMLProvider
    TagServerCertificate
    UntagInstanceProfile
    UntagMFADevice
    UntagOpenIDConnectProvider
    UntagSAMLProvider
    UntagServerCertificate
    UpdateAccountPasswordPolicy
    UpdateLoginProfile
    UpdateOpenIDConnectProviderThumbprint
    UpdateSAMLProvider
    UpdateSSHPublicKey
    UpdateServerCertificate
    UpdateServiceSpecificCredential
    UpdateSigningCertificate
    UploadSSHPublicKey
    UploadServerCertificate
    UploadSigningCertificate
    """.split(),
)
"""In the service model, and not served yet."""


def refused() -> dict[str, Refused]:
    """Every operation that is not served, with its reason."""
    return REFUSED | {name: Refused(NOT_YET, "InvalidAction") for name in LATER}
