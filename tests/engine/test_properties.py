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
from itertools import pairwise

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reconciler.apply.run import Options, apply_plan
from reconciler.engine.guard import Limits, Share
from reconciler.engine.plan import Envelope, Part
from reconciler.engine.planning import Price, Question, make_part
from reconciler.kinds import KINDS
from reconciler.model.act import Action, Cause
from reconciler.model.address import parse_address
from reconciler.model.canonical import canonical
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.observe import Accounts
from reconciler.planner import Policy, Sources
from reconciler.protocols import Write
from tests.conformance.one_at_a_time import OneAtATime
from tests.crash.scripts import TENANT, desired
from tests.crash.simulated import Account, VirtualClock, open_connection
from tests.crash.world import World
from tests.engine.draws import (
    CARRIED,
    POOLED,
    led_to,
    pairs,
    pointed_at,
    scene,
    tenants,
)
from tests.plans import make_plan

EXAMPLES = int(os.environ.get("RECONCILER_EXAMPLES", "20"))  # noqa: TID251 - tests only
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
    return make_part(Question(TENANT, state, NO_LIMITS, price=lambda connector, kind, e164: price))


# The world, as plain dictionaries.


@dataclass
class Model:
    """Objects by `kind/name`, and what the live version of each published one points at."""

    objects: dict = field(default_factory=dict)
    live: dict = field(default_factory=dict)

    @classmethod
    def of(cls, state):
        specs = {address.reference: have.spec for address, have in state.observed.items()}
        live = {
            reference: led_to(KINDS[kind].compiled(name, specs[reference]))
            for reference in specs
            for kind, name in (reference.split("/"),)
            if KINDS[kind].published
        }
        return cls(specs, live)

    def perform(self, operation):
        reference = operation.address.removeprefix(f"{TENANT}/")
        there = self.objects.get(reference)
        assert there == operation.before, f"{operation.id} finds {there}"
        if operation.action is Action.PUBLISH:
            self.live[reference] = led_to(operation.graph)
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
        return cls("keyed", open_connection(_empty()), clock, Account("keyed", clock))

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
            _, graph = self.published(write.address)
            self._live[write.address.reference] = led_to(graph)
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
    if shares.examples >= 50:  # of fewer, a tenth says nothing
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


@drawn
@given(pairs())
def test_every_difference_is_told_once(pair):
    state = scene(*pair)
    part = part_of(state)
    told = {}
    for operation in part.operations:
        if operation.action is not Action.PUBLISH:
            told.setdefault(operation.address, []).append(operation)
    for address in state.observed.keys() | state.desired.keys():
        have, want = state.observed.get(address), state.desired.get(address)
        before = dict(have.spec) if have else None
        after = dict(want.spec) if want else None
        chain = told.pop(str(address), [])
        if not chain:
            stays = after is None and address.kind == "carrier_number"  # owned and billed
            assert before == after or stays
            continue
        quarantined = after is None and address.kind == "number"
        assert chain[0].before == before
        assert chain[-1].after == after or (quarantined and chain[-1].action is Action.QUARANTINE)
        for first, then in pairwise(chain):
            assert first.after == then.before
        for operation in chain:
            assert _paths_once(operation) == _real_paths(operation.before, operation.after)
    assert told == {}


def _paths_once(operation):
    paths = [change.path for change in operation.changes]
    assert len(paths) == len(set(paths))
    return {path.split("/")[1] for path in paths}


def _real_paths(before, after):
    """Top-level fields that differ; one that is left out counts as having its default."""
    before, after = before or {}, after or {}
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@drawn
@given(pairs(), st.randoms(use_true_random=False))
def test_two_plans_of_one_state_are_the_same_plan(pair, random):
    state = scene(*pair)
    part = part_of(state)
    again = part_of(
        replace(
            state,
            desired=_shuffled(state.desired, random),
            observed={
                address: replace(have, spec=_shuffled(have.spec, random))
                for address, have in _shuffled(state.observed, random).items()
            },
            applied=_shuffled(state.applied, random),
            supply=_shuffled(state.supply, random),
        )
    )
    assert again == part
    assert again.content_digest == part.content_digest == part.digest()
    assert part.text == canonical(part.model_dump()).decode()
    read = Part.model_validate_json(part.model_dump_json())
    assert read == part
    assert read.digest() == part.content_digest
    assert Part.model_validate(json.loads(json.dumps(part.model_dump(mode="json")))) == part


def _shuffled(mapping, random):
    items = list(mapping.items())
    random.shuffle(items)
    return dict(items)


