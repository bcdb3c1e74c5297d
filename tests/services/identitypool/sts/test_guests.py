import json

import pytest

from services.identitypool.sts.guests import SCOPE_DOWN
from shared.guard.caller import Caller, CallerKind
from shared.guard.guard import Grant, Guard
from shared.policy.compiled import compile_policy
from shared.policy.document import Kind
from tests.services.identitypool.installation import ACCOUNT, allow

GUEST = Grant(
    Caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/guest/s", ACCOUNT, CallerKind.ROLE_SESSION, "AROA1:s", "ASIA1"),
    b"",
    (compile_policy(json.dumps(allow("*")), Kind.IDENTITY),),
    session=((compile_policy(SCOPE_DOWN, Kind.SESSION),),),
)


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("iam:CreateUser", False),
        ("sts:AssumeRole", False),
        ("cognito-idp:AdminSetUserPassword", False),
        ("cognito-identity:SetIdentityPoolRoles", False),
        ("poolkeeper:UpdateUserPoolSettings", False),
        ("PoolKeeper:UpdateUserPoolSettings", False),
        ("s3:GetObject", True),
        ("notes:Read", True),
    ],
)
def test_a_guest_never_gets_at_the_installation_itself_whatever_the_role_allows(action: str, *, allowed: bool) -> None:
    assert Guard.decide(GUEST, action, "*", {}).allowed is allowed
