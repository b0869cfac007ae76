"""What holds for every tenant and every edit: drawn, planned, applied, and looked at step by step.

`RECONCILER_EXAMPLES` says how many are drawn for each property; `make properties` draws many.
"""

import json
import os
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reconciler.apply.run import Options, apply_plan, recover_tenant
from reconciler.database import open_database
from reconciler.engine.diff import diff
from reconciler.engine.guard import Limits, Share
from reconciler.engine.plan import Part
from reconciler.engine.planning import Price, Question, make_part
from reconciler.kinds import KINDS
from reconciler.ledger.sql import SqlLedger
from reconciler.model.act import Action, Cause
from reconciler.model.address import Address, parse_address
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.observe import Accounts
from reconciler.planner import Policy, Sources, make_plan
from reconciler.engine.plan import Envelope
from reconciler.protocols import Write

from tests.conformance.one_at_a_time import OneAtATime
from tests.crash.simulated import Account, VirtualClock, open_connection
from tests.crash.world import TENANT, World, desired
from tests.engine.draws import (
    CARRIED,
    POOLED,
    known,
    pairs,
    pointed_at,
    scene,
    seen,
    tenants,
)

EXAMPLES = int(os.environ.get("RECONCILER_EXAMPLES", "60"))  # noqa: TID251 - tests only
drawn = settings(
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    database=None,
    derandomize="RECONCILER_EXAMPLES" not in os.environ,  # noqa: TID251 - tests only
    suppress_health_check=list(HealthCheck),
)
NO_LIMITS = Limits(deletes=Share(), quarantines=Share(), reroutes=Share())


def part_of(state) -> Part:
    price = Price("USD", Decimal("1.00"), Decimal("0.50"))
    return make_part(Question(TENANT, state, NO_LIMITS, price=lambda connector, e164: price))


# The world, as plain dictionaries.


@dataclass
class Model:
    """Objects by `kind/name`, and what the live version of each published one points at."""

    objects: dict = field(default_factory=dict)
    live: dict = field(default_factory=dict)

    @classmethod
    def of(cls, state):
        specs = {address.reference: have.spec for address, have in state.observed.items()}
        live = {r: pointed_at(r, spec) for r, spec in specs.items() if _is_published(r)}
        return cls(specs, live)

    def perform(self, operation):
        reference = operation.address.removeprefix(f"{TENANT}/")
        there = self.objects.get(reference)
        assert there == operation.before, f"{operation.id} finds {there}"
        if operation.action is Action.PUBLISH:
            self.live[reference] = pointed_at(reference, operation.after)
        elif operation.after is None:
            del self.objects[reference]
            self.live.pop(reference, None)
        else:
            self.objects[reference] = operation.after

    def broken(self):
        """Everything that callers or people would find broken, as sentences."""
        for reference, spec in self.objects.items():
            for target in pointed_at(reference, spec) - self.objects.keys():
                yield f"{reference} points at {target}, which is not there"
        claimed = Counter(
            (key.scope, key.value)
            for reference, spec in self.objects.items()
            for kind, name in (reference.split("/"),)
            for key in KINDS[kind].keys(name, spec)
        )
        yield from (f"{key} is claimed {n} times" for key, n in claimed.items() if n > 1)
        yield from self._dead_numbers()

    def _dead_numbers(self):
        for reference in self.objects:
            if reference.startswith("number/"):
                for met in self._met(reference):
                    if met not in self.objects:
                        yield f"callers of {reference} are led to {met}, which is not there"
                    if _is_published(met) and met not in self.live:
                        yield f"callers of {reference} meet {met}, which was never published"

    def _met(self, start):
        met, todo = set(), [start]
        while todo:
            reference = todo.pop()
            if reference in met:
                continue
            met.add(reference)
            spec = self.objects.get(reference, {})
            called = {k: v for k, v in spec.items() if k not in {"caller_id", "location"}}
            leads = self.live.get(reference, set()) if _is_published(reference) else None
            todo += leads if leads is not None else pointed_at(reference, called)
        return met


def _is_published(reference):
    return KINDS[reference.split("/")[0]].published


# A world that can be applied to.


