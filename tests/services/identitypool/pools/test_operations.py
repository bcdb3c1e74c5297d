from pathlib import Path
from typing import Any

import pytest

from services.identitypool.pools.pool import user_pool_of
from tests.services.identitypool.installation import ACCOUNT, Installation, Refused, allow, install

NAMES = ("cognito-idp.us-east-1.amazonaws.com/us-east-1_abc", "127.0.0.1:8401/us-east-1_abc")


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return install(tmp_path)


def _create(here: Installation, name: str = "app", **more: Any) -> Any:
    request = {"IdentityPoolName": name, "AllowUnauthenticatedIdentities": False, **more}
    return here.identity("CreateIdentityPool", here.root, **request)


def test_a_pool_comes_back_as_it_was_given(here: Installation) -> None:
    providers = [
        {"ProviderName": name, "ClientId": f"c{i}", "ServerSideTokenCheck": bool(i)} for i, name in enumerate(NAMES)
    ]
    made = _create(here, CognitoIdentityProviders=providers, AllowClassicFlow=True, IdentityPoolTags={"a": "b"})
    pool_id = made["IdentityPoolId"]
    assert pool_id.startswith("us-east-1:")
    assert made == {
        "IdentityPoolId": pool_id,
        "IdentityPoolName": "app",
        "AllowUnauthenticatedIdentities": False,
        "AllowClassicFlow": True,
        "CognitoIdentityProviders": providers,
        "IdentityPoolTags": {"a": "b"},
    }
    assert here.identity("DescribeIdentityPool", here.root, IdentityPoolId=pool_id) == made


def test_an_update_replaces_all_settings(here: Installation) -> None:
    pool_id = _create(here, AllowClassicFlow=True)["IdentityPoolId"]
    settings = {"IdentityPoolId": pool_id, "IdentityPoolName": "new", "AllowUnauthenticatedIdentities": True}
    assert here.identity("UpdateIdentityPool", here.root, **settings) == settings
    listed = here.identity("ListIdentityPools", here.root, MaxResults=10)["IdentityPools"]
    assert listed == [{"IdentityPoolId": pool_id, "IdentityPoolName": "new"}]


@pytest.mark.parametrize(
    "more",
    [
        {"SupportedLoginProviders": {"graph.facebook.com": "1"}},
        {"DeveloperProviderName": "login.mine"},
        {"OpenIdConnectProviderARNs": [f"arn:aws:iam::{ACCOUNT}:oidc-provider/x"]},
        {"SamlProviderARNs": [f"arn:aws:iam::{ACCOUNT}:saml-provider/x"]},
        {"CognitoIdentityProviders": [{"ProviderName": "accounts.example.com/x", "ClientId": "c"}]},
        {"CognitoIdentityProviders": [{"ProviderName": name, "ClientId": "c"} for name in NAMES]},
        {"CognitoIdentityProviders": [{"ProviderName": NAMES[0]}]},
        {"IdentityPoolTags": {"aws:x": "y"}},
    ],
)
def test_what_has_no_effect_yet_is_refused_by_name(here: Installation, more: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        _create(here, **more)
    assert refused.value.code == "InvalidParameterException"
    assert here.identity("ListIdentityPools", here.root, MaxResults=10)["IdentityPools"] == []


def test_pools_are_listed_in_pages(here: Installation) -> None:
    made = sorted(_create(here, f"app{number}")["IdentityPoolId"] for number in range(3))
    first = here.identity("ListIdentityPools", here.root, MaxResults=2)
    second = here.identity("ListIdentityPools", here.root, MaxResults=2, NextToken=first["NextToken"])
    assert [one["IdentityPoolId"] for one in first["IdentityPools"] + second["IdentityPools"]] == made
    assert "NextToken" not in second
    with pytest.raises(Refused):
        here.identity("ListIdentityPools", here.root, MaxResults=2, NextToken="made-up")


def test_tags_come_and_go(here: Installation) -> None:
    pool_id = _create(here)["IdentityPoolId"]
    resource = f"arn:aws:cognito-identity:us-east-1:{ACCOUNT}:identitypool/{pool_id}"
    here.identity("TagResource", here.root, ResourceArn=resource, Tags={"a": "1", "b": "2"})
    here.identity("UntagResource", here.root, ResourceArn=resource, TagKeys=["a", "z"])
    assert here.identity("ListTagsForResource", here.root, ResourceArn=resource)["Tags"] == {"b": "2"}
    with pytest.raises(Refused) as refused:
        here.identity("ListTagsForResource", here.root, ResourceArn=resource.replace(ACCOUNT, "9" * 12))
    assert refused.value.code in {"InvalidParameterException", "AccessDeniedException"}


def test_a_pool_that_is_not_there_is_not_found(here: Installation) -> None:
    for operation in ("DescribeIdentityPool", "DeleteIdentityPool", "GetIdentityPoolRoles"):
        with pytest.raises(Refused) as refused:
            here.identity(operation, here.root, IdentityPoolId="us-east-1:0")
        assert (refused.value.code, refused.value.message) == (
            "ResourceNotFoundException",
            "IdentityPool 'us-east-1:0' not found.",
        )


def test_a_policy_may_name_one_pool(here: Installation) -> None:
    one, other = (_create(here, name)["IdentityPoolId"] for name in ("one", "other"))
    resource = f"arn:aws:cognito-identity:us-east-1:{ACCOUNT}:identitypool/{one}"
    ann = here.user("ann", allow("cognito-identity:DescribeIdentityPool", resource))
    assert here.identity("DescribeIdentityPool", ann, IdentityPoolId=one)
    with pytest.raises(Refused) as refused:
        here.identity("DescribeIdentityPool", ann, IdentityPoolId=other)
    assert refused.value.code == "AccessDeniedException"


def test_either_spelling_of_a_provider_means_the_user_pool() -> None:
    base = "http://127.0.0.1:8401"
    assert {user_pool_of(name, base) for name in NAMES} == {"us-east-1_abc"}
    for wrong in ("127.0.0.1:8402/us-east-1_abc", "cognito-idp.us-east-1.amazonaws.com/../x", "", "x/us-east-1_abc"):
        assert user_pool_of(wrong, base) is None
