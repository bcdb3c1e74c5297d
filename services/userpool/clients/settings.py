"""Everything that CreateUserPoolClient takes, with the defaults that AWS fills in. Pure.

Source: API reference CreateUserPoolClient; developer guide, "Application-specific settings with app clients".
"""

from typing import Final, TypeAlias

import msgspec

from services.userpool.errors import InvalidParameter
from services.userpool.pools.pool import UserPool
from shared.aws.api import cognito_idp as api
from shared.aws.model import Shape

Request: TypeAlias = api.CreateUserPoolClientRequest | api.UpdateUserPoolClientRequest

SECONDS: Final = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_SHORT: Final = (300, 86400)
_LONG: Final = (3600, 315360000)
_OLD_FLOWS: Final = frozenset({"ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH"})


class ClientSettings(Shape, frozen=True, kw_only=True):
    """What a client was given, with the defaults settled. Stored as JSON."""

    refresh_token_validity: int = 30
    access_token_validity: int | None = None
    id_token_validity: int | None = None
    token_validity_units: api.TokenValidityUnitsType | None = None
    read_attributes: list[str] | None = None
    write_attributes: list[str] | None = None
    explicit_auth_flows: list[api.ExplicitAuthFlowsType] = msgspec.field(default_factory=list)
    supported_identity_providers: list[str] | None = None
    prevent_user_existence_errors: api.PreventUserExistenceErrorTypes | None = None
    enable_token_revocation: bool = True
    auth_session_validity: int = 3
    refresh_token_rotation: api.RefreshTokenRotationType | None = None


def settled(request: Request, pool: UserPool, before: ClientSettings | None = None) -> ClientSettings:
    """The settings of a client as created or updated; an update resets what it does not give, as AWS does.

    `before` are those that an update replaces. Raises InvalidParameter.
    """
    units = request.token_validity_units or api.TokenValidityUnitsType()
    refresh_validity = request.refresh_token_validity or _thirty_days(units)
    refresh_s = _span(refresh_validity, units.refresh_token or "days", _LONG)
    _check_short_span(request.access_token_validity, units.access_token, refresh_s)
    _check_short_span(request.id_token_validity, units.id_token, refresh_s)
    return ClientSettings(
        refresh_token_validity=refresh_validity,
        access_token_validity=request.access_token_validity,
        id_token_validity=request.id_token_validity,
        token_validity_units=request.token_validity_units,
        read_attributes=_known(request.read_attributes, pool),
        write_attributes=_writable(request.write_attributes, pool),
        explicit_auth_flows=_flows(request.explicit_auth_flows),
        supported_identity_providers=request.supported_identity_providers,
        prevent_user_existence_errors=request.prevent_user_existence_errors,
        enable_token_revocation=request.enable_token_revocation is not False,
        auth_session_validity=request.auth_session_validity or 3,
        refresh_token_rotation=_rotation(request, before),
    )


def _rotation(request: Request, before: ClientSettings | None) -> api.RefreshTokenRotationType | None:
    """Without a grace period it is 0; what an update leaves out is off from then on, and is shown so (both recorded)."""
    given = request.refresh_token_rotation
    if given is None:
        had_any = before is not None and before.refresh_token_rotation is not None
        return api.RefreshTokenRotationType(feature="DISABLED", retry_grace_period_seconds=0) if had_any else None
    return msgspec.structs.replace(given, retry_grace_period_seconds=given.retry_grace_period_seconds or 0)


def _check_short_span(value: int | None, unit: str | None, refresh_s: int) -> None:
    """An access or id token does not outlive the refresh token (the console's words beside both settings)."""
    if value is not None:
        _span(value, unit or "hours", (_SHORT[0], min(_SHORT[1], refresh_s)))


def _span(value: int, unit: str, limits: tuple[int, int]) -> int:
    """Gives the seconds. Raises InvalidParameter where they lie outside the limits."""
    seconds = value * SECONDS[unit]
    if not limits[0] <= seconds <= limits[1]:
        raise InvalidParameter("Invalid range for token validity.")
    return seconds


def _thirty_days(units: api.TokenValidityUnitsType) -> int:
    return 30 * SECONDS["days"] // SECONDS[units.refresh_token or "days"]


def _flows(given: list[api.ExplicitAuthFlowsType] | None) -> list[api.ExplicitAuthFlowsType]:
    """Old and new names may not be mixed; sorted, without repetition. Source: API reference, ExplicitAuthFlows."""
    flows = sorted(set(given or ()))
    old = [flow for flow in flows if flow in _OLD_FLOWS]
    if old and len(old) < len(flows):
        raise InvalidParameter("You cannot specify ALLOW_* and legacy values for ExplicitAuthFlows at the same time.")
    return flows


def _known(names: list[str] | None, pool: UserPool) -> list[str] | None:
    if names is None:
        return None
    for name in names:
        attribute = pool.schema.get(name)
        if attribute is None or attribute.developer_only:
            raise InvalidParameter("Invalid read attributes specified while creating a client")
    return sorted(set(names))


def _writable(names: list[str] | None, pool: UserPool) -> list[str] | None:
    """Required attributes have to be among them, or nobody could sign up (developer guide)."""
    if names is None:
        return None
    for name in names:
        attribute = pool.schema.get(name)
        if attribute is None or attribute.developer_only or name in {"sub", "identities"} or name.endswith("_verified"):
            raise InvalidParameter("Invalid write attributes specified while creating a client")
    for attribute in pool.schema.values():
        if attribute.required and attribute.name != "sub" and attribute.name not in names:
            raise InvalidParameter("Invalid write attributes specified while creating a client")
    return sorted(set(names))
