"""A load client that costs little: prepared bytes on kept connections, all of them served by one thread."""

import selectors
import socket
import time
from collections.abc import Callable, Generator, Iterator
from itertools import count

Unit = Generator[bytes, tuple[int, bytes], None]
"""One unit of work: gives the bytes of a request, is sent the answer's status and body, and so on until it ends."""

Work = Callable[[int], Unit]
"""Begins a unit of work; the number is different each time. A unit raises when an answer is wrong."""


class _Connection:
    """One kept connection, with the unit of work that it is at."""

    def __init__(self, host: str, port: int, units: Iterator[Unit]) -> None:
        self.socket = socket.create_connection((host, port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.finished = 0
        self._units = units
        self._unit = next(units)
        self._data = b""
        self._whole = 0

    def begin(self) -> None:
        """Sends the first request."""
        self.socket.sendall(next(self._unit))

    def arrived(self, *, more: bool) -> bool:
        """Takes what has arrived and, once the answer is whole, sends what comes next; False when there is nothing."""
        part = self.socket.recv(262144)
        if not part:
            raise ConnectionError("the server closed the connection")
        self._data += part
        if self._whole == 0:
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                return True
            self._whole = end + 4 + _length(self._data[:end])
        if len(self._data) < self._whole:
            return True
        answer = self._data
        self._data, self._whole = b"", 0
        return self._go_on((int(answer[9:12]), answer.partition(b"\r\n\r\n")[2]), more=more)

    def _go_on(self, answer: tuple[int, bytes], *, more: bool) -> bool:
        try:
            self.socket.sendall(self._unit.send(answer))
        except StopIteration:
            self.finished += 1
            if not more:
                return False
            self._unit = next(self._units)
            self.begin()
        return True


def run(host: str, port: int, work: Work, *, connections: int, seconds: float) -> int:
    """Works on `connections` at once for `seconds`; the number of units done. Raises the first failure."""
    units = (work(number) for number in count())
    every = [_Connection(host, port, units) for _ in range(connections)]
    ends = time.monotonic() + seconds
    with selectors.DefaultSelector() as ready:
        for one in every:
            ready.register(one.socket, selectors.EVENT_READ, one)
            one.begin()
        while ready.get_map():
            for key, _ in ready.select(30):
                if not key.data.arrived(more=time.monotonic() < ends):
                    ready.unregister(key.fileobj)
    for one in every:
        one.socket.close()
    return sum(one.finished for one in every)


def repeated(requests: list[bytes]) -> Work:
    """Work that sends one of `requests` after the other, around and around, and wants success each time."""

    def work(number: int) -> Unit:
        expect((yield requests[number % len(requests)]))

    return work


def once_each(requests: Iterator[bytes]) -> Work:
    """Work that sends each of `requests` once."""

    def work(_number: int) -> Unit:
        expect((yield next(requests)))

    return work


def expect(answer: tuple[int, bytes]) -> bytes:
    """The body of a good answer; raises for any other."""
    status, body = answer
    if status != 200:
        raise RuntimeError(f"status {status}: {body[:300]!r}")
    return body


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or b"0")
