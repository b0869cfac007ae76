"""Planning shared among processes: each loads, checks, reads and compares tenants by itself.

Carrier accounts are read once, before, and handed over. Results come in the order of the names,
and no more of them are under way than a few chunks, so that memory stays as it is.
"""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from reconciler.cli.outcome import Mode, Outcome, outcome_of
from reconciler.cli.readonly import ReadingSession
from reconciler.cli.session import Session
from reconciler.errors import Unavailable
from reconciler.loader.tenants import TenantFiles
from reconciler.planner import Coming, Policy
from reconciler.protocols import AccountFacts, Listing, NotChecked
from reconciler.report.entries import View

CHUNK = 12
"""Tenants in one piece of work: large against its hand-over, small against memory."""

AHEAD = 3
"""Pieces under way for each process."""

MOST = 4
"""Processes at most: what a database and one reader can feed."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a process needs to open the same project.

    Attributes:
        environment: The process environment.
        directory: Where the command was started.
        overrides: Flags that change settings.
        chosen: Names of tenants; none for all.
        mode: What the plan was asked for.
        accounts: What was read of each carrier account, or why it could not be.
        coming: What the plan does at carrier accounts.
        may_be_gone: How many objects of ours an account may lack, as somebody said.
        facts: What each says of itself; nobody else asks, as few requests are allowed.
    """

    environment: Mapping[str, str]
    directory: Path
    overrides: Mapping[str, str]
    chosen: tuple[str, ...]
    mode: Mode
    accounts: Mapping[str, Listing | str]
    coming: Coming
    may_be_gone: int = 0
    facts: Mapping[str, AccountFacts | NotChecked] = field(default_factory=dict)


def processes() -> int:
    """How many processes may work at once."""
    try:
        allowed = len(os.sched_getaffinity(0))
    except AttributeError:
        allowed = os.cpu_count() or 1
    return min(MOST, allowed)


def planned_by_others(start: Start, names: Sequence[str]) -> Iterator[Outcome]:
    """Plan tenants in other processes; each outcome in the order of `names`.

    Raises:
        Unavailable: A process was ended from outside, as when memory runs out.
    """
    chunks = deque(tuple(names[at : at + CHUNK]) for at in range(0, len(names), CHUNK))
    count = min(processes(), len(chunks))
    pool = ProcessPoolExecutor(
        count, mp_context=get_context("spawn"), initializer=_begin, initargs=(start,)
    )
    try:
        under_way: deque[Future[list[Outcome]]] = deque()
        while chunks or under_way:
            while chunks and len(under_way) < count * AHEAD:
                under_way.append(pool.submit(_work, chunks.popleft()))
            yield from under_way.popleft().result()
    except BrokenProcessPool:
        raise Unavailable(
            "A process that planned a part of the tenants was ended from outside.",
            "Look whether memory ran out, then plan again, or plan fewer tenants: --tenant NAME.",
        ) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


# In the other process.


@dataclass(slots=True)
class _Bench:
    session: Session
    files: TenantFiles
    policy: Policy
    view: View | None
    coming: Coming


_benches: list[_Bench] = []


def _begin(start: Start) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who was interrupted ends this too
    gc.set_threshold(50_000, 20, 20)  # as in the entry point: there are hardly any circles
    session = ReadingSession(dict(start.environment), start.directory, dict(start.overrides))
    for connector, read in start.accounts.items():
        session.accounts.take(connector, read)
    session.accounts.may_be_gone = start.may_be_gone
    session.accounts.facts.asks = False
    for connector, told in start.facts.items():
        session.accounts.facts.take(connector, told)
    files = session.tenant_files(start.chosen)
    _benches.append(
        _Bench(session, files, start.mode.policy(session), start.mode.view, start.coming)
    )


def _work(names: Sequence[str]) -> list[Outcome]:
    bench = _benches[0]
    reads = bench.session.sources().platform.read_many(names)
    return [
        outcome_of(
            bench.session,
            bench.files,
            name,
            bench.policy,
            read=read,
            view=bench.view,
            coming=bench.coming,
        )
        for name, read in zip(names, reads, strict=True)
    ]
