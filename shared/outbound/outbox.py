"""The outbox: a folder with one JSON file a message, written elsewhere and renamed, so that readers see whole files."""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from shared import ids
from shared.clock import Clock
from shared.outbound.messages import Message
from shared.refusal import Unavailable


class Outbox:
    """Keeps messages as files; names sort by time.

    A file costs more to remove than to rename. So a pretended message is put aside, and the next one, real or not,
    removes it: what a message costs says nothing about itself.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._aside = deque(folder.glob(".*.aside"))

    def send(self, message: Message) -> None:
        """Writes the message as a file of its own. Raises Unavailable."""
        with _writing():
            fresh, name = self._written(message)
            fresh.replace(self._folder / f"{name}.json")

    def pretend(self, message: Message) -> None:
        """Writes the file, and puts it aside in place of giving it its name. Raises Unavailable."""
        with _writing():
            fresh, name = self._written(message)
            self._aside.append(fresh.replace(self._folder / f".{name}.aside"))

    def _written(self, message: Message) -> tuple[Path, str]:
        """The file under a name that no reader looks at, and the name that it is to have."""
        with suppress(IndexError):
            self._aside.popleft().unlink(missing_ok=True)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        at = self._clock()
        name = f"{at:%Y%m%dT%H%M%S.%f}-{ids.uuid4()}"
        fresh = self._folder / f".{name}.new"
        try:
            fresh.touch(mode=0o600)
            fresh.write_text(json.dumps({"at": at.isoformat(), **asdict(message)}, ensure_ascii=False))
        except OSError:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise
        return fresh, name


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable("The outbox cannot be written.") from error
