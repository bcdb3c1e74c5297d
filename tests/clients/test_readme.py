"""The README's Python runs as it stands, with the environment that `poolkeeper env` prints."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx

from tests.conftest import Installation

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()


def samples(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def environment(house: Installation) -> dict[str, str]:
    """What `eval "$(poolkeeper env)"` makes of a clean environment."""
    lines = house.command("env").stdout.splitlines()
    printed = dict(shlex.split(line.removeprefix("export "))[0].split("=", 1) for line in lines)
    return {"PATH": os.environ["PATH"], "HOME": str(house.data)} | printed


def test_the_python_samples_run_one_after_the_other(house: Installation) -> None:
    run(house, samples("python"))


def test_the_samples_of_the_store_run_and_their_urls_can_be_opened(house: Installation) -> None:
    shown = samples("python", (ROOT / "docs" / "store.md").read_text())
    links = run(house, [*shown, "print(url)", "print(listing)"]).split()
    assert [httpx.get(link).status_code for link in links] == [200, 200]
    assert httpx.get(links[0]).text == "hello"


def test_the_sample_that_calls_a_protected_service_runs(house: Installation) -> None:
    run(house, samples("python", (ROOT / "docs" / "protect.md").read_text())[-1:])


def run(house: Installation, programs: list[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(programs)],
        env=environment(house),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_two_commands_stand_at_the_top() -> None:
    first = samples("sh")[0]
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["make demo", "make test"]
    assert README.index("make demo") < 100


def test_the_endpoints_of_the_samples_are_the_defaults() -> None:
    ports = set(re.findall(r"127\.0\.0\.1:(\d+)", README))
    assert ports == {"8401", "8402"}
