"""What the house tests look at: the operation tables with every room loaded, and the files of the tree."""

import importlib
import pkgutil
from typing import Any

import pytest

import services
from shared.aws.operation import OperationTable
from tools.docs import tables


@pytest.fixture(scope="session")
def operation_tables() -> list[OperationTable[Any]]:
    return tables()


@pytest.fixture(scope="session")
def service_modules() -> list[str]:
    """Every module below `services`, imported; migrations are loaded by path and are no modules."""
    found = []
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if ".migrations" in module.name or module.name.endswith("__main__"):
            continue
        importlib.import_module(module.name)
        found.append(module.name)
    return found
