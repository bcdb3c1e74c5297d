import pytest

from services.demo.addressing import Target, domains_of, resource_of, target_of


@pytest.mark.parametrize(
    ("base", "host", "bucket"),
    [
        ("http://127.0.0.1:8400", "shelf.localhost:8400", "shelf"),
        ("http://127.0.0.1:8400", "localhost:8400", ""),
        ("http://127.0.0.1:8400", "127.0.0.1:8400", ""),
        ("http://127.0.0.1:8400", "shelf.store.example", ""),
        ("http://localhost:8400", "a.b.LOCALHOST", "a.b"),
        ("https://store.example", "shelf.store.example", "shelf"),
        ("https://store.example:8443", "Shelf.Store.Example:8443", "shelf"),
        ("https://store.example", "store.example", ""),
        ("https://store.example", "shelf.localhost", "shelf"),
        ("https://store.example", "mystore.example", ""),
        ("https://store.localhost", "store.localhost", ""),
        ("https://store.localhost", "shelf.store.localhost", "shelf"),
        ("http://[::1]:8400", "[::1]:8400", ""),
        ("http://127.0.0.1:8400", "", ""),
    ],
)
def test_a_host_below_the_store_s_own_names_the_bucket(base: str, host: str, bucket: str) -> None:
    domains = domains_of(base)
    by_path = Target("path", "a b/c") if not bucket else Target(bucket, "path/a b/c")
    assert target_of("/path/a%20b/c", host, domains) == by_path
    assert resource_of("/path/a%20b/c", host, domains) == (f"/{bucket}/path/a%20b/c" if bucket else "/path/a%20b/c")
