"""Requests that are turned away before the application sees them, each in the words of the entrance it was meant for.

An SDK that is refused by the server itself still finds a code, and not a text it cannot parse.
"""

from typing import Any, Final

from shared.cors import ANY_ORIGIN
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


def check_head(scope: Any, headers: tuple[tuple[str, str], ...]) -> None:  # noqa: ANN401 - Granian's objects are untyped
    """Raises HeadTooLarge above 16 KiB, Misframed where the length or the host is told twice or not at all.

    RFC 9112, 6.1, 6.3 and 3.2. A length beside chunks never comes this far: the server underneath takes it out, goes by
    the chunks and closes after its answer, which 6.1 allows.
    """
    size, lengths, encodings, hosts, foreign = 0, 0, 0, 0, False
    for name, value in headers:
        size += len(name) + len(value) + 4
        if name == "content-length":
            lengths += 1
        elif name == "transfer-encoding":
            encodings += 1
            foreign = value.lower() != "chunked"
        elif name == "host":
            hosts += 1
    if size > HEADER_BYTES:
        raise HeadTooLarge(f"The request's header is larger than {HEADER_BYTES} bytes.")
    if lengths > 1 or (lengths and encodings):
        raise Misframed("Content-Length and Transfer-Encoding contradict each other.")
    if encodings > 1 or foreign:
        raise Misframed("The only transfer encoding here is chunked, once.")
    if hosts != 1 and (hosts or scope.http_version == "1.1"):
        raise Misframed("Host is given twice." if hosts else "Host is missing.")


def peer_of(client: str) -> str:
    """The address in `address:port` as policies and settings write it: no brackets, and IPv4 as IPv4 on a common socket."""
    address = client.rpartition(":")[0]
    return address.strip("[]").removeprefix("::ffff:") if address.startswith("[") else address


def turned_away(application: HttpApplication, scope: Any, refusal: Refusal) -> HttpResponse:  # noqa: ANN401 - as above
    """The answer to a request whose body was not read; the connection is closed where more of it may follow."""
    request = HttpRequest(
        method=scope.method,
        path=scope.path,
        query=scope.query_string,
        headers=tuple(scope.headers.items()),
        body=b"",
        peer=peer_of(scope.client),
        scheme=scope.scheme,
    )
    response = application.refused(request, refusal)
    if type(refusal) in _AT_ONCE:
        return response
    return HttpResponse(response.status, [*response.headers, ("connection", "close")], response.body)


def in_plain_words(refusal: Refusal) -> HttpResponse:
    """A refusal for who speaks no API of AWS."""
    status = _STATUS.get(type(refusal), 500)
    headers = [("content-type", "text/plain; charset=utf-8"), ANY_ORIGIN]
    if status in {429, 503}:
        headers.append(("retry-after", "1"))
    return HttpResponse(status, headers, (refusal.message or "An internal error occurred.").encode())
