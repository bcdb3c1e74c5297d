import pytest

from shared.policy.document import Kind
from shared.policy.explain import access_denied_message
from shared.policy.request import Layers
from tests.shared.policy.asking import ACCOUNT, ALICE, KEY, ROLE, allow, ask, deny, policy, trust

GRANT = policy(allow("*"))
BASE = f"User: {ALICE.arn} is not authorized to perform: s3:GetObject on resource: {KEY}"


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        (Layers([]), "because no identity-based policy allows the s3:GetObject action"),
        (Layers([policy(deny())]), "with an explicit deny in an identity-based policy"),
        (Layers([GRANT], []), "because no permissions boundary allows the s3:GetObject action"),
        (Layers([GRANT], [policy(deny())]), "with an explicit deny in a permissions boundary"),
        (Layers([GRANT], session=[[]]), "because no session policy allows the s3:GetObject action"),
        (Layers([GRANT], session=[[policy(deny())]]), "with an explicit deny in a session policy"),
        (
            Layers([GRANT], resource=policy({**deny(), "Principal": "*"}, kind=Kind.RESOURCE)),
            "with an explicit deny in a resource-based policy",
        ),
    ],
)
def test_a_denial_says_which_layer_made_it(layers: Layers, reason: str) -> None:
    assert access_denied_message(ask(layers), ALICE.arn, "s3:GetObject", KEY) == f"{BASE} {reason}"


def test_a_missing_resource_policy_is_named() -> None:
    message = access_denied_message(ask(Layers([GRANT]), owner="444455556666"), ALICE.arn, "s3:GetObject", KEY)
    assert message == f"{BASE} because no resource-based policy allows the s3:GetObject action"


def test_a_role_that_does_not_trust_says_so() -> None:
    layers = Layers([GRANT], resource=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"}))
    message = access_denied_message(
        ask(layers, action="sts:AssumeRole", resource=ROLE), ALICE.arn, "sts:AssumeRole", ROLE
    )
    assert message.endswith(f"on resource: {ROLE} because no role trust policy allows the sts:AssumeRole action")
