"""Delete each rule of the order once, in a copy, and see which test notices.

    python -m tests.engine.order_mutants [--only NAME] [--no-properties]

A rule that no table test misses is a rule without a test: the exit status is 1 then. The
properties are run too, for a second opinion; what they say is printed and decides nothing.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reconciler.engine.cuts import CUTS
from reconciler.engine.order_rules import RULES

ROOT = Path(__file__).resolve().parents[2]
ORDER = "reconciler/engine/order.py"
RULES_FILE, CUTS_FILE = "reconciler/engine/order_rules.py", "reconciler/engine/cuts.py"
TABLES = ("tests/engine/test_order.py", "tests/engine/test_planning.py")
PROPERTIES = (
    "tests/engine/test_properties.py",
    "--hypothesis-seed=1",
    "-k",
    "prefix or one_at_a_time or told_once",
)
EXAMPLES = "40"
_FAILED = re.compile(r"^FAILED (\S+::.*?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule taken out: in `file`, `old` becomes `new`."""

    name: str
    file: str
    old: str
    new: str


def mutants() -> Iterator[Mutant]:
    """Every rule, the rank of what leaves for good, and every cut."""
    for rule in RULES:
        yield Mutant(rule.__name__, RULES_FILE, f"    {rule.__name__},\n", "")
    rank = "**dict.fromkeys(PARTINGS, 3), "
    yield Mutant("_rank: what leaves for good goes last", ORDER, rank, "")
    names = [one.__name__ for one in CUTS]
    whole = f"CUTS = ({', '.join(names)})"
    for name in names:
        left = ", ".join(other for other in names if other != name)
        yield Mutant(name, CUTS_FILE, whole, f"CUTS = ({left},)")


def copy_tree(to: Path) -> None:
    """Copy what the tests need."""
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    for folder in ("reconciler", "tests"):
        shutil.copytree(ROOT / folder, to / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", to)


def run_tests(tree: Path, *what: str) -> str:
    """Run tests in a copy; the first that fails, "" when none does."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:randomly"]
    command += ["-p", "no:cacheprovider", "--tb=no", *what]
    # Files change within one second: compiled ones would be taken for current.
    environment = {**os.environ, "RECONCILER_EXAMPLES": EXAMPLES, "PYTHONDONTWRITEBYTECODE": "1"}  # noqa: TID251 - passed on as it is
    done = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    failed = _FAILED.search(done.stdout)
    return failed[1].rpartition("/")[2] if failed else (done.stdout + done.stderr)[-2000:]


def try_mutant(tree: Path, mutant: Mutant, *, properties: bool) -> tuple[str, str]:
    """Take a rule out, run the tests, put it back: the table test and property that noticed.

    Raises:
        SystemExit: The rule is not where it is looked for.
    """
    file = tree / mutant.file
    text = file.read_text()
    if text.count(mutant.old) != 1:
        raise SystemExit(f"{mutant.name}: {mutant.old.strip()!r} is not once in {mutant.file}")
    file.write_text(text.replace(mutant.old, mutant.new))
    try:
        return run_tests(tree, *TABLES), run_tests(tree, *PROPERTIES) if properties else "not asked"
    finally:
        file.write_text(text)


def main(arguments: list[str] | None = None) -> int:
    """Try every mutant; 1 when one survives the table tests."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", help="one mutant, by its name")
    parser.add_argument("--no-properties", action="store_true", help="run the table tests only")
    options = parser.parse_args(arguments)
    chosen = [one for one in mutants() if options.only in {None, one.name}]
    started, survived = time.perf_counter(), []
    with tempfile.TemporaryDirectory(prefix="order-mutants-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        broken = run_tests(tree, *TABLES) or run_tests(tree, *PROPERTIES)
        if broken:
            print(f"The tests fail without any mutant: {broken}")
            return 1
        for mutant in chosen:
            table, drawn = try_mutant(tree, mutant, properties=not options.no_properties)
            survived += [] if table else [mutant.name]
            print(f"{mutant.name:20} {'killed' if table else 'SURVIVED'}", flush=True)
            print(f"    table      {table or '-'}")
            print(f"    properties {drawn or '-'}", flush=True)
    seconds = time.perf_counter() - started
    killed = len(chosen) - len(survived)
    print(f"{killed} of {len(chosen)} mutants killed by table tests in {seconds:.0f} s")
    return 1 if survived or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
