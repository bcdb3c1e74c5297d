"""`make bench`: server CPU per request, as ratios of what this machine can do, beside the goals.

Requests per second and latency depend on who else uses the machine; CPU per request over the cost of a signature, a
power or an echo, all measured in the same run, does not.
"""

import argparse
import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from tools import docs
from tools.bench import cpu, isolation, load, scenario, units
from tools.bench.draw import Row
from tools.bench.installation import Installation, free_ports, prepared

_DOCS: Final = Path(__file__).parent.parent.parent / "docs"
_START_GOAL_S: Final = 1.0
_IDLE_GOAL_MB: Final = 90


def main() -> int:
    """Measures everything and writes docs/bench.json, and what follows from it (but not with --quick)."""
    options = _options()
    with Installation() as here:
        idle = {name: (here.started_in_s[name], cpu.memory_mb(here.processes[name].pid)) for name in here.started_in_s}
        unit = units.Units(_echo(here, options.seconds))
        _say(f"preparing pools, users, roles and a crowd of {options.crowd:,}")
        world = scenario.prepare(here, options.crowd)
        found = []
        for row in scenario.rows(world):
            _say(f"measuring {row.name}")
            found.append(_row(here, row, unit, options.seconds, options.rounds))
        _say("measuring GetUser beside sign-ins that hash")
        waits = isolation.measure(world, 3 * options.seconds)
        typical = unit.typical()
    _print(typical, found)
    _print_waits(*waits)
    _print_idle(idle)
    if not options.quick:
        _write(typical, found, waits, idle)
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--quick", action="store_true", help="a smoke run: short, small, writes nothing")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--crowd", type=int)
    options = parser.parse_args()
    usual = (0.3, 1, 300) if options.quick else (0.5, 15, 100_000)
    options.seconds, options.rounds, options.crowd = (
        given if given is not None else default
        for given, default in zip((options.seconds, options.rounds, options.crowd), usual, strict=True)
    )
    return options


def _echo(here: Installation, seconds: float) -> Callable[[], float]:
    """What an SDK sends (its headers, a small body) and 1 KB of answer, behind the same server and at the same load."""
    port = free_ports(1)[0]
    here.start("echo", [sys.executable, "-m", "tools.bench.echo"], port, {"POOLKEEPER_DEMO_PORT": str(port)})
    request = prepared(here.client("cognito-idp"), "get_user", AccessToken="e" * 140)
    work = load.repeated([request])
    load.run("127.0.0.1", port, work, connections=8, seconds=min(seconds, 0.5))
    return lambda: _cost(here.processes["echo"].pid, port, work, seconds, 8)


def _cost(process: int, port: int, work: load.Work, seconds: float, connections: int) -> float:
    before = cpu.used_us(process)
    done = load.run("127.0.0.1", port, work, connections=connections, seconds=seconds)
    return (cpu.used_us(process) - before) / done


def _row(here: Installation, row: scenario.Measured, unit: units.Units, seconds: float, rounds: int) -> Row:
    """The medians over rounds, each of which begins with the row's unit: the ratio is of neighbours in time."""
    process, port, work = here.processes[row.service].pid, here.ports[row.service], row.work()
    load.run("127.0.0.1", port, work, connections=row.connections, seconds=min(seconds, 0.5))
    costs, ratios = [], []
    for _ in range(rounds):
        yardstick = unit.now(row.unit)
        costs.append(_cost(process, port, work, seconds, row.connections))
        ratios.append(costs[-1] / yardstick)
    return Row(row.name, median(costs), median(ratios), row.unit, row.goal)


def _print(unit: dict[str, float], rows: list[Row]) -> None:
    for name, meaning in units.described().items():
        print(f"{name}  {unit[name]:10,.1f} us   {meaning}")
    print(f"\n{'operation':32}{'CPU us':>10}{'ratio':>9} {'unit':12}{'goal':>6}")
    for row in rows:
        verdict = "ok" if row.met else "MISSED"
        print(f"{row.name:32}{row.cpu_us:10,.1f}{row.ratio:9.2f} {row.unit:12}{row.goal:6.2f}  {verdict}")


def _print_waits(alone: float, beside: float) -> None:
    verdict = "ok" if beside <= isolation.GOAL * alone else "MISSED"
    told = f"GetUser, median ms: {alone:.2f} alone, {beside:.2f} beside 16 sign-ins that hash"
    print(f"\n{told} = {beside / alone:.2f} times  {verdict} (goal {isolation.GOAL:.0f})")


def _print_idle(idle: dict[str, tuple[float, float]]) -> None:
    print(f"\n{'service':32}{'start s':>10}{'idle MB':>9}")
    for name, (seconds, megabytes) in idle.items():
        verdict = "ok" if seconds <= _START_GOAL_S and megabytes <= _IDLE_GOAL_MB else "MISSED"
        print(f"{name:32}{seconds:10.2f}{megabytes:9.0f}  {verdict} (goals {_START_GOAL_S:.0f} s, {_IDLE_GOAL_MB} MB)")


def _write(
    unit: dict[str, float], rows: list[Row], waits: tuple[float, float], idle: dict[str, tuple[float, float]]
) -> None:
    data = {
        "python": platform.python_version(),
        "units_us": {name: round(value, 1) for name, value in unit.items()},
        "rows": [
            {
                "name": row.name,
                "cpu_us": round(row.cpu_us, 1),
                "ratio": round(row.ratio, 3),
                "unit": row.unit,
                "goal": row.goal,
            }
            for row in rows
        ],
        "get_user_ms": {"alone": round(waits[0], 2), "beside_hashing": round(waits[1], 2)},
        "idle": {name: {"start_s": round(start, 2), "pss_mb": round(pss)} for name, (start, pss) in idle.items()},
    }
    (_DOCS / "bench.json").write_text(json.dumps(data, indent=1) + "\n")
    docs.main([])


if __name__ == "__main__":
    sys.exit(main())
