"""The user pool service, composed: settings to context, operation table, documents, pages."""

import os
from typing import Final

import sqlalchemy as sa

from services.userpool.admin.routes import ROUTES, WORDS
from services.userpool.context import Context
from services.userpool.errors import AS_COGNITO_IDP
from services.userpool.operations import load
from services.userpool.pages.wellknown import well_known
from services.userpool.schema import metadata
from services.userpool.service import cognito_idp
from services.userpool.signin.parts import close_parts, hash_pool, make_parts
from services.userpool.sweeping import sweep
from services.userpool.tokens.internal import answer
from shared.admin import AdminEntrance
from shared.audit.journal import Journal
from shared.audit.uses import KeyUses
from shared.aws.gateway import Gateway
from shared.cors import ANY_ORIGIN
from shared.dated import dated
from shared.entrance import Entrance, flask_application, internal_answer
from shared.guard.guard import Guard
from shared.guard.remote import RemoteGrants
from shared.house import House, open_house, set_up_logging, test_clock
from shared.outbound import sign_ins
from shared.outbound.background import Background
from shared.outbound.mail import Mail
from shared.outbound.outbox import Outbox
from shared.outbound.siblings import reset_all
from shared.serve import Adapter
from shared.settings import read
from shared.sweeper import Sweeper
from shared.web import HttpRequest, HttpResponse

NAME: Final = "userpool"
_LAST_MESSAGES_WITHIN_S: Final = 5.0
"""At the end of a process; the server kills one that takes eight seconds."""
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
    settings, mail = house.settings, _mail(house)
    grants = RemoteGrants(settings.authorizer_base, house.keys, house.clock, settings.authorizer_cache_s)
    journal = Journal(house.sql, house.clock, settings.audit_days, grants.report)
    sweeper = Sweeper(lambda one: sweep(context, one))
    context = Context(
        sql=house.sql,
        ephemeral=house.ephemeral,
        keys=house.keys,
        messages=mail or _outbox(house),
        clock=house.clock,
        settings=settings,
        journal=journal,
        parts={**make_parts(house.sql, house.keys, house.clock, hash_pool(settings)), Sweeper: sweeper},
    )
    guard = Guard(grants, settings.region, KeyUses(journal.note))
    gateway = Gateway(
        json_table=cognito_idp,
        query_tables=(),
        refusal_tables={"cognito-idp": AS_COGNITO_IDP},
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
        reset=reset_all(settings, settings.userpool_port, lambda: _reset(house, journal)),
    )
    admin = AdminEntrance(
        ROUTES,
        WORDS,
        guard=guard,
        context=context,
        clock=house.clock,
        region=settings.region,
        trusted_proxies=settings.trusted_proxies,
    )

    def end() -> None:
        sweeper.close()
        if mail is not None:
            mail.close(_LAST_MESSAGES_WITHIN_S)
        close_parts(context)
        journal.close()

    def documents(request: HttpRequest) -> HttpResponse | None:
        return (
            admin.answer(request)
            or _document(context, request)
            or internal_answer(request, sign_ins.PATH, lambda body: answer(context, body))
        )

    sweeper.start()
    return Entrance(gateway, documents, flask, end, _in_place(house))


def _in_place(house: House) -> frozenset[str]:
    """The question about sign-ins needs no thread where the database is a file: so no two services wait for each other."""
    return frozenset({sign_ins.PATH} if house.sql.is_sqlite else ())


def _outbox(house: House) -> Outbox:
    return Outbox(house.settings.outbox_folder, house.clock)


def _mail(house: House) -> Background | None:
    """E-mail by SMTP where a server is set."""
    smtp = house.settings.smtp_url
    return None if smtp is None else Background(Mail(smtp, house.settings.mail_from), _outbox(house))


def _document(context: Context, request: HttpRequest) -> HttpResponse | None:
    """The pools' published documents: keys and discovery."""
    if request.method not in {"GET", "HEAD"} or "/.well-known/" not in request.path:
        return None
    body = well_known(context, request.path)
    if body is None:
        return HttpResponse(404, [("content-type", "application/json"), ANY_ORIGIN], b'{"message":"Not found"}')
    return HttpResponse(
        200, [("content-type", "application/json"), ("cache-control", "public, max-age=60"), ANY_ORIGIN], body
    )


def _reset(house: House, journal: Journal) -> None:
    journal.flush()  # what waits goes as well
    with house.sql.write() as tx:
        for table in reversed(metadata.sorted_tables):
            tx.execute(sa.delete(table))
    house.ephemeral.clear()
