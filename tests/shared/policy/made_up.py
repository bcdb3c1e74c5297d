"""Policies and requests made up by a seed, as plain JSON: what both evaluators are asked."""

from random import Random
from typing import Any

from tests.shared.policy.asking import ACCOUNT, ALICE, FEDERATED, OTHER, ROLE, SESSION, STRANGER

ACTIONS = ["s3:GetObject", "s3:PutObject", "S3:deleteobject"]
ACTION_PATTERNS = ["*", "s3:*", "s3:Get*", "S3:getobj?ct", "ec2:*", "s3:*Object*", "s3:PutObject"]
RESOURCES = ["arn:aws:s3:::orders/alice/a", "arn:aws:s3:::orders/b"]
RESOURCE_PATTERNS = [
    "*",
    "arn:aws:s3:::orders/b",
    "arn:aws:s3:*:*:orders/*",
    "arn:*:s3:::ord*",
    "arn:aws:s3:::orders/${aws:username}/*",
    "arn:aws:s3:::orders/${aws:username, 'alice'}/?",
    "arn:aws:s3:::${*}/b",
    "arn:aws:s3:::other*",
]
OPERATORS: dict[str, list[Any]] = {
    "StringEquals": ["a", "A", "b*", "${aws:username}"],
    "StringNotEquals": ["a", "b"],
    "StringEqualsIgnoreCase": ["A", "b"],
    "StringNotEqualsIgnoreCase": ["A", "b"],
    "StringLike": ["a*", "?", "*b", "${aws:username}*"],
    "StringNotLike": ["a*", "*b"],
    "NumericEquals": ["1", "10"],
    "NumericNotEquals": ["1", "10"],
    "NumericLessThan": ["5"],
    "NumericLessThanEquals": ["1"],
    "NumericGreaterThan": ["5"],
    "NumericGreaterThanEquals": ["10"],
    "DateEquals": ["2024-01-01T00:00:00Z", "2024-01-01", "2024-01-02T01:00:00+01:00"],
    "DateNotEquals": ["2024-01-01T00:00:00Z"],
    "DateLessThan": ["2024-01-02T00:00:00Z"],
    "DateLessThanEquals": ["2024-01-01"],
    "DateGreaterThan": ["2024-01-02T00:00:00Z"],
    "DateGreaterThanEquals": ["2024-01-02T00:00:00Z"],
    "Bool": ["true", "false"],
    "BinaryEquals": ["YQ==", "YWI="],
    "IpAddress": ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"],
    "NotIpAddress": ["10.0.0.0/8", "2001:db8::/32"],
    "ArnEquals": [f"arn:aws:sns:*:{ACCOUNT}:t*"],
    "ArnLike": ["arn:aws:sns:*:*:topic"],
    "ArnNotEquals": [f"arn:aws:sns:*:{ACCOUNT}:t*"],
    "ArnNotLike": ["arn:aws:sns:*:*:topic"],
    "Null": ["true", "false"],
}
GIVEN = {
    "String": ["a", "A", "ab", "b", "alice", "b*"],
    "Numeric": ["1", "10", "5", "1.0", "-5"],
    "Date": ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2025-01-01T00:00:00Z"],
    "Bool": ["true", "false"],
    "Binary": ["YQ==", "YWI="],
    "Ip": ["10.1.2.3", "192.0.2.1", "2001:db8::1"],
    "Arn": [f"arn:aws:sns:r:{ACCOUNT}:topic", f"arn:aws:sns:r:{OTHER}:topic"],
}
SINGLE = {kind: f"aws:RequestTag/{kind}" for kind in GIVEN}
PRINCIPALS = {"user": ALICE.arn, "session": SESSION, "stranger": STRANGER.arn, "federated": FEDERATED.arn}
NAMES = [*PRINCIPALS.values(), ROLE, ACCOUNT, OTHER, f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{OTHER}:root"]


def family(operator: str) -> str:
    return "String" if operator == "Null" else next(kind for kind in GIVEN if kind in operator)


def some(random: Random, options: list[Any]) -> Any:
    return random.choice(options) if random.random() < 0.5 else random.sample(options, min(len(options), 2))


def condition(random: Random) -> dict[str, Any]:
    operator = random.choice(list(OPERATORS))
    kind = family(operator)
    name = operator
    key = SINGLE[kind]
    if operator != "Null":
        if kind == "String" and random.random() < 0.3:
            key = "aws:TagKeys"
            name = random.choice(["ForAnyValue:", "ForAllValues:"]) + name
        elif random.random() < 0.25:
            name += "IfExists"
    return {name: {random.choice([key, key.upper()]): some(random, OPERATORS[operator])}}


def statement(random: Random) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": random.choice(["Allow", "Allow", "Allow", "Deny"])}
    action, resource = ("NotAction" if random.random() < 0.15 else "Action", "Resource")
    if random.random() < 0.15:
        resource = "NotResource"
    found[action] = some(random, ACTION_PATTERNS)
    found[resource] = some(random, RESOURCE_PATTERNS)
    if random.random() < 0.5:
        found["Condition"] = condition(random) | (condition(random) if random.random() < 0.3 else {})
    return found


def document(random: Random) -> dict[str, Any]:
    statements = [statement(random) for _ in range(random.randint(1, 3))]
    return {"Version": "2008-10-17" if random.random() < 0.05 else "2012-10-17", "Statement": statements}


def resource_policy(random: Random) -> dict[str, Any]:
    found = document(random)
    for one in found["Statement"]:
        if one["Effect"] == "Deny" and random.random() < 0.3:
            one["NotPrincipal"] = {"AWS": random.sample(NAMES, random.randint(1, 6))}
        else:
            aws = {"AWS": some(random, NAMES)}
            one["Principal"] = random.choice(["*", {"AWS": "*"}, aws, aws, aws, {"Service": "lambda.amazonaws.com"}])
    return found


def context(random: Random) -> dict[str, Any]:
    found: dict[str, Any] = {key: random.choice(GIVEN[kind]) for kind, key in SINGLE.items() if random.random() < 0.7}
    if random.random() < 0.6:
        found["aws:TagKeys"] = random.sample(GIVEN["String"], random.randint(1, 3))
    if random.random() < 0.7:
        found["aws:username"] = random.choice(["alice", "bob", "a"])
    return found


def case(random: Random) -> dict[str, Any]:
    who = random.choice(["user", "user", "session", "session", "stranger", "federated"])
    in_session = who in {"session", "federated"}
    return {
        "who": who,
        "principal": PRINCIPALS[who],
        "action": random.choice(ACTIONS),
        "resource": random.choice(RESOURCES),
        "owner": random.choice([ACCOUNT, ACCOUNT, ACCOUNT, OTHER]),
        "context": context(random),
        "identity": [document(random) for _ in range(random.randint(0, 2))],
        "session": document(random) if in_session and random.random() < 0.3 else None,
        "boundary": [document(random)] if who != "federated" and random.random() < 0.25 else None,
        "resourcePolicy": resource_policy(random) if random.random() < 0.5 else None,
    }
