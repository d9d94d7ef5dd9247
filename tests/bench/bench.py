"""`make bench`: each step of the pipeline beside what its machine allows at most, measured in the same run.

What counts is the ratio; seconds differ from machine to machine. `make bench ARGS="ingest plan"` runs some of them;
`make bench ARGS=plan-large` one that takes too long to be among all. `make bench ARGS=growth` shows how the cost of
each step grows with the warehouse, in a table of its own. The results go to bench.json and growth.json in the state
folder as well.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from restock.local.state import State
from tests.bench import chain, console, growth, growth_report, ingest, intake, latency, marts, plan, render, send
from tests.bench.common import Measurement

BENCHMARKS: dict[str, Callable[[Path], list[Measurement]]] = {
    "ingest": ingest.measure,
    "intake": intake.measure,
    "console": console.measure,
    "marts": marts.measure,
    "plan": plan.measure,
    "render": lambda _: render.measure(50_000),
    "send": lambda folder: send.measure(folder, 60_000),
}
LARGE_BENCHMARKS: dict[str, Callable[[Path], list[Measurement]]] = {
    "chain": chain.measure,
    "ingest-large": ingest.measure_large,
    "intake-minute": lambda folder: intake.measure(folder, intake.LONG_SECONDS),
    "plan-large": plan.measure_large,
    "latency": latency.measure,
}
Result = TypeVar("Result")
# It has no limit to stand beside: its table is made by growth_report.
GROWTH = "growth"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchmarks", nargs="*", choices=[[], *BENCHMARKS, *LARGE_BENCHMARKS, GROWTH], default=[])
    names = parser.parse_args().benchmarks or list(BENCHMARKS)
    # Whoever ends it early leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("The benchmark was ended before it was done."))
    if GROWTH in names:
        growth_report.report(run(growth.measure))
    if rest := [name for name in names if name != GROWTH]:
        everything = BENCHMARKS | LARGE_BENCHMARKS
        report([measurement for name in rest for measurement in run(everything[name])])


def run(measure: Callable[[Path], list[Result]]) -> list[Result]:
    """One benchmark, in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="restock-bench-"))
    # As root the server runs as another user, who must be able to get there.
    folder.chmod(0o755)
    try:
        return measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(measurements: list[Measurement]) -> None:
    print(f"{'step':22}{'rows':>10}{'seconds':>10}{'limit':>10}{'ratio':>8}  the limit is")
    for m in measurements:
        ratio = m.seconds / m.limit_seconds
        print(f"{m.step:22}{m.rows:>10,}{_shown(m.seconds):>10}{_shown(m.limit_seconds):>10}{ratio:>8.2f}  {m.limit}")
    path = State.from_environment().root / "bench.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([m._asdict() for m in measurements], indent=2) + "\n")
    print(f"Written to {path}")


def _shown(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds >= 0.1 else f"{seconds * 1_000:.1f} ms"


if __name__ == "__main__":
    main()
