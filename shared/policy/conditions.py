"""Conditions as tests of three values: True, False, and None for "cannot tell".

An Allow needs True; a Deny is stopped only by False. A missing key is no error: it follows the operator's rule.
Sources: IAM JSON policy elements: Condition operators; Conditions with multiple context keys or values; Set operators
for multivalued context keys; IfExists; Null.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from operator import eq, ge, gt, le, lt
from typing import Any

from shared.policy import values
from shared.policy.operators import Comparison, Family, Operator, Over, takes_variables
from shared.policy.patterns import (
    ARN_FIELDS,
    Context,
    OpenTest,
    TextTest,
    Tokens,
    arn_test,
    cut,
    filled,
    open_arn_test,
    open_text_test,
    plain_text,
    text_test,
    variables_in,
)
from shared.policy.statement import Condition

Answer = bool | None
ConditionTest = Callable[[Context], Answer]
ValueTest = Callable[[str, Context], Answer]  # is this request value among the policy's values?

_COMPARE: dict[Comparison, Callable[[Any, Any], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


def compile_condition(condition: Condition, *, variables: bool) -> tuple[ConditionTest, frozenset[str]]:
    """The test of one key under one operator, and the keys it asks for. `variables`: does the version know them?"""
    operator, key = condition.operator, condition.key.lower()
    if operator.family is Family.NULL:
        wanted = frozenset(values.truth(text) for text in condition.values)
        return partial(_is_null, key, wanted), frozenset({key})
    patterns = [
        cut(
            text,
            variables=variables and takes_variables(operator),
            wildcards=operator.family in {Family.LIKE, Family.ARN},
        )
        for text in condition.values
    ]
    keys = frozenset({key}).union(*(variables_in(pattern) for pattern in patterns))
    among = _value_test(operator, condition.values, patterns)
    if operator.over is Over.ONE:
        missing = operator.negated or operator.if_exists
        if operator.family is Family.STRING and not any(variables_in(pattern) for pattern in patterns):
            return partial(_one_of, key, frozenset(map(plain_text, patterns)), operator.negated, missing), keys
        return partial(_one, key, among, operator.negated, missing), keys
    if operator.over is Over.ALL:
        return partial(_all, key, among, operator.negated), keys
    return partial(_any, key, among, operator.negated), keys


def every(answers: Iterable[Answer]) -> Answer:
    """AND of three values: False decides, then "cannot tell"."""
    result: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def some(answers: Iterable[Answer]) -> Answer:
    """OR of three values: True decides, then "cannot tell"."""
    result: Answer = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            result = None
    return result


def _is_null(key: str, wanted: frozenset[bool | None], context: Context) -> Answer:
    return (context.get(key, ()) == ()) in wanted


def _one_of(key: str, plain: frozenset[str], negated: bool, missing: Answer, context: Context) -> Answer:  # noqa: FBT001
    """As _one, for StringEquals without variables: what most policies ask, so it is worth a way of its own."""
    value = context.get(key)
    if value.__class__ is str:
        return (value in plain) is not negated
    if value is None or value == ():
        return missing
    return None if len(value) != 1 else (value[0] in plain) is not negated


def _one(key: str, among: ValueTest, negated: bool, missing: Answer, context: Context) -> Answer:  # noqa: FBT001
    value = context.get(key)
    if value is None or value == ():
        return missing
    if value.__class__ is tuple:
        if len(value) != 1:
            return None  # several values need a set operator
        value = value[0]
    return _flip(among(value, context), negated)  # type: ignore[arg-type]


def _all(key: str, among: ValueTest, negated: bool, context: Context) -> Answer:  # noqa: FBT001
    return every(_flip(among(value, context), negated) for value in _several(context, key))


def _any(key: str, among: ValueTest, negated: bool, context: Context) -> Answer:  # noqa: FBT001
    return some(_flip(among(value, context), negated) for value in _several(context, key))


def _flip(answer: Answer, negated: bool) -> Answer:  # noqa: FBT001
    return not answer if negated and answer is not None else answer


def _several(context: Context, key: str) -> tuple[str, ...]:
    value = context.get(key, ())
    return (value,) if isinstance(value, str) else value


# ---- is a request value among the policy's values?


def _value_test(operator: Operator, texts: tuple[str, ...], patterns: list[Tokens]) -> ValueTest:
    family = operator.family
    if family is Family.STRING or family is Family.STRING_ANY_CASE:
        fold = family is Family.STRING_ANY_CASE
        plain = frozenset(_fold(plain_text(one), fold) for one in patterns if not variables_in(one))
        return partial(_equals, plain, tuple(one for one in patterns if variables_in(one)), fold)
    if family is Family.LIKE or family is Family.ARN:
        like, make, make_open = _LIKE[family]
        tests = tuple(make(one) for one in patterns if not variables_in(one))
        return partial(like, tests, tuple(make_open(one) for one in patterns if variables_in(one)))
    if family is Family.IP:
        networks = [values.network(text) for text in texts]
        return partial(_in_networks, tuple(one for one in networks if one is not None))
    return _typed_test(operator, texts)


def _fold(text: str, fold: bool) -> str:  # noqa: FBT001
    return text.lower() if fold else text


def _equals(plain: frozenset[str], open_ones: tuple[Tokens, ...], fold: bool, value: str, context: Context) -> Answer:  # noqa: FBT001
    value = _fold(value, fold)
    if value in plain:
        return True
    for tokens in open_ones:
        text = filled(tokens, context)
        if text is not None and _fold(plain_text(text), fold) == value:
            return True
    return False


def _like(tests: tuple[TextTest, ...], open_tests: tuple[OpenTest, ...], value: str, context: Context) -> Answer:
    for test in tests:
        if test(value):
            return True
    return any(open_test(value, context) for open_test in open_tests)


def _like_arn(tests: tuple[TextTest, ...], open_tests: tuple[OpenTest, ...], value: str, context: Context) -> Answer:
    if value.count(":") < ARN_FIELDS - 1:
        return None
    return _like(tests, open_tests, value, context)


def _open_arn_test(tokens: Tokens) -> OpenTest:
    """What a variable stands for stays within its field, unless the pattern begins with it: then it is an ARN."""
    return open_arn_test(tokens) if isinstance(tokens[0], str) else partial(_whole_arn, tokens)


def _whole_arn(tokens: Tokens, value: str, context: Context) -> bool | None:
    whole = filled(tokens, context)
    return None if whole is None else arn_test(whole)(value)


def _in_networks(networks: tuple[values.Network, ...], value: str, _context: Context) -> Answer:
    address = values.address(value)
    return None if address is None else values.within(address, networks)


_LIKE = {Family.LIKE: (_like, text_test, open_text_test), Family.ARN: (_like_arn, arn_test, _open_arn_test)}
Comparable = Decimal | bool | bytes
_READ: dict[Family, Callable[[str], Comparable | None]] = {
    Family.NUMERIC: values.number,
    Family.DATE: values.instant,
    Family.BOOL: values.truth,
    Family.BINARY: values.blob,
}


def _typed_test(operator: Operator, texts: tuple[str, ...]) -> ValueTest:
    read = _READ[operator.family]
    known = tuple(one for one in map(read, texts) if one is not None)
    return partial(_compares, read, _COMPARE[operator.comparison], known)


def _compares(
    read: Callable[[str], Comparable | None],
    compare: Callable[[Comparable, Comparable], bool],
    known: tuple[Comparable, ...],
    value: str,
    _context: Context,
) -> Answer:
    mine = read(value)
    return None if mine is None else any(compare(mine, other) for other in known)
