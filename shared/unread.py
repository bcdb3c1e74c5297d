"""Requests that are turned away before the application sees them, each in the words of the entrance it was meant for.

An SDK that is refused by the server itself still finds a code, and not a text it cannot parse.
"""

from typing import Any, Final

from shared.refusal import HeadTooLarge, Misframed, Overloaded, Refusal, TooLarge, TooSlow, Unavailable
from shared.web import HttpApplication, HttpRequest, HttpResponse

HEADER_BYTES: Final = 16 * 1024
_STATUS: Final[dict[type[Refusal], int]] = {
    HeadTooLarge: 431,
    Misframed: 400,
    Overloaded: 429,
    TooLarge: 413,
    TooSlow: 408,
    Unavailable: 503,
}
_AT_ONCE: Final = frozenset({Overloaded, Unavailable})


def check_head(headers: tuple[tuple[str, str], ...]) -> None:
    """Raises HeadTooLarge above 16 KiB, Misframed where the length or the host is told twice (RFC 9112, 6.1 and 3.2)."""
    size, lengths, encodings, hosts = 0, 0, 0, 0
    for name, value in headers:
        size += len(name) + len(value) + 4
        if name == "content-length":
            lengths += 1
        elif name == "transfer-encoding":
            encodings += 1
        elif name == "host":
            hosts += 1
    if size > HEADER_BYTES:
        raise HeadTooLarge(f"The request's header is larger than {HEADER_BYTES} bytes.")
    if lengths > 1 or (lengths and encodings):
        raise Misframed("Content-Length and Transfer-Encoding contradict each other.")
    if hosts > 1:
        raise Misframed("Host is given twice.")


def turned_away(application: HttpApplication, scope: Any, refusal: Refusal) -> HttpResponse:  # noqa: ANN401 - Granian's objects are untyped
    """The answer to a request whose body was not read; the connection is closed where more of it may follow."""
    request = HttpRequest(
        method=scope.method,
        path=scope.path,
        query=scope.query_string,
        headers=tuple(scope.headers.items()),
        body=b"",
        peer=scope.client.rpartition(":")[0],
        scheme=scope.scheme,
    )
    response = application.refused(request, refusal)
    if type(refusal) in _AT_ONCE:
        return response
    return HttpResponse(response.status, [*response.headers, ("connection", "close")], response.body)


def in_plain_words(refusal: Refusal) -> HttpResponse:
    """A refusal for who speaks no API of AWS."""
    status = _STATUS.get(type(refusal), 500)
    headers = [("content-type", "text/plain; charset=utf-8")]
    if status in {429, 503}:
        headers.append(("retry-after", "1"))
    return HttpResponse(status, headers, (refusal.message or "An internal error occurred.").encode())
