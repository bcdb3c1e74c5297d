"""The other services of the same installation, on this machine: told to reset in test mode."""

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Final

from shared.settings import Settings

ALONE: Final = "alone"
_TIMEOUT_S: Final = 5.0


def reset_all(settings: Settings, own_port: int, reset: Callable[[], None]) -> Callable[[bool], None]:
    """A reset of the whole installation: `reset` here, then each other service that runs, unless told `alone`."""
    ports = (settings.userpool_port, settings.identitypool_port, settings.demo_port)
    others = [f"{settings.at(port)}/test/reset?{ALONE}=1" for port in ports if port != own_port]

    def run(alone: bool) -> None:  # noqa: FBT001 - a callback with one flag
        reset()
        for url in () if alone else others:
            _post(url)

    return run


def _post(url: str) -> None:
    request = urllib.request.Request(url, data=b"", method="POST")  # noqa: S310 - our own address
    try:
        urllib.request.urlopen(request, timeout=_TIMEOUT_S).close()  # noqa: S310 - as above
    except urllib.error.HTTPError:
        raise
    except OSError:
        return  # it does not run: its data is not part of what the caller sees
