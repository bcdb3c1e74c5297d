"""The two published documents of a pool: its keys, and its OpenID Connect discovery. Pure.

Sources: RFC 7517 5; OpenID Connect Discovery 1.0, section 3.
"""

from dataclasses import dataclass

import msgspec

from services.userpool.tokens.keys import PoolKeys, jwk


@dataclass(frozen=True, slots=True)
class Documents:
    """The bytes as they are sent."""

    jwks: bytes
    discovery: bytes


def documents(issuer: str, keys: PoolKeys) -> Documents:
    """Gives the documents of the pool with this issuer. Discovery lists what is served, and nothing else."""
    return Documents(
        jwks=msgspec.json.encode({"keys": [jwk(keys.id), jwk(keys.access)]}),
        discovery=msgspec.json.encode(
            {
                "issuer": issuer,
                "jwks_uri": f"{issuer}/.well-known/jwks.json",
                "response_types_supported": [],
                "id_token_signing_alg_values_supported": ["RS256"],
                "subject_types_supported": ["public"],
            },
        ),
    )
