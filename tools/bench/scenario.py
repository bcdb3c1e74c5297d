"""What is measured: for each operation the requests that a customer's client sends, and the goal in which unit."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

import gmpy2

from services.userpool.passwords.group import N
from tools.bench.installation import Installation, prepared
from tools.bench.load import Unit, Work, expect, once_each, repeated
from tools.bench.seeding import many_users

PASSWORD: Final = "Correct-horse-9"  # noqa: S105 - of users that live as long as the run
_STORE: Final = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One row: which service works, what it is asked, and its goal as a multiple of a unit.

    `connections`: how many ask at once; more hashes than the pool of hashes takes would be refused.
    """

    name: str
    service: str
    work: Callable[[], Work]
    unit: str
    goal: float
    connections: int = 8


@dataclass(frozen=True, slots=True)
class World:
    """What was made for the measurement."""

    here: Installation
    pool: str
    client: str
    hashing_client: str
    big_pool: str
    identity_pool: str
    users: list[str]
    tokens: dict[str, str]
    identity: str
    logins: dict[str, str]
    role: str
    bucket: str
    store_key: dict[str, Any]


def prepare(here: Installation, crowd: int) -> World:
    """Pools, users, roles and a bucket, made through the API; the crowd of the big pool by bulk insert."""
    idp, identity, iam, sts = (here.client(name) for name in ("cognito-idp", "cognito-identity", "iam", "sts"))
    pool, client = _pool(idp, "bench")
    hashing_pool, hashing_client = _pool(idp, "hashes")
    here.keep_hashes(hashing_pool)
    big_pool, _ = _pool(idp, "crowd")
    users = [f"user{number}" for number in range(100)]
    for name in users:
        _user(idp, pool, name)
        _user(idp, hashing_pool, name)
    _user(idp, big_pool, "user0")
    many_users(here, big_pool, crowd)
    tokens = idp.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": users[0], "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    provider = f"127.0.0.1:{here.ports['userpool']}/{pool}"
    identity_pool = identity.create_identity_pool(
        IdentityPoolName="bench",
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": client}],
    )["IdentityPoolId"]
    role = iam.create_role(RoleName="bench", AssumeRolePolicyDocument=_trust(identity_pool))["Role"]["Arn"]
    iam.put_role_policy(RoleName="bench", PolicyName="store", PolicyDocument=_STORE)
    identity.set_identity_pool_roles(IdentityPoolId=identity_pool, Roles={"authenticated": role})
    logins = {provider: tokens["IdToken"]}
    one = identity.get_id(IdentityPoolId=identity_pool, Logins=logins)["IdentityId"]
    session = sts.assume_role(RoleArn=role, RoleSessionName="bench")["Credentials"]
    store = here.client("s3", session)
    store.create_bucket(Bucket="bench")
    store.put_object(Bucket="bench", Key="a/b.txt", Body=b"x" * 1000)
    return World(
        here, pool, client, hashing_client, big_pool, identity_pool, users, tokens, one, logins, role, "bench", session
    )


def rows(world: World) -> list[Measured]:
    """Every measured operation with its goal (performance goals of the project)."""
    return [*_sign_in(world), *_directory(world), *_exchange(world)]


def _sign_in(world: World) -> list[Measured]:
    idp = world.here.client("cognito-idp")
    fresh = (f"new{number}" for number in count())

    def password() -> Work:
        return repeated(
            [_begin(idp, world, "USER_PASSWORD_AUTH", USERNAME=name, PASSWORD=PASSWORD) for name in world.users]
        )

    def hashed() -> Work:
        return repeated(hashed_sign_ins(world))

    def refresh() -> Work:
        return repeated([_begin(idp, world, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=world.tokens["RefreshToken"])])

    def sign_up() -> Work:
        return once_each(
            prepared(idp, "sign_up", ClientId=world.client, Username=next(fresh), Password=PASSWORD) for _ in count()
        )

    return [
        Measured("password sign-in", "userpool", password, "(G + 2R + W)", 1.5),
        Measured("password sign-in, argon2id", "userpool", hashed, "(H + 2R)", 1.1, connections=2),
        Measured("SRP sign-in, both calls", "userpool", lambda: _srp(world), "(2M + 2R)", 1.5),
        Measured("refresh", "userpool", refresh, "2R", 1.4),
        Measured("SignUp", "userpool", sign_up, "H", 1.15),
    ]


def hashed_sign_ins(world: World) -> list[bytes]:
    """Sign-ins at the pool that keeps argon2id hashes."""
    idp, client, flow = world.here.client("cognito-idp"), world.hashing_client, "USER_PASSWORD_AUTH"
    sent = [{"USERNAME": name, "PASSWORD": PASSWORD} for name in world.users]
    return [prepared(idp, "initiate_auth", ClientId=client, AuthFlow=flow, AuthParameters=one) for one in sent]


def own_record(world: World) -> list[bytes]:
    """A signed-in user's question about themselves."""
    return [prepared(world.here.client("cognito-idp"), "get_user", AccessToken=world.tokens["AccessToken"])]


def _directory(world: World) -> list[Measured]:
    idp, pool, crowd = world.here.client("cognito-idp"), world.pool, world.big_pool
    return [
        Measured("GetUser", "userpool", lambda: repeated(own_record(world)), "E", 1.6),
        Measured(
            "AdminGetUser", "userpool", _asked(idp, "admin_get_user", UserPoolId=pool, Username="user1"), "E", 1.3
        ),
        Measured("ListUsers(60) of 100", "userpool", _asked(idp, "list_users", UserPoolId=pool, Limit=60), "E", 3.0),
        Measured(
            "ListUsers(60) of the crowd", "userpool", _asked(idp, "list_users", UserPoolId=crowd, Limit=60), "E", 3.0
        ),
    ]


