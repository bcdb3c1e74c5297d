"""The page of the three steps, its configuration, and the outbox beside it (on a loopback address only)."""

import mimetypes
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Final
from urllib.parse import parse_qs

import msgspec

from shared.settings import Settings
from shared.web import HttpRequest, HttpResponse

CONFIG_FILE: Final = "demo.json"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
_LONGEST_ADDRESS: Final = 256
_MOST_READ: Final = 200
_MOST_SHOWN: Final = 5


class Pages:
    """Answers what a browser asks for without a signature."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._files = _read_files()
        sources = " ".join(sorted({"'self'", settings.userpool_base, settings.identitypool_base}))
        self._headers = [
            (
                "content-security-policy",
                f"default-src 'self'; connect-src {sources}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
            ),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-cache"),
        ]

    def holds(self, request: HttpRequest) -> bool:
        """Whether the answer is in memory."""
        return self._file(request) is not None

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """The page or a part of it; None where the request, which bears no signature, is not for the page."""
        if request.method not in {"GET", "HEAD"}:
            return None
        found = self._file(request)
        if found is not None:
            kind, text = found
            return self._whole(request, kind, text)
        if request.path == "/demo/config.json":
            return self._config(request)
        if request.path == "/demo/outbox":
            return self._outbox(request)
        return None

    def _file(self, request: HttpRequest) -> tuple[str, bytes] | None:
        if request.method not in {"GET", "HEAD"} or request.header("authorization") or _is_presigned(request.query):
            return None
        if request.path == "/":
            return self._files["index.html"] if "text/html" in (request.header("accept") or "") else None
        return self._files.get(request.path.removeprefix("/demo/page/"))

    def _config(self, request: HttpRequest) -> HttpResponse:
        try:
            text = (self._settings.data / CONFIG_FILE).read_bytes()
        except FileNotFoundError:
            return self._json(request, 404, {"message": "The demo is not prepared: run `poolkeeper serve --demo`."})
        shown = msgspec.json.decode(text, type=dict[str, str])
        return self._json(request, 200, shown | {"outbox": "yes" if self._is_local(request) else "no"})

    def _outbox(self, request: HttpRequest) -> HttpResponse:
        """The newest messages to one address. They are secrets: only a browser on this machine is shown them."""
        if not self._is_local(request):
            return self._json(request, 404, {"message": "The outbox is shown on a loopback address only."})
        to = parse_qs(request.query).get("to", [""])[0]
        if not to or len(to) > _LONGEST_ADDRESS:
            return self._json(request, 400, {"message": "Say whose messages: ?to=..."})
        found = [message for message in self._messages() if message.get("to") == to][:_MOST_SHOWN]
        return self._json(request, 200, {"messages": found})

    def _messages(self) -> Iterator[dict[str, str]]:
        folder = self._settings.outbox_folder
        for file in sorted(folder.glob("*.json"), reverse=True)[:_MOST_READ]:
            try:
                yield msgspec.json.decode(file.read_bytes(), type=dict[str, str])
            except (FileNotFoundError, msgspec.DecodeError):
                continue  # removed meanwhile, or not ours

    def _is_local(self, request: HttpRequest) -> bool:
        """The server listens to this machine only, and was called by a name of it (a rebound name is another)."""
        host = (request.header("host") or "").lower()
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        return self._settings.host in _LOOPBACK and name in _LOOPBACK

    def _json(self, request: HttpRequest, status: int, value: Mapping[str, object]) -> HttpResponse:
        response = self._whole(request, "application/json", msgspec.json.encode(value))
        return HttpResponse(status, [*response.headers, ("cross-origin-resource-policy", "same-origin")], response.body)

    def _whole(self, request: HttpRequest, kind: str, text: bytes) -> HttpResponse:
        headers = [("content-type", kind), *self._headers]
        return HttpResponse(200, headers, b"" if request.method == "HEAD" else text)


def _is_presigned(query: str) -> bool:
    return "X-Amz-" in query or "AWSAccessKeyId=" in query


def _read_files() -> dict[str, tuple[str, bytes]]:
    folder = resources.files("services.demo") / "page"
    return {file.name: (_kind(file.name), file.read_bytes()) for file in folder.iterdir() if file.is_file()}


def _kind(name: str) -> str:
    if name.endswith(".js"):
        return "text/javascript; charset=utf-8"
    kind, _ = mimetypes.guess_type(name)
    return f"{kind}; charset=utf-8" if kind and kind.startswith("text/") else kind or "application/octet-stream"