PLAIN = {
    "extension": ("name", ("Desk", "Lobby", "Shop")),
    "ring_group": ("strategy", ("sequential", "round_robin", "longest_idle")),
    "number": ("caller_id_prefix", ("A", "B", "C")),
    "device": ("model", ("x", "y", "z")),
    "conference": ("name", ("Desk", "Lobby", "Shop")),
    "audio": ("say", ("One", "Two", "Three")),
    "schedule": ("name", ("Desk", "Lobby", "Shop")),
}
"""A field of each kind that nothing else depends on, and values of it."""


@st.composite
def raw_edits(draw, entries):
    """What somebody changes behind our back: (address, field, value)."""
    addresses = [a for a in desired(entries).objects if a.kind in PLAIN]
    chosen = draw(st.lists(st.sampled_from(addresses), min_size=1, max_size=3, unique=True))
    return [(a, PLAIN[a.kind][0], draw(st.sampled_from(PLAIN[a.kind][1]))) for a in chosen]


@drawn
@given(st.data())
def test_drift_has_its_cause_and_is_left_or_put_back(data):
    before, after = data.draw(pairs())
    for reference in data.draw(st.lists(st.sampled_from(sorted(after)), max_size=3)):
        name, values = PLAIN.get(reference.split("/")[0], (None, ()))
        if name:
            after[reference] = {**after[reference], name: data.draw(st.sampled_from(values))}
    edits = data.draw(raw_edits(before))
    world = Driven.fresh()
    world.bring(before)
    _edit_behind_our_back(world, edits)
    drifted = world.specs()
    applied = {a.reference: w.spec for a, w in desired(before).objects.items()}
    wanted = {a.reference: w.spec for a, w in desired(after).objects.items()}

    part = world.second(after)
    for operation in part.operations:
        reference = operation.address.removeprefix(f"{TENANT}/")
        if operation.action is Action.UPDATE and operation.because[0].type != "operation":
            for change in operation.changes:
                name = change.path.split("/")[1]
                three = [s[reference].get(name) for s in (applied, drifted, wanted)]
                if change.after == wanted[reference].get(name):
                    assert change.cause is _cause(*three), (reference, name, three)

    only_config = replace(world.policy, reverts_drift=lambda address: False)
    world.bring(after, only_config)
    there = world.specs()
    for address, name, value in edits:
        reference = address.reference
        if reference in wanted and wanted[reference].get(name) == applied[reference].get(name):
            assert there[reference][name] == value
    again = world.second(after, only_config)
    assert again.operations == ()
    left = {d.address for d in again.drifted}
    assert left == {
        str(address)
        for address, name, value in edits
        if wanted.get(address.reference, {name: value}).get(name) != value
    } & {f"{TENANT}/{r}" for r in wanted if there.get(r) != wanted[r]}

    world.bring(after)
    there = world.specs()
    for reference, spec in wanted.items():
        if not reference.startswith("carrier_number/"):
            assert there[reference] == spec


def _cause(was, have, want):
    if want == was:
        return Cause.DRIFT
    return Cause.CONFIG if have == was else Cause.BOTH


def _edit_behind_our_back(world, edits):
    platform = world.edges(world.process()).platform
    objects = platform.read(TENANT).objects
    for address, name, value in edits:
        have = objects[address]
        spec = {**have.spec, name: value}
        keys = tuple(KINDS[address.kind].keys(address.name, spec))
        platform.write(
            [Write(address, have.version, spec, "console", "2026-01-01T00:00:00Z", keys)]
        )


@drawn
@given(tenants(), tenants(), st.data())
def test_nothing_is_released_before_it_is_due_and_nothing_of_others_goes(before, after, data):
    state = scene(before, after)
    ours = data.draw(st.sets(st.sampled_from(sorted(state.observed))))
    due = data.draw(st.sets(st.sampled_from(CARRIED + POOLED)))
    quarantined = data.draw(st.sets(st.sampled_from(CARRIED + POOLED)))
    observed = {
        a: have if a in ours else replace(have, managed=False) for a, have in state.observed.items()
    }
    supply = {}
    for e164, was in state.supply.items():
        pool = was.pool
        if pool is not None and pool.tenant and e164 in quarantined:
            pool = replace(pool, state=NumberState.QUARANTINED)
        supply[e164] = replace(was, pool=pool, due=e164 in due)
    part = part_of(replace(state, observed=observed, supply=supply))
    for operation in part.operations:
        address = parse_address(operation.address)
        if operation.action is Action.RELEASE:
            assert address.name in due & quarantined
            assert operation.approval == f"release:{address.name}"
        if operation.after is None and operation.action is not Action.PUBLISH:
            assert address in ours
            assert address not in state.desired
