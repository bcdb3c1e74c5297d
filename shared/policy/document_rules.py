"""What AWS refuses in a document whose shape is right, in its words and in its order.

Sources: IAM JSON policy elements reference; recorded answers of CreatePolicy and CreateRole (MalformedPolicyDocument).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shared.policy import values
from shared.policy.json_tree import Position
from shared.policy.operators import Family, Operator
from shared.policy.patterns import cut, text_test
from shared.policy.principal_names import is_well_formed
from shared.policy.statement import Document, Kind, Statement

_SID_MARKS = (
    "Statement IDs (SID) must be alpha numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
)
LEGACY = "The policy failed legacy parsing"
_VENDOR = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")
_PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc", "*"})
_TRUST_ACTIONS = (
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:setcontext",
    "sts:setsourceidentity",
    "sts:tagsession",
)
_IAM_PATHS = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)
_READERS: dict[Family, Callable[[str], object | None]] = {
    Family.NUMERIC: values.number,
    Family.BOOL: values.truth,
    Family.NULL: values.truth,
    Family.BINARY: values.blob,
    Family.IP: values.network,
    Family.DATE: values.instant,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where."""

    message: str
    at: Position


def readable(operator: Operator, texts: tuple[str, ...]) -> bool:
    """Can the operator read every value? One that it cannot never gets stored."""
    reader = _READERS.get(operator.family)
    return reader is None or all(reader(text) is not None for text in texts)


def first_fault(document: Document) -> Fault | None:
    """The first thing AWS would name, or None for a document that may be stored."""
    for rule in (_resource_shapes, _sids, _principals, _contents, _resources_present):
        for message, statement in rule(document):
            return Fault(message, statement.at)
    return None


Faults = Iterator[tuple[str, Statement]]


def _resource_shapes(document: Document) -> Faults:
    """An ARN without a service, or one that leaves fields empty and then ends too early."""
    for statement in document.statements:
        for text in statement.resources or ():
            fields = text.split(":", 5)
            if len(fields) > 2 and fields[1] in _PARTITIONS and (not fields[2] or ("" in fields and len(fields) < 6)):
                yield LEGACY, statement


def _sids(document: Document) -> Faults:
    seen: set[str] = set()
    for statement in document.statements:
        if statement.sid in seen:
            yield "Statement IDs (SID) in a single policy must be unique.", statement
        if statement.sid:
            seen.add(statement.sid)
        plain = statement.sid.isascii() and statement.sid.isalnum()
        if statement.sid and not plain and document.kind is not Kind.RESOURCE:
            yield _SID_MARKS, statement


def _contents(document: Document) -> Faults:
    """Statement by statement: how resources are written, whether there are actions, how they are written."""
    for statement in document.statements:
        if document.kind is Kind.TRUST and statement.resources is not None:
            yield "Has prohibited field Resource", statement
        yield from ((fault, statement) for fault in map(_resource_fault, statement.resources or ()) if fault)
        if not statement.actions:
            yield "Policy statement must contain actions.", statement
        for action in statement.actions:
            message = _action_fault(action)
            if message:
                yield message, statement
            elif document.kind is Kind.TRUST and (statement.not_action or not _assumes(action)):
                yield "AssumeRole policy may only specify STS AssumeRole actions.", statement


def _assumes(action: str) -> bool:
    """Whether a trust policy may speak of it: one of the actions that begin a session, or a pattern of them."""
    fits = text_test(cut(action.lower(), variables=False))
    return action.lower().startswith("sts:") and any(map(fits, _TRUST_ACTIONS))


def _resources_present(document: Document) -> Faults:
    for statement in document.statements:
        if document.kind is not Kind.TRUST and not statement.resources:
            yield "Policy statement must contain resources.", statement


def _resource_fault(text: str) -> str | None:
    if not text.strip("*") and text:
        return None
    fields = text.split(":", 5)
    if len(fields) > 1 and fields[1] not in _PARTITIONS:
        rest = ":".join(fields[1:] + ["*"] * (6 - len(fields)))
        return f'Partition "{fields[1]}" is not valid for resource "arn:{rest}".'
    if fields[0] != "arn" or len(fields) == 1:
        return f'Resource {text} must be in ARN format or "*".'
    if len(fields) == 2:
        return "Resource vendor must be fully qualified and cannot contain regexes."
    service, region, account, path = (fields[2:] + ["", "", "*"][len(fields) - 3 :])[:4]
    if service == "iam" and region not in {"", "*"}:
        return f"IAM resource {text} cannot contain region information."
    if service == "s3" and region not in {"", "*"} and not account:  # an access point has both
        return f"Resource {text} can not contain region information."
    if service == "iam" and not path.startswith((*_IAM_PATHS, "*", "root")):
        return f'IAM resource path must either be "*" or start with {", ".join(_IAM_PATHS)}.'
    return None


def _action_fault(action: str) -> str | None:
    if action == "*":
        return None
    vendor, *names = action.split(":")
    if not names:
        return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
    if len(names) > 1:
        return "Actions/Condition can contain only one colon."
    if vendor != "*" and (not vendor or not _VENDOR.issuperset(vendor)):
        return f"Vendor {vendor} is not valid"
    return None


def _principals(document: Document) -> Faults:
    needed = document.kind in {Kind.TRUST, Kind.RESOURCE}
    for statement in document.statements:
        if statement.principals is None:
            if needed:
                yield "Missing required field Principal", statement
            continue
        if not needed:
            yield "Policy document should not specify a principal.", statement
        for one in statement.principals:
            if one.kind != "*" and not is_well_formed(one.kind, one.name):
                yield f'Invalid principal in policy: "{one.kind.upper()}":"{one.name}"', statement
