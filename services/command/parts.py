"""The services by name: their order, their ports, where their migrations lie. Loads none of them."""

from pathlib import Path
from typing import Final

from shared.settings import Settings

USERPOOL: Final = "userpool"
IDENTITYPOOL: Final = "identitypool"
DEMO: Final = "demo"
SERVICES: Final = (IDENTITYPOOL, USERPOOL, DEMO)
MIGRATIONS: Final = {
    service: Path(__file__).parent.parent / service / "migrations" for service in (USERPOOL, IDENTITYPOOL)
}


def port_of(settings: Settings, service: str) -> int:
    """The port that `service` listens on."""
    ports = {USERPOOL: settings.userpool_port, IDENTITYPOOL: settings.identitypool_port, DEMO: settings.demo_port}
    return ports[service]
