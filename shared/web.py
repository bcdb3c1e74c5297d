"""HTTP as plain values, and the bridge to a WSGI application for what is not AWS-shaped."""

import io
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Protocol
from urllib.parse import unquote

import msgspec

from shared.refusal import Refusal

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class HttpRequest(msgspec.Struct, frozen=True):
    """One request, its whole body read. Header names are lower case, in order of arrival, repeats kept."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    peer: str
    scheme: str = "http"
    named: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Indexes the headers; of a repeated one the first counts."""
        self.named.update(reversed(self.headers))

    def header(self, name: str) -> str | None:
        """The first header called `name` (lower case)."""
        return self.named.get(name)


class FileSpan(msgspec.Struct, frozen=True):
    """Bytes `first` to `end` (not included) of a file; `done` is called when it has been opened for sure."""

    path: str
    first: int
    end: int
    done: Callable[[], None]


class HttpResponse(msgspec.Struct, frozen=True):
    """One answer; its body is here, or where it is large in a file."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    file: FileSpan | None = None


class HttpApplication(Protocol):
    """What a service hands to the server."""

    def waits(self, request: HttpRequest) -> bool:
        """Whether answering may block: then it runs on the bounded pool, else in place on the event loop."""

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer. Never raises."""

    def is_health(self, request: HttpRequest) -> bool:
        """Whether it asks for the health of the process, is answered under any load, and equally to all who ask."""

    def refused(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """The answer to a request that the server refuses, its body perhaps unread, in the words of its entrance."""

    def close(self) -> None:
        """The process ends: what still waits in memory is written."""


def source_address(request: HttpRequest, trusted_proxies: tuple[str, ...]) -> str:
    """The address the request came from; X-Forwarded-For counts only from a listed proxy (R35)."""
    peer = request.peer
    if is_within(peer, trusted_proxies):
        said = ",".join(value for name, value in request.headers if name == "x-forwarded-for")  # HAProxy adds a line
        hops = [hop.strip() for hop in said.split(",") if hop.strip()]
        while hops and is_within(peer, trusted_proxies):
            peer = _plain(hops.pop())
    return peer


def is_within(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an address is in one of some networks (CIDR)."""
    return bool(networks) and _is_within(address, networks)


@lru_cache(maxsize=4096)
def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in ip_network(network) for network in networks)


def _plain(hop: str) -> str:
    """An address as policies and settings write it, of `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80` and kin."""
    address = (
        hop[1:].partition("]")[0] if hop.startswith("[") else hop.partition(":")[0] if hop.count(":") == 1 else hop
    )
    try:
        parsed = ip_address(address)
    except ValueError:
        return hop
    return str((parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None) or parsed)


def client_scheme(
    scheme: str, peer: str, headers: tuple[tuple[str, str], ...], trusted_proxies: tuple[str, ...]
) -> str:
    """How the client spoke, `http` or `https`; X-Forwarded-Proto counts only from a listed proxy, and its own word last."""
    if not is_within(peer, trusted_proxies):
        return scheme
    said = ",".join(value for name, value in headers if name == "x-forwarded-proto")
    last = said.rpartition(",")[2].strip().lower()
    return last if last in {"http", "https"} else scheme


def call_wsgi(application: WsgiApplication, request: HttpRequest) -> HttpResponse:
    """The answer of a WSGI application (PEP 3333) to `request`."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], None]:
        started[:] = [(status, headers)]
        return lambda _data: None

    chunks = application(_environ(request), start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started[0]
    return HttpResponse(int(status.split(" ", 1)[0]), headers, body)


def _environ(request: HttpRequest) -> dict[str, Any]:
    host, _, port = (request.header("host") or "localhost").partition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(request.path, encoding="latin-1"),
        "RAW_URI": request.path,
        "QUERY_STRING": request.query,
        "SERVER_NAME": host,
        "SERVER_PORT": port or ("443" if request.scheme == "https" else "80"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.peer,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(request.body)),
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        if key in {"CONTENT_LENGTH", "TRANSFER_ENCODING"}:
            continue
        key = key if key == "CONTENT_TYPE" else "HTTP_" + key
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ
