"""What every refusal has in common; each service names its own in its `errors.py`."""


class Refusal(Exception):  # noqa: N818 -- refusals carry AWS's word, which ends in no suffix here
    """An answer that says no: `message` is what the caller may read. The entrance's table gives code and status."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
