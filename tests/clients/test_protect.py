"""The service of docs/protect.md, run as it stands there."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.clients.test_readme import ROOT, samples
from tests.conftest import ACCESS_KEY, REGION, SECRET_KEY, Installation, free_ports


@pytest.fixture(scope="module")
def weather(house: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = tmp_path_factory.mktemp("weather") / "weather.py"
    program.write_text(samples("python", Path(ROOT / "docs" / "protect.md").read_text())[0])
    (port,) = free_ports(1)
    process = subprocess.Popen([sys.executable, str(program)], env={**house.environ, "PORT": str(port)})
    base = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 20
    while True:
        try:
            httpx.get(base, timeout=2)
            break
        except httpx.TransportError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
    yield base
    process.terminate()
    process.wait(10)


def ask(url: str, credentials: Credentials, service: str = "weather") -> httpx.Response:
    request = AWSRequest("GET", url)
    SigV4Auth(credentials, service, REGION).add_auth(request)
    return httpx.get(url, headers=dict(request.headers))


def test_the_service_of_the_page_lets_in_whom_a_policy_allows(house: Installation, weather: str) -> None:
    iam = house.client("iam")
    iam.create_user(UserName="weatherReader")
    places = {"Effect": "Allow", "Action": "weather:Read", "Resource": "arn:aws:weather:*:*:place/Z*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": places})
    iam.put_user_policy(UserName="weatherReader", PolicyName="read", PolicyDocument=document)
    key = iam.create_access_key(UserName="weatherReader")["AccessKey"]
    reader = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    known, denied = ask(f"{weather}/Z%C3%BCrich?unit=C&day=1", reader), ask(f"{weather}/Bern", reader)
    assert (known.status_code, known.text.endswith("user/weatherReader may know: sunny\n")) == (200, True)
    assert denied.status_code == 403
    assert denied.text.endswith("because no identity-based policy allows the weather:Read action")


def test_the_service_of_the_page_refuses_who_did_not_sign_for_it(weather: str) -> None:
    administrator = Credentials(ACCESS_KEY, SECRET_KEY)
    assert ask(f"{weather}/Bern", administrator).status_code == 200
    assert httpx.get(f"{weather}/Bern").text == "Request is missing Authentication Token"
    assert "correct service: 'weather'" in ask(f"{weather}/Bern", administrator, "notes").text
    assert ask(f"{weather}/Bern", Credentials(ACCESS_KEY, "wrong")).status_code == 403
