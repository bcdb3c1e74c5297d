"""`poolkeeper serve --demo`, which `make demo` runs."""

import itertools
import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import installation_in
from tests.robustness.wire import fetch


def test_the_demo_is_prepared_where_the_services_are_and_named_by_its_public_addresses(tmp_path: Path) -> None:
    house = installation_in(
        tmp_path,
        userpool_url="https://login.example.com",
        identitypool_url="https://identity.example.com",
        demo_url="https://store.example.com",
    )
    house.command("init")
    command = [sys.executable, "-m", "services", "serve", "--demo"]
    with subprocess.Popen(command, env=house.environ, stdout=subprocess.PIPE, text=True) as serve:
        try:
            assert serve.stdout is not None
            said = "".join(itertools.takewhile(lambda line: "messages to users" not in line, serve.stdout))
            assert "Poolkeeper is up." in said
            assert "https://store.example.com/" in said
            shown = json.loads(fetch(house.store, "GET", "/demo/config.json").body)
            assert shown["userpool"] == "https://login.example.com"
            assert shown["identitypool"] == "https://identity.example.com"
        finally:
            serve.terminate()
    assert serve.returncode == 0
