from typing import Any, Literal

import pytest

from services.identitypool.errors import InvalidIdentityPoolConfiguration, NotAuthorized
from services.identitypool.exchange.role_choice import choose_role
from services.identitypool.pools.pool import AttachedRole, Mapping, Roles, Rule

MEMBER, GUEST, A, B = (AttachedRole(name) for name in ("member", "guest", "a", "b"))
ROLES = Roles({"authenticated": MEMBER, "unauthenticated": GUEST})
Resolution = Literal["AuthenticatedRole", "Deny"]


def _rules(*rules: Rule, ambiguous: Resolution = "Deny") -> Mapping:
    return Mapping("Rules", ambiguous, rules)


def _chosen(mapping: Mapping | None, claims: dict[str, Any] | None, custom: str | None = None) -> str:
    return choose_role(ROLES, mapping, claims, custom).arn


def test_without_a_mapping_the_defaults_count() -> None:
    assert _chosen(None, None) == "guest"
    assert _chosen(None, {}) == "member"
    with pytest.raises(InvalidIdentityPoolConfiguration):
        choose_role(Roles(), None, {}, None)


def test_the_first_rule_that_holds_wins() -> None:
    mapping = _rules(Rule("dept", "Equals", "x", A), Rule("dept", "StartsWith", "x", B))
    assert _chosen(mapping, {"dept": "x"}) == "a"
    assert _chosen(mapping, {"dept": "xy"}) == "b"


@pytest.mark.parametrize(
    ("match", "value", "claim", "holds"),
    [
        ("Equals", "a", "a", True),
        ("Equals", "a", "ab", False),
        ("NotEqual", "a", "b", True),
        ("NotEqual", "a", "a", False),
        ("NotEqual", "a", ["b", "a"], False),
        ("StartsWith", "a", "ab", True),
        ("Contains", "b", "abc", True),
        ("Contains", "b", ["x", "abc"], True),
        ("Equals", "true", True, True),
        ("Equals", "7", 7, True),
        ("Equals", "None", None, False),
    ],
)
def test_how_claims_match(match: Any, value: str, claim: object, *, holds: bool) -> None:
    mapping = _rules(Rule("c", match, value, A), ambiguous="AuthenticatedRole")
    assert _chosen(mapping, {"c": claim}) == ("a" if holds else "member")


def test_a_claim_that_is_not_there_holds_for_no_rule() -> None:
    with pytest.raises(NotAuthorized):
        _chosen(_rules(Rule("c", "NotEqual", "a", A)), {})


def test_the_tokens_own_roles() -> None:
    token = Mapping("Token", "Deny")
    assert _chosen(token, {"cognito:preferred_role": "p", "cognito:roles": ["p", "q"]}) == "p"
    assert _chosen(token, {"cognito:roles": ["q"]}) == "q"
    assert _chosen(token, {"cognito:roles": ["p", "q"]}, "q") == "q"
    for claims, custom in (({"cognito:roles": ["p", "q"]}, None), ({}, None), ({"cognito:roles": ["p"]}, "q")):
        with pytest.raises(NotAuthorized):
            _chosen(token, claims, custom)
    assert _chosen(Mapping("Token", "AuthenticatedRole"), {}) == "member"


def test_a_custom_role_must_come_from_the_token_or_from_a_rule_that_holds() -> None:
    assert _chosen(None, {"cognito:roles": ["q"]}, "q") == "q"
    rules = _rules(Rule("c", "Equals", "x", A), Rule("c", "Equals", "y", B))
    assert _chosen(rules, {"c": "x"}, "a") == "a"
    for mapping, claims, custom in ((None, {}, "q"), (None, None, "guest"), (rules, {"c": "x"}, "b")):
        with pytest.raises(NotAuthorized):
            _chosen(mapping, claims, custom)
