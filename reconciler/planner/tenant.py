"""One tenant: what is known of it, and its part of a plan."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from reconciler.engine.carrier_codes import answered_there
from reconciler.engine.cost import Price, PriceList, Rate, agreed_price
from reconciler.engine.diff import Scene
from reconciler.engine.made import MadePart
from reconciler.engine.plan import Note
from reconciler.engine.planning import Question, made_part
from reconciler.engine.renames import unseen
from reconciler.engine.unheld import Able, as_held, unheld
from reconciler.facts import Facts
from reconciler.model.address import Address
from reconciler.model.resource import Resource
from reconciler.model.spec import Spec
from reconciler.model.state import Applied, DesiredTenant, Observed, Wanted
from reconciler.model.supply import Supply
from reconciler.observe import Accounts, emptied_kinds, read_accounts
from reconciler.planner.bill import billed, monthly
from reconciler.planner.forms import as_written
from reconciler.planner.orders import Order, observed_spec, order_supplies, orders_of, underway
from reconciler.planner.sources import NOTHING, Coming, Policy, Sources, is_carried, is_number
from reconciler.planner.supplies import Seen, supplies
from reconciler.planner.unfinished import Taken, not_taken, open_at, settling_of
from reconciler.protocols import (
    NUMBER,
    Carrier,
    Platform,
    Rates,
    TenantRead,
    no_rates,
)


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
        numbers = (at.name for at in gone if at.kind in kinds and is_number(kinds, at))
        return tuple(sorted(set(numbers)))

    def of(self, kinds: Mapping[str, type[Resource]], e164s: Collection[str]) -> Known:
        """The same with nothing but some numbers, and what bears their names."""

        def mine(address: Address) -> bool:
            return address.name in e164s and address.kind in kinds and is_number(kinds, address)

        desired = {at: want for at, want in self.desired.objects.items() if mine(at)}
        objects = {at: have for at, have in self.read.objects.items() if mine(at)}
        return replace(
            self,
            desired=replace(self.desired, objects=desired),
            read=replace(self.read, objects=objects),
            applied={at: left for at, left in self.applied.items() if mine(at)},
        )


def look(sources: Sources, desired: DesiredTenant, read: TenantRead | None = None) -> Known:
    """Read what the ledger knows of a tenant, and the platform where that is not read yet."""
    read = read or sources.platform.read(desired.tenant)
    applied = sources.ledger.applied(desired.tenant)
    specs = [want.spec for at, want in desired.objects.items() if is_carried(sources, at)]
    specs += [left.spec for at, left in applied.items() if is_carried(sources, at)]
    connectors = frozenset(str(spec["connector"]) for spec in specs if spec.get("connector"))
    return Known(desired, read, applied, connectors)


def plan_tenant(
    sources: Sources,
    known: Known,
    accounts: Accounts,
    policy: Policy,
    wanted: Mapping[str, str] = MappingProxyType({}),
    coming: Coming = NOTHING,
) -> MadePart:
    """Make one tenant's part of a plan. `wanted`: which tenant in scope asks for each number."""
    if policy.partings:
        known = known.of(sources.kinds, policy.partings)
    unchecked = read_accounts(accounts, known.connectors)
    desired = known.desired
    orders = orders_of(sources, desired.objects, known.applied, accounts, unchecked)
    objects = dict(known.read.objects)
    objects.update(_at_carriers(sources, known, accounts, unchecked))
    objects.update(_ordered(orders))
    reading = known.connectors - unchecked.keys()
    written = as_written(sources, desired, objects, accounts.forms, reading)
    known, desired = replace(known, desired=written.desired), written.desired
    applied = _as_renamed(known.applied, objects, coming)
    seen = Seen(desired, objects, applied, unchecked, wanted)
    begun = open_at(sources, desired.tenant)
    able = able_at(sources, reading, objects, applied)
    awaits = _awaits(sources, accounts, coming, objects, able.fields)
    able = replace(able, awaits=awaits, unknown=written.unknown)
    numbers = supplies(sources, seen, accounts, policy)
    numbers |= _following(known, applied, numbers, able)
    supply = order_supplies(orders, numbers, desired.tenant)
    beyond = unheld(sources.kinds, desired.objects, applied.keys() | objects.keys(), able)
    wanted_now, left = _compared(desired.objects, applied, beyond.left | written.unknown, policy)
    wanted_now = as_held(wanted_now, beyond.fields, _instead(objects, applied, policy))
    scene = Scene(
        kinds=sources.kinds,
        desired=wanted_now,
        observed=objects,
        applied=applied,
        supply=supply,
        frozen=begun.frozen,
        reverts_drift=policy.reverts_drift,
    )
    price = priced_by(sources, accounts.facts, policy.prices)
    taken = _taken(sources, known, accounts, unchecked)
    scene = replace(scene, graphs=dict(_graphs(sources.platform, unseen(scene))))
    return made_part(
        Question(
            tenant=desired.tenant,
            scene=scene,
            limits=policy.limits,
            held=(*begun.held, *written.held, *beyond.held, *not_taken(taken)),
            unchecked=unchecked,
            unread=emptied_kinds(accounts, known.applied, unchecked)
            | {(o.connector, at.kind): o.unread for at, o in orders.items() if o.unread},
            orders=tuple(underway(orders, sources.clock)),
            settling=(*begun.settling, *settling_of(sources, taken, known.applied, begun.frozen)),
            price=price,
            revision=known.read.revision,
            notes=tuple(_notes(known, accounts, unchecked)),
            budget=desired.header.budget.monthly,
            bill=lambda: monthly(billed(sources, desired.objects, applied), price),
            left=left,
            written=written.told,
        )
    )


