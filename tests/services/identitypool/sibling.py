"""Another service of the installation, played by a function on a port of its own."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.listening import listening


@contextmanager
def sibling(
    answer: Callable[[str, bytes], tuple[int, bytes]], headers: Mapping[str, str] | None = None
) -> Iterator[str]:
    """The address of a server whose answer to each GET and POST is `answer(path, body)`: status and body."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            status, said = answer(self.path, self.rfile.read(int(self.headers.get("content-length", "0"))))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _answer  # noqa: N815 - the names that the server looks for

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with listening(Handler) as base:
        yield base
