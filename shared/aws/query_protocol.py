"""AWS Query, spoken by sts and iam: form parameters in, XML out.

Lists come as `X.member.N`, maps as `X.entry.N.key` and `.value`, structures as `X.Member`; unknown parameters are
ignored. Refused as MalformedInput: a parameter given twice, wrong escapes and UTF-8, indexes that are no small positive
number, text with a NUL (PostgreSQL cannot store it).
"""

import functools
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote_to_bytes

import msgspec

from shared.aws.model import Operation, Service, Shape
from shared.aws.parameters import tree_of
from shared.aws.violations import Malformed, check
from shared.aws.xml_text import escaped, write_structure

MOST_PARAMETERS: Final = 2000

_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def form(body: bytes) -> list[tuple[str, str]]:
    """The parameters of a form or a query string, in order. Raises Malformed for what is neither."""
    try:
        text = body.decode()
        pairs = [pair.partition("=") for pair in text.split("&") if pair]
        if len(pairs) > MOST_PARAMETERS:
            raise Malformed(f"The request has more than {MOST_PARAMETERS} parameters")
        if _BAD_ESCAPE.search(text):
            raise Malformed("The request has a broken percent escape")
        if "%00" in text or "\0" in text:
            raise Malformed("Text holds a NUL character")
        if "%" in text or "+" in text:
            return [
                (_plain(name), _plain(value) if "%" in value or "+" in value else value) for name, _, value in pairs
            ]
        return [(name, value) for name, _, value in pairs]
    except UnicodeDecodeError:
        raise Malformed("The request is not UTF-8") from None


def decode(operation: Operation, params: Sequence[tuple[str, str]]) -> Shape:
    """The request in a form. Raises Malformed if it cannot be read, Violations if it breaks published limits."""
    tree = tree_of(operation.request, params)
    try:
        return msgspec.convert(tree, operation.request)
    except msgspec.ValidationError as error:
        check(tree, operation)
        raise Malformed(str(error)) from None


def encode(service: Service, operation: Operation, response: Shape, request_id: str) -> bytes:
    """The XML of a response; absent members are left out, empty lists are empty elements."""
    head, tail = _frame(service, operation)
    parts = [head]
    write_structure(response, parts)
    parts += tail, escaped(request_id), "</RequestId></ResponseMetadata></", operation.name, "Response>\n"
    return "".join(parts).encode()


def error(service: Service, code: str, message: str, request_id: str, *, sender: bool = True) -> bytes:
    """The XML of an error; `sender` says whose fault it is."""
    return (
        f'<ErrorResponse xmlns="{service.xml_namespace}"><Error><Type>{"Sender" if sender else "Receiver"}</Type>'
        f"<Code>{escaped(code)}</Code><Message>{escaped(message)}</Message></Error>"
        f"<RequestId>{escaped(request_id)}</RequestId></ErrorResponse>\n"
    ).encode()


def _plain(text: str) -> str:
    """A name or value without its escapes."""
    if "+" in text:
        text = text.replace("+", " ")
    if "%" in text:  # most escapes are those of an ARN; taking them first makes no new ones: each % begins a whole one
        text = text.replace("%3A", ":").replace("%2F", "/")
        return unquote_to_bytes(text).decode() if "%" in text else text
    return text


@functools.cache
def _frame(service: Service, operation: Operation) -> tuple[str, str]:
    wrapper = operation.result_wrapper
    opening, closing = (f"<{wrapper}>", f"</{wrapper}>") if wrapper else ("", "")
    head = f'<{operation.name}Response xmlns="{service.xml_namespace}">{opening}'
    return head, f"{closing}<ResponseMetadata><RequestId>"
