"""Files that can be read in one sitting: their length, their names, their functions, their licence to be impure."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FOLDERS = ("services", "shared", "tests", "tools")
GENERATED = ROOT / "shared" / "aws" / "api"
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "core"}
MOST_LINES = 400
MOST_FUNCTION_LINES = 60


def hand_written() -> list[Path]:
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    return sorted(file for file in files if GENERATED not in file.parents and "node_modules" not in file.parts)


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
    return found


def test_no_hand_written_file_is_longer_than_400_lines() -> None:
    long = {named(file): lines for file in hand_written() if (lines := len(file.read_text().splitlines())) > MOST_LINES}
    assert not long


def test_no_function_is_longer_than_60_lines() -> None:
    long = {
        f"{named(file)}:{function.name}": length(function)
        for file in hand_written()
        if "migrations" not in file.parts  # a migration is a list of tables
        for function in functions(ast.parse(file.read_text()))
        if length(function) > MOST_FUNCTION_LINES
    }
    assert not long


def test_files_are_named_for_what_they_know() -> None:
    nameless = [named(file) for file in hand_written() if FORBIDDEN & {file.stem, *file.relative_to(ROOT).parent.parts}]
    assert not nameless


def test_every_folder_of_code_has_its_map() -> None:
    """The docstring of a package says what is in it."""
    empty = [
        named(file)
        for folder in ("services", "shared")
        for file in (ROOT / folder).rglob("__init__.py")
        if GENERATED not in file.parents and not ast.get_docstring(ast.parse(file.read_text()))
    ]
    assert not empty


def test_a_map_that_names_modules_names_each_and_no_other() -> None:
    known = {file.name for file in hand_written()}
    wrong = {}
    for file in hand_written():
        told = ast.get_docstring(ast.parse(file.read_text())) or ""
        if file.name != "__init__.py" or named(file).startswith("tests/") or ".py" not in told:
            continue
        left_out = [one.name for one in file.parent.glob("*.py") if one != file and one.stem not in told]
        gone = [name for name in re.findall(r"\w+\.py\b", told) if name not in known]
        if left_out or gone:
            wrong[named(file)] = left_out + gone
    assert not wrong


@pytest.mark.parametrize(
    ("module", "licensed"),
    [
        ("secrets", ("shared/ids.py", "shared/seal.py")),
        ("random", ()),
        ("pickle", ()),
        ("yaml", ()),
    ],
)
def test_randomness_has_one_home_and_unsafe_readers_have_none(module: str, licensed: tuple[str, ...]) -> None:
    users = [
        named(file)
        for file in hand_written()
        if named(file).startswith(("services/", "shared/")) and module in imported(ast.parse(file.read_text()))
    ]
    assert [user for user in users if user not in licensed] == []


def test_only_the_clock_asks_what_time_it_is() -> None:
    asking = [
        f"{named(file)}:{node.lineno}"
        for file in hand_written()
        if named(file).startswith(("services/", "shared/")) and named(file) != "shared/clock.py"
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and _asks_time(node.func)
    ]
    assert not asking


def _asks_time(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return False
    return (function.value.id, function.attr) in {
        ("datetime", "now"),
        ("datetime", "utcnow"),
        ("date", "today"),
        ("time", "time"),
        ("time", "time_ns"),
    }


def test_the_checks_see_what_they_look_for() -> None:
    tree = ast.parse("import random\nfrom secrets import x\ndef f():\n" + "    pass\n" * 70 + "datetime.now()\n")
    assert imported(tree) == {"random", "secrets"}
    assert [length(function) for function in functions(tree)] == [71]
    assert any(isinstance(node, ast.Call) and _asks_time(node.func) for node in ast.walk(tree))
