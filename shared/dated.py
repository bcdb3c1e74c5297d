"""In test mode answers bear the time of the movable clock: SDKs sign by what the last answer said (its Date header)."""

from email.utils import format_datetime

from shared.clock import Clock
from shared.refusal import Refusal
from shared.web import HttpApplication, HttpRequest, HttpResponse


class Dated:
    """An application whose answers say what time it is by `clock` (`shared.web.HttpApplication`)."""

    def __init__(self, application: HttpApplication, clock: Clock) -> None:
        self._application = application
        self._clock = clock
        self.waits = application.waits
        self.is_health = application.is_health
        self.close = application.close

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The application's answer, with its date."""
        return self._dated(self._application.answer(request))

    def refused(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """The application's refusal, with its date."""
        return self._dated(self._application.refused(request, refusal))

    def _dated(self, answer: HttpResponse) -> HttpResponse:
        date = ("date", format_datetime(self._clock(), usegmt=True))
        return HttpResponse(answer.status, [*answer.headers, date], answer.body, answer.file)


def dated(application: HttpApplication, test_clock: Clock | None) -> HttpApplication:
    """The application, by the movable clock where there is one; elsewhere the server dates answers itself."""
    return application if test_clock is None else Dated(application, test_clock)
