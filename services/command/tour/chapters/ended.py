"""(c) A session past its end is refused. Time is moved by the installation's test clock: the shortest session is 900 s."""

from typing import Final

from services.command.tour.cast import Cast, allow, session, text_of, trust_in
from services.command.tour.telling import Story

_SHORTEST_S: Final = 900


def tell(story: Story, cast: Cast) -> None:
    """The chapter. The stage must have a test clock."""
    story.chapter(
        "c",
        "A session past its end",
        "Temporary credentials carry their end inside, under a seal. Nobody has to remember to take them back.",
    )
    bucket = cast.bucket("clock")
    cast.s3.put_object(Bucket=bucket, Key="hour.txt", Body=b"tick")
    dora = cast.user("dora", allow("sts:AssumeRole", on="*"))
    role = cast.role("hourglass", trust_in(dora.arn), allow("s3:GetObject", on=f"arn:aws:s3:::{bucket}/*"))
    brief = story.step(
        "Dora assumes a role for the shortest time there is, and reads hour.txt.",
        lambda: session(cast.stage, dora.key, role, "dora", DurationSeconds=_SHORTEST_S),
        shows=lambda made: f"{made.access_key_id}, good for {_SHORTEST_S} seconds",
        holds=lambda made: text_of(cast.stage, made, bucket, "hour.txt") == "tick",
        why="It works as long as it lasts.",
    )
    with cast.stage.later(_SHORTEST_S + 1):
        story.refusal(
            f"The clock is moved by {_SHORTEST_S + 1} seconds, and the session reads hour.txt once more.",
            lambda: text_of(cast.stage, brief, bucket, "hour.txt"),
            code="ExpiredToken",
            says="expired",
            why="The end stands inside the sealed token, so every service sees it without asking anyone.",
        )
    story.step(
        "The clock is set back, and the same session reads again.",
        lambda: text_of(cast.stage, brief, bucket, "hour.txt"),
        shows=str,
        holds=lambda text: text == "tick",
        why="So it was its end, and nothing else, that refused it.",
    )
