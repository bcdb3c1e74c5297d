"""Which operations of cognito-identity are not served, and the documented error that each answers with (the ledger's other half)."""

from typing import Final

from shared.aws.operation import NOT_YET, Refused

REFUSED: Final[dict[str, Refused]] = {}
"""Refused for good."""

LATER: Final[frozenset[str]] = frozenset(
    """
    GetOpenIdTokenForDeveloperIdentity
    GetPrincipalTagAttributeMap
    LookupDeveloperIdentity
    MergeDeveloperIdentities
    SetPrincipalTagAttributeMap
    UnlinkDeveloperIdentity
    """.split(),
)
"""In the service model, and not served yet."""


def refused() -> dict[str, Refused]:
    """Every operation that is not served, with its reason."""
    return REFUSED | {name: Refused(NOT_YET, "InvalidParameterException") for name in LATER}
