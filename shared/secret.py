"""A text that never prints itself."""

from typing import Final


class Secret:
    """Holds a secret; `reveal()` is the only way to it, so that logs, errors and reprs show `***` (R30)."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text: Final = text

    def reveal(self) -> str:
        """The secret itself."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__
