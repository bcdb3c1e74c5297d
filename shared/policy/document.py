"""A policy's text as a Document, strictly: nothing is guessed, ignored or read twice.

Sources: IAM JSON policy elements reference; Grammar of the IAM JSON policy language.
"""

import json
from collections.abc import Mapping
from typing import Never

from shared.policy import document_rules
from shared.policy.document_rules import LEGACY
from shared.policy.json_tree import JsonFault, Lines, Node, Number, read
from shared.policy.operators import Family, operator_named
from shared.policy.principal_names import ANYONE, PrincipalName
from shared.policy.statement import NEWEST, OLDEST, Condition, Document, Kind, MalformedPolicy, Statement

__all__ = [
    "Condition",
    "Document",
    "Kind",
    "MalformedPolicy",
    "Statement",
    "parse",
    "policy_size",
    "principals_of",
    "with_principals",
]

SYNTAX = "Syntax errors in policy."
_TOP = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"}
)
_PRINCIPAL_KINDS = frozenset({"AWS", "Federated", "Service", "CanonicalUser"})


def parse(text: str, kind: Kind) -> Document:
    """Reads a document of a kind. Raises MalformedPolicy in AWS's words, with the line and column of the fault."""
    reader = _Reader(text, kind)
    document = reader.document()
    fault = document_rules.first_fault(document)
    if fault is not None:
        raise MalformedPolicy(fault.message, fault.at.line, fault.at.column)
    return document


def principals_of(document: Document) -> tuple[str, ...]:
    """The AWS principals a document names (ARNs, account ids, unique ids; not `*`), each once, in their order."""
    names = (
        principal.name
        for statement in document.statements
        for principal in statement.principals or ()
        if principal.kind == "AWS" and principal.name != ANYONE
    )
    return tuple(dict.fromkeys(names))


def with_principals(text: str, mapping: Mapping[str, str]) -> str:
    """The text with AWS principals replaced (ARN by unique id, or back); everything else stays as it was written.

    The text must be a readable trust or resource policy; raises MalformedPolicy otherwise.
    """
    document = _Reader(text, Kind.RESOURCE).document()
    found = [
        principal
        for statement in document.statements
        for principal in statement.principals or ()
        if principal.kind == "AWS" and principal.name in mapping
    ]
    for principal in sorted(found, key=lambda one: one.start, reverse=True):
        text = text[: principal.start] + json.dumps(mapping[principal.name]) + text[principal.end :]
    return text


def policy_size(text: str) -> int:
    """How many characters count towards a quota: all but blanks outside strings. Source: IAM and AWS STS quotas."""
    size, inside, escaped = 0, False, False
    for mark in text:
        if inside:
            size += 1
            inside = escaped or mark != '"'
            escaped = mark == "\\" and not escaped
        elif not mark.isspace():
            size += 1
            inside = mark == '"'
    return size


