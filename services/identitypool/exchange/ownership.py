"""Is this identity theirs? Pure."""

from collections.abc import Set as AbstractSet

from services.identitypool.errors import NotAuthorized

Login = tuple[str, str]
"""Issuer and subject of someone who was vouched for."""

NO_MATCH = "Logins don't match. Please include at least one valid login for this identity or identity pool."
GUESTS_REFUSED = "Unauthenticated access is not supported for this identity pool."


def takes_on(linked: AbstractSet[Login], presented: AbstractSet[Login]) -> AbstractSet[Login]:
    """The logins that an identity comes to know by their being presented: all of them for a guest's identity.

    An identity with logins takes on those of other issuers beside one that it knows; it never has two of one issuer.
    """
    if linked and not linked & presented:
        return frozenset()
    issuers = {issuer for issuer, _ in linked}
    return frozenset(login for login in presented if login[0] not in issuers)


def check_merged(identity_id: str, presented: AbstractSet[Login]) -> None:
    """Raises NotAuthorized unless logins are presented: a merged identity leads to another, but is a guest's no more."""
    if not presented:
        raise NotAuthorized(f"Access to Identity '{identity_id}' is forbidden.")


def check_owner(linked: AbstractSet[Login], presented: AbstractSet[Login], *, guests: bool) -> None:
    """Raises NotAuthorized unless the presented logins may use the identity.

    An identity with logins needs at least one of them, and none that belongs to somebody else; one without is a
    guest's and takes no login, where the pool admits guests.
    """
    if not linked and not presented:
        if not guests:
            raise NotAuthorized(GUESTS_REFUSED)
        return
    if not presented or not presented <= linked:
        raise NotAuthorized(NO_MATCH)
