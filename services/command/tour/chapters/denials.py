"""(f) Each denial explains itself: the same question, refused by each kind of policy, in AWS's sentences."""

import json
from typing import Final

from services.command.tour.cast import Cast, Document, allow, deny, session, text_of, trust_in
from services.command.tour.stage import Credentials
from services.command.tour.telling import Story

_BUCKET: Final = "secrets"


def tell(story: Story, cast: Cast) -> None:
    """The chapter; it also looks back at the denials of the others."""
    story.chapter(
        "f",
        "Each denial explains itself",
        "One question, s3:GetObject on one file, refused for four reasons. The sentence tells them apart.",
    )
    bucket = cast.bucket(_BUCKET)
    cast.s3.put_object(Bucket=bucket, Key="plan.txt", Body=b"hush")
    everything = f"arn:aws:s3:::{bucket}/*"
    reads = allow("s3:GetObject", on=everything)
    fence = cast.managed_policy("fence", allow("iam:Get*", on="*"))
    reasons = (
        (
            "Eva, who has no policy at all, reads plan.txt.",
            cast.user("eva").key,
            "because no identity-based policy allows the s3:GetObject action",
            "Nothing said yes.",
        ),
        (
            "Finn, allowed by one policy and denied by another, reads it.",
            cast.user("finn", reads, deny("s3:*", on=everything)).key,
            "with an explicit deny in an identity-based policy",
            "One no outweighs any number of yes.",
        ),
        (
            "Gil, allowed, but inside a permissions boundary that leaves S3 out, reads it.",
            cast.user("gil", reads, boundary=fence).key,
            "because no permissions boundary allows the s3:GetObject action",
            "A boundary grants nothing; it draws the line that grants cannot cross.",
        ),
        (
            "A session of a role that may read it, asked for with a narrower policy, reads it.",
            _narrowed(cast, reads, f"arn:aws:s3:::{bucket}/open/*"),
            "because no session policy allows the s3:GetObject action",
            "Who asks for a session may give away less than the role has, never more.",
        ),
    )
    for asked, who, says, why in reasons:
        _read_in_vain(story, cast, who, (asked, says, why))
    _look_back(story)


def _read_in_vain(story: Story, cast: Cast, who: Credentials, told: tuple[str, str, str]) -> None:
    asked, says, why = told
    story.refusal(
        asked,
        lambda: text_of(cast.stage, who, cast.named(_BUCKET), "plan.txt"),
        code="AccessDenied",
        says=says,
        why=why,
    )


def _narrowed(cast: Cast, document: Document, narrower: str) -> Credentials:
    """A session of a role that has `document`, with a session policy that allows the same on `narrower` only."""
    hana = cast.user("hana", allow("sts:AssumeRole", on="*"))
    role = cast.role("reader", trust_in(hana.arn), document)
    policy = json.dumps(allow("s3:GetObject", on=narrower))
    return session(cast.stage, hana.key, role, "hana", Policy=policy)


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
