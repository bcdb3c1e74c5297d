"""Cross-origin permission (Fetch standard, "CORS protocol").

Every page may ask and read the answer: no cookie speaks for its user here, it sends only what it can sign or prove itself.
"""

import re
from typing import Final

from shared.web import HttpRequest, HttpResponse

ANY_ORIGIN: Final = ("access-control-allow-origin", "*")
_NAMES: Final = re.compile(r"[\w!#$%&'*+.^`|~, -]+", re.ASCII)


def preflight(request: HttpRequest, methods: str, *, seconds: int) -> HttpResponse:
    """Permission for what the browser asks to send, kept by it for `seconds`.

    The headers asked for are named one by one: `*` would not cover Authorization. Clients send new ones with each version.
    """
    asked = request.header("access-control-request-headers") or ""
    headers = [
        ANY_ORIGIN,
        ("access-control-allow-methods", methods),
        ("access-control-allow-headers", asked if _NAMES.fullmatch(asked) else "authorization"),
        ("access-control-max-age", str(seconds)),
        ("vary", "access-control-request-headers"),
    ]
    return HttpResponse(204, headers, b"")
