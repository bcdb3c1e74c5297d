"""(e) The three steps: an app's user signs in, swaps the token for temporary credentials, and uses them."""

from dataclasses import dataclass

from services.command.tour import srp_client
from services.command.tour.app_parts import AppParts, make
from services.command.tour.cast import Cast, text_of
from services.command.tour.stage import Client, Credentials
from services.command.tour.telling import Story
from shared import ids
from shared.clock import system_clock

_STRANGER = "us-east-1:00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Member:
    """A signed-up user with what they know."""

    name: str
    password: str


def tell(story: Story, cast: Cast) -> None:
    """The chapter."""
    story.chapter(
        "e",
        "Sign in, swap the token, use the credentials",
        "An app's user is no IAM user. They sign in at a user pool; the identity pool swaps the token for a session of a "
        "role; the store sees an ordinary signed request. The app keeps no key.",
    )
    app = make(cast)
    cast.s3.put_object(Bucket=app.bucket, Key="public/welcome.txt", Body=b"Welcome.")
    cast.s3.put_object(Bucket=app.bucket, Key=f"private/{_STRANGER}/diary.txt", Body=b"Not yours.")
    email = f"{cast.named('mia')}@example.com"
    cast.leftovers.callback(cast.stage.forget_messages_to, email)
    member = Member(email, f"{ids.opaque(96)}aA1!")
    _sign_up(story, cast, app, member)
    token = _sign_in(story, cast, app, member)
    identity, swapped = _swap(story, cast, app, token)
    _own_folder(story, cast, app, identity, swapped)
    _guest(story, cast, app)


def _sign_up(story: Story, cast: Cast, app: AppParts, member: Member) -> None:
    pool = cast.stage.client("cognito-idp", None)
    story.step(
        f"Mia signs up as {member.name}, by the app's client id alone.",
        lambda: pool.sign_up(
            ClientId=app.client_id,
            Username=member.name,
            Password=member.password,
            UserAttributes=[{"Name": "email", "Value": member.name}],
        ),
        shows=lambda came: f"a code was sent to {came['CodeDeliveryDetails']['Destination']}",
        holds=lambda came: came["UserConfirmed"] is False,
        why="Nobody signs this call; the pool takes new users from anyone. The address must be proved first.",
    )
    code = story.step(
        "She reads the message.",
        lambda: cast.stage.messages_to(member.name)[-1]["code"],
        shows=lambda found: f"the outbox {cast.stage.settings.outbox_folder} has the code {found}",
        holds=lambda found: len(found) == 6 and found.isdigit(),
        why="Without a mail server messages wait in a folder, one file each.",
    )
    story.step(
        "She confirms with the code.",
        lambda: pool.confirm_sign_up(ClientId=app.client_id, Username=member.name, ConfirmationCode=code),
        shows=lambda _: "confirmed",
        why="A code works once, for this purpose, for this user.",
    )


def _sign_in(story: Story, cast: Cast, app: AppParts, member: Member) -> str:
    pool = cast.stage.client("cognito-idp", None)
    story.refusal(
        "Somebody tries another password.",
        lambda: _by_srp(pool, app, Member(member.name, "Wrong-password-1")),
        code="NotAuthorizedException",
        says="Incorrect username or password.",
        why="The sentence is the same for a wrong password and for a user that does not exist.",
    )
    tokens = story.step(
        "Step 1. Mia signs in by SRP.",
        lambda: _by_srp(pool, app, member),
        shows=lambda came: f"an id token, an access token and a refresh token; good for {came['ExpiresIn']} seconds",
        holds=lambda came: {"IdToken", "AccessToken", "RefreshToken"} <= came.keys(),
        why="The password never left her machine: both sides proved that they know it, and the server keeps no password.",
    )
    return str(tokens["IdToken"])


def _by_srp(pool: Client, app: AppParts, member: Member) -> dict[str, str]:
    attempt = srp_client.begin(ids.random_bytes(32))
    asked = pool.initiate_auth(
        ClientId=app.client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": member.name, "SRP_A": attempt.srp_a},
    )
    proof = srp_client.answer(attempt, asked["ChallengeParameters"], app.pool_id, member.password, system_clock())
    session = {"Session": asked["Session"]} if "Session" in asked else {}
    answer = pool.respond_to_auth_challenge(
        ClientId=app.client_id, ChallengeName=asked["ChallengeName"], ChallengeResponses=proof, **session
    )
    tokens: dict[str, str] = answer["AuthenticationResult"]
    return tokens


