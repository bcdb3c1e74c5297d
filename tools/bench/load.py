"""A load client that costs little: prepared bytes on kept connections, one thread a connection."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count

Exchange = Callable[[bytes], tuple[int, bytes]]
"""Sends one request's bytes, gives the status and the body of the answer."""

Work = Callable[[Exchange, int], None]
"""One unit of work of one of the connections; the number is different each time. Raises when an answer is wrong."""


class Connection:
    """One kept connection."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket = self._open()

    def exchange(self, request: bytes) -> tuple[int, bytes]:
        """One request and its answer."""
        self._socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or b"0")
        while len(body) < length:
            body += self._receive()
        return int(head[9:12]), body

    def close(self) -> None:
        """Ends the connection."""
        self._socket.close()

    def _open(self) -> socket.socket:
        opened = socket.create_connection(self._address, timeout=30)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def _receive(self) -> bytes:
        part = self._socket.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        return part


def run(host: str, port: int, work: Work, *, connections: int, seconds: float) -> int:
    """Works on `connections` at once for `seconds`; the number of units done. Raises the first failure."""
    numbers = count()
    ends = time.monotonic() + seconds
    done: list[int] = []
    failed: list[BaseException] = []

    def client() -> None:
        connection = Connection(host, port)
        finished = 0
        try:
            while time.monotonic() < ends and not failed:
                work(connection.exchange, next(numbers))
                finished += 1
        except Exception as error:  # noqa: BLE001 - reported by the caller
            failed.append(error)
        finally:
            connection.close()
            done.append(finished)

    threads = [threading.Thread(target=client) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return sum(done)


def repeated(requests: list[bytes]) -> Work:
    """Work that sends one of `requests` after the other, around and around, and wants success each time."""

    def work(exchange: Exchange, number: int) -> None:
        expect(exchange(requests[number % len(requests)]))

    return work


def once_each(requests: Iterator[bytes]) -> Work:
    """Work that sends each of `requests` once."""
    lock = threading.Lock()

    def work(exchange: Exchange, _number: int) -> None:
        with lock:
            request = next(requests)
        expect(exchange(request))

    return work


def expect(answer: tuple[int, bytes]) -> bytes:
    """The body of a good answer; raises for any other."""
    status, body = answer
    if status != 200:
        raise RuntimeError(f"status {status}: {body[:300]!r}")
    return body
