"""The demo store, composed: settings to guard, tables, files, entrances and the page."""

import os
from typing import Final

from services.demo.front import Front, compose, test_clock
from shared.audit.reporter import Reporter
from shared.clock import Clock, system_clock
from shared.dated import dated
from shared.guard.remote import RemoteGrants
from shared.keys import read_master_keys
from shared.serve import Adapter
from shared.settings import Settings, read

MOST_BODY: Final = 66 << 20
"""An object of 64 MiB, and the lines and signatures of its chunks."""


def adapter() -> Adapter:
    """What the server runs in each of its processes."""
    settings = read(os.environ)
    return Adapter(dated(application(settings), test_clock(settings)), settings, most_body=MOST_BODY)


def application(settings: Settings) -> Front:
    """The store of an installation: keys and policies come from its authorizer."""
    keys = read_master_keys(settings.master_key, settings.key_file)
    clock: Clock = test_clock(settings) or system_clock
    grants = RemoteGrants(settings.authorizer_base, keys, clock, settings.authorizer_cache_s)
    return compose(settings, grants, clock, Reporter(grants.report))
