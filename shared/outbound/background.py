"""E-mail on its way while nobody waits: a bounded queue and a few threads between a request and a slow mail server.

A mail server that is slow or dead holds up no request and no transaction, and tells nobody by the time of an answer
whether a message went out (R15). What waits here lives in memory: it is tried a few times, handed over at a shutdown
as far as time allows, and lost with a killed process; people ask for a new code then.
"""

import logging
import threading
from collections import deque
from typing import Final, Protocol

from shared.clock import monotonic_s
from shared.outbound.messages import Message, Messages, Undeliverable
from shared.refusal import Unavailable

LOG: Final = logging.getLogger("poolkeeper.outbound")
MOST_WAITING: Final = 1000
_THREADS: Final = 4
_PAUSES_S: Final = (1.0, 5.0)


class Letters(Protocol):
    """What takes e-mail, and takes its time."""

    def send(self, message: Message) -> None:
        """Hands the message over. Raises Unavailable, and Undeliverable where trying again is of no use."""


class Background:
    """Takes e-mail at once and hands it to `letters` later; whatever is no e-mail goes to `others` at once."""

    def __init__(
        self,
        letters: Letters,
        others: Messages,
        *,
        most_waiting: int = MOST_WAITING,
        pauses_s: tuple[float, ...] = _PAUSES_S,
    ) -> None:
        """`pauses_s`: before the second try, the third, and so on."""
        self._letters = letters
        self._others = others
        self._most = most_waiting
        self._pauses_s = pauses_s
        self._waiting: deque[tuple[Message, bool]] = deque()
        self._under_way = 0
        self._changed = threading.Condition()
        self._closing = threading.Event()
        for number in range(_THREADS):
            threading.Thread(target=self._run, name=f"mail-{number}", daemon=True).start()

    def send(self, message: Message) -> None:
        """Takes the message. Raises Unavailable while too many wait already."""
        if message.channel == "email":
            self._take(message, is_real=True)
        else:
            self._others.send(message)

    def pretend(self, message: Message) -> None:
        """Takes the message and drops it when its turn comes."""
        if message.channel == "email":
            self._take(message, is_real=False)
        else:
            self._others.pretend(message)

    def close(self, within_s: float) -> None:
        """Hands over what waits, without pauses, for at most so long."""
        self._closing.set()
        deadline = monotonic_s() + within_s
        with self._changed:
            while (left := len(self._waiting) + self._under_way) and (rest := deadline - monotonic_s()) > 0:
                self._changed.wait(rest)
        if left:
            LOG.warning("%d messages were not handed over before the end", left)

    def _take(self, message: Message, *, is_real: bool) -> None:
        with self._changed:
            if len(self._waiting) >= self._most:
                raise Unavailable("Too many messages are waiting.")
            self._waiting.append((message, is_real))
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                message, is_real = self._waiting.popleft()
                self._under_way += 1
            try:
                if is_real:
                    self._hand_over(message)
            finally:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify_all()

    def _hand_over(self, message: Message) -> None:
        """Tries a few times. What fails is logged without address and text (R30)."""
        for pause_s in (*self._pauses_s, None):
            try:
                self._letters.send(message)
            except Unavailable as error:
                if pause_s is None or isinstance(error, Undeliverable):
                    LOG.warning("an e-mail was given up: %s", error.message)
                    return
                self._closing.wait(pause_s)
            except Exception as error:  # noqa: BLE001 - the thread goes on with the next message
                LOG.error("an e-mail was given up: %s", type(error).__name__)  # noqa: TRY400 - its text may hold the address
                return
            else:
                return
