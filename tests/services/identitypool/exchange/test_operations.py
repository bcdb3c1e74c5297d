import base64
from typing import Any

import pytest

from services.identitypool.iam.store.roles import remove_role
from tests.services.identitypool.exchange.app import (
    COGNITO,
    NO_MATCH,
    credentials_of,
    logins_of,
    pool_of,
    pool_with_roles,
    trust_of,
)
from tests.services.identitypool.installation import ACCOUNT, Installation, Refused, allow, session, trusting
from tests.services.identitypool.userpool_stub import CLIENT, OTHER_KEY, POOL, UserPool


def test_a_login_finds_its_identity_again_under_either_spelling(here: Installation, users: UserPool) -> None:
    pool_id = pool_of(here, users)
    logins = logins_of(here, users)
    first = here.identity("GetId", IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    aws_name = {f"cognito-idp.us-east-1.amazonaws.com/{POOL}": logins[users.provider]}
    assert here.identity("GetId", IdentityPoolId=pool_id, Logins=aws_name)["IdentityId"] == first
    other = here.identity("GetId", IdentityPoolId=pool_id, Logins=logins_of(here, users, "bob"))["IdentityId"]
    assert other != first
    assert len(users.asked) == 1


def test_a_signed_in_identity_gets_the_members_role(here: Installation, users: UserPool) -> None:
    pool_id = pool_with_roles(here, users)
    logins = logins_of(here, users)
    identity_id = here.identity("GetId", IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    credentials = credentials_of(here, identity_id, Logins=logins)
    who = here.sts("GetCallerIdentity", credentials)
    assert who["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/member/CognitoIdentityCredentials"
    assert here.sts("GetAccessKeyInfo", credentials, AccessKeyId=here.root.access_key)["Account"] == ACCOUNT


def test_credentials_wait_only_while_the_user_pools_keys_are_unknown(here: Installation, users: UserPool) -> None:
    pool_id = pool_with_roles(here, users)
    logins = logins_of(here, users)

    def waits(**request: Any) -> bool:
        return here.gateway.waits(here.identity_request("GetCredentialsForIdentity", None, **request))

    assert waits(IdentityId="us-east-1:0", Logins=logins)
    identity_id = here.identity("GetId", IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    assert not waits(IdentityId=identity_id, Logins=logins)
    assert waits(IdentityId=identity_id, Logins=logins_of(here, users, header={"kid": "made-up"}))
    assert not waits(IdentityId=identity_id)
    assert not waits(IdentityId=identity_id, Logins={users.provider: "x"})
    assert not waits(IdentityId=identity_id, Logins=7)


def test_a_guest_gets_the_guests_role_cut_down(here: Installation, users: UserPool) -> None:
    pool_id = pool_with_roles(here, users)
    identity_id = here.identity("GetId", IdentityPoolId=pool_id, Logins={})["IdentityId"]
    credentials = credentials_of(here, identity_id)
    assert "assumed-role/guest/" in here.sts("GetCallerIdentity", credentials)["Arn"]
    with pytest.raises(Refused) as refused:
        here.sts("GetAccessKeyInfo", credentials, AccessKeyId=here.root.access_key)
    assert "no session policy allows" in refused.value.message


def test_another_persons_identity_and_anothers_login_do_not_match(here: Installation, users: UserPool) -> None:
    pool_id = pool_with_roles(here, users)
    identity_id = here.identity("GetId", IdentityPoolId=pool_id, Logins=logins_of(here, users))["IdentityId"]
    for given in ({"Logins": logins_of(here, users, "bob")}, {}):
        with pytest.raises(Refused) as refused:
            here.identity("GetCredentialsForIdentity", IdentityId=identity_id, **given)
        assert (refused.value.code, refused.value.message) == ("NotAuthorizedException", NO_MATCH)


def test_tokens_that_do_not_hold_are_refused_in_awss_words(here: Installation, users: UserPool) -> None:
    pool_id = pool_of(here, users)
    now = here.clock.now.timestamp()
    words = {
        users.token(now, aud="other"): "Token is not from a supported provider of this identity pool.",
        users.token(now, aud=None): "Invalid login token. Missing a required claim: aud",
        users.token(now, key=OTHER_KEY): "Invalid login token. Couldn't verify signed token.",
        users.token(now, header={"kid": "made-up"}): "Invalid login token. Couldn't verify signed token.",
        users.token(now, header={"alg": "RS512"}): "Invalid login token. Couldn't verify signed token.",
        users.token(now, iss=f"{users.base}/us-east-1_other"): "Invalid login token. Issuer doesn't match providerName",
        users.token(now, iss="https://accounts.example.com"): "Invalid login token. Not a Cognito token.",
        users.token(now, token_use="access"): "Invalid login token. Not a Cognito token.",
        users.token(now, header={"jku": "http://x"}): "Invalid login token. Not a valid OpenId Connect identity token.",
        "a.b.c": "Invalid login token. Not a valid OpenId Connect identity token.",
    }
    for token, sentence in words.items():
        with pytest.raises(Refused) as refused:
            here.identity("GetId", IdentityPoolId=pool_id, Logins={users.provider: token})
        assert (refused.value.code, refused.value.message) == ("NotAuthorizedException", sentence)
    late = users.token(now, exp=int(now))
    with pytest.raises(Refused) as refused:
        here.identity("GetId", IdentityPoolId=pool_id, Logins={users.provider: late})
    assert refused.value.message == f"Invalid login token. Token expired: {int(now)} >= {int(now)}"
    with pytest.raises(Refused) as refused:
        here.identity("GetId", IdentityPoolId=pool_id, Logins={"graph.facebook.com": late})
    assert refused.value.message == "Token is not from a supported provider of this identity pool."


def test_a_token_of_bytes_that_are_no_text_is_refused_like_any_other(here: Installation, users: UserPool) -> None:
    pool_id = pool_of(here, users)
    head, _, signature = logins_of(here, users)[users.provider].split(".")
    body = base64.urlsafe_b64encode(b'{"iss":"\xff"}').rstrip(b"=").decode()
    for token in (f"{head}.{body}.{signature}", f"{body}.{body}.{signature}"):
        with pytest.raises(Refused) as refused:
            here.identity("GetId", IdentityPoolId=pool_id, Logins={users.provider: token})
        assert refused.value.code == "NotAuthorizedException"
        with pytest.raises(Refused) as refused:
            here.sts(
                "AssumeRoleWithWebIdentity",
                None,
                RoleArn=f"arn:aws:iam::{ACCOUNT}:role/x",
                RoleSessionName="web",
                WebIdentityToken=token,
            )
        assert refused.value.code == "InvalidIdentityToken"


def test_made_up_key_ids_do_not_ask_the_user_pool_again_and_again(here: Installation, users: UserPool) -> None:
    pool_id = pool_of(here, users)
    for number in range(5):
        logins = logins_of(here, users, header={"kid": f"k{number}x"})
        with pytest.raises(Refused):
            here.identity("GetId", IdentityPoolId=pool_id, Logins=logins)
    assert len(users.asked) == 1


def test_guests_are_refused_where_the_pool_does_not_admit_them(here: Installation, users: UserPool) -> None:
    pool_id = pool_of(here, users, guests=False)
    with pytest.raises(Refused) as refused:
        here.identity("GetId", IdentityPoolId=pool_id)
    assert refused.value.message == "Unauthenticated access is not supported for this identity pool."


def test_a_role_that_does_not_name_the_pool_is_not_given(here: Installation, users: UserPool) -> None:
    pool_id = pool_of(here, users)
    identity_id = here.identity("GetId", IdentityPoolId=pool_id)["IdentityId"]
    anyone = trusting({"Federated": COGNITO}, "sts:AssumeRoleWithWebIdentity")
    wrong = {
        "absent": f"arn:aws:iam::{ACCOUNT}:role/absent",
        "other": here.role("other", trust_of("us-east-1:0", "unauthenticated")).arn,
        "members": here.role("members", trust_of(pool_id, "authenticated")).arn,
        "everyone": here.role("everyone", anyone).arn,
    }
    for role_arn in wrong.values():
        here.identity("SetIdentityPoolRoles", here.root, IdentityPoolId=pool_id, Roles={"unauthenticated": role_arn})
        with pytest.raises(Refused) as refused:
            here.identity("GetCredentialsForIdentity", IdentityId=identity_id)
        assert refused.value.code == "InvalidIdentityPoolConfigurationException"


def test_a_role_deleted_and_made_again_is_another_one(here: Installation, users: UserPool) -> None:
    pool_id = pool_of(here, users)
    role = here.role("guest", trust_of(pool_id, "unauthenticated"))
    here.identity("SetIdentityPoolRoles", here.root, IdentityPoolId=pool_id, Roles={"unauthenticated": role.arn})
    identity_id = here.identity("GetId", IdentityPoolId=pool_id)["IdentityId"]
    credentials = credentials_of(here, identity_id)
    with here.context.sql.write() as tx:
        remove_role(tx, role)
    here.role("guest", trust_of(pool_id, "unauthenticated"))
    with pytest.raises(Refused):
        here.identity("GetCredentialsForIdentity", IdentityId=identity_id)
    with pytest.raises(Refused) as refused:
        here.sts("GetCallerIdentity", credentials)
    assert refused.value.code == "InvalidClientTokenId"


def test_a_rule_on_the_groups_chooses_the_role(here: Installation, users: UserPool) -> None:
    pool_id = pool_with_roles(here, users)
    admin = here.role("admin", trust_of(pool_id, "authenticated"))
    rules = [{"Claim": "cognito:groups", "MatchType": "Contains", "Value": "admins", "RoleARN": admin.arn}]
    mapping = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": rules}}
    here.identity(
        "SetIdentityPoolRoles",
        here.root,
        IdentityPoolId=pool_id,
        Roles={"authenticated": admin.arn},
        RoleMappings={f"cognito-idp.us-east-1.amazonaws.com/{POOL}:{CLIENT}": mapping},
    )
    logins = logins_of(here, users, "ann", **{"cognito:groups": ["users", "admins"]})
    identity_id = here.identity("GetId", IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    arn = here.sts("GetCallerIdentity", credentials_of(here, identity_id, Logins=logins))["Arn"]
    assert "assumed-role/admin/" in arn
    with pytest.raises(Refused) as refused:
        credentials_of(here, identity_id, Logins=logins_of(here, users))
    assert refused.value.code == "NotAuthorizedException"


@pytest.mark.parametrize(
    "name",
    [
        f"cognito-idp.us-east-1.amazonaws.com/{POOL}",
        f"cognito-idp.us-east-1.amazonaws.com/{POOL}:another",
        f"cognito-idp.us-east-1.amazonaws.com/us-east-1_Another:{CLIENT}",
        "accounts.google.com",
    ],
)
def test_a_mapping_is_for_a_provider_that_the_pool_has(here: Installation, users: UserPool, name: str) -> None:
    pool_id = pool_with_roles(here, users)
    before = here.identity("GetIdentityPoolRoles", here.root, IdentityPoolId=pool_id)
    mappings = {name: {"Type": "Token", "AmbiguousRoleResolution": "Deny"}}
    with pytest.raises(Refused) as refused:
        here.identity("SetIdentityPoolRoles", here.root, IdentityPoolId=pool_id, Roles={}, RoleMappings=mappings)
    assert refused.value.code == "InvalidParameterException"
    assert refused.value.message == f"{name} is not a valid RoleMapping ProviderName or is not a configured provider."
    assert here.identity("GetIdentityPoolRoles", here.root, IdentityPoolId=pool_id) == before


def test_setting_roles_needs_pass_role_on_each(here: Installation, users: UserPool) -> None:
    pool_id = pool_of(here, users)
    role = here.role("guest", trust_of(pool_id, "unauthenticated"))
    ann = here.user("ann", allow("cognito-identity:*"))
    request = {"IdentityPoolId": pool_id, "Roles": {"unauthenticated": role.arn}}
    with pytest.raises(Refused) as refused:
        here.identity("SetIdentityPoolRoles", ann, **request)
    assert refused.value.code == "AccessDeniedException"
    assert "iam:PassRole" in refused.value.message
    bob = here.user("bob", allow(["cognito-identity:*", "iam:PassRole"]))
    here.identity("SetIdentityPoolRoles", bob, **request)
    roles = here.identity("GetIdentityPoolRoles", bob, IdentityPoolId=pool_id)
    assert roles == {"IdentityPoolId": pool_id, "Roles": {"unauthenticated": role.arn}}


def test_the_basic_flow_where_the_pool_allows_it(here: Installation, users: UserPool) -> None:
    pool_id = pool_with_roles(here, users, AllowClassicFlow=True)
    logins = logins_of(here, users)
    identity_id = here.identity("GetId", IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    token = here.identity("GetOpenIdToken", IdentityId=identity_id, Logins=logins)["Token"]
    request = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/member", "RoleSessionName": "web", "WebIdentityToken": token}
    answer = here.sts("AssumeRoleWithWebIdentity", None, **request)
    assert (answer["SubjectFromWebIdentityToken"], answer["Audience"]) == (identity_id, pool_id)
    assert here.sts("GetCallerIdentity", session(answer))["Arn"].endswith("assumed-role/member/web")
    with pytest.raises(Refused) as refused:
        here.sts("AssumeRoleWithWebIdentity", None, **{**request, "RoleArn": request["RoleArn"][:-6] + "guest"})
    assert (refused.value.status, refused.value.code) == (403, "AccessDenied")
    with pytest.raises(Refused) as refused:
        here.sts("AssumeRoleWithWebIdentity", None, **{**request, "WebIdentityToken": logins[users.provider]})
    nobodys = f"No OpenIDConnect provider found in your account for {users.base}/{POOL}"
    assert (refused.value.status, refused.value.code, refused.value.message) == (400, "InvalidIdentityToken", nobodys)
    here.clock.move(seconds=900)
    with pytest.raises(Refused) as refused:
        here.sts("AssumeRoleWithWebIdentity", None, **request)
    assert refused.value.code == "ExpiredTokenException"
    with pytest.raises(Refused) as refused:
        here.sts("AssumeRoleWithWebIdentity", None, **{**request, "WebIdentityToken": logins[users.provider]})
    assert refused.value.code == "InvalidIdentityToken"


@pytest.mark.parametrize(
    ("condition", "admitted"),
    [
        ({"IpAddress": {"aws:SourceIp": "127.0.0.1"}}, True),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"DateLessThan": {"aws:CurrentTime": "2026-03-02T00:00:00Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2026-03-01T00:00:00Z"}}, False),
        ({"StringEquals": {"sts:RoleSessionName": "web"}}, True),
        ({"StringEquals": {"iam:ResourceTag/stage": "test"}}, True),
        ({"StringEquals": {"aws:ResourceTag/stage": "live"}}, False),
        ({"Null": {"aws:PrincipalType": "true", "aws:userid": "true"}}, True),
    ],
)
def test_a_trust_policy_may_ask_about_the_request_of_a_web_identity(
    here: Installation, users: UserPool, condition: dict[str, Any], *, admitted: bool
) -> None:
    pool_id = pool_of(here, users, AllowClassicFlow=True)
    trust = trust_of(pool_id, "authenticated")
    statement = trust["Statement"][0]
    for operator, keys in condition.items():
        statement["Condition"][operator] = statement["Condition"].get(operator, {}) | keys
    role = here.role("member", trust)
    here.tag(role.id, stage="test")
    logins = logins_of(here, users)
    identity_id = here.identity("GetId", IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    token = here.identity("GetOpenIdToken", IdentityId=identity_id, Logins=logins)["Token"]
    request = {"RoleArn": role.arn, "RoleSessionName": "web", "WebIdentityToken": token}
    if admitted:
        assert here.sts("AssumeRoleWithWebIdentity", None, **request)["Audience"] == pool_id
        return
    with pytest.raises(Refused) as refused:
        here.sts("AssumeRoleWithWebIdentity", None, **request)
    assert (refused.value.status, refused.value.code) == (403, "AccessDenied")


@pytest.mark.parametrize("what", ["identity", "pool"])
def test_a_token_ends_with_its_identity_and_its_pool(here: Installation, users: UserPool, what: str) -> None:
    pool_id = pool_with_roles(here, users, AllowClassicFlow=True)
    identity_id = here.identity("GetId", IdentityPoolId=pool_id)["IdentityId"]
    token = here.identity("GetOpenIdToken", IdentityId=identity_id)["Token"]
    request = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/guest", "RoleSessionName": "web", "WebIdentityToken": token}
    assert here.sts("AssumeRoleWithWebIdentity", None, **request)["SubjectFromWebIdentityToken"] == identity_id
    if what == "identity":
        here.identity("DeleteIdentities", here.root, IdentityIdsToDelete=[identity_id])
    else:
        here.identity("DeleteIdentityPool", here.root, IdentityPoolId=pool_id)
    with pytest.raises(Refused) as refused:
        here.sts("AssumeRoleWithWebIdentity", None, **request)
    assert (refused.value.status, refused.value.code) == (400, "InvalidIdentityToken")


def test_the_basic_flow_is_off_unless_the_pool_says_otherwise(here: Installation, users: UserPool) -> None:
    pool_id = pool_with_roles(here, users)
    identity_id = here.identity("GetId", IdentityPoolId=pool_id)["IdentityId"]
    with pytest.raises(Refused):
        here.identity("GetOpenIdToken", IdentityId=identity_id)


def test_an_unlinked_last_login_takes_the_identity_with_it(here: Installation, users: UserPool) -> None:
    pool_id = pool_with_roles(here, users)
    logins = logins_of(here, users)
    identity_id = here.identity("GetId", IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    shown = here.identity("DescribeIdentity", here.root, IdentityId=identity_id)
    assert shown["Logins"] == [users.provider]
    here.identity("UnlinkIdentity", IdentityId=identity_id, Logins=logins, LoginsToRemove=[users.provider])
    with pytest.raises(Refused) as refused:
        here.identity("GetCredentialsForIdentity", IdentityId=identity_id)
    assert refused.value.code == "ResourceNotFoundException"
    assert here.identity("GetId", IdentityPoolId=pool_id, Logins=logins)["IdentityId"] != identity_id


def test_a_deleted_pool_takes_its_identities_with_it(here: Installation, users: UserPool) -> None:
    pool_id = pool_with_roles(here, users)
    ids = [here.identity("GetId", IdentityPoolId=pool_id)["IdentityId"] for _ in range(3)]
    page = here.identity("ListIdentities", here.root, IdentityPoolId=pool_id, MaxResults=2)
    rest = here.identity("ListIdentities", here.root, IdentityPoolId=pool_id, MaxResults=2, NextToken=page["NextToken"])
    assert [one["IdentityId"] for one in page["Identities"] + rest["Identities"]] == sorted(ids)
    gone = here.identity("DeleteIdentities", here.root, IdentityIdsToDelete=[ids[0], "us-east-1:0"])
    assert gone["UnprocessedIdentityIds"] == [{"IdentityId": "us-east-1:0", "ErrorCode": "AccessDenied"}]
    here.identity("DeleteIdentityPool", here.root, IdentityPoolId=pool_id)
    for identity_id in ids:
        with pytest.raises(Refused) as refused:
            here.identity("GetCredentialsForIdentity", IdentityId=identity_id)
        assert refused.value.code == "ResourceNotFoundException"
