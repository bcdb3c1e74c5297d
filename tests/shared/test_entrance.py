from flask import Flask

from shared.conversation import CONTENT_TYPE
from shared.entrance import Entrance, internal_answer
from shared.refusal import Refusal
from shared.seal import BrokenSeal
from shared.web import HttpRequest, HttpResponse

QUESTION = "/internal/question"


class _Gateway:
    """Claims what comes to the root, and has to wait for all of it."""

    def claims(self, request: HttpRequest) -> bool:
        return request.path == "/"

    def waits(self, request: HttpRequest) -> bool:
        return True

    def answer(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, [], b"gateway")

    def refused(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        return HttpResponse(400, [], b"busy")


def _answer(body: bytes) -> bytes:
    if body != b"sealed":
        raise BrokenSeal("not a question")
    return b"answer"


def _entrance(in_place: frozenset[str]) -> Entrance:
    return Entrance(
        _Gateway(),
        lambda request: internal_answer(request, QUESTION, _answer),
        Flask("test", static_folder=None),
        lambda: None,
        in_place,
    )


def _request(path: str, method: str = "POST", body: bytes = b"sealed") -> HttpRequest:
    return HttpRequest(method, path, "", (), body, "127.0.0.1")


def test_a_question_of_another_service_takes_no_thread_where_it_never_waits() -> None:
    paths = ("/", QUESTION, QUESTION + "/", "/health/ready")
    assert [_entrance(frozenset({QUESTION})).waits(_request(path)) for path in paths] == [True, False, True, True]
    assert _entrance(frozenset()).waits(_request(QUESTION))


def test_only_a_question_that_can_be_opened_is_answered() -> None:
    entrance = _entrance(frozenset())
    good = entrance.answer(_request(QUESTION))
    assert (good.status, good.headers, good.body) == (200, [("content-type", CONTENT_TYPE)], b"answer")
    assert entrance.answer(_request(QUESTION, body=b"made up")).status == 403
    assert entrance.answer(_request(QUESTION, method="GET")).status == 404
    assert entrance.answer(_request(QUESTION + "x")).status == 404
