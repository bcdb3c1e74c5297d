"""(d) A service gets its rights from a role, never from a stored key."""

import os
import subprocess
import sys
from typing import Final

from services.command.tour.cast import Cast, Person, allow, session, text_of, trust_in
from services.command.tour.stage import Credentials
from services.command.tour.telling import Failed, Story

_PROGRAM: Final = "services.command.tour.report_service"
_KEPT: Final = ("PATH", "PYTHONPATH", "SYSTEMROOT", "HOME")


def tell(story: Story, cast: Cast) -> None:
    """The chapter."""
    story.chapter(
        "d",
        "A service with a role and no key of its own",
        "On AWS the platform hands a role's credentials to a function or machine. Here whoever starts the service does: "
        "a deployer that may do nothing but assume that role. The service itself is an ordinary process with boto3.",
    )
    bucket = cast.bucket("reports")
    deployer = cast.user("deployer", allow("sts:AssumeRole", on=f"arn:aws:iam::*:role/{cast.named('reporter')}"))
    stranger = cast.user("stranger", allow("sts:AssumeRole", on="*"))
    role = cast.role("reporter", trust_in(deployer.arn), allow("s3:PutObject", on=f"arn:aws:s3:::{bucket}/daily/*"))
    handed_over = story.step(
        "The deployer assumes the service's role for 15 minutes.",
        lambda: session(cast.stage, deployer.key, role, "daily-report", DurationSeconds=900),
        shows=lambda made: f"the temporary key {made.access_key_id}",
        why="These credentials end by themselves. There is no secret to put into an image, a file or a repository.",
    )
    story.step(
        "The service starts with them in its environment and writes its report.",
        lambda: _run(cast, handed_over, bucket),
        shows=lambda arn: f"written by {arn}",
        holds=lambda arn: (
            arn.endswith(f":assumed-role/{cast.named('reporter')}/daily-report")
            and text_of(cast.stage, cast.stage.administrator, bucket, "daily/report.txt") == "a daily report"
        ),
        why="Its code names no key: boto3 finds the session in the environment, as it does on AWS.",
    )
    _limits(story, cast, handed_over, stranger)


def _limits(story: Story, cast: Cast, handed_over: Credentials, stranger: Person) -> None:
    bucket, role = (
        cast.named("reports"),
        stranger.arn.replace(f":user/{stranger.name}", f":role/{cast.named('reporter')}"),
    )
    story.refusal(
        "The service writes outside its folder.",
        lambda: cast.stage.client("s3", handed_over).put_object(Bucket=bucket, Key="elsewhere.txt", Body=b"no"),
        code="AccessDenied",
        says="because no identity-based policy allows the s3:PutObject action",
        why="The role is made for this one service: daily/ and nothing more.",
    )
    story.refusal(
        "Somebody else, who may assume any role that lets them, asks for this one.",
        lambda: session(cast.stage, stranger.key, role, "stranger"),
        code="AccessDenied",
        says="is not authorized to perform: sts:AssumeRole",
        why="The role's trust policy names the deployer alone, so nobody else becomes the service.",
    )


def _run(cast: Cast, credentials: Credentials, bucket: str) -> str:
    """Runs the service as a process that knows nothing but its environment; gives the ARN under which it wrote."""
    settings = cast.stage.settings
    environ = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret,
        "AWS_SESSION_TOKEN": credentials.token or "",
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_ENDPOINT_URL_S3": settings.demo_base,
        "AWS_ENDPOINT_URL_STS": settings.identitypool_base,
    }
    command = [sys.executable, "-P", "-m", _PROGRAM, bucket]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - our own program
    if done.returncode != 0:
        raise Failed(done.stderr.strip()[-200:])
    return done.stdout.strip()
