"""Short ways to ask the engine, for the tables of these tests."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shared.policy.compiled import Policy, compile_policy
from shared.policy.decision import Decision
from shared.policy.document import Kind
from shared.policy.evaluate import evaluate
from shared.policy.principals import PrincipalFacts
from shared.policy.request import Layers, Request

ACCOUNT = "111122223333"
OTHER = "444455556666"
BUCKET = "arn:aws:s3:::bucket"
KEY = f"{BUCKET}/key"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/path/Worker"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Worker/tuesday"

ALICE = PrincipalFacts(f"arn:aws:iam::{ACCOUNT}:user/alice", ACCOUNT, "user", "AIDAALICEALICEALICE1")
STRANGER = PrincipalFacts(f"arn:aws:iam::{OTHER}:user/eve", OTHER, "user", "AIDAEVEEVEEVEEVEEVE1")
ROOT = PrincipalFacts(f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, "root", ACCOUNT)
WORKER = PrincipalFacts(SESSION, ACCOUNT, "role_session", "AROAWORKERWORKERWORK", role_arn=ROLE)
FEDERATED = PrincipalFacts(f"arn:aws:sts::{ACCOUNT}:federated-user/bob", ACCOUNT, "federated_user")
ANONYMOUS = PrincipalFacts("", "", "anonymous")
LAMBDA = PrincipalFacts("", "", "service", service="lambda.amazonaws.com")
COGNITO = PrincipalFacts("", ACCOUNT, "web_identity", federated="cognito-identity.amazonaws.com")

Statement = dict[str, Any]
Context = Mapping[str, str | tuple[str, ...]]


def text(*statements: Statement, version: str | None = "2012-10-17") -> str:
    head = {"Version": version} if version else {}
    return json.dumps({**head, "Statement": list(statements)})


def policy(*statements: Statement, kind: Kind = Kind.IDENTITY, version: str | None = "2012-10-17") -> Policy:
    return compile_policy(text(*statements, version=version), kind, source_id="p", source_type="inline")


def allow(action: Any = "s3:*", resource: Any = "*", **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:*", resource: Any = "*", **more: Any) -> Statement:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def trust(principal: Any, action: Any = "sts:AssumeRole", effect: str = "Allow", **more: Any) -> Policy:
    return policy({"Effect": effect, "Principal": principal, "Action": action, **more}, kind=Kind.TRUST)


def ask(
    layers: Layers,
    principal: PrincipalFacts = ALICE,
    action: str = "s3:GetObject",
    resource: str = KEY,
    context: Context | None = None,
    owner: str | None = None,
) -> Decision:
    return evaluate(Request(action, resource, principal, context or {}, owner), layers)


def verdict_of(statements: Sequence[Statement], action: str = "s3:GetObject", resource: str = KEY) -> str:
    return ask(Layers([policy(*statements)]), action=action, resource=resource).verdict
