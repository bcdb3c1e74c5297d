"""What a service's processes take, as the kernel counts it: CPU and memory."""

from pathlib import Path


def used_us(process: int) -> float:
    """Microseconds on a CPU, all threads of `process` and of its descendants."""
    return sum(_of(one) for one in _family(process)) / 1e3


def memory_mb(process: int) -> float:
    """Megabytes of `process` and of its descendants; what they share is counted once (PSS)."""
    return sum(_pss_kb(one) for one in _family(process)) / 1e3


def _pss_kb(process: int) -> int:
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(text.partition("\nPss:")[2].split(None, 1)[0])


def _family(process: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [process]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += parents.get(one, [])
    return found


def _of(process: int) -> int:
    total = 0
    for task in Path(f"/proc/{process}/task").glob("*/schedstat"):
        try:
            total += int(task.read_text().split()[0])
        except OSError:
            continue
    return total
