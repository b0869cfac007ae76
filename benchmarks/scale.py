"""How long a fleet takes: first plan and apply, a plan with nothing to do, one with 1 % changed.

    python -m benchmarks.scale                          # 10,000 and 100,000 objects, SQLite
    python tests/start_postgresql.py -- python -m benchmarks.scale --postgresql
    python -m benchmarks.scale --octodns .bench/bin     # and the same work on octoDNS

Every figure is of the whole command, its start included: wall and CPU time of all its processes,
objects a second by wall time, and the most memory that they had together. Read ratios, not
seconds: octoDNS runs on the same number of records in the same run.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.secrets import keygen

HERE = Path(__file__).parent
RECONCILER = str(Path(sys.executable).with_name("reconciler"))
SAMPLE_SECONDS = 0.05
PAGE = resource.getpagesize()
ENVIRONMENT: Mapping[str, str] = dict(os.environ)  # noqa: TID251 - this program is its own entry
CLUSTER = "RECONCILER_TEST_POSTGRESQL"
"""Where `tests/start_postgresql.py` tells the cluster."""


@dataclass(frozen=True, slots=True)
class Took:
    """What one command took."""

    wall: float
    cpu: float
    memory: int
    """The most bytes that its processes had in memory at one moment, shared ones counted each."""
    status: int


class Watch(threading.Thread):
    """Looks at the memory of a process and all that it started, while they run."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.most = 0
        self.over = threading.Event()

    def run(self) -> None:
        """Look until it is over."""
        while not self.over.wait(SAMPLE_SECONDS):
            self.most = max(self.most, sum(map(_resident, _tree(self.pid))))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        tasks = Path(f"/proc/{pid}/task")
        for task in tasks.iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))
    except OSError:
        return


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def took(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Took:
    """Run a command to its end; its output goes nowhere."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    watch = Watch(process.pid)
    watch.start()
    said = process.communicate()[1].decode(errors="replace")
    wall = time.perf_counter() - began
    watch.over.set()
    watch.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if process.returncode not in {0, 2}:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{said[-2000:]}")
    return Took(wall, cpu, watch.most, process.returncode)


def told(what: str, objects: int, found: Took) -> None:
    """Print one line of the table."""
    print(
        f"{what:<34} {found.wall:8.2f} s  {found.cpu:8.2f} s CPU  {objects / found.wall:10,.0f} /s"
        f"  {found.memory / 2**20:7.0f} MB",
        flush=True,
    )


def measure(tenants: int, url: str, name: str, environment: Mapping[str, str]) -> None:
    """Measure one size on one database."""
    folder = Path(tempfile.mkdtemp(prefix="reconciler-scale-"))
    try:
        project = folder / "project"
        generate = [sys.executable, "-m", "benchmarks.generate", str(project)]
        generate += ["--tenants", str(tenants), *(["--url", url] if url else [])]
        objects = _generated(generate)
        took([RECONCILER, "numbers", "preload", "numbers.csv"], project, environment)
        print(f"\n{name}: {tenants:,} tenants, {objects:,} objects")
        plan, apply = [RECONCILER, "plan"], [RECONCILER, "apply", "--yes"]
        told("first plan", objects, took([*plan, "--out", "p.json"], project, environment))
        told("first apply", objects, took(apply, project, environment))
        told("plan right after, nothing to do", objects, took(plan, project, environment))
        told("plan again, nothing to do", objects, took(plan, project, environment))
        _generated([*generate, "--change", "1"])
        told("plan with 1 % of tenants changed", objects, took(plan, project, environment))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _generated(command: Sequence[str]) -> int:
    """Generate, and read how many objects that made."""
    said = subprocess.run(
        command, check=True, cwd=HERE.parent, capture_output=True, text=True
    ).stdout
    return int(re.search(r"([0-9]+) objects", said)[1])  # type: ignore[index]


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--tenants", type=int, action="append", help="default: 100 and 1000")
    parser.add_argument("--postgresql", action="store_true", help="in a database of its own each")
    parser.add_argument("--octodns", default="", help="folder of octodns-sync")
    asked = parser.parse_args()
    key, mac_key = keygen()
    environment = {**ENVIRONMENT, "RECONCILER_KEY": key, "RECONCILER_MAC_KEY": mac_key}
    for tenants in asked.tenants or (100, 1000):
        measure(tenants, "", "SQLite", environment)
        if asked.postgresql:
            with own_database() as url:
                measure(tenants, url, "PostgreSQL", environment)
        if asked.octodns:
            measure_octodns(Path(asked.octodns).resolve(), tenants)


@contextmanager
def own_database() -> Iterator[str]:
    """Make an empty database in the cluster of `tests/start_postgresql.py`, and drop it."""
    import psycopg  # noqa: PLC0415 - where there is one

    cluster, name = ENVIRONMENT[CLUSTER], f"scale_{os.getpid()}"
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield cluster.replace("/postgres?", f"/{name}?")
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


OCTODNS = """\
providers:
  config: {class: octodns.provider.yaml.YamlProvider, directory: ./config}
  live: {class: octodns.provider.yaml.YamlProvider, directory: ./live}
zones:
  "*": {sources: [config], targets: [live]}
"""


def measure_octodns(folder_of_octodns: Path, zones: int) -> None:
    """Give octoDNS as many zones of a hundred records, YAML to YAML, and nothing to do."""
    folder = Path(tempfile.mkdtemp(prefix="octodns-scale-"))
    try:
        (folder / "config.yaml").write_text(OCTODNS, encoding="utf-8")
        (folder / "config").mkdir()
        for zone in range(zones):
            _zone(folder / "config" / f"zone{zone:05}.example.yaml", "192.0.2")
        shutil.copytree(folder / "config", folder / "live")
        sync = [str(folder_of_octodns / "octodns-sync"), "--config-file", "config.yaml", "--quiet"]
        print(f"\noctoDNS: {zones:,} zones, {zones * 100:,} records")
        found = took(sync, folder, ENVIRONMENT)
        told("plan, nothing to do", zones * 100, found)
        for zone in range(0, zones, 100):
            _zone(folder / "config" / f"zone{zone:05}.example.yaml", "198.51.100")
        # Every record of a changed zone differs, which octoDNS only plans when it is forced to.
        found = took([*sync, "--force"], folder, ENVIRONMENT)
        told("plan with 1 % of zones changed", zones * 100, found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _zone(path: Path, network: str) -> None:
    records = (f"host{n:03}: {{type: A, value: {network}.{n}}}\n" for n in range(100))
    path.write_text("---\n" + "".join(records), encoding="utf-8")


if __name__ == "__main__":
    main()
