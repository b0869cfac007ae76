"""Every boundary x every carrier call x every fault x each carrier, exhaustively.

    python -m tests.crash.enumerate [--share N/M] [--jobs J] [--shape S] [--whole] [--stop-at K]

Each case: a prepared world is copied, one carrier call (or none) meets a fault, the process
is struck at one boundary (or at none), and applies follow until it is quiet. Then every
invariant is checked. A violation prints the arguments that reproduce it.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.crash import world as worlds
from tests.crash.scripts import script
from tests.crash.simulated import FAULTS, RECOVERY_FAULTS, SHAPES, WRITE_FAULTS, Process

MODES = ("restart", "later", "zombie")
"""What follows a strike: an apply at once; one after 25 hours, when keys are forgotten; or
another process runs to the end while the first is paused, and then the first goes on."""

LATER_SECONDS = 25 * 3600.0
PAUSE_SECONDS = 75.0
THINNED, SHIFT = 20, 10
"""Of how many pairs at the account one is met, and which: three of these were violations once."""
MORE_CALLS = 2
"""Calls beyond those of a clean run that get faults too: those of the recovery."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way in which things can go wrong."""

    shape: str
    mode: str
    boundary: int
    call: int
    fault: str

    def __str__(self) -> str:
        return f"{self.shape},{self.mode},{self.boundary},{self.call},{self.fault}"


def cases(shape: str, *, whole: bool = False) -> list[Case]:
    """Every case of one carrier; side by side those that differ in the boundary alone.

    Of the account, where a run is twice as long, every boundary, every call and every fault is
    met, but of their pairs one in `THINNED`; all of them with `whole`.
    """
    found: Iterable[Case] = _cases(shape)
    if shape == "account" and not whole:
        found = _thinned(list(found))
    return sorted(found, key=lambda one: (one.mode, one.call, one.fault, one.boundary))


def _thinned(every: list[Case]) -> Iterator[Case]:
    """Whatever fails alone, and of what fails beside a strike a share that shifts with it."""
    number = {pair: n for n, pair in enumerate(dict.fromkeys((c.call, c.fault) for c in every))}
    for case in every:
        shifted = number[case.call, case.fault] + case.boundary + MODES.index(case.mode)
        if not case.call or not case.boundary or shifted % THINNED == SHIFT:
            yield case


def _cases(shape: str) -> Iterator[Case]:
    boundaries, kinds, writes = worlds.clean_run(shape)
    if shape == "single":
        yield from _single(boundaries, writes)
        return
    clean = [(0, "")]
    clean += [(n, fault) for n, kind in enumerate(kinds, start=1) for fault in FAULTS[kind]]
    if shape == "neither":
        clean = [pair for pair in clean if pair[1] != "dup"]  # no client can prevent that
    beyond = range(len(kinds) + 1, len(kinds) + 1 + MORE_CALLS)
    every = [*clean, *itertools.product(beyond, RECOVERY_FAULTS)]
    yield from (Case(shape, "restart", 0, call, fault) for call, fault in every)
    for mode, boundary in itertools.product(MODES, range(1, len(boundaries) + 1)):
        if mode == "zombie" and boundaries[boundary - 1].endswith(":before-commit"):
            continue  # it holds the database's write lock: a real pause only blocks the others
        if mode == "later" and boundary // 4 % 2:
            continue  # what matters is whether it was sent, and much of either side is met
        faults = every if mode == "restart" else clean
        if mode == "zombie" and boundary % 6:
            faults = clean[:1]  # its own gap is what matters; with a fault beside, some of them
        yield from (Case(shape, mode, boundary, call, fault) for call, fault in faults)


def _single(boundaries: list[str], writes: int) -> Iterator[Case]:
    """Cases of a platform that writes one operation at a time: its faults, not the carrier's."""
    faults = [(0, ""), *((n, f) for n in range(1, writes + 1) for f in WRITE_FAULTS)]
    yield from (Case("single", "restart", 0, call, fault) for call, fault in faults)
    for boundary in range(1, len(boundaries) + 1):
        yield from (Case("single", "restart", boundary, call, fault) for call, fault in faults)
        if not boundaries[boundary - 1].endswith(":before-commit"):
            yield Case("single", "zombie", boundary, 0, "")


