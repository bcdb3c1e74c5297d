"""An independent evaluator from npm (@cloud-copilot/iam-simulate) is asked the same questions.

Where the two differ on purpose, the reason stands in DIFFERENCES by name, and the case must show it.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from shared.policy.compiled import Policy, compile_policy
from shared.policy.document import Kind
from shared.policy.evaluate import evaluate
from shared.policy.request import Layers, Request
from tests.shared.policy.asking import ALICE, FEDERATED, STRANGER, WORKER
from tests.shared.policy.made_up import case

NODE = Path(__file__).parents[2] / "node"
CASES = 4000
CALLERS = {"user": ALICE, "session": WORKER, "stranger": STRANGER, "federated": FEDERATED}


def their_verdicts(cases: list[dict[str, Any]], folder: Path) -> list[str]:
    asked = folder / "cases.json"
    asked.write_text(json.dumps(cases), encoding="utf-8")
    node = shutil.which("node")
    assert node
    done = subprocess.run(
        [node, str(NODE / "iam_simulate.mjs"), str(asked)], stdout=subprocess.PIPE, check=True, text=True, timeout=100
    )
    verdicts: list[str] = json.loads(done.stdout)
    return verdicts


def ready(document: dict[str, Any], kind: Kind) -> Policy:
    return compile_policy(json.dumps(document), kind)


def our_verdict(one: dict[str, Any]) -> str:
    boundary, resource = one["boundary"], one["resourcePolicy"]
    layers = Layers(
        [ready(document, Kind.SIMULATION) for document in one["identity"]],
        None if boundary is None else [ready(document, Kind.SIMULATION) for document in boundary],
        () if one["session"] is None else [[ready(one["session"], Kind.SESSION)]],
        None if resource is None else ready(resource, Kind.RESOURCE),
    )
    context = {key.lower(): tuple(value) if isinstance(value, list) else value for key, value in one["context"].items()}
    return evaluate(Request(one["action"], one["resource"], CALLERS[one["who"]], context, one["owner"]), layers).verdict


def policies_of(one: dict[str, Any]) -> list[dict[str, Any]]:
    found = [*one["identity"], *(one["boundary"] or []), one["session"], one["resourcePolicy"]]
    return [document for document in found if document is not None]


def old_document_with_variables(one: dict[str, Any], _mine: str, _theirs: str) -> bool:
    return any(found["Version"] != "2012-10-17" and "${" in json.dumps(found) for found in policies_of(one))


def deny_not_resource_without_value(one: dict[str, Any], mine: str, _theirs: str) -> bool:
    denials = [
        json.dumps(statement["NotResource"])
        for found in policies_of(one)
        for statement in found["Statement"]
        if statement["Effect"] == "Deny" and "NotResource" in statement
    ]
    missing = "aws:username" not in one["context"]
    return mine == "explicitDeny" and missing and any("${aws:username}" in text for text in denials)


def named_in_resource_policy(one: dict[str, Any]) -> str:
    found = (one["resourcePolicy"] or {"Statement": []})["Statement"]
    return json.dumps([statement["Principal"] for statement in found if "Principal" in statement])


def session_named_by_arn(one: dict[str, Any], mine: str, theirs: str) -> bool:
    named = one["principal"] in named_in_resource_policy(one)
    return (mine, theirs) == ("allowed", "implicitDeny") and named and one["session"] is not None


def session_named_by_star(one: dict[str, Any], mine: str, theirs: str) -> bool:
    star = one["who"] == "session" and '"*"' in named_in_resource_policy(one)
    return (mine, theirs) == ("implicitDeny", "allowed") and star and one["boundary"] is not None


def spared_by_account_alone(one: dict[str, Any], mine: str, theirs: str) -> bool:
    """Their Deny spares whoever's account is listed; ours wants the caller by name, too, and spares nobody limited."""
    denials = [found for found in (one["resourcePolicy"] or {"Statement": []})["Statement"] if "NotPrincipal" in found]
    return mine == "explicitDeny" != theirs and bool(denials)


DIFFERENCES: dict[str, Callable[[dict[str, Any], str, str], bool]] = {
    "variables mean nothing in documents before 2012-10-17; iam-simulate fills them in": old_document_with_variables,
    "a variable without a value excludes nothing from a Deny; iam-simulate drops the Deny": (
        deny_not_resource_without_value
    ),
    "naming a session's ARN is not limited by its session policy; for iam-simulate it is": session_named_by_arn,
    "a session named only by * stays within its boundary (the safe reading); for iam-simulate it does not": (
        session_named_by_star
    ),
    "NotPrincipal with Deny spares whom it lists in full; for iam-simulate the account is enough": (
        spared_by_account_alone
    ),
}


def test_verdicts_agree_with_an_independent_evaluator(tmp_path: Path) -> None:
    if shutil.which("node") is None or not (NODE / "node_modules" / "@cloud-copilot" / "iam-simulate").is_dir():
        assert os.environ.get("CI") != "true", "run `npm ci` in tests/node: CI compares with iam-simulate"
        pytest.skip("iam-simulate is not there: run `npm ci` in tests/node to compare with it")
    random = Random(20240611)
    cases = [case(random) for _ in range(CASES)]
    theirs = their_verdicts(cases, tmp_path)
    ours = [our_verdict(one) for one in cases]
    assert set(ours) == {"allowed", "explicitDeny", "implicitDeny"}
    unexplained = [
        (mine, other, one)
        for one, mine, other in zip(cases, ours, theirs, strict=True)
        if mine != other and not any(known(one, mine, other) for known in DIFFERENCES.values())
    ]
    assert not unexplained, json.dumps(unexplained[0], indent=1)
    for name, known in DIFFERENCES.items():
        triples = zip(cases, ours, theirs, strict=True)
        assert any(mine != other and known(one, mine, other) for one, mine, other in triples), f"no longer true: {name}"
