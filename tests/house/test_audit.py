"""No change without its row in the audit, no secret in a row, and no way to alter one (R31)."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.audit import record
from shared.audit.schema import AUDIT
from shared.aws import shapes
from shared.aws.operation import OperationTable

ROOT = Path(__file__).parent.parent.parent

WITHOUT_A_ROW: dict[str, str] = {
    "services/userpool/app.py:_reset": "test mode empties the audit as well",
    "services/userpool/signin/flow.py:_hand_out": "a sign-in: the session row is its record; a new password has a row",
    "services/userpool/signin/flow.py:count_failure": "counts a failed sign-in, and changes nothing else",
    "services/userpool/signup/operations/sign_up.py:post": "a code that anybody asks for about anybody: a row would let "
    "strangers fill the audit, and one for users only would tell who is a user",
    "services/userpool/signup/spend.py:spend": "counts a wrong code, or writes the row itself beside the effect",
    "services/userpool/tokens/flow.py:_hand_over": "a refresh: the session row is its record",
    "services/userpool/tokens/flow.py:revoke_family": "the session row says when it was revoked",
    "services/userpool/tokens/key_ring.py:_make": "signing keys, made by the service itself",
    "services/userpool/sweeping.py:_write": "what is over by its time, and what belonged to a pool whose removal has a row",
    "services/identitypool/sweeping.py:_remove_orphans": "what belonged to a pool whose removal has a row",
    "services/identitypool/app.py:_reset": "test mode empties the audit as well",
    "services/identitypool/authorizer/last_used.py:keep_uses": "is itself the record of a use",
    "services/identitypool/exchange/linking.py:_write": "an identity's first use makes it; its row says when",
    "services/identitypool/exchange/operations.py:get_id": "a guest's first use makes an identity; its row says when",
    "services/identitypool/issuers/open_id_token.py:_made": "the key pair of tokens, made by the service itself",
}
"""Functions that open a transaction for writing themselves, and why there is no row of what they write."""


def opens_a_write(tree: ast.AST) -> Iterator[str]:
    """The functions below `tree` that call `write()` of a database, rather than of a call."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and node.attr == "write" and _is_database(node.value):
                yield function.name


def _is_database(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name.strip("_") == "sql"


def found_in_services() -> set[str]:
    return {
        f"{file.relative_to(ROOT)}:{name}"
        for service in ("userpool", "identitypool")
        for file in (ROOT / "services" / service).rglob("*.py")
        for name in opens_a_write(ast.parse(file.read_text()))
    }


def test_every_transaction_of_a_change_writes_its_row() -> None:
    assert found_in_services() == set(WITHOUT_A_ROW)


def test_the_check_sees_what_it_looks_for() -> None:
    text = """
def audited(call):
    with call.write() as tx: pass
def plain(call):
    with call.context.sql.write() as tx: pass
def hidden(self):
    with self._sql.write() as tx: pass
def handed_on(sql):
    run(sql.write)
"""
    assert list(opens_a_write(ast.parse(text))) == ["plain", "hidden", "handed_on"]


def test_the_rows_name_things_and_take_nothing_else_of_a_request(operation_tables: list[OperationTable[Any]]) -> None:
    members = {
        member.name
        for table in operation_tables
        for served in table.served.values()
        for member in shapes.members(served.operation.request)
    }
    named = set(record.names_in(_Everything()))
    assert len(named) == len(record._NAMES)
    assert set(record._NAMES) <= members
    secret = ("password", "secret", "token", "code", "session", "hash", "attribute", "metadata", "document", "message")
    assert not [name for name in record._NAMES if any(word in name for word in secret)]


class _Everything:
    """A request that has every member there is."""

    def __getattr__(self, name: str) -> str:
        return name


def test_rows_are_added_and_pruned_and_never_altered() -> None:
    statements = [
        node.func.attr
        for file in (ROOT / "shared" / "audit").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_sqlalchemy(node.func.value)
    ]
    assert "update" not in statements
    assert statements.count("delete") == 1
    naming = [
        str(file.relative_to(ROOT))
        for folder in ("services", "shared")
        for file in (ROOT / folder).rglob("*.py")
        if "audit.schema import" in file.read_text() or "schema import audit" in file.read_text()
    ]
    assert sorted(naming) == [
        "services/identitypool/schema/__init__.py",
        "services/userpool/schema/__init__.py",
        "shared/audit/store.py",
    ]
    assert next(column.name for column in AUDIT.primary_key) == "account_id"


def _is_sqlalchemy(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "sa"
