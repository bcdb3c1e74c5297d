"""`poolkeeper tour`: the story of the three steps, told against a running installation through boto3.

telling.py: how a step is told and checked. stage.py: the installation that it plays on. cast.py: people, roles and
buckets, and their removal. app_parts.py: what an app with users needs. srp_client.py: a password proved, not sent.
chapters/: the story itself. report_service.py: the service that one chapter starts as a process.
"""

import contextlib
from collections.abc import Sequence
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from services.command import root_key
from services.command.tour.cast import Cast
from services.command.tour.chapters import Chapter, app_user, denials, ended, people, roles, service
from services.command.tour.stage import Stage, open_stage, plays, thrown_away
from services.command.tour.telling import NotAsTold, Story
from shared import ids
from shared.settings import Settings

CHAPTERS: Final[tuple[Chapter, ...]] = (
    people.tell,
    roles.tell,
    ended.tell,
    service.tell,
    app_user.tell,
    denials.tell,
)


def tell(settings: Settings) -> int:
    """Tells the tour; 0 only if each step came out as told. Raises what is wrong with the installation."""
    story = Story(Console(highlight=False))
    with contextlib.ExitStack() as stages:
        return perform(story, _stage(story, settings, stages), CHAPTERS)


def perform(story: Story, stage: Stage, chapters: Sequence[Chapter]) -> int:
    """Tells `chapters` on `stage`. A chapter that goes wrong ends early; the next one is told all the same."""
    for chapter in chapters:
        if chapter is ended.tell and not stage.has_test_clock:
            story.note(
                "\nThis installation's clock cannot be moved, so the next chapter plays on one of the tour's own."
            )
            with thrown_away() as another:
                _play(story, another, chapter)
        else:
            _play(story, stage, chapter)
    return _closing(story)


def _stage(story: Story, settings: Settings, stages: contextlib.ExitStack) -> Stage:
    """The running installation; a throw-away one where none runs, or where codes leave by mail."""
    if not plays(settings):
        story.note(
            "Nothing runs at the configured ports, so the tour starts an installation of its own; it is removed."
        )
        return stages.enter_context(thrown_away())
    if settings.smtp_url is not None:
        story.note("This installation sends real mail, so the tour starts one of its own; it is removed afterwards.")
        return stages.enter_context(thrown_away())
    story.note(f"On the installation at {settings.identitypool_base}. What the tour makes is removed at the end.")
    return open_stage(settings)


def _play(story: Story, stage: Stage, chapter: Chapter) -> None:
    try:
        with contextlib.ExitStack() as leftovers:
            chapter(story, _cast(stage, chapter, leftovers))
    except NotAsTold:
        pass  # the story has counted it
    except (ClientError, BotoCoreError) as error:
        story.lost(f"between the steps: {error}")


def _cast(stage: Stage, chapter: Chapter, leftovers: contextlib.ExitStack) -> Cast:
    """The cast of a chapter. In the first one the root user makes everything, by a key that is made for it."""
    maker = stage.administrator
    if chapter is people.tell:
        if not root_key.exists(stage.settings):
            leftovers.callback(root_key.delete, stage.settings)
        maker = stage.as_root()
    prefix = f"tour-{ids.digits(6)}"
    return Cast(stage, prefix, stage.client("iam", maker), stage.client("s3", maker), leftovers)


def _closing(story: Story) -> int:
    """The last line, and the exit status."""
    story.console.print()
    if not story.missed:
        story.console.print(f"[bold green]{story.steps} steps, each as told.[/bold green]")
        return 0
    story.console.print(f"[bold red]{len(story.missed)} not as told:[/bold red]")
    for line in story.missed:
        story.console.print(f"  {line}", markup=False)
    return 1
