"""The shapes in which the store answers."""

from services.demo.documents import Content, document
from shared.web import HttpResponse


def xml(
    name: str, content: Content, *, status: int = 200, headers: list[tuple[str, str]] | None = None
) -> HttpResponse:
    """An answer with a document of S3's namespace."""
    return HttpResponse(status, [("content-type", "application/xml"), *(headers or [])], document(name, content))


def empty(status: int = 200, headers: list[tuple[str, str]] | None = None) -> HttpResponse:
    """An answer without a body."""
    return HttpResponse(status, headers or [], b"")
