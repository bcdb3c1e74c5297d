import os
import subprocess
import sys

import pytest

from services.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--demo", "userpool"], "not allowed with"),
        (["env", "--profile", "a b"], "a profile's name has"),
        (["env", "--profile", "x]\n[profile default"], "a profile's name has"),
        (["audit", "--since", "soon"], "is no span"),
        (["root-key"], "create"),
        (["nothing"], "invalid choice"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_what_an_output_cannot_hold_is_printed_as_its_number() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services", "doctor"],
        env={"PATH": os.environ["PATH"], "POOLKEEPER_DATA": "/nowhere/büro", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "there is no folder /nowhere/b\\xfcro" in done.stdout
    assert "Traceback" not in done.stderr
