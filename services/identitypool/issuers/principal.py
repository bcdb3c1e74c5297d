"""Someone an issuer vouched for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Principal:
    """Only issuers make one, after the signature held.

    `issuer` is the same for every spelling of the provider's name; `provider` is that name as the pool's settings have
    it, and `client_id` the audience.
    """

    issuer: str
    subject: str
    provider: str
    client_id: str
    claims: Mapping[str, Any]

    @property
    def login(self) -> tuple[str, str]:
        """What links this person to an identity."""
        return self.issuer, self.subject
