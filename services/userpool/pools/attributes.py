"""What a pool knows of each attribute: the 21 standard ones, and those that the pool adds. Pure.

Source: developer guide, "Working with user attributes"; API reference SchemaAttributeType.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

from services.userpool.errors import InvalidParameter
from shared.aws.api import cognito_idp as api

DataType = Literal["String", "Number", "DateTime", "Boolean"]

MOST_CUSTOM: Final = 50
LONGEST: Final = 2048


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of the schema. `low` and `high` bound a string's length or a number's value."""

    name: str
    data_type: DataType = "String"
    mutable: bool = True
    required: bool = False
    developer_only: bool = False
    low: int | None = None
    high: int | None = None
    constrained: bool = False


def _text(name: str, low: int = 0, high: int = LONGEST, *, fixed: bool = False) -> Attribute:
    return Attribute(name, mutable=not fixed, required=fixed, low=low, high=high, constrained=True)


def _standard() -> tuple[Attribute, ...]:
    return (
        _text("sub", 1, fixed=True),
        _text("name"),
        *map(_text, ("given_name", "family_name", "middle_name", "nickname", "preferred_username")),
        *map(_text, ("profile", "picture", "website", "email")),
        Attribute("email_verified", "Boolean"),
        _text("gender"),
        _text("birthdate", 10, 10),
        *map(_text, ("zoneinfo", "locale", "phone_number")),
        Attribute("phone_number_verified", "Boolean"),
        _text("address"),
        Attribute("updated_at", "Number", low=0, constrained=True),
        Attribute("identities", constrained=True),
    )


STANDARD: Final[tuple[Attribute, ...]] = _standard()
_STANDARD_BY_NAME: Final = {attribute.name: attribute for attribute in STANDARD}
_KEPT_BY_US: Final = frozenset({"sub", "identities"})


def attribute_table(
    given: Sequence[api.SchemaAttributeType], added: Sequence[api.SchemaAttributeType] = ()
) -> Mapping[str, Attribute]:
    """The pool's attributes by full name, standard ones first, from what the pool was given.

    `given` came with the pool: a standard name in it means the standard attribute. `added` came later and is custom.

    Raises InvalidParameter for what AWS refuses: changed types of standard attributes, custom ones that are required or
    have no type, names that are taken, bounds that are no numbers.
    """
    table = dict(_STANDARD_BY_NAME)
    names: dict[str, str] = {}
    for attribute in (*map(_given, given), *map(custom_attribute, added)):
        bare = attribute.name.removeprefix("dev:")
        if bare in names:
            raise InvalidParameter(f"{bare}: Existing attribute already has name {names[bare]}.")
        names[bare] = attribute.name
        table[attribute.name] = attribute
    if len(table) - len(STANDARD) > MOST_CUSTOM:
        raise InvalidParameter(f"A user pool has at most {MOST_CUSTOM} custom attributes.")
    return MappingProxyType(table)


def _given(entry: api.SchemaAttributeType) -> Attribute:
    return _standard_changed(entry) if entry.name in _STANDARD_BY_NAME else custom_attribute(entry)


def custom_attribute(entry: api.SchemaAttributeType) -> Attribute:
    """The custom attribute that an entry describes. Raises InvalidParameter."""
    if entry.name is None:
        raise InvalidParameter("Name is required for a schema attribute.")
    if entry.required:
        raise InvalidParameter("Required custom attributes are not supported currently.")
    data_type = entry.attribute_data_type
    if data_type is None:
        raise InvalidParameter("Invalid AttributeDataType input, consider using the provided AttributeDataType enum.")
    low, high, constrained = _bounds(entry, data_type)
    developer_only = entry.developer_only_attribute or False
    return Attribute(
        name=f"{'dev:' if developer_only else ''}custom:{entry.name}",
        data_type=data_type,
        mutable=entry.mutable is not False,
        developer_only=developer_only,
        low=low,
        high=high,
        constrained=constrained or data_type in {"String", "Number"},
    )


def _standard_changed(entry: api.SchemaAttributeType) -> Attribute:
    standard = _STANDARD_BY_NAME[entry.name or ""]
    if entry.developer_only_attribute or entry.attribute_data_type not in {None, standard.data_type}:
        raise InvalidParameter(
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute "
            f"{standard.name}",
        )
    if standard.name in _KEPT_BY_US:
        return standard
    low, high, constrained = _bounds(entry, standard.data_type)
    return replace(
        standard,
        mutable=entry.mutable is not False,
        required=entry.required or False,
        low=low if constrained else standard.low,
        high=high if constrained else standard.high,
    )


def _bounds(entry: api.SchemaAttributeType, data_type: DataType) -> tuple[int | None, int | None, bool]:
    """Low, high, and whether any were given. Those of another type say nothing (API reference CreateUserPool, example).

    Raises InvalidParameter for bounds that are none.
    """
    text = entry.string_attribute_constraints if data_type == "String" else None
    number = entry.number_attribute_constraints if data_type == "Number" else None
    if text:
        low, high = _number(entry.name, "String", text.min_length), _number(entry.name, "String", text.max_length)
    elif number:
        low, high = _number(entry.name, "Number", number.min_value), _number(entry.name, "Number", number.max_value)
    else:
        return None, None, False
    if low is not None and high is not None and low > high:
        kind = "length" if text else "value"
        raise InvalidParameter(f"user.{entry.name}: Max {kind} cannot be less than min {kind}.")
    if text and max(low or 0, high or 0) > LONGEST:
        raise InvalidParameter(f"user.{entry.name}: String attributes cannot have a length of more than {LONGEST}")
    if text and min(low or 0, high or 0) < 0:
        raise _not_a_bound(entry.name, "String")
    return low, high, True


def _number(name: str | None, kind: Literal["String", "Number"], text: str | None) -> int | None:
    if text is None:
        return None
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit() or len(text) > 19:
        raise _not_a_bound(name, kind)
    return int(text)


def _not_a_bound(name: str | None, kind: Literal["String", "Number"]) -> InvalidParameter:
    return InvalidParameter(f"Invalid {kind}AttributeConstraints for schema attribute {name}")


def shown(attribute: Attribute) -> api.SchemaAttributeType:
    """The attribute as DescribeUserPool gives it: numbers inside constraints are strings."""
    low = None if attribute.low is None else str(attribute.low)
    high = None if attribute.high is None else str(attribute.high)
    text = attribute.constrained and attribute.data_type == "String"
    number = attribute.constrained and attribute.data_type == "Number"
    return api.SchemaAttributeType(
        name=attribute.name,
        attribute_data_type=attribute.data_type,
        developer_only_attribute=attribute.developer_only,
        mutable=attribute.mutable,
        required=attribute.required,
        string_attribute_constraints=api.StringAttributeConstraintsType(min_length=low, max_length=high)
        if text
        else None,
        number_attribute_constraints=api.NumberAttributeConstraintsType(min_value=low, max_value=high)
        if number
        else None,
    )
