"""The carriers that the suite runs on: each connector before its faithful sandbox.

A carrier joins with its `Sort`. All else is read from what its connector declares in its
capabilities.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reconciler import carriers
from reconciler.kinds import KINDS
from reconciler.model.act import Action
from reconciler.model.supply import Holding
from reconciler.protocols import (
    AccountFacts,
    Carrier,
    CarrierAct,
    Done,
    Outcome,
    Prepared,
    Refused,
    SecretValue,
    Waiting,
)
from reconciler.sandbox.books import Fault
from reconciler.sandbox.desk import App, Desk, find
from reconciler.sandbox.faults import NONE
from tests.conformance.sorts import NAME, SORTS, Sort, Spec

__all__ = ["CANARY", "CARRIERS", "KIND", "NAME", "PORT_SECRET", "SORTS", "Sort", "Spec", "World"]

CANARY = "canary-3f1c77a0b2"
PORT_SECRET = "canary-88213"
KIND = KINDS["carrier_number"]
HOUR = 3600.0
SLOW_SECONDS = 31.0
"""Longer than any answer is waited for."""


@dataclass
class Time:
    """A clock that moves only when somebody sleeps."""

    at: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)
    slept: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.slept

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.slept += seconds


@dataclass
class Counted:
    """Budgets without an end that remember what was taken from them."""

    taken: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)

    def spend(self, bucket: str, **_: object) -> tuple[bool, int, str]:
        self.taken.append(bucket)
        return True, len(self.taken), ""

    def fill(self, bucket: str, **_: object) -> None:
        self.filled.append(bucket)


@dataclass(frozen=True)
class Left:
    """What a world leaves, for others to go on from.

    Attributes:
        content: What its sandbox remembers.
        at: When it was left.
        slept: How long that was after its beginning.
        keys: How many keys were used.
    """

    content: bytes
    at: datetime
    slept: float
    keys: int


@dataclass
class World:
    """An account at a sandbox, with a connector before it."""

    sort: Sort
    carrier: Carrier
    app: App
    path: Path
    clock: Time
    desk: Desk
    keys: int = 0
    others: list[Carrier] = field(default_factory=list)
    """Connectors of other processes."""

    @property
    def e164(self) -> str:
        """The number that most tests are about."""
        return self.sort.numbers[0]

    def again(self, section: Mapping[str, Any] | None = None) -> Carrier:
        """Open the same account from another process, also with another section."""
        self.others.append(connected(self.sort, self.app, self.clock, section))
        return self.others[-1]

    def left(self) -> Left:
        """All of it, as it is now."""
        with closing(sqlite3.connect(self.path)) as read:
            return Left(read.serialize(), self.clock.at, self.clock.slept, self.keys)

    def key(self) -> str:
        """A key that was never used."""
        self.keys += 1
        return f"op-{self.keys}"

    def ordered(self) -> Spec:
        """What an order leaves behind: those of the first values that it can set."""
        can = self.carrier.capabilities.with_order
        return {"connector": NAME} | {n: v for n, v in self.sort.first.items() if n in can}

    def order(self, e164: str = "") -> CarrierAct:
        return CarrierAct(Action.ORDER, e164 or self.e164, self.ordered())

    def change(self, after: Spec) -> CarrierAct:
        return CarrierAct(Action.UPDATE, self.e164, after, self.there(), self.secrets(after))

    def spelt(self, after: Spec) -> Spec:
        """These settings as a plan has them: what is off or empty is left out."""
        return KIND.model_validate(after).spec()

    def release(self) -> CarrierAct:
        return self.leaves(Action.RELEASE)

    def leaves(self, action: Action) -> CarrierAct:
        """One of the ways in which a number leaves the account."""
        to = self.sort.elsewhere if action is Action.MOVE else ""
        return CarrierAct(action, self.e164, None, self.there(), to=to)

    def secrets(self, after: Spec) -> dict[str, SecretValue]:
        marked = {name for name, value in after.items() if "$secret" in str(value)}
        return {name: SecretValue("4287") for name in marked}

    def told(self, kind: str, spec: Spec | Mapping[str, Any]) -> Spec:
        """What the carrier tells of what was set to this."""
        blind = self.carrier.capabilities.never_told(kind)
        return {n: value for n, value in {"connector": NAME, **spec}.items() if n not in blind}

    def other(self, action: Action, kind: str, after: Spec | None) -> CarrierAct:
        """An act on what the carrier keeps of the number beside its presence."""
        there = self.carrier.observe().others.get(kind, {}).get(self.e164)
        return CarrierAct(action, self.e164, after, there, kind=kind)

    def of_account(self, action: Action, kind: str, after: Mapping[str, Any] | None) -> CarrierAct:
        """An act on an object of the account itself."""
        name = self.sort.objects[kind].name
        there = self.carrier.observe().others.get(kind, {}).get(name)
        if kind in self.carrier.capabilities.seldom:
            there = Holding(NAME, spec=self.visible(kind, name, self.carrier) or {})
        spec = None if after is None else {"connector": NAME, **after}
        return CarrierAct(action, name, spec, there, kind=kind)

    def submission(self) -> CarrierAct:
        """The port order of its sort, with the secrets that only an apply knows."""
        after = {"connector": NAME, **(self.sort.port or {})}
        names = KINDS["port"].secrets(after)
        secrets = {name: SecretValue(f"{PORT_SECRET}-{n}") for n, name in enumerate(sorted(names))}
        return CarrierAct(Action.PORT, "spring", after, secrets=secrets, kind="port")

    def port(self) -> Holding:
        """The one port that is listed."""
        (found,) = self.carrier.orders("port").values()
        return found

    def there(self, e164: str = "") -> Holding:
        return self.carrier.observe().holdings[e164 or self.e164]

    def do(self, act: CarrierAct, key: str = "") -> Outcome:
        prepared = self.carrier.prepare(act)
        assert isinstance(prepared, Prepared), prepared
        return self.send(prepared, key)

    def send(self, prepared: Prepared, key: str = "") -> Outcome:
        """Send it; what needs nothing to be sent is done."""
        return self.carrier.send(prepared, key or self.key()) if prepared.requests else Done()

    def bought(self) -> Spec:
        """Buy the number and hand it over; what is then there."""
        assert isinstance(self.do(self.order()), Done)
        spec = {"connector": NAME, "handoff": self.sort.first["handoff"]}
        assert isinstance(self.do(self.change(spec)), Done)
        return spec

    def set_to(self, after: Spec) -> None:
        """Leave these settings behind, and wait for what takes its time."""
        outcome = self.do(self.change(self.spelt(after)))
        assert isinstance(outcome, Done | Waiting), outcome
        self.clock.sleep(3600)

    def in_sync(self, after: Spec) -> bool:
        """Whether a plan of these settings would be empty."""
        there = dict(self.there().spec)
        write_only = self.carrier.capabilities.write_only
        wanted = self.spelt(after)
        told = {name: value for name, value in wanted.items() if name not in write_only}
        return KIND.as_it_runs(there, told) == there

    def fault(self, kind: str, step: str, *, after: bool = False, **options: Any) -> None:
        """Let a step of the sort, or one of its reads, go wrong."""
        self.fault_at(kind, (self.sort.steps | self.sort.reads)[step], after=after, **options)

    def fault_at(
        self, kind: str, step: tuple[str, str], *, after: bool = False, **options: Any
    ) -> None:
        method, path = step
        seconds = {"seconds": SLOW_SECONDS} if kind in {"slow", "stale"} else {}
        if kind == "stale":
            options.pop("times", None)  # it lasts, and is not counted
        planted = Fault(kind, method, path, after=after, **{**seconds, **options})
        self.desk.fault(self.path, planted)

    def mended(self) -> None:
        """Take all faults back."""
        self.desk.fault(self.path, Fault(NONE))

    def visible(self, kind: str, name: str, connector: Carrier | None = None) -> Spec | None:
        """What a new process sees of an object of the account; None where it sees none."""
        opened = connector or self.again()
        if kind in opened.capabilities.seldom:
            self.clock.sleep(HOUR)  # it may be asked a few times in each
            told = opened.about()
            assert isinstance(told, AccountFacts), told
            return {"connector": NAME, **told.settings}
        found = opened.observe().others.get(kind, {}).get(name)
        return None if found is None else dict(found.spec)

    def switch(self, name: str, value: object) -> None:
        store = self.app.store  # type: ignore[attr-defined]
        with store.transaction():
            store.change_setting(name, value)

    def charged(self) -> list[str]:
        return [charge["number"] for charge in self.desk.books(self.path)["charges"]]

    def refused(self, act: CarrierAct) -> Refused:
        """Have it refused before anything is sent."""
        before = self.desk.books(self.path)
        outcome = self.carrier.prepare(act)
        assert isinstance(outcome, Refused), outcome
        assert self.desk.books(self.path) == before
        return outcome


def connected(
    sort: Sort, app: App, clock: Time, section: Mapping[str, Any] | None = None
) -> Carrier:
    module = carriers.find(sort.kind)
    assert module is not None
    opened: Carrier = module.connect(
        dict(section or sort.section),
        connector=NAME,
        credentials={name: SecretValue(CANARY) for name in sort.credentials},
        clock=clock,
        wsgi_app=app,
        budgets=Counted(),
    )
    return opened


@contextmanager
def resumed(sort: Sort, folder: Path, left: Left | None = None) -> Iterator[World]:
    """A world that goes on from what another one left; from an empty account without that."""
    clock, desk, path = Time(), find(sort.kind), folder / "sandbox.db"
    if left is not None:
        clock = Time(left.at, left.slept)
        path.write_bytes(left.content)
    app = desk.open(path, sort.section, clock)
    made = connected(sort, app, clock)
    opened = World(sort, made, app, path, clock, desk, left.keys if left else 0)
    try:
        yield opened
    finally:
        for connector in (made, *opened.others):
            connector.close()
        app.close()


@cache
def _furnished(name: str) -> Left:
    """An account with what must be there before a number can be ordered."""
    sort = SORTS[name]
    with TemporaryDirectory() as folder, resumed(sort, Path(folder)) as world:
        for thing in sort.objects.values():
            for switch, value in thing.switches.items():
                world.switch(switch, value)
        for kind, called, spec in sort.needs:
            act = CarrierAct(Action.CREATE, called, {"connector": NAME, **spec}, kind=kind)
            assert isinstance(world.do(act), Done)
        return world.left()


def _opened(name: str) -> Callable[[Path], AbstractContextManager[World]]:
    @contextmanager
    def world(folder: Path) -> Iterator[World]:
        with resumed(SORTS[name], folder, _furnished(name)) as made:
            made.carrier.observe()
            yield made

    return world


CARRIERS: dict[str, Callable[[Path], AbstractContextManager[World]]] = {
    name: _opened(name) for name in SORTS
}
