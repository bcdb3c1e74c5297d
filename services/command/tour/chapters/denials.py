"""(f) Each denial explains itself: the same question, refused by each kind of policy, in AWS's sentences."""

from services.command.tour.cast import Cast, allow, deny, session, trust_in
from services.command.tour.stage import Credentials
from services.command.tour.telling import Story


def tell(story: Story, cast: Cast) -> None:
    """The chapter; it also looks back at the denials of the others."""
    story.chapter(
        "f",
        "Each denial explains itself",
        "One question, s3:GetObject on one file, refused for four reasons. The sentence tells them apart.",
    )
    bucket = cast.bucket("secrets")
    cast.s3.put_object(Bucket=bucket, Key="plan.txt", Body=b"hush")
    everything = f"arn:aws:s3:::{bucket}/*"
    reads = allow("s3:GetObject", on=everything)
    _asked(
        story,
        cast,
        bucket,
        cast.user("eva").key,
        "Eva has no policy at all.",
        "because no identity-based policy allows the s3:GetObject action",
        "Nothing said yes.",
    )
    _asked(
        story,
        cast,
        bucket,
        cast.user("finn", reads, deny("s3:*", on=everything)).key,
        "Finn is allowed by one policy and denied by another.",
        "with an explicit deny in an identity-based policy",
        "One no outweighs any number of yes.",
    )
    fence = cast.managed_policy("fence", allow("iam:Get*", on="*"))
    _asked(
        story,
        cast,
        bucket,
        cast.user("gil", reads, boundary=fence).key,
        "Gil is allowed, but his permissions boundary leaves S3 out.",
        "because no permissions boundary allows the s3:GetObject action",
        "A boundary grants nothing; it draws the line that grants cannot cross.",
    )
    _asked(
        story,
        cast,
        bucket,
        _narrowed(cast, reads, bucket),
        "A role may read the file; this session of it was asked for with a narrower policy.",
        "because no session policy allows the s3:GetObject action",
        "Who asks for a session may give away less than the role has, never more.",
    )
    _look_back(story)


def _narrowed(cast: Cast, reads: dict[str, object], bucket: str) -> Credentials:
    hana = cast.user("hana", allow("sts:AssumeRole", on="*"))
    role = cast.role("reader", trust_in(hana.arn), reads)
    narrower = f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::{bucket}/open/*"}}]}}'
    return session(cast.stage, hana.key, role, "hana", Policy=narrower)


def _asked(  # noqa: PLR0917 - the story's parts
    story: Story, cast: Cast, bucket: str, who: Credentials, asked: str, says: str, why: str
) -> None:
    store = cast.stage.client("s3", who)
    story.refusal(
        asked, lambda: store.get_object(Bucket=bucket, Key="plan.txt"), code="AccessDenied", says=says, why=why
    )


def _look_back(story: Story) -> None:
    denied = [denial for denial in story.denials if denial.code.startswith("AccessDenied")]
    telling = [
        denial for denial in denied if "is not authorized to perform" in denial.sentence or "root" in denial.sentence
    ]
    story.step(
        "Look back at every denial of this tour.",
        lambda: denied,
        shows=lambda seen: f"{len(seen)} denials; each names who asked, for what, on what",
        holds=lambda seen: len(seen) == len(telling),
        why="The same record feeds the sentence, the log and the simulator, so they never disagree.",
    )
