"""Every operation module of this service; loading them fills the operation table."""

import importlib
from typing import Final

MODULES: Final = (
    "services.userpool.pools.operations",
    "services.userpool.clients.operations",
    "services.userpool.directory.operations",
    "services.userpool.signin.operations",
    "services.userpool.signup.operations",
)


def load() -> None:
    """Imports the rooms' operations, each of which registers its functions."""
    for module in MODULES:
        importlib.import_module(module)
