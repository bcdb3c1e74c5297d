"""The identity pool service, composed: cognito-identity, sts and iam on one port, and the internal authorizer."""

import os
from typing import Final

import sqlalchemy as sa

from services.identitypool.authorizer.grants import LocalGrants
from services.identitypool.authorizer.internal import answer, take_report
from services.identitypool.authorizer.last_used import keep_uses
from services.identitypool.context import Context
from services.identitypool.errors import AS_COGNITO_IDENTITY, AS_IAM, AS_STS
from services.identitypool.iam import bootstrap
from services.identitypool.operations import load
from services.identitypool.schema import metadata
from services.identitypool.service import cognito_identity, iam, sts
from services.identitypool.sweeping import sweep
from shared.audit.journal import Journal
from shared.audit.uses import KeyUses
from shared.aws.gateway import Gateway
from shared.dated import dated
from shared.entrance import Entrance, flask_application, internal_answer
from shared.guard import authorizer_wire
from shared.guard.guard import Guard
from shared.house import House, open_house, set_up_logging, test_clock
from shared.outbound.siblings import reset_all
from shared.serve import Adapter
from shared.settings import read
from shared.sweeper import Sweeper
from shared.web import HttpRequest, HttpResponse

NAME: Final = "identitypool"
MOST_BODY: Final = 2 << 20
"""Where reading stops. The gateway refuses more than 1 MiB, and needs the body to be here to say so in its own words."""


def adapter() -> Adapter:
    """What the server runs in each of its processes."""
    set_up_logging()
    house = open_house(read(os.environ), NAME)
    application = dated(compose(house), test_clock(house.settings))
    return Adapter(application, house.settings, most_body=MOST_BODY)


def compose(house: House) -> Entrance:
    """The service on top of `house`."""
    load()
    settings = house.settings
    grants = LocalGrants(house.sql, house.keys)
    journal = Journal(house.sql, house.clock, settings.audit_days, lambda uses: keep_uses(house.sql, uses))
    guard = Guard(grants, settings.region, KeyUses(journal.note))
    sweeper = Sweeper(lambda one: sweep(context, one))
    context = Context(
        sql=house.sql,
        ephemeral=house.ephemeral,
        keys=house.keys,
        guard=guard,
        clock=house.clock,
        settings=settings,
        journal=journal,
        sweeper=sweeper,
    )
    gateway = Gateway(
        json_table=cognito_identity,
        query_tables=(sts, iam),
        refusal_tables={"cognito-identity": AS_COGNITO_IDENTITY, "sts": AS_STS, "iam": AS_IAM},
        guard=guard,
        context=context,
        clock=house.clock,
        region=settings.region,
        trusted_proxies=settings.trusted_proxies,
        always_waits=not house.sql.is_sqlite,
    )
    flask = flask_application(
        is_ready=house.is_ready,
        test_clock=test_clock(settings),
        reset=reset_all(settings, settings.identitypool_port, lambda: _reset(house, journal)),
    )

    def documents(request: HttpRequest) -> HttpResponse | None:
        return internal_answer(request, authorizer_wire.PATH, lambda body: answer(context, body)) or internal_answer(
            request, authorizer_wire.REPORTS, lambda body: take_report(context, body)
        )

    def end() -> None:
        sweeper.close()
        journal.close()

    sweeper.start()
    return Entrance(gateway, documents, flask, end, _in_place(house))


def _in_place(house: House) -> frozenset[str]:
    """Questions of other services need no thread where the database is a file: so no two services wait for each other."""
    return frozenset({authorizer_wire.PATH} if house.sql.is_sqlite else ())


def _reset(house: House, journal: Journal) -> None:
    """Empties everything but the accounts with their root and bootstrap keys."""
    journal.flush()  # what waits goes as well
    with house.sql.write() as tx:
        bootstrap.reset(tx, house.clock())
        for table in reversed(metadata.sorted_tables):
            if not table.name.startswith("iam_"):
                tx.execute(sa.delete(table))
    house.ephemeral.clear()
