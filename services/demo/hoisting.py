"""Headers that a presigned URL carries in its query: S3 takes them as if they had been sent (AWS SDKs hoist them).

Amazon S3 API Reference: Authenticating requests, Using query parameters. They are as signed as the rest of the query.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from services.demo.bodies import is_checksum
from services.demo.refusals import InvalidArgument
from shared.guard import checksum
from shared.web import HttpRequest

SIGNATURE_PARAMETERS: Final = frozenset(
    {
        "X-Amz-Algorithm",
        "X-Amz-Content-Sha256",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    }
)
_PREFIX: Final = "x-amz-"
_TOKEN: Final = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")


def lowered(query: Mapping[str, str]) -> dict[str, str]:
    """The headers among the parameters of a URL of version 4; some SDKs hoist them with capitals."""
    return {
        name.lower(): value
        for name, value in query.items()
        if name[:6].lower() == _PREFIX and name not in SIGNATURE_PARAMETERS
    }


def with_headers(request: HttpRequest, hoisted: Mapping[str, str]) -> HttpRequest:
    """The request with hoisted headers that were not sent as such.

    The SDK for JavaScript signs a URL before there is a body, and hoists the checksum of none: it is left out.
    Raises InvalidArgument for what could not have been sent as a header.
    """
    for name, value in hoisted.items():
        if not _TOKEN.fullmatch(name) or not (value.isascii() and value.isprintable()):
            raise InvalidArgument("This parameter cannot stand for a header.", ArgumentName=name[:64])
    added = tuple(
        (name, value)
        for name, value in hoisted.items()
        if name not in request.named and not (is_checksum(name) and checksum.is_of_nothing(name, value))
    )
    return msgspec.structs.replace(request, headers=(*request.headers, *added), named={}) if added else request
