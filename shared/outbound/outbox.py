"""The outbox: a folder with one JSON file a message, written elsewhere and renamed, so that readers see whole files."""

import contextlib
import json
from dataclasses import asdict
from pathlib import Path

from shared import ids
from shared.clock import Clock
from shared.outbound.messages import Message
from shared.refusal import Unavailable


class Outbox:
    """Keeps messages as files; names sort by time."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def send(self, message: Message) -> None:
        """Writes the message as a file of its own. Raises Unavailable where the disk does not take it."""
        at = self._clock()
        name = f"{at:%Y%m%dT%H%M%S.%f}-{ids.uuid4()}"
        fresh = self._folder / f".{name}.new"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.touch(mode=0o600)
            fresh.write_text(json.dumps({"at": at.isoformat(), **asdict(message)}, ensure_ascii=False))
            fresh.replace(self._folder / f"{name}.json")
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise Unavailable("The outbox does not take the message.") from error
