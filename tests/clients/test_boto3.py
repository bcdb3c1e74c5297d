from typing import Any

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.client import Config
from botocore.exceptions import ClientError

from shared import ids
from tests.clients.conftest import PASSWORD, App
from tests.conftest import REGION, Installation


def _unsigned(service: str, url: str) -> Any:
    return boto3.client(service, endpoint_url=url, region_name=REGION, config=Config(signature_version=UNSIGNED))


def _tokens(app: App, name: str) -> dict[str, str]:
    idp = _unsigned("cognito-idp", app.userpool)
    given = {"USERNAME": name, "PASSWORD": PASSWORD}
    answer = idp.initiate_auth(ClientId=app.client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given)
    result: dict[str, str] = answer["AuthenticationResult"]
    return result


def _store(app: App, credentials: dict[str, str]) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=app.store,
        region_name=REGION,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretKey"],
        aws_session_token=credentials["SessionToken"],
    )


def _refused(code: str, call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    assert refusal.value.response["Error"]["Code"] == code
    return str(refusal.value.response["Error"]["Message"])


def test_the_three_steps(house: Installation, app: App) -> None:
    idp, identity = _unsigned("cognito-idp", app.userpool), _unsigned("cognito-identity", app.identitypool)
    name = "ann" + ids.digits(8)
    address = f"{name}@example.com"
    idp.sign_up(
        ClientId=app.client, Username=name, Password=PASSWORD, UserAttributes=[{"Name": "email", "Value": address}]
    )
    idp.confirm_sign_up(ClientId=app.client, Username=name, ConfirmationCode=house.code_for(address))
    logins = {app.provider: _tokens(app, name)["IdToken"]}

    one = identity.get_id(IdentityPoolId=app.identity_pool, Logins=logins)["IdentityId"]
    assert identity.get_id(IdentityPoolId=app.identity_pool, Logins=logins)["IdentityId"] == one
    credentials = identity.get_credentials_for_identity(IdentityId=one, Logins=logins)["Credentials"]

    store = _store(app, credentials)
    store.put_object(Bucket=app.bucket, Key=f"{one}/note.txt", Body=b"mine")
    assert store.get_object(Bucket=app.bucket, Key=f"{one}/note.txt")["Body"].read() == b"mine"
    told = _refused("AccessDenied", store.put_object, Bucket=app.bucket, Key="other/note.txt", Body=b"theirs")
    assert "is not authorized to perform: s3:PutObject" in told
    assert "no identity-based policy allows the s3:PutObject action" in told


def test_credentials_name_the_role_and_replace_the_callers_rights(house: Installation, app: App, person: str) -> None:
    identity = _unsigned("cognito-identity", app.identitypool)
    logins = {app.provider: _tokens(app, person)["IdToken"]}
    one = identity.get_id(IdentityPoolId=app.identity_pool, Logins=logins)["IdentityId"]
    given = identity.get_credentials_for_identity(IdentityId=one, Logins=logins)["Credentials"]
    sts = house.client("sts", given["AccessKeyId"], given["SecretKey"], given["SessionToken"])
    assert sts.get_caller_identity()["Arn"].endswith(f"assumed-role/{app.bucket}/CognitoIdentityCredentials")
    iam = house.client("iam", given["AccessKeyId"], given["SecretKey"], given["SessionToken"])
    _refused("AccessDenied", iam.list_users)


def test_a_url_that_boto3_signs_unasked_has_the_rights_of_its_session(app: App, person: str) -> None:
    identity = _unsigned("cognito-identity", app.identitypool)
    logins = {app.provider: _tokens(app, person)["IdToken"]}
    one = identity.get_id(IdentityPoolId=app.identity_pool, Logins=logins)["IdentityId"]
    credentials = identity.get_credentials_for_identity(IdentityId=one, Logins=logins)["Credentials"]
    store = _store(app, credentials)
    mine = {"Bucket": app.bucket, "Key": f"{one}/by url.txt"}
    url = store.generate_presigned_url("put_object", Params=mine)
    assert "x-amz-security-token=" in url
    assert httpx.put(url, content=b"by url").status_code == 200
    assert httpx.get(store.generate_presigned_url("get_object", Params=mine)).text == "by url"
    theirs = store.generate_presigned_url("get_object", Params=mine | {"Key": "other/x"})
    refused = httpx.get(theirs)
    assert (refused.status_code, "no identity-based policy allows" in refused.text) == (403, True)
    of_another_key = httpx.get(url.replace("AWSAccessKeyId=ASIA", "AWSAccessKeyId=AKIA"))
    assert (of_another_key.status_code, "<Code>InvalidToken</Code>" in of_another_key.text) == (400, True)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_i_am_can_be_asked_by_a_signed_url(house: Installation, method: str) -> None:
    sts = house.client("sts")
    url = sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod=method)
    answer = httpx.request(method, url)
    assert (answer.status_code, sts.get_caller_identity()["Arn"] in answer.text) == (200, True)
    another = url.replace("Action=GetCallerIdentity", "Action=GetSessionToken")
    assert "<Code>SignatureDoesNotMatch</Code>" in httpx.request(method, another).text
    with_body = httpx.post(url, data={"Action": "GetSessionToken", "Version": "2011-06-15"})
    assert "<Code>SignatureDoesNotMatch</Code>" in with_body.text


