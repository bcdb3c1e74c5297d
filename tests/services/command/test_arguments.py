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
