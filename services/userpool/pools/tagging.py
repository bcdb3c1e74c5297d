"""Tags of a pool: how many, and what they may be called. Pure. Source: Tagging AWS resources, "Tag limits"."""

from collections.abc import Mapping
from typing import Final

from services.userpool.errors import InvalidParameter

MOST_TAGS: Final = 50


def check_tags(tags: Mapping[str, str]) -> None:
    """Raises InvalidParameter for more tags than 50, and for keys that begin like AWS's own."""
    if len(tags) > MOST_TAGS:
        raise InvalidParameter(f"A user pool has at most {MOST_TAGS} tags.")
    for key in tags:
        if key.lower().startswith("aws:"):
            raise InvalidParameter("Tag keys that begin with aws: are reserved.")
