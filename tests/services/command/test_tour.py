import io
import re
from typing import Any

import pytest
from rich.console import Console

from services.command import tour
from services.command.tour.cast import Cast, allow
from services.command.tour.stage import Stage, open_stage
from services.command.tour.telling import Story
from shared.settings import read
from tests.conftest import Installation


@pytest.fixture(scope="module")
def stage(house: Installation) -> Stage:
    return open_stage(read({name: value for name, value in house.environ.items() if name.startswith("POOLKEEPER_")}))


@pytest.fixture
def story() -> Story:
    return Story(Console(file=io.StringIO(), width=200, highlight=False))


def told(story: Story) -> str:
    assert isinstance(story.console.file, io.StringIO)
    return story.console.file.getvalue()


@pytest.fixture(scope="module")
def whole(house: Installation) -> Any:
    """The tour as a person runs it."""
    return house.command("tour", check=False)


def left_over(house: Installation) -> list[str]:
    """Everything of a tour that is still there."""
    iam, idp, identity = house.client("iam"), house.client("cognito-idp"), house.client("cognito-identity")
    names = [user["UserName"] for user in iam.list_users()["Users"]]
    names += [group["GroupName"] for group in iam.list_groups()["Groups"]]
    names += [role["RoleName"] for role in iam.list_roles()["Roles"]]
    names += [policy["PolicyName"] for policy in iam.list_policies(Scope="Local")["Policies"]]
    names += [pool["Name"] for pool in idp.list_user_pools(MaxResults=60)["UserPools"]]
    names += [pool["IdentityPoolName"] for pool in identity.list_identity_pools(MaxResults=60)["IdentityPools"]]
    names += [bucket["Name"] for bucket in house.client("s3").list_buckets()["Buckets"]]
    return [name for name in names if name.startswith("tour-")]


def test_the_tour_comes_out_as_told(whole: Any) -> None:
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert "not as told" not in whole.stdout


def test_in_a_file_every_answer_is_one_line(whole: Any) -> None:
    lines = whole.stdout.splitlines()
    assert [line for line in lines if line != line.rstrip()] == []
    assert any(line.endswith("no session policy allows the s3:GetObject action") for line in lines)
    assert "\x1b" not in whole.stdout


@pytest.mark.parametrize(
    "line",
    [
        "(a) The root user makes people, a group and a policy",
        "Roles may not be assumed by root accounts.",
        "(b) A role in place of one's own rights",
        "Clara reads map.txt with her own key again.",
        "(c) A session past its end",
        "ExpiredToken",
        "(d) A service with a role and no key of its own",
        "The service starts with them in its environment and writes its report.",
        "(e) Sign in, swap the token, use the credentials",
        "Step 1. Mia signs in by SRP.",
        "Step 2. The app swaps the id token at the identity pool.",
        "Step 3. She writes a note into her own folder and reads it back.",
        "The guest writes there.",
        "(f) Each denial explains itself",
        "with an explicit deny in an identity-based policy",
        "no permissions boundary allows",
        "no session policy allows",
        "steps, each as told.",
    ],
)
def test_each_part_of_the_story_is_told(whole: Any, line: str) -> None:
    assert line in re.sub(r"\s+", " ", whole.stdout)


def test_nothing_of_the_tour_is_left(whole: Any, house: Installation) -> None:
    assert whole.returncode == 0
    assert left_over(house) == []
    assert [message for message in house.messages() if message["to"].startswith("tour-")] == []
    assert "no root access key" in house.command("root-key", "delete").stdout


def test_a_refusal_that_does_not_come_gives_status_1(story: Story, stage: Stage, house: Installation) -> None:
    def chapter(story: Story, cast: Cast) -> None:
        ann = cast.user("ann", allow("iam:ListUsers", on="*"))
        story.refusal(
            "Ann lists the users.", cast.stage.client("iam", ann.key).list_users, code="AccessDenied", says="", why=""
        )
        story.step("never told", lambda: 1, shows=str, why="")

    assert tour.perform(story, stage, [chapter]) == 1
    assert "it was allowed, but AccessDenied was told" in told(story)
    assert "never told" not in told(story)
    assert left_over(house) == []


def test_a_refusal_for_another_reason_gives_status_1(story: Story, stage: Stage) -> None:
    def chapter(story: Story, cast: Cast) -> None:
        who = cast.user("bob").key
        story.refusal(
            "Bob.", cast.stage.client("iam", who).list_users, code="AccessDenied", says="explicit deny", why=""
        )

    assert tour.perform(story, stage, [chapter]) == 1
    assert "(told: AccessDenied: .. explicit deny ..)" in told(story)


def test_another_answer_than_told_gives_status_1_and_the_next_chapter_is_told(story: Story, stage: Stage) -> None:
    def wrong(story: Story, _cast: Cast) -> None:
        story.step("One and one.", lambda: 2, shows=str, holds=lambda sum_: sum_ == 3, why="")

    def right(story: Story, _cast: Cast) -> None:
        story.step("One and two.", lambda: 3, shows=str, holds=lambda sum_: sum_ == 3, why="Arithmetic.")

    assert tour.perform(story, stage, [wrong, right]) == 1
    assert "something else came back: 2" in told(story)
    assert "Arithmetic." in told(story)


def test_what_fails_between_the_steps_gives_status_1(story: Story, stage: Stage) -> None:
    def chapter(_story: Story, cast: Cast) -> None:
        cast.iam.get_user(UserName="nobody-of-this-name")

    assert tour.perform(story, stage, [chapter]) == 1
    assert "NoSuchEntity" in told(story)
