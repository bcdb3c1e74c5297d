"""What a caller asked for and does not get. One vocabulary inside; each entrance has one table that words it outside."""


class Refusal(Exception):
    """A refusal with a sentence for the caller. The entrance's table gives it a code and a status."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InternalFault(Exception):
    """Something of ours is broken. The caller learns only the request id; the log has the rest."""


class Unavailable(Refusal):
    """A part that this needs does not answer now; the same call may work in a moment."""


class Removed(Refusal):
    """What the change belongs to was removed by somebody else meanwhile."""


class Overloaded(Refusal):
    """More work is waiting than can be done in time; shed early and cheaply."""


class TooLarge(Refusal):
    """The request's body is larger than this service takes."""


class HeadTooLarge(Refusal):
    """The request's header is larger than this service takes."""


class TooSlow(Refusal):
    """The request's body did not arrive in time."""


class Misframed(Refusal):
    """Where the request ends cannot be told, or is told twice."""
