"""The language once more, as slowly and plainly as it can be said, to compare the engine with.

Works on the parsed document alone: no index, no compiled pattern, no early end, and its own matching of wildcards.
"""

import base64
import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from shared.policy.document import Condition, Document, Statement
from shared.policy.operators import Family, Over
from shared.policy.patterns import Variable, Wild, cut
from shared.policy.principals import PrincipalFacts

Context = dict[str, str | tuple[str, ...]]


def verdict(documents: list[Document], action: str, resource: str, context: Context) -> str:
    """Identity policies only."""
    allowed = False
    for document in documents:
        for statement in document.statements:
            said = applies(document, statement, action, resource, context)
            if not statement.allow and said is not False:
                return "explicitDeny"
            allowed = allowed or (statement.allow and said is True)
    return "allowed" if allowed else "implicitDeny"


def applies(document: Document, statement: Statement, action: str, resource: str, context: Context) -> bool | None:
    """Do action, resource and conditions fit? None: cannot tell."""
    named = any(glob(pieces(one.lower(), {}, variables=False), action.lower()) for one in statement.actions)
    if named == statement.not_action:
        return False
    meant = any(resource_fits(one, resource, context, document.knows_variables) for one in statement.resources or ())
    if meant == statement.not_resource or (
        statement.allow and statement.not_resource and lacks(document, statement, context)
    ):
        return False
    said = [condition_holds(document, one, context) for one in statement.conditions]
    return False if False in said else None if None in said else True


def lacks(document: Document, statement: Statement, context: Context) -> bool:
    """Is there a pattern with a variable that has no value?"""
    fields = [text.split(":", 5)[-1] for text in statement.resources or ()]
    return any(pieces(field, context, variables=document.knows_variables) is None for field in fields)


def pieces(pattern: str, context: Context, *, variables: bool, wildcards: bool = True) -> list[str] | None:
    """One list item a character; a wildcard is marked with a NUL. None: a variable has no value."""
    result: list[str] = []
    for token in cut(pattern, variables=variables, wildcards=wildcards):
        if isinstance(token, Wild):
            result.append("\0" + token.value)
        elif isinstance(token, Variable):
            value = context.get(token.key)
            if value in {None, ()}:
                value = token.default
            if isinstance(value, tuple):
                value = value[0] if len(value) == 1 else None
            if value is None:
                return None
            result.extend(value)
        else:
            result.extend(token)
    return result


def glob(pattern: list[str] | None, text: str) -> bool:
    """By the book: a star is nothing, or one character and the star again."""
    if pattern is None:
        return False
    known = pattern

    @cache
    def fits(at: int, here: int) -> bool:
        if at == len(known):
            return here == len(text)
        if known[at] == "\0*":
            return fits(at + 1, here) or (here < len(text) and fits(at, here + 1))
        return here < len(text) and (known[at] in {"\0?", text[here]}) and fits(at + 1, here + 1)

    return fits(0, 0)


def resource_fits(pattern: str, resource: str, context: Context, variables: bool) -> bool:  # noqa: FBT001
    if not pattern.strip("*"):
        return True
    fields, values = pattern.split(":", 5), resource.split(":", 5)
    if len(values) < 6:
        return False
    plain = all(glob(pieces(one, {}, variables=False), value) for one, value in zip(fields[:5], values, strict=False))
    return plain and glob(pieces(fields[5], context, variables=variables), values[5])


def condition_holds(document: Document, condition: Condition, context: Context) -> bool | None:
    operator, given = condition.operator, context.get(condition.key.lower(), ())
    if operator.family is Family.NULL:
        return any((given == ()) is (text.lower() == "true") for text in condition.values)
    if given == ():
        if operator.over is not Over.ONE:
            return operator.over is Over.ALL
        return operator.negated or operator.if_exists
    given = (given,) if isinstance(given, str) else given
    said = [among(document, condition, value, context) for value in given]
    if operator.negated:
        said = [None if one is None else not one for one in said]
    if operator.over is Over.ALL:
        return False if False in said else None if None in said else True
    if operator.over is Over.ONE and len(given) > 1:
        return None
    return True if True in said else None if None in said else False


def among(document: Document, condition: Condition, value: str, context: Context) -> bool | None:
    operator = condition.operator
    if operator.family in {Family.STRING, Family.STRING_ANY_CASE, Family.LIKE}:
        wild = operator.family is Family.LIKE
        fold: Callable[[str], str] = str.lower if operator.family is Family.STRING_ANY_CASE else str
        filled = [
            pieces(text, context, variables=document.knows_variables, wildcards=wild) for text in condition.values
        ]
        return any(one is not None and glob([fold(mark) for mark in one], fold(value)) for one in filled)
    if operator.family is Family.ARN:
        if len(value.split(":", 5)) < 6:
            return None
        return any(arn_fits(text, value, context, document.knows_variables) for text in condition.values)
    try:
        mine = read(operator.family, value)
    except (ValueError, InvalidOperation):
        return None
    if operator.family is Family.IP:
        return any(mine in ipaddress.ip_network(text, strict=False) for text in condition.values)
    order = {"=": "__eq__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}[operator.comparison]
    return any(getattr(mine, order)(read(operator.family, text)) is True for text in condition.values)


def arn_fits(pattern: str, value: str, context: Context, variables: bool) -> bool:  # noqa: FBT001
    marked = pattern.replace("${aws:u}", "\1")  # the colon of the one variable these tests use is no field's end
    fields = marked.split(":", 5)
    fields += ["*"] * (6 - len(fields))
    return all(
        glob(pieces(field.replace("\1", "${aws:u}"), context, variables=variables), part)
        for field, part in zip(fields, value.split(":", 5), strict=True)
    )


def read(family: Family, text: str) -> Any:
    if family is Family.NUMERIC:
        return Decimal(text)
    if family is Family.BOOL:
        return {"true": True, "false": False}.get(text) if text in {"true", "false"} else int("x")
    if family is Family.DATE:
        if text.isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        if "T" not in text:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        return datetime.fromisoformat(text)
    if family is Family.BINARY:
        return base64.b64decode(text, validate=True)
    return ipaddress.ip_address(text)


def same_account_verdict(
    identity: bool,  # noqa: FBT001
    boundary: bool,  # noqa: FBT001
    session: bool,  # noqa: FBT001
    named: str,
    principal: PrincipalFacts,
) -> bool:
    """AWS's table for a resource policy in the caller's account: what was named, and what is then still needed."""
    if named == "session":
        return True
    if named in {"user", "anyone"} and principal.kind == "user":
        return session
    if named in {"role", "anyone"}:
        return boundary and session
    return identity and boundary and session
