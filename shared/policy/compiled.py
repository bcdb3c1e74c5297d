"""Policies made ready for questions: statements indexed by service, action and the plain beginning of their resources.

A question then looks at the few statements that can concern it, however many there are. Compiled once per text and
source; nothing here depends on a request but what is filled into variables.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from shared.policy.conditions import ConditionTest, compile_condition
from shared.policy.decision import Matched
from shared.policy.document import Document, Kind, MalformedPolicy, Statement, parse
from shared.policy.patterns import (
    ARN_FIELDS,
    Context,
    OpenTest,
    TextTest,
    Tokens,
    Wild,
    arn_test,
    cut,
    literal_prefix,
    open_arn_test,
    text_test,
    variables_in,
)
from shared.policy.principals import Principals, compile_principals

_KEPT_POLICIES = 1024
_KEPT_ACTIONS = 512  # remembered answers to "which statements concern this action", for each policy
FEW = 6  # up to here, looking at each statement is quicker than looking it up
ANY_SERVICE = "*"


@dataclass(frozen=True, slots=True, eq=False)
class CompiledStatement:
    """One statement, or several that differ in no more than their Sids and actions: what is `alike` is told apart only by
    what it `matched`.

    `prefixes` are what a resource must begin with to concern it; None if any resource may. `open_tests` are of the
    resources with `variables`, and `keys` all that is asked of a context.
    """

    allow: bool
    action_tests: tuple[TextTest, ...]
    not_action: bool
    services: frozenset[str]
    every_resource: bool
    resource_tests: tuple[TextTest, ...]
    open_tests: tuple[OpenTest, ...]
    variables: frozenset[str]
    not_resource: bool
    prefixes: frozenset[str] | None
    principals: Principals | None
    conditions: tuple[ConditionTest, ...]
    keys: frozenset[str]
    alike: Hashable
    matched: tuple[Matched, ...]

    def concerns_action(self, action: str) -> bool:
        """Does it speak of this action (in lower case)?"""
        return any(test(action) for test in self.action_tests) is not self.not_action

    def concerns_resource(self, resource: str, context: Context) -> bool:
        """Does it speak of this resource? A pattern whose variable has no value is like nothing.

        In a NotResource it so excludes nothing: a Deny takes effect. An Allow grants nothing by it: what is missing from
        a request must not widen it.
        """
        if self.every_resource:
            return True
        for test in self.resource_tests:
            if test(resource):
                return not self.not_resource
        unsure = False
        for open_test in self.open_tests:
            said = open_test(resource, context)
            if said:
                return not self.not_resource
            unsure = unsure or said is None
        return self.not_resource and not (unsure and self.allow)

    def missing_for(self, resource: str, context: Context) -> frozenset[str]:
        """The variables without a value that may be why a resource that begins rightly is not meant."""
        if self.prefixes is not None and not resource.startswith(tuple(self.prefixes)):
            return frozenset()
        return self.variables.difference(context)

    def holds(self, context: Context) -> bool:
        """Do its conditions hold? What cannot be told counts against the caller: no for an Allow, yes for a Deny."""
        for test in self.conditions:
            said = test(context)
            if said is False or (said is None and self.allow):
                return False
        return True


Statements = tuple[CompiledStatement, ...]


class Bucket:
    """The statements of a policy that concern one action.

    `sure_allows` and `sure_denies` apply whatever the resource and context are. The others are looked at: all of `rest`
    if there are few, else those whose plain beginning fits the resource. `keys` are all that they ask of a context.
    """

    __slots__ = ("_by_prefix", "_lengths", "keys", "rest", "sure_allows", "sure_denies")

    def __init__(self, statements: Statements) -> None:
        sure = [one for one in statements if one.every_resource and not one.conditions and one.principals is None]
        self.sure_allows = _matched(one for one in sure if one.allow)
        self.sure_denies = _matched(one for one in sure if not one.allow)
        known = {id(one) for one in sure}
        unsure = _merged([one for one in statements if id(one) not in known])
        self.keys = tuple(frozenset[str]().union(*(one.keys for one in unsure)))
        by_prefix: dict[str, list[CompiledStatement]] = {}
        rest: list[CompiledStatement] = []
        for statement in unsure:
            if statement.prefixes is None or len(unsure) <= FEW:
                rest.append(statement)
                continue
            for prefix in statement.prefixes:
                by_prefix.setdefault(prefix, []).append(statement)
        self.rest = tuple(rest)
        self._by_prefix = {prefix: tuple(found) for prefix, found in by_prefix.items()}
        self._lengths = tuple(sorted({len(prefix) for prefix in by_prefix}))

    def candidates(self, resource: str) -> Collection[CompiledStatement]:
        """The statements that are to be looked at for a resource, each once."""
        if not self._lengths:
            return self.rest
        by_prefix = self._by_prefix
        found = [by_prefix[start] for length in self._lengths if (start := resource[:length]) in by_prefix]
        if not found:
            return self.rest
        if len(found) == 1 and not self.rest:
            return found[0]
        return dict.fromkeys(statement for group in (self.rest, *found) for statement in group)


def _matched(statements: Iterable[CompiledStatement]) -> tuple[Matched, ...]:
    return tuple(matched for one in statements for matched in one.matched)


def _merged(statements: Sequence[CompiledStatement]) -> list[CompiledStatement]:
    """Each kind of statement once."""
    groups: dict[Hashable, list[CompiledStatement]] = {}
    for statement in statements:
        groups.setdefault(statement.alike, []).append(statement)
    return [group[0] if len(group) == 1 else replace(group[0], matched=_matched(group)) for group in groups.values()]


class Policy:
    """A compiled policy and where it is from: its id or name, the type of source, its version."""

    __slots__ = ("_any_service", "_buckets", "_by_service", "document", "source_id", "source_type", "version")

    def __init__(self, document: Document, source_id: str, source_type: str, version: str) -> None:
        self.document = document
        self.source_id = source_id
        self.source_type = source_type
        self.version = version
        compiled = [_statement(document, one, (source_id, source_type, version)) for one in document.statements]
        by_service: dict[str, list[CompiledStatement]] = {}
        for statement in compiled:
            for service in statement.services:
                by_service.setdefault(service, []).append(statement)
        self._any_service = tuple(by_service.pop(ANY_SERVICE, ()))
        self._by_service = {service: tuple(found) for service, found in by_service.items()}
        self._buckets: dict[str, Bucket] = {}

    @property
    def kind(self) -> Kind:
        """What the document is for."""
        return self.document.kind

    def bucket(self, action: str) -> Bucket:
        """The statements that concern an action (in lower case)."""
        return self._buckets.get(action) or self._fill_bucket(action)

    def _fill_bucket(self, action: str) -> Bucket:
        service = action.partition(":")[0]
        possible = self._any_service + self._by_service.get(service, ())
        bucket = Bucket(tuple(one for one in dict.fromkeys(possible) if one.concerns_action(action)))
        if len(self._buckets) >= _KEPT_ACTIONS:
            self._buckets.clear()
        self._buckets[action] = bucket
        return bucket


@lru_cache(_KEPT_POLICIES)
def _cached(text: str, kind: Kind, source_id: str, source_type: str, version: str) -> Policy:
    return Policy(parse(text, kind), source_id, source_type, version)


def compile_policy(text: str, kind: Kind, *, source_id: str = "", source_type: str = "", version: str = "") -> Policy:
    """A text made ready for questions; the same text and source again costs a look-up. Raises MalformedPolicy."""
    return _cached(text, kind, source_id, source_type, version)


def compile_stored(text: str, kind: Kind, *, source_id: str = "", source_type: str = "", version: str = "") -> Policy:
    """As compile_policy, for a text that was accepted once: one that can no longer be read denies everything."""
    try:
        return _cached(text, kind, source_id, source_type, version)
    except MalformedPolicy:
        return _cached(_DENY_ALL[kind], kind, source_id, source_type, version)


_HEAD = '{"Version":"2012-10-17","Statement":{"Sid":"Unreadable","Effect":"Deny",'
_DENY_ALL = {
    **dict.fromkeys((Kind.IDENTITY, Kind.SESSION, Kind.SIMULATION), _HEAD + '"Action":"*","Resource":"*"}}'),
    Kind.RESOURCE: _HEAD + '"Principal":"*","Action":"*","Resource":"*"}}',
    Kind.TRUST: _HEAD + '"Principal":"*","Action":"sts:*"}}',
}


def _statement(document: Document, statement: Statement, source: tuple[str, str, str]) -> CompiledStatement:
    patterns = [_resource(text, document.knows_variables) for text in statement.resources or ()]
    every = statement.resources is None or (not statement.not_resource and (Wild.STAR,) in patterns)
    conditions = [compile_condition(one, variables=document.knows_variables) for one in statement.conditions]
    variables = frozenset[str]().union(*(variables_in(one) for one in patterns))
    principals = None
    if statement.principals is not None:
        principals = compile_principals(statement.principals, negated=statement.not_principal)
    effect: Literal["Allow", "Deny"] = "Allow" if statement.allow else "Deny"
    return CompiledStatement(
        allow=statement.allow,
        action_tests=tuple(text_test(cut(action.lower(), variables=False)) for action in statement.actions),
        not_action=statement.not_action,
        services=_services(statement),
        every_resource=every,
        resource_tests=tuple(_resource_test(one) for one in patterns if not variables_in(one)),
        open_tests=tuple(open_arn_test(one) for one in patterns if variables_in(one)),
        variables=variables,
        not_resource=statement.not_resource,
        prefixes=None if every or statement.not_resource else frozenset(literal_prefix(one) for one in patterns),
        principals=principals,
        conditions=tuple(test for test, _ in conditions),
        keys=variables.union(*(keys for _, keys in conditions)),
        alike=(effect, statement.resources, statement.not_resource, principals, statement.conditions),
        matched=(Matched(*source, statement.sid, effect, statement.start, statement.end),),
    )


def _services(statement: Statement) -> frozenset[str]:
    if statement.not_action:
        return frozenset({ANY_SERVICE})
    return frozenset(action.lower().partition(":")[0] for action in statement.actions)


def _resource(text: str, variables: bool) -> Tokens:  # noqa: FBT001
    """A resource pattern; variables stand only after the fifth colon."""
    fields = text.split(":", ARN_FIELDS - 1)
    if not variables or len(fields) < ARN_FIELDS:
        return cut(text, variables=False)
    head = cut(":".join(fields[:-1]) + ":", variables=False)
    tail = cut(fields[-1], variables=True)
    if tail and isinstance(tail[0], str) and isinstance(head[-1], str):
        return (*head[:-1], head[-1] + tail[0], *tail[1:])
    return head + tail


def _resource_test(tokens: Tokens) -> Callable[[str], bool]:
    return text_test(tokens) if tokens == (Wild.STAR,) else arn_test(tokens)
