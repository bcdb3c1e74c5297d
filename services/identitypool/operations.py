"""Every operation module of this service; loading them fills the operation tables."""

import importlib
from typing import Final

MODULES: Final = (
    "services.identitypool.iam.operations",
    "services.identitypool.pools.operations",
    "services.identitypool.identities.operations",
    "services.identitypool.identities.roles",
    "services.identitypool.sts.operations",
    "services.identitypool.exchange.operations",
)


def load() -> None:
    """Imports the rooms' operations, each of which registers its functions."""
    for module in MODULES:
        importlib.import_module(module)
