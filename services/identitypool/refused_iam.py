"""Which operations of iam are not served, and the documented error that each answers with (the ledger's other half)."""

from typing import Final

from shared.aws.operation import Refused

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
    AddUserToGroup
    AttachGroupPolicy
    AttachRolePolicy
    AttachUserPolicy
    ChangePassword
    CreateAccessKey
    CreateAccountAlias
    CreateGroup
    CreateInstanceProfile
    CreateLoginProfile
    CreateOpenIDConnectProvider
    CreatePolicy
    CreatePolicyVersion
    CreateRole
    CreateSAMLProvider
    CreateServiceLinkedRole
    CreateServiceSpecificCredential
    CreateUser
    CreateVirtualMFADevice
    DeactivateMFADevice
    DeleteAccessKey
    DeleteAccountAlias
    DeleteAccountPasswordPolicy
    DeleteGroup
    DeleteGroupPolicy
    DeleteInstanceProfile
    DeleteLoginProfile
    DeleteOpenIDConnectProvider
    DeletePolicy
    DeletePolicyVersion
    DeleteRole
    DeleteRolePermissionsBoundary
    DeleteRolePolicy
    DeleteSAMLProvider
    DeleteSSHPublicKey
    DeleteServerCertificate
    DeleteServiceLinkedRole
    DeleteServiceSpecificCredential
    DeleteSigningCertificate
    DeleteUser
    DeleteUserPermissionsBoundary
    DeleteUserPolicy
    DeleteVirtualMFADevice
    DetachGroupPolicy
    DetachRolePolicy
    DetachUserPolicy
    DisableOutboundWebIdentityFederation
    EnableMFADevice
    EnableOutboundWebIdentityFederation
    GenerateCredentialReport
    GenerateServiceLastAccessedDetails
    GetAccessKeyLastUsed
    GetAccountAuthorizationDetails
    GetAccountPasswordPolicy
    GetAccountSummary
    GetContextKeysForCustomPolicy
    GetContextKeysForPrincipalPolicy
    GetCredentialReport
    GetGroup
    GetGroupPolicy
    GetInstanceProfile
    GetLoginProfile
    GetMFADevice
    GetOpenIDConnectProvider
    GetOutboundWebIdentityFederationInfo
    GetPolicy
    GetPolicyVersion
    GetRole
    GetRolePolicy
    GetSAMLProvider
    GetSSHPublicKey
    GetServerCertificate
    GetServiceLastAccessedDetails
    GetServiceLastAccessedDetailsWithEntities
    GetServiceLinkedRoleDeletionStatus
    GetUser
    GetUserPolicy
    ListAccessKeys
    ListAccountAliases
    ListAttachedGroupPolicies
    ListAttachedRolePolicies
    ListAttachedUserPolicies
    ListEntitiesForPolicy
    ListGroupPolicies
    ListGroups
    ListGroupsForUser
    ListInstanceProfileTags
    ListInstanceProfiles
    ListInstanceProfilesForRole
    ListMFADeviceTags
    ListMFADevices
    ListOpenIDConnectProviderTags
    ListOpenIDConnectProviders
    ListPolicies
    ListPoliciesGrantingServiceAccess
    ListPolicyTags
    ListPolicyVersions
    ListRolePolicies
    ListRoleTags
    ListRoles
    ListSAMLProviderTags
    ListSAMLProviders
    ListSSHPublicKeys
    ListServerCertificateTags
    ListServerCertificates
    ListServiceSpecificCredentials
    ListSigningCertificates
    ListUserPolicies
    ListUserTags
    ListUsers
    ListVirtualMFADevices
    PutGroupPolicy
    PutRolePermissionsBoundary
    PutRolePolicy
    PutUserPermissionsBoundary
    PutUserPolicy
    RemoveClientIDFromOpenIDConnectProvider
    RemoveRoleFromInstanceProfile
    RemoveUserFromGroup
    ResetServiceSpecificCredential
    ResyncMFADevice
    SetDefaultPolicyVersion
    SetSecurityTokenServicePreferences
    SimulateCustomPolicy
    SimulatePrincipalPolicy
    TagInstanceProfile
    TagMFADevice
    TagOpenIDConnectProvider
    TagPolicy
    TagRole
    TagSAMLProvider
    TagServerCertificate
    TagUser
    UntagInstanceProfile
    UntagMFADevice
    UntagOpenIDConnectProvider
    UntagPolicy
    UntagRole
    UntagSAMLProvider
    UntagServerCertificate
    UntagUser
    UpdateAccessKey
    UpdateAccountPasswordPolicy
    UpdateAssumeRolePolicy
    UpdateGroup
    UpdateLoginProfile
    UpdateOpenIDConnectProviderThumbprint
    UpdateRole
    UpdateRoleDescription
    UpdateSAMLProvider
    UpdateSSHPublicKey
    UpdateServerCertificate
    UpdateServiceSpecificCredential
    UpdateSigningCertificate
    UpdateUser
    UploadSSHPublicKey
    UploadServerCertificate
    UploadSigningCertificate
    """.split(),
)
"""In the service model, and not served yet."""


def refused() -> dict[str, Refused]:
    """Every operation that is not served, with its reason."""
    return REFUSED | {name: Refused("not served yet", "ServiceNotSupported") for name in LATER}
