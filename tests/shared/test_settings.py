from pathlib import Path

import pytest

from shared.settings import BadSetting, described, read


def test_defaults_need_nothing() -> None:
    settings = read({"PATH": "/bin", "AWS_REGION": "elsewhere"})
    assert settings.data == Path(".poolkeeper")
    assert settings.userpool_base == "http://127.0.0.1:8401"
    assert settings.database("userpool") == "sqlite:///.poolkeeper/userpool.db"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POOLKEEPER_COLOUR", "blue"),
        ("POOLKEEPER_REGION", "mars"),
        ("POOLKEEPER_ACCOUNT_ID", "123"),
        ("POOLKEEPER_USERPOOL_PORT", "0"),
        ("POOLKEEPER_USERPOOL_PORT", "8402"),
        ("POOLKEEPER_USERPOOL_PORT", "eight"),
        ("POOLKEEPER_USERPOOL_URL", "login.example.com"),
        ("POOLKEEPER_DATABASE_URL", "mysql://x/y"),
        ("POOLKEEPER_AUTHORIZER_CACHE_S", "-1"),
        ("POOLKEEPER_TEST_MODE", "yes"),
        ("POOLKEEPER_BOOTSTRAP_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("POOLKEEPER_MASTER_KEY", ""),
    ],
)
def test_an_unknown_or_malformed_setting_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name.removesuffix("_PORT")):
        read({name: value})


@pytest.mark.parametrize(
    ("host", "called"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("login.example.com", "login.example.com")],
)
def test_urls_name_an_address_that_can_be_called(host: str, called: str) -> None:
    settings = read({"POOLKEEPER_HOST": host})
    assert settings.userpool_base == f"http://{called}:8401"
    assert settings.authorizer_base == f"http://{called}:8402"
    assert settings.demo_base == f"http://{called}:8400"


def test_public_urls_are_given_from_outside() -> None:
    settings = read({"POOLKEEPER_DEMO_URL": "https://store.example.com/", "POOLKEEPER_USERPOOL_URL": "https://login"})
    assert (settings.demo_base, settings.userpool_base) == ("https://store.example.com", "https://login")


def test_test_mode_is_refused_off_loopback() -> None:
    with pytest.raises(BadSetting, match="TEST_MODE"):
        read({"POOLKEEPER_TEST_MODE": "1", "POOLKEEPER_HOST": "0.0.0.0"})


def test_secrets_do_not_print_themselves() -> None:
    settings = read({"POOLKEEPER_MASTER_KEY": "hunter2hunter2", "POOLKEEPER_SMTP_URL": "smtp://u:pass@h:25"})
    assert "hunter2" not in repr(settings)
    assert "pass@" not in repr(settings)


def test_every_setting_is_described() -> None:
    assert all(line.help and line.default for line in described() if line.name != "POOLKEEPER_TRUSTED_PROXIES")
