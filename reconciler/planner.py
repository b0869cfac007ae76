"""Gather what is known of each tenant and let the engine decide: from edges to a plan.

Reads only. One read of the platform for many tenants, one of the ledger per tenant, one of
each carrier account for all tenants, one look at an inventory per number that is to be bought.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from reconciler.engine.cost import Price, PriceList, agreed_price
from reconciler.engine.diff import Scene
from reconciler.engine.guard import Limits
from reconciler.engine.plan import (
    Envelope,
    Held,
    ObservedSource,
    Operation,
    Part,
    PartFacts,
    Plan,
    counts,
    facts_of,
    whole_digest,
)
from reconciler.engine.planning import Question, make_part
from reconciler.engine.quarantine import believed, is_over
from reconciler.engine.renames import unseen
from reconciler.engine.unheld import Able, unheld
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.address import Address, parse_address
from reconciler.model.reference import as_written
from reconciler.model.resource import Home, Naming, Resource
from reconciler.model.spec import Spec
from reconciler.model.state import Applied, DesiredTenant, Observed
from reconciler.model.supply import NumberState, PoolNumber, Stock, Supply
from reconciler.observe import Accounts, read_accounts
from reconciler.protocols import Carrier, Clock, Entry, Ledger, Platform, State, TenantRead

EXPIRES_AFTER = timedelta(hours=24)
"""How long a saved plan may be applied."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What decides about a plan beside the three states.

    Attributes:
        limits: What may be done without being asked again.
        quarantine_days: How long a number is kept after its line has gone.
        reverts_drift: Whether what only drifted at an address is put back.
        prices: What carriers charge that do not say so themselves, by connector.
    """

    limits: Limits = field(default_factory=Limits)
    quarantine_days: int = 45
    reverts_drift: Callable[[Address], bool] = lambda address: True  # noqa: ARG005
    prices: PriceList = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a plan is made from: reads only.

    Attributes:
        platform: Where calls are handled.
        ledger: Our own records.
        carriers: Carrier accounts by connector.
        clock: Time.
        kinds: Every kind by name.
    """

    platform: Platform
    ledger: Ledger
    carriers: Mapping[str, Carrier]
    clock: Clock
    kinds: Mapping[str, type[Resource]]


def make_plan(
    sources: Sources,
    tenants: Iterable[DesiredTenant],
    accounts: Accounts,
    policy: Policy,
    envelope: Envelope,
) -> Plan:
    """Plan some tenants. `envelope` comes with its ids, times, scope and inputs filled in."""
    listed = tuple(tenants)
    wanted = _wanted(sources, listed)
    gathering = Gathering(sources, accounts)
    parts: list[Part] = []
    reads = sources.platform.read_many([tenant.tenant for tenant in listed])
    for tenant, read in zip(listed, reads, strict=True):
        known = look(sources, tenant, read)
        parts.append(plan_tenant(sources, known, accounts, policy, wanted))
        gathering.add(facts_of(parts[-1]), known.connectors)
    return Plan(gathering.complete(envelope), tuple(parts))


@dataclass(slots=True)
class Gathering:
    """The envelope of a plan while its parts are made one by one."""

    sources: Sources
    accounts: Accounts
    parts: list[PartFacts] = field(default_factory=list)
    connectors: set[str] = field(default_factory=set)

    def add(self, part: PartFacts, connectors: Iterable[str]) -> None:
        """Take a part, and the carrier accounts that its tenant has to do with."""
        self.parts.append(part)
        self.connectors |= set(connectors)

    def complete(self, envelope: Envelope) -> Envelope:
        """Fill an envelope with all that its parts say, in the order of their names."""
        parts = sorted(self.parts, key=lambda part: part.part)
        ids = _account_ids(self.sources, self.connectors & set(self.sources.carriers))
        observed = tuple(_observed(self.sources, self.accounts, sorted(self.connectors)))
        return envelope.model_copy(
            update={
                "content_digest": whole_digest(parts, envelope.scope),
                "accounts": dict(ids),
                "observed": observed,
                "has_changes": any(part.pending or part.refused for part in parts),
                "summary": counts(parts),
                "cost": _cost(parts),
                "approvals": _approvals(parts),
                "waiting": tuple(address for part in parts for address in part.waiting),
                "due": tuple(approval for part in parts for approval in part.due),
            }
        )


