"""The docs say what the code does: generated pages are current, settings and commands are real, links lead somewhere."""

import re
from pathlib import Path

import pytest

from services.__main__ import main
from services.demo.operations import OPERATIONS
from shared.settings import PREFIX, described
from tools import docs

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_generated_pages_are_current() -> None:
    assert docs.outdated() == [], "run `python -m tools.docs`"


def test_every_setting_is_on_the_settings_page_with_its_meaning() -> None:
    page = docs.settings_page()
    for one in described():
        assert f"| `{one.name}` |" in page
        assert one.help.strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_setting_that_does_not_exist(page: Path) -> None:
    known = {one.name for one in described()}
    named = set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", page.read_text()))
    assert named <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    dead = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not dead


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_files_that_a_page_names_exist(page: Path) -> None:
    named = re.findall(r"`((?:services|shared|tests|tools)/[\w/.-]+\.py)`", page.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_page_of_the_store_names_every_operation_that_it_serves() -> None:
    page = (ROOT / "docs" / "store.md").read_text()
    assert [one.name for one in OPERATIONS.values() if f"`{one.name}`" not in page] == []


def test_every_decision_is_on_the_list() -> None:
    folder = ROOT / "docs" / "adr"
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text())
    assert listed == sorted(file.name for file in folder.glob("[0-9]*.md"))


def test_every_command_of_the_readme_exists() -> None:
    text = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^(\w+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make (\w+)`", text)) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_subcommand_that_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"`poolkeeper ([a-z-]+)", page.read_text()))
    for command in named:
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        assert ended.value.code == 0, command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_package_is_named_in_the_version_that_is_installed(page: Path) -> None:
    locked = set(re.findall(r"^([\w.-]+==[\w.]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert set(re.findall(r"[\w.-]+==[\w.]*\w", page.read_text())) <= locked


def test_every_rule_of_security_that_code_names_is_on_the_page() -> None:
    listed = set(re.findall(r"^\| (R\d+) \|", (ROOT / "docs" / "security.md").read_text(), re.MULTILINE))
    named = {
        number
        for folder in ("services", "shared", "tests")
        for file in (ROOT / folder).rglob("*.py")
        if "shared/aws/api" not in file.as_posix()
        for number in re.findall(r"\bR\d{1,2}\b(?=[,:;)])", file.read_text())
    }
    assert len(named) > 10
    assert named <= listed
