"""The unit E: a lean Flask view that answers 1 KB of JSON, behind the product's own server adapter."""

import os

from flask import Flask, Response

from shared import serve
from shared.refusal import Refusal
from shared.settings import read
from shared.unread import in_plain_words
from shared.web import HttpRequest, HttpResponse, call_wsgi

_BODY = b'{"text":"' + b"e" * 1000 + b'"}'


class Echo:
    """One Flask view, run in place."""

    def __init__(self) -> None:
        self._flask = Flask("echo", static_folder=None)
        self._flask.post("/")(lambda: Response(_BODY, content_type="application/json"))

    def waits(self, _request: HttpRequest) -> bool:
        """It never waits."""
        return False

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The view's answer."""
        return call_wsgi(self._flask, request)

    def is_health(self, _request: HttpRequest) -> bool:
        """It has no health."""
        return False

    def refused(self, _request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """A refusal of the server's."""
        return in_plain_words(refusal)

    def close(self) -> None:
        """Nothing is kept."""


def adapter() -> serve.Adapter:
    """What the server runs."""
    return serve.Adapter(Echo(), read(os.environ), most_body=1 << 20)


if __name__ == "__main__":
    settings = read(os.environ)
    serve.run("tools.bench.echo:adapter", settings, settings.demo_port)
