"""(b) A user with storage rights assumes a role with other rights: the session's rights stand in place of the user's."""

from services.command.tour.cast import Cast, Person, allow, session, text_of, trust_in
from services.command.tour.stage import Credentials
from services.command.tour.telling import Story


def tell(story: Story, cast: Cast) -> None:
    """The chapter."""
    story.chapter(
        "b",
        "A role in place of one's own rights",
        "Clara may use a bucket. A role may look at user pools, and Clara may assume it.",
    )
    bucket = cast.bucket("archive")
    cast.s3.put_object(Bucket=bucket, Key="map.txt", Body=b"Here be dragons.")
    clara = cast.user(
        "clara",
        allow("s3:GetObject", on=f"arn:aws:s3:::{bucket}/*"),
        allow("sts:AssumeRole", on=f"arn:aws:iam::*:role/{cast.named('inspector')}"),
    )
    role = cast.role("inspector", trust_in(clara.arn), allow("cognito-idp:ListUserPools", on="*"))
    _reads(story, cast, clara, "Clara reads map.txt with her own key.", "Her own policy allows it.")
    story.refusal(
        "Clara lists the user pools with her own key.",
        lambda: cast.stage.client("cognito-idp", clara.key).list_user_pools(MaxResults=1),
        code="AccessDeniedException",
        says="because no identity-based policy allows the cognito-idp:ListUserPools action",
        why="It is the role that may do this, not she.",
    )
    inspector = story.step(
        "Clara assumes the role.",
        lambda: session(cast.stage, clara.key, role, "clara"),
        shows=lambda made: f"the key {made.access_key_id} with a session token, good for an hour",
        holds=lambda made: made.access_key_id.startswith("ASIA") and made.token is not None,
        why="The role's trust policy names her, and her own policy lets her ask. Both had to say yes.",
    )
    _inside_the_session(story, cast, bucket, inspector)
    _reads(
        story,
        cast,
        clara,
        "Clara reads map.txt with her own key again.",
        "Her key never changed. Assuming a role makes a second set of credentials; the first keeps its rights.",
    )


def _inside_the_session(story: Story, cast: Cast, bucket: str, inspector: Credentials) -> None:
    stage = cast.stage
    story.step(
        "The session says who it is, and lists the user pools.",
        lambda: (
            stage.client("sts", inspector).get_caller_identity()["Arn"],
            stage.client("cognito-idp", inspector).list_user_pools(MaxResults=1)["UserPools"],
        ),
        shows=lambda came: f"{came[0]}, and the list",
        holds=lambda came: came[0].endswith(f":assumed-role/{cast.named('inspector')}/clara"),
        why="The new right works. The caller is the role's session now, with Clara's name on it for the log.",
    )
    story.refusal(
        "The session reads map.txt.",
        lambda: text_of(stage, inspector, bucket, "map.txt"),
        code="AccessDenied",
        says="because no identity-based policy allows the s3:GetObject action",
        why="Nothing is added up: a session has the role's rights and no others, whoever stands behind it.",
    )


def _reads(story: Story, cast: Cast, clara: Person, asked: str, why: str) -> None:
    story.step(
        asked,
        lambda: text_of(cast.stage, clara.key, cast.named("archive"), "map.txt"),
        shows=str,
        holds=lambda text: text == "Here be dragons.",
        why=why,
    )
