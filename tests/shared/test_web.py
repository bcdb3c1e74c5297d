"""From which address a request comes, and how it was sent, as far as proxies can be believed."""

import pytest

from shared.web import HttpRequest, client_scheme, source_address

PROXIES = ("10.0.0.1/32", "10.0.0.2/32", "172.16.0.0/12", "fd00::/64")


def _from(peer: str, *forwarded: str) -> str:
    headers = tuple(("x-forwarded-for", value) for value in forwarded)
    return source_address(HttpRequest("GET", "/", "", headers, b"", peer), PROXIES)


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", (), "192.0.2.1"),
        ("192.0.2.1", ("198.51.100.7",), "192.0.2.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("198.51.100.7",), "198.51.100.7"),
        ("10.0.0.1", ("203.0.113.9, 198.51.100.7",), "198.51.100.7"),
        ("10.0.0.1", ("203.0.113.9, 198.51.100.7, 10.0.0.2",), "198.51.100.7"),
        ("172.31.255.9", ("203.0.113.9, 198.51.100.7, 172.16.0.1",), "198.51.100.7"),
        ("172.32.0.1", ("198.51.100.7",), "172.32.0.1"),
        ("fd00::9", ("198.51.100.7, fd00::a",), "198.51.100.7"),
        ("not an address", ("198.51.100.7",), "not an address"),
    ],
)
def test_only_what_a_trusted_proxy_has_seen_itself_counts(peer: str, forwarded: tuple[str, ...], found: str) -> None:
    assert _from(peer, *forwarded) == found


@pytest.mark.parametrize(
    ("hop", "found"),
    [
        ("198.51.100.7:54321", "198.51.100.7"),
        ("[2001:db8::7]:54321", "2001:db8::7"),
        ("[2001:DB8::7]", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("unknown", "unknown"),
        ("198.51.100.7:1, 10.0.0.2:443", "198.51.100.7"),
    ],
)
def test_addresses_are_understood_as_proxies_write_them(hop: str, found: str) -> None:
    assert _from("10.0.0.1", hop) == found


def test_a_proxy_that_adds_a_line_of_its_own_is_believed_before_the_clients_line() -> None:
    assert _from("10.0.0.1", "203.0.113.9", "198.51.100.7") == "198.51.100.7"


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", ("https",), "http"),
        ("10.0.0.1", (), "http"),
        ("10.0.0.1", ("https",), "https"),
        ("10.0.0.1", ("HTTPS",), "https"),
        ("10.0.0.1", ("https, http",), "http"),
        ("10.0.0.1", ("https", "http"), "http"),
        ("10.0.0.1", ("ftp",), "http"),
    ],
)
def test_a_request_was_sent_over_tls_if_a_trusted_proxy_says_so(
    peer: str, forwarded: tuple[str, ...], found: str
) -> None:
    headers = tuple(("x-forwarded-proto", value) for value in forwarded)
    assert client_scheme("http", peer, headers, PROXIES) == found