class Driven(World):
    """A simulated world with a policy of our own, and a platform of either sort."""

    policy = Policy(limits=NO_LIMITS)
    other_platform = None

    @classmethod
    def fresh(cls):
        clock = VirtualClock()
        world = cls("keyed", open_connection(_empty()), clock, Account("keyed", clock))
        return world

    def edges(self, process):
        made = super().edges(process)
        if self.other_platform is None:
            return made
        return replace(made, platform=self.other_platform, shares_database=False)

    def make_plan(self, want, policy=None):
        edges = self.edges(self.process())
        accounts = Accounts(edges.carriers, edges.ledger, edges.clock)
        return edges, accounts, self.plan(want, edges, accounts, f"plan-{self.processes}", policy)

    def plan(self, want, edges, accounts, plan_id, policy=None):
        now = self.clock.now()
        envelope = Envelope(
            plan_id=plan_id,
            lineage=edges.ledger.lineage(),
            serial=edges.ledger.serial(),
            created=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            expires=f"{now + timedelta(hours=24):%Y-%m-%dT%H:%M:%SZ}",
        )
        sources = Sources(edges.platform, edges.ledger, edges.carriers, self.clock, KINDS)
        return make_plan(sources, [want], accounts, policy or self.policy, envelope)

    def bring(self, entries, policy=None):
        """Plan and apply once; all of it must be done."""
        edges, accounts, plan = self.make_plan(desired(entries), policy)
        report = apply_plan(edges, plan, Options(), accounts)
        assert [p.status for p in report.parts] in ([], ["done"]), report
        return plan.parts[0]

    def second(self, entries, policy=None):
        return self.make_plan(desired(entries), policy)[2].parts[0]

    def specs(self):
        platform = self.edges(self.process()).platform
        return {a.reference: have.spec for a, have in platform.read(TENANT).objects.items()}


_content: list[bytes] = []


def _empty():
    """An empty database with all tables and a filled pool, made once."""
    if not _content:
        clock = VirtualClock()
        world = World("keyed", open_connection(None), clock, Account("keyed", clock))
        pool = [PoolNumber(e164, NumberState.AVAILABLE) for e164 in POOLED]
        world.edges(world.process()).platform.load_numbers(pool)
        _content.append(world.connection.serialize())
    return _content[0]


class Watched(OneAtATime):
    """A platform that takes one write at a time, and looks around after each."""

    def __init__(self, account):
        super().__init__()
        self.load_numbers([PoolNumber(e164, NumberState.AVAILABLE) for e164 in POOLED])
        self._account = account
        self._live = {}
        self.broken = []

    def _take_effect(self, write: Write):
        outcome = super()._take_effect(write)
        if write.publish is not None:
            there = self.read(TENANT).objects[write.address]
            reference = write.address.reference
            self._live[reference] = pointed_at(reference, there.spec)
        elif write.spec is None:
            self._live.pop(write.address.reference, None)
        objects = {a.reference: have.spec for a, have in self.read(TENANT).objects.items()}
        carried = {f"carrier_number/{e164}": h.spec for e164, h in self._account.owned.items()}
        self.broken += Model({**objects, **carried}, self._live).broken()
        return outcome


# The properties.


@dataclass
class Shares:
    """How often a property met what it is there for."""

    examples: int = 0
    met: Counter = field(default_factory=Counter)

    def count(self, part):
        because = " ".join(b.text for op in part.operations for b in op.because)
        self.examples += 1
        self.met["operations"] += len(part.operations)
        self.met["circles"] += "a circle with" in because or "which goes too" in because
        self.met["handed over"] += "so that" in because
        self.met["deletes"] += any(op.action is Action.DELETE for op in part.operations)

    def share(self, what):
        return self.met[what] / max(self.examples, 1)

    def tell(self):
        print(
            f"\n{self.examples} examples: {self.share('circles'):.0%} with a circle of references "
            f"cut, {self.share('handed over'):.0%} with a swap or rotation of pilots cut, "
            f"{self.share('deletes'):.0%} with deletes, "
            f"{self.share('operations'):.1f} operations on average"
        )


def test_no_prefix_of_a_plan_breaks_anything():
    shares = Shares()

    @drawn
    @given(pairs())
    def holds(pair):
        for before, after in (({}, pair[0]), pair):
            state = scene(before, after)
            part = part_of(state)
            assert part.gates == ()
            model = Model.of(state)
            for operation in part.operations:
                model.perform(operation)
                assert list(model.broken()) == [], operation.id
        shares.count(part)

    holds()
    shares.tell()
    assert shares.share("circles") >= 0.10
    assert shares.share("handed over") >= 0.10


@drawn
@given(pairs())
def test_what_was_applied_is_not_planned_again(pair):
    world = Driven.fresh()
    for entries in pair:
        world.bring(entries)
        again = world.second(entries)
        assert again.operations == ()
        assert again.gates == ()
    wanted = {a.reference: w.spec for a, w in desired(pair[1]).objects.items()}
    there = world.specs()
    gone = {reference for reference, spec in there.items() if spec.get("state") == "quarantined"}
    assert {r: s for r, s in there.items() if r not in gone} == {
        r: s for r, s in wanted.items() if not r.startswith("carrier_number/")
    }
    assert gone == {r for r in pair[0] if r.startswith("number/")} - wanted.keys()


@drawn
@given(pairs())
def test_a_platform_that_writes_one_at_a_time_is_whole_after_each_write(pair):
    world = Driven.fresh()
    with closing(Watched(world.account)) as platform:
        world.other_platform = platform
        for entries in pair:
            world.bring(entries)
            assert platform.broken == []
            assert world.second(entries).operations == ()