def _account_ids(sources: Sources, connectors: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The account behind each connector; one that cannot be opened takes part in nothing."""
    for name in sorted(connectors):
        try:
            yield name, sources.carriers[name].account()
        except Unavailable:
            continue  # its part of the plan is shown as not checked


@dataclass(frozen=True, slots=True)
class Known:
    """A tenant as git has it, as the platform has it and as the last apply left it.

    Attributes:
        desired: What git says.
        read: What the platform has.
        applied: What the last apply left.
        connectors: The carrier accounts that its objects are at, or are to be at.
    """

    desired: DesiredTenant
    read: TenantRead
    applied: Mapping[Address, Applied]
    connectors: frozenset[str]

    def left(self, kinds: Mapping[str, type[Resource]]) -> tuple[str, ...]:
        """Numbers of the last apply that git has no more."""
        gone = self.applied.keys() - self.desired.objects.keys()
        numbers = (at.name for at in gone if at.kind in kinds and _is_number(kinds, at))
        return tuple(sorted(set(numbers)))


def look(sources: Sources, desired: DesiredTenant, read: TenantRead | None = None) -> Known:
    """Read what the ledger knows of a tenant, and the platform where that is not read yet."""
    read = read or sources.platform.read(desired.tenant)
    applied = sources.ledger.applied(desired.tenant)
    specs = [want.spec for at, want in desired.objects.items() if _is_carried(sources, at)]
    specs += [left.spec for at, left in applied.items() if _is_carried(sources, at)]
    connectors = frozenset(str(spec["connector"]) for spec in specs if spec.get("connector"))
    return Known(desired, read, applied, connectors)


def plan_tenant(
    sources: Sources,
    known: Known,
    accounts: Accounts,
    policy: Policy,
    wanted: Mapping[str, str] = MappingProxyType({}),
) -> Part:
    """Make one tenant's part of a plan. `wanted`: which tenant in scope asks for each number."""
    desired, applied = known.desired, known.applied
    unchecked = read_accounts(accounts, known.connectors)
    objects = dict(known.read.objects)
    objects.update(_at_carriers(sources, known, accounts, unchecked))
    seen = _Seen(desired, objects, applied, unchecked, wanted)
    supply = _supplies(sources, seen, accounts, policy)
    held, frozen = _open(sources.ledger.open_operations(desired.tenant))
    able = _able(sources, known.connectors - unchecked.keys(), objects)
    beyond, left = unheld(sources.kinds, desired.objects, applied, able)
    scene = Scene(
        kinds=sources.kinds,
        desired=desired.objects,
        observed=objects,
        applied=applied,
        supply=supply,
        frozen=frozen | left,
        reverts_drift=policy.reverts_drift,
    )
    scene = replace(scene, graphs=dict(_graphs(sources.platform, unseen(scene))))
    return make_part(
        Question(
            tenant=desired.tenant,
            scene=scene,
            limits=policy.limits,
            held=(*held, *beyond),
            unchecked=unchecked,
            price=lambda *of: _price(sources, policy.prices, *of),
            revision=known.read.revision,
        )
    )


def _graphs(
    platform: Platform, addresses: Iterable[Address]
) -> Iterator[tuple[Address, Mapping[str, Any]]]:
    """What is live of objects whose settings do not tell it."""
    for address in addresses:
        live = platform.published(address)
        if live is not None:
            yield address, live[1]


def _cost(parts: Iterable[PartFacts]) -> dict[str, object]:
    monthly: dict[str, Decimal] = {}
    once: dict[str, Decimal] = {}
    unknown: list[str] = []
    for part in parts:
        unknown.extend(part.unpriced)
        for total in part.totals:
            monthly[total.currency] = monthly.get(total.currency, Decimal(0)) + total.monthly
            once[total.currency] = once.get(total.currency, Decimal(0)) + total.once
    return {
        "totals": [
            {
                "currency": currency,
                "monthly": f"{monthly[currency]:f}",
                "once": f"{once[currency]:f}",
            }
            for currency in sorted(monthly)
        ],
        "unknown": unknown,
    }


def _approvals(parts: Iterable[PartFacts]) -> dict[str, object]:
    listed = list(parts)
    return {
        "required": sorted({approval for part in listed for approval in part.approvals}),
        "given": [],
        "limits": [
            {"limit": limit, "part": part.part, "allowed": allowed, "planned": planned}
            for part in listed
            for limit, allowed, planned in part.limits
        ],
    }


# Carriers.


def _is_carried(sources: Sources, address: Address) -> bool:
    cls = sources.kinds.get(address.kind)
    return cls is not None and cls.home is Home.CARRIER and not cls.deferred


def _able(sources: Sources, connectors: Iterable[str], objects: Mapping[Address, Observed]) -> Able:
    """What each connector can hold; it is not asked about what it holds just so."""
    known = {name: sources.carriers[name] for name in connectors if name in sources.carriers}

    def cannot(connector: str, address: Address, spec: Spec) -> str:
        have = objects.get(address)
        if have is not None and have.spec == spec:
            return ""
        return known[connector].cannot(address.kind, address.name, spec)

    return Able({name: carrier.capabilities.held for name, carrier in known.items()}, cannot)


def _order_sets(sources: Sources, connector: str) -> frozenset[str] | None:
    carrier = sources.carriers.get(connector)
    return carrier.capabilities.with_order if carrier is not None else None


def _is_number(kinds: Mapping[str, type[Resource]], address: Address) -> bool:
    return kinds[address.kind].naming is Naming.E164


def _at_carriers(
    sources: Sources, known: Known, accounts: Accounts, unchecked: Mapping[str, str]
) -> Iterator[tuple[Address, Observed]]:
    """The tenant's own numbers, and those it asks for, as the accounts have them."""
    desired, applied = known.desired, known.applied
    for address in desired.objects.keys() | applied.keys():
        if not _is_carried(sources, address):
            continue
        wanted: Spec = desired.objects[address].spec if address in desired.objects else {}
        first = str(wanted.get("connector", ""))
        for connector in sorted(known.connectors, key=lambda name: (name != first, name)):
            if connector in unchecked:
                continue
            holding = accounts.listing(connector).at(address)
            if holding is not None:
                left = applied.get(address)
                blind = sources.carriers[connector].capabilities.write_only
                sent = {n: v for n, v in left.spec.items() if n in blind} if left else {}
                yield address, Observed(address, {**holding.spec, **sent}, managed=bool(left))
                break


@dataclass(frozen=True, slots=True)
class _Seen:
    """The three states of a tenant, before anything is decided about its numbers."""

    desired: DesiredTenant
    objects: Mapping[Address, Observed]
    applied: Mapping[Address, Applied]
    unchecked: Mapping[str, str]
    wanted: Mapping[str, str]


def _supplies(
    sources: Sources, seen: _Seen, accounts: Accounts, policy: Policy
) -> dict[str, Supply]:
    names = _numbers(sources, seen)
    if not names:
        return {}
    records = sources.platform.numbers(tuple(sorted(names)))
    asked = {connector for connector in names.values() if connector}
    can_be_read = asked & sources.carriers.keys() - seen.unchecked.keys()
    held_at = {name: accounts.listing(name).holdings for name in sorted(can_be_read)}
    stock = _stock(sources, names, records, held_at)
    ours = {
        address.name
        for address in seen.applied
        if _is_carried(sources, address) and sources.kinds[address.kind].supplies
    }
    due = _due(sources, seen, records, policy)
    tenant = seen.desired.tenant
    wanted = {
        address.name for address in seen.desired.objects if _is_number(sources.kinds, address)
    }
    return {
        name: Supply(
            tenant=tenant,
            pool=records.get(name),
            holding=next((held[name] for held in held_at.values() if name in held), None),
            managed=name in ours,
            stock=stock.get(name, Stock.UNSAID),
            checked=not connector or connector in can_be_read,
            due=name in due,
            connector=connector,
            order_sets=_order_sets(sources, connector) if connector in can_be_read else None,
            intercept=as_written(seen.desired.header.intercept or "hangup"),
            wanted=name in wanted,
            wanted_by=seen.wanted.get(name, "") if seen.wanted.get(name) != tenant else "",
        )
        for name, connector in names.items()
    }


def _wanted(sources: Sources, tenants: Iterable[DesiredTenant]) -> dict[str, str]:
    """Which tenant asks for each number; the check has seen to it that only one does."""
    return {
        address.name: tenant.tenant
        for tenant in tenants
        for address in tenant.objects
        if _is_number(sources.kinds, address)
    }


def _due(
    sources: Sources, seen: _Seen, records: Mapping[str, PoolNumber], policy: Policy
) -> frozenset[str]:
    """The numbers whose quarantine is over, by everything that we know of it.

    The record is a public table, so our own journal counts as well; and a number that is not
    as we left it in quarantine is put back before it may go. The clock alone says what is
    over: a last journal time in the future, from one wrong clock, ends nothing early.
    """
    quarantined = {
        name: record
        for name, record in records.items()
        if record.state is NumberState.QUARANTINED and record.tenant in {"", seen.desired.tenant}
    }
    left = {at.name: one for at, one in seen.applied.items() if _is_left(sources, seen, one)}
    quarantined = {name: quarantined[name] for name in quarantined.keys() & left.keys()}
    if not quarantined:
        return frozenset()
    journal = sources.ledger.quarantined_at(sources.platform.name, quarantined)
    after = {name: str(one.spec.get("release_after", "")) for name, one in left.items()}
    now = sources.clock.now()
    return frozenset(
        name
        for name, record in quarantined.items()
        if name in journal
        and is_over(believed(record, journal[name], after[name]), policy.quarantine_days, now)
    )


def _is_left(sources: Sources, seen: _Seen, applied: Applied) -> bool:
    """Whether an object was left in quarantine at the platform, and is there just so."""
    have = seen.objects.get(applied.address)
    kind = sources.kinds.get(applied.address.kind)
    return (
        kind is not None
        and kind.home is Home.PLATFORM
        and applied.spec.get("state") == NumberState.QUARANTINED.value
        and have is not None
        and have.spec == applied.spec
    )


def _numbers(sources: Sources, seen: _Seen) -> dict[str, str]:
    """Each number of the tenant, with the connector that it is at or is to be at.

    What we left counts more than what is live, as anybody may have changed that.
    """
    specs: list[tuple[Address, Spec]] = [(a, have.spec) for a, have in seen.objects.items()]
    specs += [(address, seen.applied[address].spec) for address in seen.applied]
    specs += [(address, want.spec) for address, want in seen.desired.objects.items()]
    names: dict[str, str] = {}
    for address, spec in specs:
        cls = sources.kinds.get(address.kind)
        if cls is not None and cls.naming is Naming.E164:
            names[address.name] = str(spec.get("connector") or names.get(address.name, ""))
    return names


def _stock(
    sources: Sources,
    names: Mapping[str, str],
    records: Mapping[str, PoolNumber],
    held_at: Mapping[str, Mapping[str, object]],
) -> dict[str, Stock]:
    """Ask inventories about numbers that would have to be ordered, and about no others."""
    ask: dict[str, list[str]] = {}
    for name, connector in sorted(names.items()):
        if connector not in held_at or any(name in held for held in held_at.values()):
            continue
        record = records.get(name)
        if record is None or record.state is NumberState.RELEASED:
            ask.setdefault(connector, []).append(name)
    found: dict[str, Stock] = {}
    for connector, numbers in ask.items():
        try:
            found.update(sources.carriers[connector].stock(tuple(numbers)))
        except Unavailable:
            continue  # nothing said: an order is shown, and the carrier decides
    return found


def _price(
    sources: Sources, prices: PriceList, connector: str, kind: str, e164: str
) -> Price | None:
    """What the carrier says, else what the price file says."""
    carrier = sources.carriers.get(connector)
    said = carrier.price(e164, kind) if carrier is not None else None
    rates = tuple(rate for rate in prices.get(connector, ()) if rate.kind == kind)
    if said is None:
        return agreed_price(e164, rates)
    return agreed_price(e164, rates, said.currency, said.monthly, said.once)


def _observed(
    sources: Sources, accounts: Accounts, connectors: Iterable[str]
) -> Iterator[ObservedSource]:
    at = f"{sources.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    yield ObservedSource(name=sources.platform.name, at=at, complete=True)
    for connector in connectors:
        # As it was when the parts were made: another look may fail, or succeed, by itself.
        read = accounts.read(connector)
        if isinstance(read, str):
            yield ObservedSource(name=connector, at=at, complete=False, detail=read)
        else:
            odd = "; ".join(read.odd)
            yield ObservedSource(name=connector, at=read.observed_at, complete=True, detail=odd)


# What is not over.


def _open(rows: Iterable[Entry]) -> tuple[tuple[Held, ...], frozenset[Address]]:
    """Freeze what an operation is not over for; what was only intended is closed, not awaited."""
    held: list[Held] = []
    frozen: set[Address] = set()
    for row in rows:
        if row.state is State.INTENDED:
            continue
        frozen.add(row.address)
        if row.action is Action.UPDATE:
            changed = map(parse_address, Operation.model_validate_json(row.body).addresses)
            frozen |= {address for address in changed if address is not None}
        what = "parked" if row.state is State.PARKED else "waiting" if row.waiting else "unknown"
        unseen = "said yes, and not seen yet" if row.state is State.DONE else ""
        detail = row.waiting or row.note or unseen or f"{row.action} is not over"
        held.append(Held(address=str(row.address), what=what, detail=detail, next=_next(row)))
    return tuple(held), frozenset(frozen)


def _next(row: Entry) -> str:
    if row.state is State.PARKED:
        return f"reconciler runs settle {row.run_id} {row.op} --happened|--did-not --reason TEXT"
    return f"reconciler resume {row.run_id}"
