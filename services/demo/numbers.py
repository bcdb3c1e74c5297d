"""Whole numbers in S3's query parameters."""

from collections.abc import Mapping

from services.demo.refusals import InvalidArgument


def whole(query: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    """The parameter as a number from `low` to `high`, or the default. Raises InvalidArgument."""
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or not low <= int(text) <= high:
        raise InvalidArgument(
            f"Argument {name} must be an integer between {low} and {high}", ArgumentName=name, ArgumentValue=text[:64]
        )
    return int(text)
