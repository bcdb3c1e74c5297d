"""An app client, and what its settings mean. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from services.userpool.clients.settings import SECONDS, ClientSettings
from shared.aws.api import cognito_idp as api

_NEW_NAMES: Final = {
    "ADMIN_NO_SRP_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "USER_PASSWORD_AUTH": "ALLOW_USER_PASSWORD_AUTH",
    "CUSTOM_AUTH_FLOW_ONLY": "ALLOW_CUSTOM_AUTH",
}
_NEVER_WRITTEN: Final = frozenset({"sub", "identities", "email_verified", "phone_number_verified"})


@dataclass(frozen=True, slots=True)
class Rotation:
    """Whether a refresh gives a new refresh token, and how long the old one may be tried again."""

    enabled: bool
    grace_s: int


@dataclass(frozen=True)
class AppClient:
    """A client as stored; `secrets` are those that prove it now, none for a public client."""

    id: str
    pool_id: str
    name: str
    secrets: tuple[str, ...] = field(repr=False)
    settings: ClientSettings
    created_at: datetime
    modified_at: datetime

    @cached_property
    def explicit_auth_flows(self) -> frozenset[str]:
        """The flows the client may use, by their ALLOW_* names.

        Beside the older names SRP and refresh still work (recorded), except with CUSTOM_AUTH_FLOW_ONLY: no SRP.
        Where none was given custom, SRP and refresh are allowed; AWS shows no list then (recorded).
        """
        given = set(self.settings.explicit_auth_flows)
        old = given & set(_NEW_NAMES)
        flows = {_NEW_NAMES.get(flow, flow) for flow in given}
        if old or not given:
            flows |= {"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_CUSTOM_AUTH"}
            if "CUSTOM_AUTH_FLOW_ONLY" not in old:
                flows.add("ALLOW_USER_SRP_AUTH")
        return frozenset(flows)

    @cached_property
    def _units(self) -> api.TokenValidityUnitsType:
        return self.settings.token_validity_units or api.TokenValidityUnitsType()

    @cached_property
    def access_ttl_s(self) -> int:
        """Life of an access token."""
        return (self.settings.access_token_validity or 1) * SECONDS[self._given_unit("access")]

    @cached_property
    def id_ttl_s(self) -> int:
        """Life of an id token."""
        return (self.settings.id_token_validity or 1) * SECONDS[self._given_unit("id")]

    def _given_unit(self, kind: str) -> str:
        """The unit of a validity that was given; the default of one hour has its own."""
        if kind == "access":
            return (self.settings.access_token_validity and self._units.access_token) or "hours"
        return (self.settings.id_token_validity and self._units.id_token) or "hours"

    @cached_property
    def refresh_ttl_s(self) -> int:
        """Life of a refresh token, counted from the sign-in."""
        return self.settings.refresh_token_validity * SECONDS[self._units.refresh_token or "days"]

    @property
    def auth_session_ttl_s(self) -> int:
        """How long a challenge may be answered."""
        return self.settings.auth_session_validity * 60

    @property
    def hides_user_existence(self) -> bool:
        """Whether answers must not tell who is a user."""
        return self.settings.prevent_user_existence_errors == "ENABLED"

    @property
    def revocation_enabled(self) -> bool:
        """Whether refresh tokens can be revoked, and tokens carry what that needs."""
        return self.settings.enable_token_revocation

    @cached_property
    def rotation(self) -> Rotation:
        """Refresh token rotation; off where it was not given."""
        given = self.settings.refresh_token_rotation
        return Rotation(
            enabled=given is not None and given.feature == "ENABLED",
            grace_s=(given and given.retry_grace_period_seconds) or 0,
        )

    @property
    def refreshes(self) -> bool:
        """Whether refresh tokens are taken (R7). A client that rotates need not allow the flow that does not."""
        return self.rotation.enabled or "ALLOW_REFRESH_TOKEN_AUTH" in self.explicit_auth_flows

    def readable(self, attribute: str) -> bool:
        """Whether tokens and GetUser of this client show the attribute: those listed, or else all.

        `sub` is always shown, developer-only attributes never. The API reference promises a client without a list the
        standard attributes; AWS gives it the custom ones too (CDK's page about UserPoolClient), and apps build on that.
        """
        allowed = self.settings.read_attributes
        return attribute == "sub" or (not attribute.startswith("dev:") and (allowed is None or attribute in allowed))

    def writable(self, attribute: str) -> bool:
        """Whether users may set the attribute through this client (R10): those listed, or else all but what is never theirs."""
        if attribute.startswith("dev:") or attribute in _NEVER_WRITTEN:
            return False
        allowed = self.settings.write_attributes
        return allowed is None or attribute in allowed