def test_an_identity_is_nobody_elses(app: App, person: str, house: Installation) -> None:
    identity = _unsigned("cognito-identity", app.identitypool)
    logins = {app.provider: _tokens(app, person)["IdToken"]}
    one = identity.get_id(IdentityPoolId=app.identity_pool, Logins=logins)["IdentityId"]
    _refused("NotAuthorizedException", identity.get_credentials_for_identity, IdentityId=one)
    idp = house.client("cognito-idp")
    other = "other" + ids.digits(8)
    idp.admin_create_user(UserPoolId=app.pool, Username=other, MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=app.pool, Username=other, Password=PASSWORD, Permanent=True)
    foreign = {app.provider: _tokens(app, other)["IdToken"]}
    _refused("NotAuthorizedException", identity.get_credentials_for_identity, IdentityId=one, Logins=foreign)


def test_an_altered_or_wrong_token_opens_nothing(app: App, person: str) -> None:
    identity, idp = _unsigned("cognito-identity", app.identitypool), _unsigned("cognito-idp", app.userpool)
    tokens = _tokens(app, person)
    head, body, signature = tokens["IdToken"].split(".")
    for token in (f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body[:-3]}AAA.{signature}", tokens["AccessToken"]):
        logins = {app.provider: token}
        _refused("NotAuthorizedException", identity.get_id, IdentityPoolId=app.identity_pool, Logins=logins)
    _refused("NotAuthorizedException", idp.get_user, AccessToken=tokens["IdToken"])
    _refused("NotAuthorizedException", idp.get_user, AccessToken=tokens["AccessToken"][:-4] + "AAAA")


def test_signed_out_is_signed_out_at_once(app: App, person: str) -> None:
    idp = _unsigned("cognito-idp", app.userpool)
    tokens = _tokens(app, person)
    assert idp.get_user(AccessToken=tokens["AccessToken"])["Username"] == person
    idp.global_sign_out(AccessToken=tokens["AccessToken"])
    _refused("NotAuthorizedException", idp.get_user, AccessToken=tokens["AccessToken"])
    given = {"REFRESH_TOKEN": tokens["RefreshToken"]}
    _refused(
        "NotAuthorizedException",
        idp.initiate_auth,
        ClientId=app.client,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters=given,
    )


def test_unknown_and_wrong_answer_alike(app: App, person: str) -> None:
    idp = _unsigned("cognito-idp", app.userpool)
    answers = {
        _refused(
            "NotAuthorizedException",
            idp.initiate_auth,
            ClientId=app.client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": "Wrong-horse-9"},
        )
        for name in (person, "nobody" + ids.digits(8))
    }
    assert answers == {"Incorrect username or password."}


def test_paginators_walk_whole_lists(house: Installation) -> None:
    iam = house.client("iam")
    names = {f"walk{number:02}" for number in range(7)}
    for name in names:
        iam.create_user(UserName=name)
    pages = iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 3})
    assert names <= {user["UserName"] for page in pages for user in page["Users"]}
    idp = house.client("cognito-idp")
    pool = idp.create_user_pool(PoolName="walk")["UserPool"]["Id"]
    for name in names:
        idp.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
    pages = idp.get_paginator("list_users").paginate(UserPoolId=pool, PaginationConfig={"PageSize": 3})
    assert {user["Username"] for page in pages for user in page["Users"]} == names


def test_assumed_credentials_replace_and_end(house: Installation, app: App) -> None:
    iam, sts = house.client("iam"), house.client("sts")
    account = sts.get_caller_identity()["Account"]
    trust = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
        f'"Principal":{{"AWS":"arn:aws:iam::{account}:root"}}}}]}}'
    )
    name = "reader" + ids.digits(8)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    role = f"arn:aws:iam::{account}:role/{name}"
    given = sts.assume_role(RoleArn=role, RoleSessionName="session", DurationSeconds=900)["Credentials"]
    session = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert house.client("iam", *session).get_role(RoleName=name)["Role"]["Arn"] == role
    _refused("AccessDenied", house.client("iam", *session).create_user, UserName="x")
    _refused("AccessDeniedException", house.client("cognito-idp", *session).describe_user_pool, UserPoolId=app.pool)
    _refused("InvalidClientTokenId", house.client("iam", *session[:2]).get_role, RoleName=name)
    iam.detach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    _refused("AccessDenied", house.client("iam", *session).get_role, RoleName=name)
    iam.delete_role(RoleName=name)
    _refused("InvalidClientTokenId", house.client("sts", *session).get_caller_identity)


def test_everything_else_is_refused_by_name(house: Installation) -> None:
    idp = house.client("cognito-idp")
    told = _refused("InvalidParameterException", idp.list_identity_providers, UserPoolId="us-east-1_abcdefghi")
    assert told == "ListIdentityProviders is not served yet."
