"""How principals are written in documents: which texts are allowed, and how a trust policy comes to store unique ids.

Source: AWS JSON policy elements: Principal.
"""

from dataclasses import dataclass

ANYONE = "*"
_UNIQUE_IDS = ("AIDA", "AROA", "AGPA", "ANPA", "ASIA", "AKIA", "ANVA", "APKA", "ASCA")
_IAM = ("user/", "role/")
_STS = ("assumed-role/", "federated-user/")


@dataclass(frozen=True, slots=True)
class PrincipalName:
    """One principal of a statement, and where its text stands in the document (quotes included)."""

    kind: str  # AWS, Federated, Service, CanonicalUser; `*` for "Principal": "*"
    name: str
    start: int
    end: int


def is_account_id(text: str) -> bool:
    """Twelve digits."""
    return len(text) == 12 and text.isascii() and text.isdigit()


def account_in(arn: str) -> str | None:
    """The account that an ARN names; None if it names none, as those of S3, or is no ARN."""
    fields = arn.split(":", 5)
    return fields[4] if len(fields) == 6 and is_account_id(fields[4]) else None


def is_unique_id(text: str) -> bool:
    """AIDA..., AROA...: what is left of a principal that was deleted, and what trust policies store."""
    return len(text) >= 16 and text.startswith(_UNIQUE_IDS) and text.isalnum() and text.isascii()


def is_well_formed(kind: str, name: str) -> bool:
    """May this text stand for a principal of this kind? Whether it exists is for the caller to say."""
    if kind == "AWS":
        return name == ANYONE or is_account_id(name) or is_unique_id(name) or _is_principal_arn(name)
    if not name or "*" in name or "?" in name or any(mark.isspace() for mark in name):
        return False
    if kind == "Service":
        return "." in name
    return True


def _is_principal_arn(name: str) -> bool:
    fields = name.split(":", 5)
    if len(fields) != 6 or "*" in name or "?" in name:
        return False
    arn, partition, service, region, account, rest = fields
    if arn != "arn" or not partition.startswith("aws") or region or not is_account_id(account):
        return False
    if service == "iam":
        return rest == "root" or (rest.startswith(_IAM) and not rest.endswith("/"))
    return service == "sts" and rest.startswith(_STS) and not rest.endswith("/")
