"""Which members of its request an operation reads, found in the code: by name, by constant, or wholesale.

The walk begins at the operation's function (and the functions that name its resource and condition keys) and follows
the request into every function of ours that it is handed to. It looks at names only, never at values.
"""

import ast
import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

ROOT = str(Path(__file__).parent.parent.parent)
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass
class Reads:
    """What was found: members by name, constants beside a dynamic read, and where the request went out of sight."""

    members: set[str] = field(default_factory=set)
    constants: set[str] = field(default_factory=set)
    dynamic: bool = False
    lost: list[str] = field(default_factory=list)

    def of(self, names: set[str]) -> set[str]:
        """Which of `names` are read. A dynamic read counts for the names in sight, or for all when there are none."""
        read = self.members & names
        if self.lost:
            return names
        if self.dynamic:
            read |= (self.constants & names) or names
        return read


def reads(function: Callable[..., Any], position: int) -> Reads:
    """What `function` reads of its argument at `position`."""
    found = Reads()
    _walk(function, position, None, found, set())
    return found


def _walk(
    function: Callable[..., Any], position: int | None, keyword: str | None, found: Reads, seen: set[tuple[Any, ...]]
) -> None:
    function = inspect.unwrap(getattr(function, "__func__", function))
    if isinstance(function, functools.partial):
        found.lost.append("partial")
        return
    if not isinstance(function, FunctionType) or not function.__code__.co_filename.startswith(ROOT):
        found.lost.append(getattr(function, "__qualname__", repr(function)))
        return
    node = _node(function)
    name = keyword or _parameter(node, position)
    if name is None:
        found.lost.append(function.__qualname__)
        return
    if (function.__code__, name) in seen:
        return
    seen.add((function.__code__, name))
    for inner in ast.walk(node):
        _look(inner, name, function, found, seen)


def _look(node: ast.AST, name: str, function: FunctionType, found: Reads, seen: set[tuple[Any, ...]]) -> None:
    if isinstance(node, ast.Attribute) and _is(node.value, name):
        found.members.add(node.attr)
    elif isinstance(node, ast.Assign) and _is(node.value, name):
        found.lost.append(f"{function.__qualname__} renames it")
    elif isinstance(node, ast.Call):
        _look_at_call(node, name, function, found, seen)


def _look_at_call(node: ast.Call, name: str, function: FunctionType, found: Reads, seen: set[tuple[Any, ...]]) -> None:
    places: list[tuple[int | None, str | None]] = [
        (place, None) for place, argument in enumerate(node.args) if _is(argument, name)
    ]
    places += [(None, keyword.arg) for keyword in node.keywords if _is(keyword.value, name)]
    if not places:
        return
    found.constants |= set(_constants(node, function))
    called = _called(node.func, function)
    if called is getattr:
        chosen = node.args[1]
        if isinstance(chosen, ast.Constant):
            found.members.add(str(chosen.value))
        else:
            found.dynamic = True
            found.constants |= set(_constants(_node(function), function))
        return
    for place, keyword in places:
        if called is None or isinstance(called, type):
            found.lost.append(f"{function.__qualname__} -> {ast.unparse(node.func)}")
        else:
            _walk(called, place, keyword, found, seen)


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _called(node: ast.expr, function: FunctionType) -> Any:
    """The function that is called by this expression, if it is one of the module's names or of a module it names."""
    if isinstance(node, ast.Subscript):
        return _called(node.value, function)
    if isinstance(node, ast.Name):
        if node.id == "getattr":
            return getattr
        return function.__globals__.get(node.id, _closed_over(function).get(node.id))
    if isinstance(node, ast.Attribute):
        owner = _called(node.value, function)
        return getattr(owner, node.attr, None) if isinstance(owner, ModuleType) else None
    return None


def _closed_over(function: FunctionType) -> dict[str, Any]:
    closure = function.__closure__ or ()
    return dict(zip(function.__code__.co_freevars, (cell.cell_contents for cell in closure), strict=True))


def _constants(node: ast.AST, function: FunctionType) -> Iterator[str]:
    """Every text in sight: literals, and what the module-level names used here hold."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value
        elif isinstance(inner, ast.Name):
            yield from _texts(function.__globals__.get(inner.id), depth=3)


def _texts(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key, depth - 1)
            yield from _texts(inner, depth - 1)
    elif depth and isinstance(value, tuple | list | set | frozenset):
        for inner in value:
            yield from _texts(inner, depth - 1)


def _parameter(node: Function, position: int | None) -> str | None:
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    return names[position] if position is not None and position < len(names) else None


@functools.cache
def _nodes(file: str) -> dict[tuple[str, int], Function]:
    found: dict[tuple[str, int], Function] = {}
    for node in ast.walk(ast.parse(Path(file).read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            found[node.name, first] = node
        elif isinstance(node, ast.Lambda):
            found["<lambda>", node.lineno] = node
    return found


def _node(function: FunctionType) -> Function:
    code = function.__code__
    return _nodes(code.co_filename)[code.co_name, code.co_firstlineno]
