"""Another service of the installation, played by a function on a port of its own."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


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

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