class _Reader:
    """One text being read: it knows the lines, so that each refusal can say where."""

    def __init__(self, text: str, kind: Kind) -> None:
        self._text = text
        self._kind = kind
        self._lines = Lines(text)
        self._legacy: list[int] = []  # what AWS's older parser minds, only after shape and version are right

    def document(self) -> Document:
        if self._text[:1].isspace():
            if self._kind is Kind.TRUST:
                self._refuse(0, "JSON strings must not have leading spaces")
            if self._kind is Kind.IDENTITY:
                self._legacy.append(0)
        try:
            root = read(self._text)
        except JsonFault as fault:
            twice = fault.reason.endswith("twice")
            message = "This policy contains invalid Json" if self._kind is Kind.TRUST and not twice else SYNTAX
            self._refuse(fault.offset, message)
        top = self._members(root, _TOP)
        version = self._version(top.get("Version"))
        name = self._text_of(top["Id"]) if "Id" in top else ""
        if "Statement" not in top:
            self._refuse(root.start)
        statements = self._items(top["Statement"])
        if not statements:
            self._refuse(top["Statement"].start)
        before = [top["Statement"].start + 1, *(node.end for node in statements)]
        read_statements = tuple(self._statement(node, start) for node, start in zip(statements, before, strict=False))
        if version != NEWEST and self._kind is Kind.IDENTITY:
            self._refuse(root.start, "Policy document must be version 2012-10-17 or greater.")
        if self._legacy:
            self._refuse(self._legacy[0], LEGACY)
        return Document(self._kind, version, name, read_statements)

    def _version(self, node: Node | None) -> str | None:
        if node is None:
            return None
        version = self._text_of(node)
        if version not in {NEWEST, OLDEST}:
            self._refuse(node.start)
        return version

    def _statement(self, node: Node, start: int) -> Statement:
        members = self._members(node, _STATEMENT)
        for one, other in (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")):
            if one in members and other in members:
                self._refuse(members[other].start)
        principal = members.get("Principal") or members.get("NotPrincipal")
        resource = members.get("Resource") or members.get("NotResource")
        action = members.get("Action") or members.get("NotAction")
        condition = members.get("Condition")
        return Statement(
            sid=self._text_of(members["Sid"]) if "Sid" in members else "",
            allow=self._allows(node, members.get("Effect")),
            actions=self._texts(action) if action else (),
            not_action="NotAction" in members,
            resources=self._texts(resource) if resource else None,
            not_resource="NotResource" in members,
            principals=self._principals(principal) if principal else None,
            not_principal="NotPrincipal" in members,
            conditions=self._conditions(condition) if condition else (),
            at=self._lines.position(node.start),
            start=self._lines.position(start),
            end=self._lines.position(node.end),
        )

    def _allows(self, statement: Node, effect: Node | None) -> bool:
        if effect is None:
            self._refuse(statement.start)
        word = self._text_of(effect)
        if word.lower() not in {"allow", "deny"}:
            self._refuse(effect.start)
        if word not in {"Allow", "Deny"}:
            self._legacy.append(effect.start)
        return word == "Allow"

    def _principals(self, node: Node) -> tuple[PrincipalName, ...]:
        if node.value == ANYONE:
            return (PrincipalName(ANYONE, ANYONE, node.start, node.end),)
        if isinstance(node.value, str):
            self._refuse(node.start, f'Invalid principal in policy: "STAR":"{node.value}"')
        found: list[PrincipalName] = []
        for kind, member in self._members(node, _PRINCIPAL_KINDS).items():
            items = self._items(member)
            found.extend(PrincipalName(kind, self._text_of(item), item.start, item.end) for item in items)
        if not found:
            self._refuse(node.start)
        return tuple(found)

    def _conditions(self, node: Node) -> tuple[Condition, ...]:
        found: list[Condition] = []
        for name, block in self._members(node, None).items():
            operator = operator_named(name)
            keys = self._members(block, None)
            if operator is None:
                if keys:
                    self._refuse(block.start)
                continue  # AWS does not mind an operator that nothing is asked with
            for key, values in keys.items():
                texts = tuple(self._scalar(item) for item in self._items(values))
                if not document_rules.readable(operator, texts):
                    if operator.family is not Family.DATE:
                        self._refuse(values.start)
                    self._legacy.append(values.start)
                found.append(Condition(operator, key, texts))
        return tuple(found)

    def _scalar(self, node: Node) -> str:
        if isinstance(node.value, bool):
            return "true" if node.value else "false"
        if isinstance(node.value, Number):
            return node.value.text
        return self._text_of(node)

    def _members(self, node: Node, known: frozenset[str] | None) -> dict[str, Node]:
        if not isinstance(node.value, dict):
            self._refuse(node.start)
        for name, member in node.value.items():
            if known is not None and name not in known:
                self._refuse(member.start)
        return node.value

    @staticmethod
    def _items(node: Node) -> list[Node]:
        return node.value if isinstance(node.value, list) else [node]

    def _texts(self, node: Node) -> tuple[str, ...]:
        return tuple(self._text_of(item) for item in self._items(node))

    def _text_of(self, node: Node) -> str:
        if not isinstance(node.value, str):
            self._refuse(node.start)
        return node.value

    def _refuse(self, offset: int, message: str = SYNTAX) -> Never:
        at = self._lines.position(offset)
        raise MalformedPolicy(message, at.line, at.column)
