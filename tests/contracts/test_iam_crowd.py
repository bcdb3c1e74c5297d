"""Many administrators at once, on SQLite and PostgreSQL: refusals only, and nothing that hangs on nothing."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.identitypool.iam import quotas
from shared.refusal import Refusal
from tests.contracts.conftest import empty_database
from tests.services.identitypool.iam.console import ACCOUNT, ALLOW_ALL, Console

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/shared"
TRUST = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"%s"}}}'
OWNERS = "(SELECT user_id FROM iam_users UNION SELECT group_id FROM iam_groups UNION SELECT role_id FROM iam_roles)"
ORPHANS = {
    "members without user": "iam_memberships WHERE user_id NOT IN (SELECT user_id FROM iam_users)",
    "members without group": "iam_memberships WHERE group_id NOT IN (SELECT group_id FROM iam_groups)",
    "attachments of nobody": f"iam_attachments WHERE owner_id NOT IN {OWNERS}",
    "attachments of nothing": "iam_attachments WHERE policy_id IS NOT NULL"
    " AND policy_id NOT IN (SELECT policy_id FROM iam_policies)",
    "inline policies of nobody": f"iam_inline_policies WHERE owner_id NOT IN {OWNERS}",
    "keys of nobody": "iam_access_keys WHERE user_id NOT IN (SELECT user_id FROM iam_users)",
    "keys in the index alone": "iam_access_key_index"
    " WHERE access_key_id NOT IN (SELECT access_key_id FROM iam_access_keys)",
    "versions of nothing": "iam_policy_versions WHERE policy_id NOT IN (SELECT policy_id FROM iam_policies)",
    "policies without their default": "iam_policies p WHERE NOT EXISTS (SELECT 1 FROM iam_policy_versions v"
    " WHERE v.policy_id = p.policy_id AND v.version = p.default_version)",
    "boundaries that are gone": "iam_users WHERE boundary_arn IS NOT NULL AND 0 = (SELECT count(*) FROM iam_policies)",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def iam(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Console]:
    with empty_database(request.param, request, tmp_path) as sql:
        yield Console.on(sql)


def _operations(iam: Console, chance: random.Random) -> list[Callable[[], Any]]:
    """Everything that makes, hangs, takes away or deletes, on few names so that they meet."""
    user, group, role = {"UserName": chance.choice("ab")}, {"GroupName": "g"}, {"RoleName": "r"}
    policy, version = {"PolicyArn": POLICY}, {"VersionId": f"v{chance.randint(1, 5)}"}
    trusted = chance.choice([f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT}:user/a"])
    text = {"PolicyName": "own", "PolicyDocument": ALLOW_ALL}
    tags = {"Tags": [{"Key": str(number), "Value": "v"} for number in chance.sample(range(70), 30)]}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("CreateUser", user),
        ("DeleteUser", user),
        ("CreateGroup", group),
        ("DeleteGroup", group),
        ("CreateRole", {**role, "AssumeRolePolicyDocument": TRUST % trusted}),
        ("DeleteRole", role),
        ("CreatePolicy", {"PolicyName": "shared", "PolicyDocument": ALLOW_ALL}),
        ("DeletePolicy", policy),
        ("CreatePolicyVersion", {**policy, "PolicyDocument": ALLOW_ALL, "SetAsDefault": chance.random() < 0.5}),
        ("DeletePolicyVersion", policy | version),
        ("SetDefaultPolicyVersion", policy | version),
        ("AddUserToGroup", user | group),
        ("RemoveUserFromGroup", user | group),
        ("AttachUserPolicy", user | policy),
        ("DetachUserPolicy", user | policy),
        ("AttachGroupPolicy", group | policy),
        ("DetachGroupPolicy", group | policy),
        ("AttachRolePolicy", role | policy),
        ("DetachRolePolicy", role | policy),
        ("PutUserPolicy", user | text),
        ("DeleteUserPolicy", {**user, "PolicyName": "own"}),
        ("PutRolePolicy", role | text),
        ("DeleteRolePolicy", {**role, "PolicyName": "own"}),
        ("PutUserPermissionsBoundary", {**user, "PermissionsBoundary": POLICY}),
        ("DeleteUserPermissionsBoundary", user),
        ("UpdateUser", {**user, "NewUserName": chance.choice("ab")}),
        ("CreateAccessKey", user),
        ("TagUser", user | tags),
    ]
    return [partial(iam, name, **members) for name, members in calls]


def test_a_crowd_leaves_no_orphan_and_meets_only_refusals(iam: Console) -> None:
    def work(seed: int) -> int:
        mine, chance, done = iam.another(), random.Random(seed), 0
        for _ in range(80):
            try:
                chance.choice(_operations(mine, chance))()
                done += 1
            except Refusal:
                continue
        mine.context.sql.close()
        return done

    with ThreadPoolExecutor(6) as crowd:
        assert sum(crowd.map(work, range(6))) > 50
    with iam.context.sql.read() as tx:
        left = {what: tx.execute(sa.text(f"SELECT count(*) FROM {rows}")).scalar() for what, rows in ORPHANS.items()}
        assert not {what: count for what, count in left.items() if count}
        most = sa.text("SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM iam_tags GROUP BY owner_id) AS each")
        assert tx.execute(most).scalar_one() <= quotas.TAGS
