"""One tenant: what is known of it, and its part of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from reconciler.engine.carrier_codes import answered_there
from reconciler.engine.cost import Price, PriceList, Rate, agreed_price
from reconciler.engine.diff import Scene
from reconciler.engine.plan import (
    Held,
    Note,
    Operation,
    Part,
)
from reconciler.engine.planning import Question, make_part
from reconciler.engine.renames import unseen
from reconciler.engine.unheld import Able, unheld
from reconciler.facts import Facts
from reconciler.model.act import Action
from reconciler.model.address import Address, parse_address
from reconciler.model.resource import Resource
from reconciler.model.spec import Spec
from reconciler.model.state import Applied, DesiredTenant, Observed
from reconciler.observe import Accounts, read_accounts
from reconciler.planner.bill import billed, monthly
from reconciler.planner.orders import Order, observed_spec, order_supplies, orders_of, underway
from reconciler.planner.sources import Policy, Sources, is_carried, is_number
from reconciler.planner.supplies import Seen, supplies
from reconciler.protocols import (
    NUMBER,
    Carrier,
    Entry,
    Platform,
    Rates,
    State,
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
) -> Part:
    """Make one tenant's part of a plan. `wanted`: which tenant in scope asks for each number."""
    desired, applied = known.desired, known.applied
    unchecked = read_accounts(accounts, known.connectors)
    orders = orders_of(sources, desired.objects, applied, accounts, unchecked)
    objects = dict(known.read.objects)
    objects.update(_at_carriers(sources, known, accounts, unchecked))
    objects.update(_ordered(orders))
    seen = Seen(desired, objects, applied, unchecked, wanted)
    supply = order_supplies(orders, supplies(sources, seen, accounts, policy), desired.tenant)
    held, frozen = _open(sources.ledger.open_operations(desired.tenant))
    able = _able(sources, known, known.connectors - unchecked.keys(), objects)
    beyond, left = unheld(sources.kinds, desired.objects, applied.keys() | objects.keys(), able)
    scene = Scene(
        kinds=sources.kinds,
        desired=desired.objects,
        observed=objects,
        applied=applied,
        supply=supply,
        frozen=frozen | left,
        reverts_drift=policy.reverts_drift,
    )
    price = _priced_by(sources, accounts.facts, policy.prices)
    scene = replace(scene, graphs=dict(_graphs(sources.platform, unseen(scene))))
    return make_part(
        Question(
            tenant=desired.tenant,
            scene=scene,
            limits=policy.limits,
            held=(*held, *beyond),
            unchecked=unchecked,
            unread={(o.connector, at.kind): o.unread for at, o in orders.items() if o.unread},
            orders=tuple(underway(orders, sources.clock)),
            price=price,
            revision=known.read.revision,
            notes=tuple(_notes(known, accounts, unchecked)),
            budget=desired.header.budget.monthly,
            bill=lambda: monthly(billed(sources, desired.objects, applied), price),
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


def _graphs(
    platform: Platform, addresses: Iterable[Address]
) -> Iterator[tuple[Address, Mapping[str, Any]]]:
    """What is live of objects whose settings do not tell it."""
    for address in addresses:
        live = platform.published(address)
        if live is not None:
            yield address, live[1]


def _able(
    sources: Sources,
    known: Known,
    connectors: Iterable[str],
    objects: Mapping[Address, Observed],
) -> Able:
    """What each connector can hold; it is not asked about what it holds just so.

    Nor about an order that it has, or had: whether it would take that again says nothing.
    """
    opened = {name: sources.carriers[name] for name in connectors if name in sources.carriers}

    def cannot(connector: str, address: Address, spec: Spec) -> str:
        have = objects.get(address)
        had = sources.kinds[address.kind].brings and (have or address in known.applied)
        if had or (have is not None and have.spec == spec):
            return ""
        return opened[connector].cannot(address.kind, address.name, spec)

    return Able(
        {name: carrier.capabilities.held for name, carrier in opened.items()},
        cannot,
        {name: frozenset(_lasting(carrier)) for name, carrier in opened.items()},
        objects,
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
                blind = sources.carriers[connector].capabilities.untold(address.kind)
                sent = {n: v for n, v in left.spec.items() if n in blind} if left else {}
                yield address, Observed(address, {**holding.spec, **sent}, managed=bool(left))
                break


def _ordered(orders: Mapping[Address, Order]) -> Iterator[tuple[Address, Observed]]:
    """The tenant's orders, as the accounts have them."""
    for address, order in orders.items():
        if order.holding is not None:
            yield address, Observed(address, observed_spec(order), managed=bool(order.left))


def _priced_by(
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
