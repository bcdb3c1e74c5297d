"""Every operation module of this service; loading them fills the operation tables."""

import importlib
from typing import Final

MODULES: Final = ("services.identitypool.sts.operations",)


def load() -> None:
    """Imports the rooms' operations, each of which registers its functions."""
    for module in MODULES:
        importlib.import_module(module)