def run(case: Case) -> list[str]:
    """Run one case; what was violated."""
    world = after_passing(case) or after_its_own(case)
    if case.mode == "later":
        world.clock.sleep(LATER_SECONDS)
    mark = world.mark()
    if mark in _ended:
        return _ended[mark]
    violated = worlds.check(world, world.settle(script(case.shape).now))
    if mark:
        _ended[mark] = violated
    return violated


_ended: dict[str, list[str]] = {}
"""What was violated in the end, by the world that was left after the first process: many cases
come to one and the same, as where nothing was written between two boundaries."""


def after_passing(case: Case) -> worlds.World | None:
    """The world after a process that was killed, read off one that passed the boundary alive.

    None where only a run of its own tells: a pause is no end, and what is still on its way
    arrives in one world.
    """
    if case.mode == "zombie":
        return None
    moment = worlds.moments(case.shape)[case.boundary]
    if moment is not None and case.call <= moment.left.met():
        passed = worlds.moments(case.shape, case.call, case.fault)
        moment = passed[case.boundary] if case.boundary < len(passed) else passed[0]
    if moment is None:
        return None
    world = moment.world()
    if case.call > world.met():
        world.plant(case.call, case.fault)
    return world


def after_its_own(case: Case) -> worlds.World:
    """The world after its first process, which was killed, paused or came to its end."""
    world = worlds.ready(case.shape)
    world.plant(case.call, case.fault)
    world.apply(script(case.shape).now, _struck(world, case))
    return world


def _struck(world: worlds.World, case: Case) -> Process:
    if case.mode != "zombie":
        return world.process(strike_at=case.boundary)

    def paused(name: str) -> None:
        del name
        world.paused = True
        world.clock.sleep(PAUSE_SECONDS)
        world.settle(script(case.shape).now)

    return world.process(strike_at=case.boundary, strike=paused)


def _one(case: Case) -> tuple[Case, list[str]]:
    try:
        return case, run(case)
    except Exception as error:  # noqa: BLE001 - a fault of ours is a violation too
        return case, [f"{type(error).__name__}: {error}"]


def parse_case(text: str) -> Case:
    """Read what a violation printed."""
    shape, mode, boundary, call, fault = text.split(",")
    return Case(shape, mode, int(boundary), int(call), fault)


def main(arguments: list[str] | None = None) -> int:
    """Run the enumeration, or the share of it that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--share", default="1/1", help="N/M: every M-th case, from the N-th")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--shape", choices=sorted(SHAPES), action="append")
    parser.add_argument("--mode", choices=MODES, action="append")
    parser.add_argument("--whole", action="store_true", help="every pair at the account, too")
    parser.add_argument("--stop-at", type=int, default=20, help="violations")
    parser.add_argument("--case", help="one case, as a violation printed it")
    options = parser.parse_args(arguments)
    if options.case:
        found = run(parse_case(options.case))
        print("\n".join(found) or "no violation")
        return 1 if found else 0
    return enumerate_all(options)


def enumerate_all(options: argparse.Namespace) -> int:
    """Run all chosen cases over some processes; print counts and violations."""
    first, every = map(int, options.share.split("/"))
    chosen = [
        case
        for shape in options.shape or sorted(SHAPES)
        for case in cases(shape, whole=options.whole)
        if not options.mode or case.mode in options.mode
    ][first - 1 :: every]
    counts: Counter[str] = Counter()
    violated = 0
    started = time.perf_counter()
    with multiprocessing.Pool(options.jobs) as pool:
        for case, found in pool.imap_unordered(_one, chosen, chunksize=50):
            counts[f"{case.shape} {case.mode}"] += 1
            done = sum(counts.values())
            if done % 1000 == 0:
                print(f"{done} of {len(chosen)} cases, {violated} violations", flush=True)
            if found:
                violated += 1
                print(f"violated: --case {case}")
                for sentence in found[:3]:
                    print(f"    {sentence}")
            if violated >= options.stop_at:
                pool.terminate()
                break
    seconds = time.perf_counter() - started
    for name, count in sorted(counts.items()):
        print(f"{name:20} {count:7}")
    total = sum(counts.values())
    print(f"{total} cases in {seconds:.0f} s ({total / seconds:.0f}/s), {violated} violations")
    return 1 if violated else 0


if __name__ == "__main__":
    sys.exit(main())
