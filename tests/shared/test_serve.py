import subprocess
import sys

import pytest

from tests.conftest import PYTHON_PATH

ASK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
from shared.serve import room_for_connections
print(room_for_connections(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""

TAKE_TURNS = """
import os, threading
from shared.serve import prefer_throughput
prefer_throughput()
found = []
late = threading.Thread(target=lambda: found.append(os.sched_getscheduler(threading.get_native_id())))
late.start()
late.join()
print(found == [os.SCHED_BATCH])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "room", "files"),
    [(256, 256, 128, 256), (256, 4096, 3584, 4096), (1024, 1024, 512, 1024), (2048, 2048, 1536, 2048)],
)
def test_connections_leave_room_for_other_files(soft: int, hard: int, room: int, files: int) -> None:
    command = [sys.executable, "-c", ASK, str(soft), str(hard)]
    done = subprocess.run(command, cwd=PYTHON_PATH, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(room), str(files)]


@pytest.mark.skipif(sys.platform != "linux", reason="SCHED_BATCH is Linux's")
def test_threads_of_a_server_do_not_cut_in_on_each_other() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TAKE_TURNS], cwd=PYTHON_PATH, capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"
