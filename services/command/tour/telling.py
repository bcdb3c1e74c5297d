"""How a step is told and checked: what was asked, what came back, and why. A step that comes out otherwise is counted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table
from rich.text import Text

T = TypeVar("T")


class Failed(Exception):
    """Something that the story runs itself, a process for instance, failed."""


class NotAsTold(Exception):
    """A step came out otherwise than told; the rest of its chapter cannot follow."""


@dataclass(frozen=True, slots=True)
class Denial:
    """A refusal that the story wanted, with AWS's sentence."""

    step: int
    code: str
    sentence: str


@dataclass(slots=True)
class Story:
    """The steps told so far: `denials` are the refusals that were wanted, `missed` what came out otherwise."""

    console: Console
    steps: int = 0
    denials: list[Denial] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def chapter(self, letter: str, title: str, about: str) -> None:
        """Opens a chapter."""
        self.console.print()
        self.console.print(Text(f"({letter}) {title}", "bold cyan"))
        self.console.print(Text(about, "italic"), soft_wrap=not self.console.is_terminal)

    def note(self, text: str) -> None:
        """Says something that is no step."""
        self.console.print(Text(text, "dim"), soft_wrap=not self.console.is_terminal)

    def step(
        self,
        asked: str,
        ask: Callable[[], T],
        *,
        why: str,
        shows: Callable[[T], str],
        holds: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """A step that succeeds: `shows` words what came back, `holds` says whether it is what the story tells.

        Raises NotAsTold when the call fails or gives something else.
        """
        self._asks(asked)
        try:
            answer = ask()
        except (ClientError, BotoCoreError, Failed) as error:
            raise self._missed(asked, f"refused: {error}") from None
        if not holds(answer):
            raise self._missed(asked, f"something else came back: {shows(answer)}")
        self._came_back("green", shows(answer), why)
        return answer

    def refusal(self, asked: str, ask: Callable[[], Any], *, code: str, says: str, why: str) -> None:
        """A step that is refused with `code` and a sentence that contains `says`. Raises NotAsTold when it is not."""
        self._asks(asked)
        try:
            ask()
        except ClientError as error:
            came, sentence = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        except BotoCoreError as error:
            raise self._missed(asked, f"failed before it was refused: {error}") from None
        else:
            raise self._missed(asked, f"it was allowed, but {code} was told")
        if came != code or says not in sentence:
            raise self._missed(asked, f"{came}: {sentence} (told: {code}: .. {says} ..)")
        self.denials.append(Denial(self.steps, came, sentence))
        self._came_back("yellow", f"refused, {came}: {sentence}", why)

    def lost(self, what: str) -> None:
        """Counts something that went wrong outside the steps."""
        self.missed.append(what)
        self._line("!!", Text(what, "bold red"))

    def _asks(self, asked: str) -> None:
        self.steps += 1
        self.console.print()
        self._line(f"{self.steps}", Text(asked, "bold"))

    def _came_back(self, colour: str, came: str, why: str) -> None:
        self._line("✓" if self.console.encoding.startswith("utf") else "ok", Text(came, colour))
        self._line("", Text(why))

    def _missed(self, asked: str, came: str) -> NotAsTold:
        self.missed.append(f"step {self.steps}, {asked}: {came}")
        self._line("!!", Text(f"not as told: {came}", "bold red"))
        return NotAsTold(asked)

    def _line(self, mark: str, text: Text) -> None:
        """A text beside its mark; where it is longer than a line it stays in its column. In a file it is one line."""
        if not self.console.is_terminal:
            self.console.print(Text.assemble((f"{mark:>3}  ", "bold"), text), soft_wrap=True)
            return
        grid = Table.grid(padding=(0, 2))
        grid.add_column(width=3, justify="right")
        grid.add_column(overflow="fold")
        grid.add_row(Text(mark, "bold"), text)
        self.console.print(grid)
