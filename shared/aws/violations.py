"""Every published limit that a request breaks, in AWS's form of words.

The forms are those that AWS was seen to send: `Value 'x' at 'clientId' failed to satisfy constraint: Member must ...`,
sensitive values left out, a list of plain values judged as a whole, members of listed structures as
`tags.1.member.key`. IAM has a sentence of its own for names and paths.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from shared.aws.model import Operation
from shared.aws.shapes import AnyShape, Limits, ListOf, MapOf, Scalar, Structure, members, structure
from shared.refusal import Refusal

MOST_SHOWN: Final = 100
"""A request can break limits by the hundred thousand; its answer stays readable."""
MOST_PRINTED: Final = 4096
"""Characters of a value. AWS was never seen to cut one; but a megabyte comes back to nobody."""

# The one list of choices that AWS was seen to print in another order than its model's.
_PRINTED_ORDER: Final[dict[tuple[str, ...], tuple[str, ...]]] = {("OFF", "ON", "OPTIONAL"): ("OPTIONAL", "OFF", "ON")}

_PATH: Final = "It must begin and end with / and contain only alphanumeric characters and/or / characters."
_PREFIX: Final = "It must begin with the / character and contain only alphanumeric characters and/or / characters."
_ANY_PATH: Final = r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)"
_POLICY_PATH: Final = r"((/[A-Za-z0-9\.,\+@=_-]+)*)/"
_IN_IAMS_WORDS: Final[Mapping[tuple[str | None, bool], str]] = {
    (r"[\w+=,.@-]+", False): "It must contain only alphanumeric characters and/or the following: +=,.@_-",
    (_ANY_PATH, False): _PATH,
    (_POLICY_PATH, False): _PATH,
    (_ANY_PATH, True): _PREFIX,
    (_POLICY_PATH, True): _PREFIX,
    (r"\u002F[\u0021-\u007F]*", True): _PREFIX,
}
"""What IAM says of names and paths: by their pattern, and whether the member is a PathPrefix."""


class Malformed(Refusal):
    """The request cannot be read: SerializationException in AWS JSON, MalformedInput in AWS Query."""


class Violations(Refusal):
    """The request breaks published limits.

    InvalidParameterException at cognito-idp, ValidationException at cognito-identity, ValidationError in AWS Query.
    """


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the request a value stands, and whether it may be printed."""

    path: str
    echoes: bool
    hidden: bool = False

    def member(self, wire: str) -> "_Place":
        """The place of a member: AWS prints its name with a small first letter, whatever follows."""
        name = wire[0].lower() + wire[1:]
        return self.inside(f"{self.path}.{name}" if self.path else name)

    def inside(self, path: str) -> "_Place":
        """A place further in, which hides what this one hides."""
        return _Place(path, self.echoes, self.hidden)

    def hiding(self, *, when: bool) -> "_Place":
        """The same place with its value hidden, when so asked."""
        return _Place(self.path, self.echoes, self.hidden or when)

    def says(self, value: object, constraint: str) -> str:
        """The sentence for one broken limit."""
        printed = "" if self.hidden or not self.echoes else f" {_printed(value)}"
        return f"Value{printed} at '{self.path}' failed to satisfy constraint: {constraint}"


def check(request: Mapping[str, Any], operation: Operation) -> None:
    """Raises Violations that names each limit which a request breaks; Malformed for a union with two members.

    `request` holds members under their wire names, with the types of the model, without nulls and unknown members.
    """
    _check_names_and_paths(request, structure(operation.request))
    found = _in_structure(request, structure(operation.request), _Place("", operation.echoes))
    sentences = list(islice(found, MOST_SHOWN))
    if sentences:
        plural = "" if len(sentences) == 1 else "s"
        raise Violations(f"{len(sentences)} validation error{plural} detected: {'; '.join(sentences)}")


def _check_names_and_paths(request: Mapping[str, Any], shape: Structure) -> None:
    """Raises Violations for the first name or path that IAM does not take: it looks at those before all other limits."""
    for member in members(shape.type):
        limits = member.shape.limits
        words = _IN_IAMS_WORDS.get((limits.java_pattern, member.wire == "PathPrefix"))
        if words is not None and member.wire in request and not _matches(limits, request[member.wire]):
            name = _Place("", echoes=False).member(member.wire).path
            raise Violations(f"The specified value for {name} is invalid. {words}")


def _matches(limits: Limits, value: str) -> bool:
    return limits.pattern is None or limits.pattern.search(value) is not None


def _in_structure(value: Mapping[str, Any], shape: Structure, place: _Place) -> Iterator[str]:
    if shape.union and len(value) != 1:
        raise Malformed(f"Exactly one member must be set at '{place.path}'")
    for member in members(shape.type):
        there = place.member(member.wire)
        if member.wire in value:
            yield from _in(value[member.wire], member.shape, there)
        elif member.required:
            yield there.hiding(when=member.shape.limits.sensitive).says(None, "Member must not be null")