def _exchange(world: World) -> list[Measured]:
    here = world.here
    identity, sts, store = here.client("cognito-identity"), here.client("sts"), here.client("s3", world.store_key)
    get_id = _asked(identity, "get_id", IdentityPoolId=world.identity_pool, Logins=world.logins)
    swap = _asked(identity, "get_credentials_for_identity", IdentityId=world.identity, Logins=world.logins)
    assume = _asked(sts, "assume_role", RoleArn=world.role, RoleSessionName="bench")
    read = _asked(store, "get_object", Bucket=world.bucket, Key="a/b.txt")
    return [
        Measured("GetId", "identitypool", get_id, "E", 1.6),
        Measured("GetCredentialsForIdentity", "identitypool", swap, "E", 1.6),
        Measured("AssumeRole", "identitypool", assume, "E", 1.3),
        Measured("GetCallerIdentity", "identitypool", _asked(sts, "get_caller_identity"), "E", 1.3),
        Measured("store read through the guard", "demo", read, "E", 3.0),
    ]


def _asked(client: Any, operation: str, **parameters: Any) -> Callable[[], Work]:  # noqa: ANN401 - boto3 is untyped
    return lambda: repeated([prepared(client, operation, **parameters)])


def _begin(idp: Any, world: World, flow: str, **parameters: str) -> bytes:  # noqa: ANN401 - boto3 is untyped
    return prepared(idp, "initiate_auth", ClientId=world.client, AuthFlow=flow, AuthParameters=parameters)


def _trust(identity_pool: str) -> str:
    """Admits the identity pool's signed-in users, and anybody of the account."""
    of_pool = {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": identity_pool},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
    }
    users = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": of_pool,
    }
    anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [users, anybody]})


def _pool(idp: Any, name: str) -> tuple[str, str]:  # noqa: ANN401 - boto3 is untyped
    pool = idp.create_user_pool(PoolName=name)["UserPool"]["Id"]
    flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = idp.create_user_pool_client(UserPoolId=pool, ClientName=name, ExplicitAuthFlows=flows)
    return pool, client["UserPoolClient"]["ClientId"]


def _user(idp: Any, pool: str, name: str) -> None:  # noqa: ANN401 - boto3 is untyped
    attributes = [{"Name": "email", "Value": f"{name}@example.com"}, {"Name": "name", "Value": name.title()}]
    idp.admin_create_user(UserPoolId=pool, Username=name, UserAttributes=attributes, MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)


def _srp(world: World) -> Work:
    """Both calls of an SRP sign-in; the client's own half is kept cheap by a short secret."""
    idp = world.here.client("cognito-idp")
    modulus, secret = gmpy2.mpz(int(N)), 3**80
    public = int(gmpy2.powmod(2, secret, modulus))
    multiplier = _number(_padded(int(modulus)) + b"\x02")
    first = [
        prepared(
            idp,
            "initiate_auth",
            ClientId=world.client,
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": name, "SRP_A": f"{public:x}"},
        )
        for name in world.users
    ]
    host = first[0].partition(b"Host: ")[2].partition(b"\r\n")[0]

    def work(number: int) -> Unit:
        asked = json.loads(expect((yield first[number % len(first)])))["ChallengeParameters"]
        user, server = asked["USER_ID_FOR_SRP"], int(asked["SRP_B"], 16)
        inner = hashlib.sha256(f"{world.pool.partition('_')[2]}{user}:{PASSWORD}".encode()).digest()
        x = _number(_padded(int(asked["SALT"], 16)) + inner)
        u = _number(_padded(public) + _padded(server))
        base = (server - multiplier * int(gmpy2.powmod(2, x, modulus))) % int(modulus)
        shared = int(gmpy2.powmod(base, secret + u * x, modulus))
        temporary = hmac.digest(_padded(u), _padded(shared), "sha256")
        key = hmac.digest(temporary, b"Caldera Derived Key\x01", "sha256")[:16]
        now = datetime.now(UTC)
        stamp = f"{now:%a %b} {now.day} {now:%H:%M:%S} UTC {now.year}"
        text = (
            f"{world.pool.partition('_')[2]}{user}".encode() + base64.b64decode(asked["SECRET_BLOCK"]) + stamp.encode()
        )
        answers = {
            "USERNAME": user,
            "PASSWORD_CLAIM_SECRET_BLOCK": asked["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, text, "sha256")).decode(),
            "TIMESTAMP": stamp,
        }
        body = json.dumps(
            {"ClientId": world.client, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": answers}
        )
        head = (
            b"POST / HTTP/1.1\r\nHost: " + host + b"\r\nContent-Type: application/x-amz-json-1.1\r\n"
            b"X-Amz-Target: AWSCognitoIdentityProviderService.RespondToAuthChallenge\r\n"
        )
        expect((yield head + f"Content-Length: {len(body)}\r\n\r\n{body}".encode()))

    return work


def _padded(number: int) -> bytes:
    """Big-endian bytes with a leading zero where the highest bit is set."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _number(data: bytes) -> int:
    return int(hashlib.sha256(data).hexdigest(), 16)
