"""A line to another service of the same installation: one POST, on a connection that each thread keeps, with a time limit."""

import http.client
import threading
from typing import Final
from urllib.parse import urlsplit

from shared.conversation import CONTENT_TYPE
from shared.refusal import Unavailable

_LONGEST_ANSWER: Final = 4 << 20


class InternalLine:
    """Posts to one service."""

    def __init__(self, url: str, *, timeout_s: float, whom: str) -> None:
        """`url`: base URL of the service; `timeout_s`: the longest wait for a sign of it; `whom`: its name in refusals."""
        parts = urlsplit(url)
        self._make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host = parts.hostname or ""
        self._port = parts.port
        self._base = parts.path.rstrip("/")
        self._timeout_s = timeout_s
        self._silent = f"{whom} does not answer."
        self._own = threading.local()

    def post(self, path: str, body: bytes) -> bytes:
        """The answer to `body` at `path`. A kept connection that was closed meanwhile is opened once more. Raises Unavailable."""
        for attempt in (1, 2):
            connection, is_new = self._connection()
            try:
                connection.request("POST", self._base + path, body, {"content-type": CONTENT_TYPE})
                response = connection.getresponse()
                text = response.read(_LONGEST_ANSWER)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if attempt == 1 and not is_new and not isinstance(error, TimeoutError):
                    continue
                raise Unavailable(self._silent) from error
            if response.status != 200:
                self.close()
                raise Unavailable(self._silent)
            return text
        raise Unavailable(self._silent)

    def close(self) -> None:
        """Closes this thread's connection; the next call opens another."""
        if getattr(self._own, "connection", None) is not None:
            self._own.connection.close()
            self._own.connection = None

    def _connection(self) -> tuple[http.client.HTTPConnection, bool]:
        kept: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if kept is not None:
            return kept, False
        self._own.connection = self._make(self._host, self._port, timeout=self._timeout_s)
        return self._own.connection, True