def _in(value: Any, shape: AnyShape, place: _Place) -> Iterator[str]:  # noqa: ANN401  # a decoded value
    here = place.hiding(when=shape.limits.sensitive)
    if isinstance(shape, Structure):
        yield from _in_structure(value, shape, here)
        return
    yield from (here.hiding(when=_is_opaque(shape)).says(value, words) for words in _broken(value, shape, here))
    if isinstance(shape, ListOf):
        yield from _in_list(value, shape.item, here)
    if isinstance(shape, MapOf):
        yield from _in_map(value, shape, here)


def _in_list(value: Sequence[Any], item: AnyShape, place: _Place) -> Iterator[str]:
    if isinstance(item, Scalar):
        if any(any(_broken(part, item, place)) for part in value):
            here = place.hiding(when=item.limits.sensitive)
            yield here.says(value, f"Member must satisfy constraint: [{', '.join(_wanted(item, place))}]")
        return
    for index, part in enumerate(value, 1):
        yield from _in(part, item, place.inside(f"{place.path}.{index}.member"))


def _in_map(value: Mapping[str, Any], shape: MapOf, place: _Place) -> Iterator[str]:
    if any(any(_broken(key, shape.key, place)) for key in value):
        here = place.hiding(when=_is_opaque(shape) or shape.key.limits.sensitive or shape.value.limits.sensitive)
        yield here.says(value, f"Map keys must satisfy constraint: [{', '.join(_wanted(shape.key, place))}]")
    if isinstance(shape.value, Scalar):
        if any(any(_broken(part, shape.value, place)) for part in value.values()):
            here = place.hiding(when=shape.key.limits.sensitive or shape.value.limits.sensitive)
            yield here.says(value, f"Map value must satisfy constraint: [{', '.join(_wanted(shape.value, place))}]")
        return
    for key, part in value.items():
        yield from _in(part, shape.value, place.inside(f"{place.path}.{key}.member"))


def _is_opaque(shape: AnyShape) -> bool:
    """Whether AWS prints no more than an object's address: bytes, and lists and maps of structures."""
    match shape:
        case Scalar(kind=kind):
            return kind == "blob"
        case ListOf(item=part) | MapOf(value=part):
            return part.limits.sensitive or not isinstance(part, Scalar)
        case _:
            return True


def _broken(value: Any, shape: AnyShape, place: _Place) -> Iterator[str]:  # noqa: ANN401  # a decoded value
    """The limits of its own that a value breaks; for a list or map, those of its size."""
    limits = shape.limits
    numeric = isinstance(shape, Scalar) and shape.kind in {"whole", "number"}
    if limits.low is not None or limits.high is not None:
        size = value if numeric else len(value)
        if limits.high is not None and size > limits.high:
            yield _at_most(limits.high, numeric=numeric)
        if limits.low is not None and size < limits.low:
            yield _at_least(limits.low, numeric=numeric)
    if not _matches(limits, value):
        yield f"Member must satisfy regular expression pattern: {limits.java_pattern}"
    if limits.choices and value not in limits.choices:
        yield _one_of(limits.choices, place)


def _wanted(shape: Scalar, place: _Place) -> Iterator[str]:
    """All limits of a value, in the order in which AWS lists them."""
    limits = shape.limits
    numeric = shape.kind in {"whole", "number"}
    if limits.high is not None:
        yield _at_most(limits.high, numeric=numeric)
    if limits.low is not None:
        yield _at_least(limits.low, numeric=numeric)
    if limits.java_pattern is not None:
        yield f"Member must satisfy regular expression pattern: {limits.java_pattern}"
    if limits.choices:
        yield _one_of(limits.choices, place)
    if not place.echoes:  # the newer form of words, which leaves values out, closes each list with this
        yield "Member must not be null"


def _at_most(bound: int, *, numeric: bool) -> str:
    return f"Member must have {'value' if numeric else 'length'} less than or equal to {bound}"


def _at_least(bound: int, *, numeric: bool) -> str:
    return f"Member must have {'value' if numeric else 'length'} greater than or equal to {bound}"


def _one_of(choices: tuple[str, ...], place: _Place) -> str:
    listed = f": [{', '.join(_PRINTED_ORDER.get(choices, choices))}]" if place.echoes else ""
    return f"Member must satisfy enum value set{listed}"


def _printed(value: object) -> str:
    return "null" if value is None else f"'{_java(value)[:MOST_PRINTED]}'"


def _java(value: object) -> str:
    """A value as Java's toString writes it."""
    match value:
        case bool():
            return str(value).lower()
        case Mapping():
            return f"{{{', '.join(f'{key}={_java(part)}' for key, part in value.items())}}}"
        case list():
            return f"[{', '.join(map(_java, value))}]"
        case _:
            return str(value)
