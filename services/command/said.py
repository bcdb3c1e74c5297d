"""Lines of a service that runs. One that nobody takes is lost, and the service goes on."""

import os
import sys


def say(line: str, *, as_error: bool = False) -> None:
    """Prints a line, if it can be: the reader of a log may be gone, the disk under it full, the stream closed."""
    stream = sys.stderr if as_error else sys.stdout
    if stream is None:
        return
    try:
        print(line, file=stream, flush=True)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)  # or what is left over fails once more at the end
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return
