"""What the generated modules in `shared/aws/api` are made of."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import msgspec

Protocol: TypeAlias = Literal["json", "query"]

Timestamp: TypeAlias = float
"""Epoch seconds, as the JSON services send times. The Query services use `datetime`."""

Blob: TypeAlias = bytes
"""A binary member under a name that no member called `bytes` can hide. Base64 on the wire."""

Document: TypeAlias = Any
"""Free-form JSON."""

SEPARATORS = r"\x20\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
r"""Java's `\p{Z}` as the inside of a Python character class."""

VISIBLE = (
    r"!-~\xa1-\xac\xae-\u05ff\u0606-\u061b\u061d-\u06dc\u06de-\u070e\u0710-\u088f\u0892-\u08e1\u08e3-\u167f"
    r"\u1681-\u180d\u180f-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe"
    r"\uff00-\ufff8\ufffc\ufffd\U00010000-\U000110bc\U000110be-\U000110cc\U000110ce-\U0001342f\U00013440-\U0001bc9f"
    r"\U0001bca4-\U0001d172\U0001d17b-\U0001fffd\U00020000-\U0002fffd\U00030000-\U0003fffd\U000e0100-\U000e01ef"
)
r"""Java's `[\p{L}\p{M}\p{S}\p{N}\p{P}]` as the inside of a Python character class.

It is everything but separators, controls, formats, surrogates and private use. Characters that no Unicode version
has assigned yet count as visible: which ones AWS knows depends on the age of its Java.
"""


class Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="pascal", gc=False):
    """A structure of the model. Members are snake_case here and as AWS spells them on the wire."""


class SensitiveShape(Shape, frozen=True, kw_only=True):
    """A structure of which nothing may be printed."""


class UnionShape(Shape, frozen=True, kw_only=True):
    """A structure of which exactly one member is set."""

    def __post_init__(self) -> None:
        """Raises ValueError unless it is so; a decoder makes a refusal of it."""
        if sum(getattr(self, name) is not None for name in self.__struct_fields__) != 1:
            raise ValueError("exactly one member of a union is set")


@dataclass(frozen=True, slots=True, eq=False)  # there is one of each: a look-up by it need not hash its fields
class Service:
    """One AWS API: how its requests name it and how its answers look."""

    name: str
    protocol: Protocol
    target_prefix: str | None
    api_version: str
    xml_namespace: str | None
    signing_name: str


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation: the types that go in and come out, and the error codes that the model lists for it.

    `signed`: callers must sign. `result_wrapper`: the element around the result, in XML answers that have one.
    `echoes`: AWS prints the offending value and the choices there were when the request breaks a limit.
    """

    name: str
    request: type[Shape]
    response: type[Shape]
    signed: bool
    errors: tuple[str, ...]
    result_wrapper: str | None
    echoes: bool


@dataclass(frozen=True, slots=True)
class Error:
    """An error code, its HTTP status, and whether the sender (or else the service) is at fault."""

    code: str
    status: int
    sender: bool
