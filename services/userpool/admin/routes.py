"""The calls under /admin/v1/ that the user pool service answers, each with its action and resource (R6)."""

import re
from typing import Final

from services.userpool.admin import pool_settings
from services.userpool.context import Call, Context
from services.userpool.errors import ResourceNotFound
from shared.admin import Path, Route
from shared.aws import arn
from shared.refusal import Refusal

WORDS: Final[dict[type[Refusal], tuple[str, int]]] = {ResourceNotFound: ("ResourceNotFoundException", 404)}

_SETTINGS: Final = re.compile(r"/admin/v1/user-pools/(?P<pool>[\w-]{1,55})/settings", re.ASCII)


def _of_pool(call: Call, path: Path) -> str:
    return arn.user_pool(call.context.settings.region, call.caller.account, path["pool"])


ROUTES: Final[tuple[Route[Context], ...]] = (
    Route("GET", _SETTINGS, "poolkeeper:GetUserPoolSettings", _of_pool, None, pool_settings.get),
    Route(
        "PATCH",
        _SETTINGS,
        "poolkeeper:UpdateUserPoolSettings",
        _of_pool,
        pool_settings.Changes,
        pool_settings.change,
    ),
)
"""Every route of the service."""
