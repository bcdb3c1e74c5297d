"""The generated modules are what the compiler makes of the installed models."""

import pytest

from tools import api as compiler


@pytest.mark.parametrize("service", compiler.SERVICES)
def test_the_committed_module_is_what_the_compiler_makes(service: str) -> None:
    committed = (compiler.OUTPUT / f"{service.replace('-', '_')}.py").read_text(encoding="utf-8")
    assert compiler.compile_module(compiler.load(service)) == committed
