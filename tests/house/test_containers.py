"""Dockerfile and compose.yaml name what there is; what they install is whole."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from shared.settings import PREFIX, described, read
from tests.conftest import installation_in
from tests.robustness.wire import fetch

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()


def test_every_setting_that_they_name_exists() -> None:
    named = set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", DOCKERFILE + COMPOSE))
    assert named
    assert named <= {one.name for one in described()}


def test_the_ports_are_those_that_the_services_listen_on() -> None:
    settings = read({})
    ports = sorted((settings.demo_port, settings.userpool_port, settings.identitypool_port))
    assert f"EXPOSE {' '.join(map(str, ports))}\n" in DOCKERFILE
    assert f'"127.0.0.1:{ports[0]}-{ports[-1]}:{ports[0]}-{ports[-1]}"' in COMPOSE
    assert f"for port in {tuple(ports)}" in COMPOSE


def test_the_image_is_made_of_what_is_not_ignored() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")}
    assert kept >= {"requirements.lock", "pyproject.toml", "services", "shared", "README.md", "LICENSE"}
    assert all((ROOT / name).exists() for name in kept)


def test_an_installed_wheel_is_all_that_is_needed(tmp_path: Path) -> None:
    source, installed = tmp_path / "source", tmp_path / "installed"
    for name in ("services", "shared"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, source], check=True, timeout=120
    )
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(installed)
    house = installation_in(tmp_path)
    house.environ |= {"PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}
    where = [sys.executable, "-c", "import services; print(services.__file__)"]
    said = subprocess.run(where, env=house.environ, check=True, capture_output=True, text=True).stdout
    assert Path(said.strip()).is_relative_to(installed)
    house.command("init")
    house.start()
    try:
        assert house.client("sts").get_caller_identity()["Arn"].endswith(":user/admin")
        assert fetch(house.store, "GET", "/", {"Accept": "text/html"}).status == 200
    finally:
        house.stop()