def _swap(story: Story, cast: Cast, app: AppParts, token: str) -> tuple[str, Credentials]:
    logins = {app.provider: token}
    identity, swapped = story.step(
        "Step 2. The app swaps the id token at the identity pool.",
        lambda: _exchange(cast, app, logins),
        shows=lambda came: f"identity {came[0]} with the temporary key {came[1].access_key_id}",
        holds=lambda came: came[1].access_key_id.startswith("ASIA"),
        why="The identity pool checked the token against the user pool's published keys, chose a role and made a session.",
    )
    story.step(
        "The session says who it is.",
        lambda: cast.stage.client("sts", swapped).get_caller_identity()["Arn"],
        shows=str,
        holds=lambda arn: arn.endswith(f":assumed-role/{app.member_role}/CognitoIdentityCredentials"),
        why="From here on there is no token: only a role's session, like any other.",
    )
    story.refusal(
        "Somebody changes one letter of the token and tries the same.",
        lambda: _exchange(cast, app, {app.provider: _altered(token)}),
        code="NotAuthorizedException",
        says="Invalid login token",
        why="The signature covers every letter.",
    )
    return identity, swapped


def _exchange(cast: Cast, app: AppParts, logins: dict[str, str]) -> tuple[str, Credentials]:
    pool = cast.stage.client("cognito-identity", None)
    identity = str(pool.get_id(IdentityPoolId=app.identity_pool_id, Logins=logins)["IdentityId"])
    made = pool.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]
    return identity, Credentials(made["AccessKeyId"], made["SecretKey"], made["SessionToken"])


def _altered(token: str) -> str:
    head, body, signature = token.split(".")
    middle = len(signature) // 2
    letter = "A" if signature[middle] != "A" else "B"
    return f"{head}.{body}.{signature[:middle]}{letter}{signature[middle + 1 :]}"


def _own_folder(story: Story, cast: Cast, app: AppParts, identity: str, swapped: Credentials) -> None:
    store, bucket = cast.stage.client("s3", swapped), app.bucket
    note = f"private/{identity}/note.txt"
    story.step(
        "Step 3. She writes a note into her own folder and reads it back.",
        lambda: (
            store.put_object(Bucket=bucket, Key=note, Body=b"Mine."),
            text_of(cast.stage, swapped, bucket, note),
        ),
        shows=lambda came: f"{note}: {came[1]}",
        holds=lambda came: came[1] == "Mine.",
        why="One policy serves all users: its resource is private/${cognito-identity.amazonaws.com:sub}/*.",
    )
    story.refusal(
        "She reads another user's diary.",
        lambda: text_of(cast.stage, swapped, bucket, f"private/{_STRANGER}/diary.txt"),
        code="AccessDenied",
        says="because no identity-based policy allows the s3:GetObject action",
        why="With her identity filled in, the policy speaks of her folder only.",
    )


def _guest(story: Story, cast: Cast, app: AppParts) -> None:
    _, guest = story.step(
        "A guest, who never signed in, asks the identity pool for credentials.",
        lambda: _exchange(cast, app, {}),
        shows=lambda came: f"identity {came[0]} with the temporary key {came[1].access_key_id}",
        why="This pool admits guests and has a role for them.",
    )
    store = cast.stage.client("s3", guest)
    story.step(
        "The guest reads public/welcome.txt.",
        lambda: text_of(cast.stage, guest, app.bucket, "public/welcome.txt"),
        shows=str,
        holds=lambda text: text == "Welcome.",
        why="The guests' role may read public/.",
    )
    story.refusal(
        "The guest writes there.",
        lambda: store.put_object(Bucket=app.bucket, Key="public/graffiti.txt", Body=b"I was here."),
        code="AccessDenied",
        says="because no identity-based policy allows the s3:PutObject action",
        why="Reading is all that was granted.",
    )
