"""Which operations of sts are not served, and the documented error that each answers with (the ledger's other half)."""

from typing import Final

from shared.aws.operation import NOT_YET, Refused

REFUSED: Final[dict[str, Refused]] = {
    "AssumeRoot": Refused(
        "needs AWS Organizations and member accounts",
        "AccessDenied",
    ),
    "GetDelegatedAccessToken": Refused(
        "needs the AWS partner delegation programme",
        "AccessDenied",
    ),
}
"""Refused for good."""

LATER: Final[frozenset[str]] = frozenset(
    """
    AssumeRoleWithSAML
    DecodeAuthorizationMessage
    GetFederationToken
    GetWebIdentityToken
    """.split(),
)
"""In the service model, and not served yet."""


def refused() -> dict[str, Refused]:
    """Every operation that is not served, with its reason."""
    return REFUSED | {name: Refused(NOT_YET, "InvalidAction") for name in LATER}