def _notes(known: Known, accounts: Accounts, unchecked: Mapping[str, str]) -> Iterator[Note]:
    """What to tell of the tenant's feature codes, at the first of its numbers at each account."""
    codes = known.desired.header.dialplan.feature_codes
    first: dict[str, Address] = {}
    for address, want in sorted(known.desired.objects.items() if codes else ()):
        if address.kind == NUMBER:
            first.setdefault(str(want.spec["connector"]), address)
    for connector in sorted(first.keys() - unchecked.keys()):
        listing = accounts.listing(connector)
        yield from answered_there(codes, listing.codes, connector, first[connector])


def _instead(
    objects: Mapping[Address, Observed], applied: Mapping[Address, Applied], policy: Policy
) -> Callable[[Address], Spec]:
    """How an object is whose settings are held back: as it is there, so that nothing differs.

    Where drift is only told it is as it was left, so that what differs from that is told.
    """

    def spec_of(address: Address) -> Spec:
        last = None if policy.reverts_drift(address) else applied.get(address)
        known = last or objects.get(address)
        return known.spec if known is not None else {}

    return spec_of


def _compared(
    desired: Mapping[Address, Wanted],
    applied: Mapping[Address, Applied],
    left: frozenset[Address],
    policy: Policy,
) -> tuple[Mapping[Address, Wanted], frozenset[Address]]:
    """Hold what no connector can bring about against the last apply, where drift is only told.

    Returns:
        What git says, and in the place of those what the last apply left; and the others.
    """
    known = {at for at in left & applied.keys() & desired.keys() if not policy.reverts_drift(at)}
    if not known:
        return desired, left
    instead = {at: replace(desired[at], spec=applied[at].spec, was=None) for at in known}
    return {**desired, **instead}, left - known


def _taken(
    sources: Sources, known: Known, accounts: Accounts, unchecked: Mapping[str, str]
) -> tuple[Taken, ...]:
    """What git wants and its carrier has, other than orders, with what that tells of it."""
    found = []
    for address, want in sorted(known.desired.objects.items()):
        connector = str(want.spec.get("connector", ""))
        if not is_carried(sources, address) or sources.kinds[address.kind].brings:
            continue
        if connector in unchecked or connector not in sources.carriers:
            continue
        holding = accounts.listing(connector).of(address.kind).get(address.name)
        if holding is not None:
            found.append(Taken(address, want, holding))
    return tuple(found)


def _as_renamed(
    applied: Mapping[Address, Applied], objects: Mapping[Address, Observed], coming: Coming
) -> Mapping[Address, Applied]:
    """What the last apply left, where a setting names what its account is about to lose.

    A number at a gateway whose name is another gateway's now is where it was left: git changed
    that, and nobody behind its back.
    """
    losing = frozenset[str]().union(*coming.loses.values())
    if not losing:
        return applied
    made = dict(applied)
    for address, left in applied.items():
        have = objects.get(address)
        spec = have.spec if have is not None else {}
        texts = {name: value for name, value in spec.items() if isinstance(value, str)}
        named = {name: value for name, value in texts.items() if value in losing}
        if named:
            made[address] = replace(left, spec={**left.spec, **named})
    return made


def _following(
    known: Known, applied: Mapping[Address, Applied], numbers: Mapping[str, Supply], able: Able
) -> Iterator[tuple[str, Supply]]:
    """The numbers without a line whose gateway is another one now: they move before it goes.

    None is given back before it has moved, so that all of them are off the old one at its end.
    """
    for address, left in known.applied.items():
        supply, moved = numbers.get(address.name), applied[address]
        if supply is None or moved is left or address in known.desired.objects:
            continue
        named = {name: str(v) for name, v in left.spec.items() if v != moved.spec.get(name)}
        spec = {**moved.spec, **named}
        if not able.awaits(str(spec.get("connector", "")), address, spec):
            yield address.name, replace(supply, follows=named, due=False)


