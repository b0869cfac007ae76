"""CPU seconds of a one-tenant plan that finds nothing changed, best of five.

    python -m benchmarks.startup

The whole process counts, children too. The same plan in full stands beside it, as the ratio
says more than a figure on a shared machine.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from scripts.stage import stage

LIMIT_SECONDS = 0.5
RUNS = 5


def cpu_seconds(root: Path, *arguments: str) -> float:
    """CPU time of one command as a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [str(Path(sys.executable).parent / "reconciler"), *arguments],
        cwd=root,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Measure, print, compare."""
    with stage(("acme", "617")) as show:
        show.quiet = True
        if show.reconciler("apply", "--yes").status or show.reconciler("plan").status:
            raise SystemExit("the project could not be applied")
        unchanged = [cpu_seconds(show.root, "plan") for _ in range(RUNS)]
        full = [cpu_seconds(show.root, "plan", "--full") for _ in range(RUNS)]
        helps = [cpu_seconds(show.root, "--help") for _ in range(RUNS)]
    print(f"plan, unchanged   best {min(unchanged):.3f} s CPU of {RUNS}: {_listed(unchanged)}")
    print(f"the same in full  best {min(full):.3f} s CPU of {RUNS}: {_listed(full)}")
    print(f"--help            best {min(helps):.3f} s CPU of {RUNS}: {_listed(helps)}")
    print(f"ratio in full / unchanged {min(full) / min(unchanged):.1f}")
    holds = min(unchanged) <= LIMIT_SECONDS
    print(f"limit {LIMIT_SECONDS} s: {'holds' if holds else 'DOES NOT HOLD'}")
    return 0 if holds else 1


def _listed(values: list[float]) -> str:
    return " ".join(f"{value:.3f}" for value in sorted(values))


if __name__ == "__main__":
    sys.exit(main())
