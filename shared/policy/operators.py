"""The table of condition operators: which there are, what family they belong to, which of them are negated.

Source: IAM JSON policy elements: Condition operators; Set operators for multivalued context keys.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Comparison = Literal["=", "<", "<=", ">", ">="]


class Family(StrEnum):
    """What the values of an operator are read as."""

    STRING = "string"
    STRING_ANY_CASE = "stringAnyCase"
    LIKE = "like"
    ARN = "arn"
    NUMERIC = "numeric"
    DATE = "date"
    BOOL = "bool"
    BINARY = "binary"
    IP = "ip"
    NULL = "null"


class Over(StrEnum):
    """How an operator treats a key with several values."""

    ONE = ""
    ANY = "ForAnyValue"
    ALL = "ForAllValues"


_OVER = {"ForAnyValue": Over.ANY, "ForAllValues": Over.ALL}


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator as it stands in a document, taken apart."""

    family: Family
    negated: bool = False
    comparison: Comparison = "="
    over: Over = Over.ONE
    if_exists: bool = False


_WITH_VARIABLES = frozenset({Family.STRING, Family.STRING_ANY_CASE, Family.LIKE, Family.ARN})
_TABLE: dict[str, tuple[Family, bool, Comparison]] = {
    "StringEquals": (Family.STRING, False, "="),
    "StringNotEquals": (Family.STRING, True, "="),
    "StringEqualsIgnoreCase": (Family.STRING_ANY_CASE, False, "="),
    "StringNotEqualsIgnoreCase": (Family.STRING_ANY_CASE, True, "="),
    "StringLike": (Family.LIKE, False, "="),
    "StringNotLike": (Family.LIKE, True, "="),
    "NumericEquals": (Family.NUMERIC, False, "="),
    "NumericNotEquals": (Family.NUMERIC, True, "="),
    "NumericLessThan": (Family.NUMERIC, False, "<"),
    "NumericLessThanEquals": (Family.NUMERIC, False, "<="),
    "NumericGreaterThan": (Family.NUMERIC, False, ">"),
    "NumericGreaterThanEquals": (Family.NUMERIC, False, ">="),
    "DateEquals": (Family.DATE, False, "="),
    "DateNotEquals": (Family.DATE, True, "="),
    "DateLessThan": (Family.DATE, False, "<"),
    "DateLessThanEquals": (Family.DATE, False, "<="),
    "DateGreaterThan": (Family.DATE, False, ">"),
    "DateGreaterThanEquals": (Family.DATE, False, ">="),
    "Bool": (Family.BOOL, False, "="),
    "BinaryEquals": (Family.BINARY, False, "="),
    "IpAddress": (Family.IP, False, "="),
    "NotIpAddress": (Family.IP, True, "="),
    "ArnEquals": (Family.ARN, False, "="),
    "ArnLike": (Family.ARN, False, "="),
    "ArnNotEquals": (Family.ARN, True, "="),
    "ArnNotLike": (Family.ARN, True, "="),
    "Null": (Family.NULL, False, "="),
}


def operator_named(name: str) -> Operator | None:
    """The operator behind a name such as ForAnyValue:StringLikeIfExists; None if there is no such operator."""
    quantifier, colon, rest = name.partition(":")
    over = _OVER.get(quantifier, Over.ONE) if colon else Over.ONE
    if over is not Over.ONE:
        name = rest
    if_exists = name.endswith("IfExists")
    row = _TABLE.get(name.removesuffix("IfExists"))
    if row is None:
        return None
    family, negated, comparison = row
    if family is Family.NULL and (if_exists or over is not Over.ONE):
        return None
    return Operator(family, negated, comparison, over, if_exists)


def takes_variables(operator: Operator) -> bool:
    """Only String and Arn operators fill in ${...}; in the others it is text."""
    return operator.family in _WITH_VARIABLES
