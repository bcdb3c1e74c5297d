"""`python -m tools.docs`: writes what the docs say about settings, operations and figures from what they follow from.

`--check` writes nothing and fails where a page is not what it would write.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from services.identitypool.operations import load as load_identitypool
from services.identitypool.service import cognito_identity, iam, sts
from services.userpool.operations import load as load_userpool
from services.userpool.service import cognito_idp
from shared.aws.operation import NOT_YET, OperationTable
from shared.settings import PREFIX, described
from tools.bench.draw import Row, svg

ROOT: Final = Path(__file__).parent.parent
_SECTIONS: Final = {
    "cognito-idp": "User pools (`cognito-idp`)",
    "cognito-identity": "Identity pools (`cognito-identity`)",
    "sts": "Security Token Service (`sts`)",
    "iam": "Identity and Access Management (`iam`)",
}
_FIGURES: Final = {
    "password sign-in": "password sign-in",
    "SRP sign-in": "SRP sign-in, both calls",
    "refresh": "refresh",
    "GetUser": "GetUser",
    "AssumeRole": "AssumeRole",
}
"""Row of the README's comparison -> row of the bench."""
_START, _END = "<!-- operations: written by tools/docs.py -->", "<!-- end of operations -->"


def tables() -> list[OperationTable[Any]]:
    """The operation tables of all services, with every room's operations in them."""
    load_userpool()
    load_identitypool()
    return [cognito_idp, cognito_identity, sts, iam]


def settings_page() -> str:
    """The page of settings."""
    lines = [
        "# Settings",
        "",
        "Settings are environment variables. One that is unknown or malformed stops the start and is named.",
        "This page is written by `python -m tools.docs` from `shared/settings.py`.",
        "",
        "| setting | default | meaning |",
        "| --- | --- | --- |",
    ]
    lines += [f"| `{one.name}` | {_default(one.name, one.default)} | {one.help} |" for one in described()]
    lines += [
        "",
        f"`{PREFIX}DATA` holds the databases, the master key file and the outbox.",
        "Two installations with other data and other ports run side by side.",
        "The master key is read from the file unless it is given as a setting.",
        "`poolkeeper init` makes the file only where there is no installation yet.",
        "`AWS_ENDPOINT_URL_LAMBDA` is kept for trigger functions; they are not served yet, so nothing reads it.",
    ]
    return "\n".join(lines) + "\n"


def operations_page() -> str:
    """The page of operations: what is served, what is not and why."""
    lines = [
        "# Operations",
        "",
        "Every operation of the four AWS APIs is here: served, or refused by name with a documented error.",
        "This page is written by `python -m tools.docs` from the operation tables; a test compares.",
        "",
        *counts(),
    ]
    for table in tables():
        lines += ["", f"## {_SECTIONS[table.service.name]}", "", *_section(table)]
    return "\n".join(lines) + "\n"


def counts() -> list[str]:
    """The table of counts."""
    lines = [
        "| service | operations | served | not served yet | refused for good |",
        "| --- | --: | --: | --: | --: |",
    ]
    totals = [0, 0, 0, 0]
    for table in tables():
        later = sum(refused.reason == NOT_YET for refused in table.refused.values())
        row = [len(table.operations), len(table.served), later, len(table.refused) - later]
        totals = [total + number for total, number in zip(totals, row, strict=True)]
        lines.append(f"| {_SECTIONS[table.service.name]} | " + " | ".join(map(str, row)) + " |")
    return [*lines, "| all | " + " | ".join(map(str, totals)) + " |"]


def _section(table: OperationTable[Any]) -> Iterator[str]:
    yield "Served: " + (", ".join(f"`{name}`" for name in sorted(table.served)) or "none yet") + "."
    later = sorted(name for name, refused in table.refused.items() if refused.reason == NOT_YET)
    if later:
        yield ""
        yield "Not served yet: " + ", ".join(f"`{name}`" for name in later) + "."
    final = {name: refused for name, refused in sorted(table.refused.items()) if refused.reason != NOT_YET}
    if final:
        yield from ("", "| refused | error | reason |", "| --- | --- | --- |")
        for name, refused in final.items():
            yield f"| `{name}` | `{refused.code}` | {refused.reason} |"


def readme(text: str) -> str:
    """The README with its table of counts as the ledger has it, and our column of figures as the last bench has them."""
    block = "\n".join([_START, *counts(), _END])
    written, found = re.subn(f"{re.escape(_START)}.*?{re.escape(_END)}", lambda _: block, text, flags=re.DOTALL)
    if found != 1:
        raise ValueError("README.md has no place for the operations")
    return _with_figures(written)


def _with_figures(text: str) -> str:
    measured = {row["name"]: row["cpu_us"] for row in json.loads((ROOT / "docs" / "bench.json").read_text())["rows"]}
    for shown, row in _FIGURES.items():
        line = re.compile(rf"^(\| {shown}, CPU ms .*\| )[^|]*( \|)$", re.MULTILINE)
        text, found = line.subn(rf"\g<1>{measured[row] / 1000:.2f}\g<2>", text)
        if found != 1:
            raise ValueError(f"README.md has no row for {shown}")
    return text


def picture() -> str:
    """The chart of the last bench."""
    bench = json.loads((ROOT / "docs" / "bench.json").read_text())
    units = ", ".join(f"{name} = {value:,.0f} us" for name, value in bench["units_us"].items())
    return svg([Row(**row) for row in bench["rows"]], f"8 connections, one process a service, SQLite. {units}")


def pages() -> dict[Path, str]:
    """Every page that is written here, and its text."""
    return {
        ROOT / "docs" / "settings.md": settings_page(),
        ROOT / "docs" / "operations.md": operations_page(),
        ROOT / "docs" / "bench.svg": picture(),
        ROOT / "README.md": readme((ROOT / "README.md").read_text()),
    }


def outdated() -> list[Path]:
    """The pages that are not what the code says."""
    return [path for path, text in pages().items() if not path.exists() or path.read_text() != text]


def main(arguments: list[str]) -> int:
    """Writes the pages, or checks them."""
    parser = argparse.ArgumentParser(description="The docs that follow from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page is not current")
    if parser.parse_args(arguments).check:
        for path in (found := outdated()):
            sys.stderr.write(f"{path.relative_to(ROOT)} is not current; run `python -m tools.docs`\n")
        return 1 if found else 0
    for path, text in pages().items():
        path.write_text(text)
    return 0


def _default(name: str, default: str) -> str:
    plain = {"None": "none", "": "none", "()": "none"}.get(default, default)
    return plain if name.endswith(("_URL", "_KEY", "_FILE")) or " " in plain or plain == "none" else f"`{plain}`"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
