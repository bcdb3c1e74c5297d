"""Someone an issuer vouched for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Principal:
    """Only issuers make one, after the signature held.

    `issuer` is the same for every spelling of the provider's name; `provider` is that name as the pool's settings have
    it, and `client_id` the audience. `checked_at_source`: whether the user pool is asked before anything is given
    (ServerSideTokenCheck).
    """

    issuer: str
    subject: str
    provider: str
    client_id: str
    claims: Mapping[str, Any]
    checked_at_source: bool = False

    @property
    def login(self) -> tuple[str, str]:
        """What links this person to an identity."""
        return self.issuer, self.subject

    @property
    def user_pool(self) -> str:
        """The user pool whose token it was."""
        return self.issuer.removeprefix("userpool/")
