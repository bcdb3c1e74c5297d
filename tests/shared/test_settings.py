import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from shared.settings import BadSetting, described, read


def test_defaults_need_nothing() -> None:
    settings = read({"PATH": "/bin", "AWS_REGION": "elsewhere"})
    assert settings.data == Path(".poolkeeper")
    assert settings.userpool_base == "http://127.0.0.1:8401"
    assert settings.database("userpool") == "sqlite:///.poolkeeper/userpool.db"


def test_a_folder_may_be_called_what_means_something_else_in_a_url() -> None:
    folder = "/srv/a b/ü%41#c"
    assert make_url(read({"POOLKEEPER_DATA": folder}).database("userpool")).database == f"{folder}/userpool.db"


MALFORMED = {
    "DATA": ["", "a?b"],
    "REGION": ["", "mars", "US-EAST-1", "us-east-1 ", "us-east-1\n", "us_east_1"],
    "ACCOUNT_ID": ["", "123", "1234567890123", "12345678901x", "١٢٣٤٥٦٧٨٩٠١٢"],
    "ROOT_EMAIL": ["", "root", "a@b@c", "a b@c"],
    "HOST": ["", " ", "127.0.0.1:80", "a b", "-a", "[::1]", "http://a", "a/b", "::g"],
    "USERPOOL_PORT": ["", "0", "8402", "eight", "65536", "-1", "1.5", " 1", "8400"],
    "IDENTITYPOOL_PORT": ["0", "8401"],
    "DEMO_PORT": ["70000"],
    "USERPOOL_URL": [
        *("", "login.example.com", "//a", "http://", "http:a", "ftp://a", "http://a?b", "http://a#b", "http://u:p@a"),
        *(
            "http://a:0",
            "http://a:99999",
            "http://a:b",
            "http://a b",
            "http://a\nb",
            "http://é",
            "http://[::1",
            "http://:80",
        ),
    ],
    "IDENTITYPOOL_URL": ["x"],
    "DEMO_URL": ["x"],
    "AUTHORIZER_URL": ["x"],
    "SIGN_INS_URL": ["x"],
    "DATABASE_URL": ["", "mysql://x/y", "sqlite:///x.db", "postgresql:x", "postgresql://", "postgresql://h:x/y", "x"],
    "REDIS_URL": ["", "redis:", "redis://", "redis://h/x", "redis://h:x", "http://h", "redis://h/1/2"],
    "MASTER_KEY": [""],
    "MASTER_KEY_FILE": [""],
    "OUTBOX": ["", "a?b"],
    "SMTP_URL": ["", "smtp://", "smtp://:25", "smtp://u:p@", "mail.example.com", "smtp://h:x", "smtp://h\r\nb"],
    "MAIL_FROM": ["", "a", "a <a@b>", "a@b\n"],
    "BOOTSTRAP_ACCESS_KEY_ID": ["", "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "AKIAiosfodnn7example", "AKIA"],
    "BOOTSTRAP_SECRET_ACCESS_KEY": ["", "short", "a" * 129, "bootstrapSecretForTestsOnly-123", "a" * 40],
    "AUTHORIZER_CACHE_S": ["", "-1", "1e3", "nan", "inf", "1.2345", " 1"],
    "SOURCE_FAILURES": ["0", "-1", "1000001", "x"],
    "AUDIT_DAYS": ["0", "36501"],
    "TRUSTED_PROXIES": ["proxy", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.1;10.0.0.2", "10.0.0.1, x", "0.0.0.0/0", "::/0"],
    "WORKERS": ["0", "65", "two"],
    "THREADS": ["0", "129"],
    "BODY_DEADLINE_S": ["0", "0.05", "-1", "x"],
    "REQUEST_DEADLINE_S": ["0", "x"],
    "DRAIN_S": ["-1", "x", "1000000"],
    "TEST_MODE": ["", "yes", "true", "2"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in MALFORMED.items() for value in values])
def test_a_malformed_setting_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name.removesuffix("_PORT")) as refused:
        read({f"POOLKEEPER_{name}": value})
    assert "\n" not in str(refused.value)


def test_every_setting_has_malformed_values() -> None:
    assert {f"POOLKEEPER_{name}" for name in MALFORMED} == {line.name for line in described()}


@pytest.mark.parametrize("name", ["COLOUR", "", "userpool_port", "USERPOOL_PORT_"])
def test_an_unknown_setting_is_refused_by_name(name: str) -> None:
    with pytest.raises(BadSetting, match=f"unknown setting POOLKEEPER_{name};"):
        read({f"POOLKEEPER_{name}": "1"})


def test_addresses_are_read_however_they_are_written() -> None:
    settings = read(
        {"POOLKEEPER_TRUSTED_PROXIES": "10.0.0.1, ::0001 fe80::A,172.16.0.0/12", "POOLKEEPER_HOST": "0:0::1"}
    )
    assert settings.trusted_proxies == ("10.0.0.1/32", "::1/128", "fe80::a/128", "172.16.0.0/12")
    assert settings.userpool_base == "http://[::1]:8401"


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


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not tie processes to cores")
def test_a_process_that_may_use_one_core_counts_one() -> None:
    one = f"import os; os.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}})"
    told = "from shared.settings import read; print(read({}).workers)"
    done = subprocess.run([sys.executable, "-c", f"{one}; {told}"], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