def _awaits(
    sources: Sources,
    accounts: Accounts,
    coming: Coming,
    objects: Mapping[Address, Observed],
    read: Collection[str],
) -> Callable[[str, Address, Spec], str]:
    """Say what an account lacks of what an object is to need there, and does not get first."""

    def awaits(connector: str, address: Address, spec: Spec) -> str:
        if connector not in read:
            return ""
        can, listing = sources.carriers[connector].capabilities, accounts.listing(connector)
        needs, have = sources.kinds[address.kind].needs_of_account, objects.get(address)
        for reference in sorted(needs(spec) - (needs(have.spec) if have else frozenset())):
            kind, name = reference.split("/", 1)
            if kind not in can.others or kind in can.unlisted:
                continue
            there = listing.others.get(kind, {}).get(name)
            if there is not None and there.waiting:
                return f"{reference} of {connector} is not ready: {there.waiting}"
            if there is None and reference not in coming.gets.get(connector, frozenset()):
                return f"{reference} is not on the account of {connector} yet"
        return ""

    return awaits


def _graphs(
    platform: Platform, addresses: Iterable[Address]
) -> Iterator[tuple[Address, Mapping[str, Any]]]:
    """What is live of objects whose settings do not tell it."""
    for address in addresses:
        live = platform.published(address)
        if live is not None:
            yield address, live[1]


def able_at(
    sources: Sources,
    connectors: Iterable[str],
    objects: Mapping[Address, Observed],
    applied: Collection[Address] = (),
) -> Able:
    """What each connector can hold; it is not asked about what it holds just so.

    Nor about an order that it has, or had: whether it would take that again says nothing.
    """
    opened = {name: sources.carriers[name] for name in connectors if name in sources.carriers}

    def cannot(connector: str, address: Address, spec: Spec) -> str:
        have = objects.get(address)
        had = sources.kinds[address.kind].brings and (have or address in applied)
        if had or (have is not None and have.spec == spec):
            return ""
        return opened[connector].cannot(address.kind, address.name, spec)

    return Able(
        {name: carrier.capabilities.held for name, carrier in opened.items()},
        cannot,
        {name: frozenset(_lasting(carrier)) for name, carrier in opened.items()},
        objects,
        today=sources.clock.now().date().isoformat(),
    )


def _lasting(carrier: Carrier) -> Iterator[str]:
    """What it can change and never take away, as `kind.field`."""
    for name in carrier.capabilities.lasting:
        yield name if "." in name else f"{NUMBER}.{name}"


def _at_carriers(
    sources: Sources, known: Known, accounts: Accounts, unchecked: Mapping[str, str]
) -> Iterator[tuple[Address, Observed]]:
    """The tenant's own numbers, and those it asks for, as the accounts have them."""
    desired, applied = known.desired, known.applied
    for address in desired.objects.keys() | applied.keys():
        if not is_carried(sources, address) or sources.kinds[address.kind].brings:
            continue
        wanted: Spec = desired.objects[address].spec if address in desired.objects else {}
        first = str(wanted.get("connector", ""))
        for connector in sorted(known.connectors, key=lambda name: (name != first, name)):
            if connector in unchecked:
                continue
            holding = accounts.listing(connector).of(address.kind).get(address.name)
            if holding is not None:
                left = applied.get(address)
                can, sent = sources.carriers[connector].capabilities, left.spec if left else {}
                spec = can.with_untold(address.kind, holding.spec, sent)
                yield address, Observed(address, spec, managed=bool(left))
                break


def _ordered(orders: Mapping[Address, Order]) -> Iterator[tuple[Address, Observed]]:
    """The tenant's orders, as the accounts have them."""
    for address, order in orders.items():
        if order.holding is not None:
            yield address, Observed(address, observed_spec(order), managed=bool(order.left))


def priced_by(
    sources: Sources, facts: Facts, prices: PriceList
) -> Callable[[str, str, str], Price | None]:
    """What something costs at a connector, by kind and name."""

    def price(connector: str, kind: str, name: str) -> Price | None:
        carrier, listed = sources.carriers.get(connector), prices.get(connector, ())
        return price_at(carrier, listed, name, kind, lambda: facts.rates(connector))

    return price


def price_at(
    carrier: Carrier | None,
    listed: Iterable[Rate],
    e164: str,
    kind: str = NUMBER,
    rates: Callable[[], Rates] = no_rates,
) -> Price | None:
    """What a number costs by the account's own rates, else by the price file."""
    said = carrier.price(e164, kind, rates) if carrier is not None else None
    known = tuple(rate for rate in listed if rate.kind == kind)
    if said is None:
        return agreed_price(e164, known)
    return agreed_price(e164, known, said.currency, said.monthly, said.once, said.source)
