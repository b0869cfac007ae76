"""What is known of each number of a tenant: its record, its carrier, its quarantine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.engine.quarantine import believed, is_over
from reconciler.errors import Unavailable
from reconciler.model.address import Address
from reconciler.model.naming import Naming
from reconciler.model.reference import as_written
from reconciler.model.resource import Home
from reconciler.model.spec import Spec
from reconciler.model.state import Applied, DesiredTenant, Observed
from reconciler.model.supply import (
    NOT_IN_SERVICE,
    RELEASED,
    NumberState,
    PoolNumber,
    Stock,
    Supply,
)
from reconciler.observe import Accounts
from reconciler.planner.sources import Policy, Sources, is_carried, is_number


@dataclass(frozen=True, slots=True)
class Seen:
    """The three states of a tenant, before anything is decided about its numbers."""

    desired: DesiredTenant
    objects: Mapping[Address, Observed]
    applied: Mapping[Address, Applied]
    unchecked: Mapping[str, str]
    wanted: Mapping[str, str]


def supplies(sources: Sources, seen: Seen, accounts: Accounts, policy: Policy) -> dict[str, Supply]:
    """What is known of each number that the tenant has, had or asks for."""
    names = _numbers(sources, seen)
    if not names:
        return {}
    records = sources.platform.numbers(tuple(sorted(names)))
    asked = {connector for connector in names.values() if connector}
    can_be_read = asked & sources.carriers.keys() - seen.unchecked.keys()
    held_at = {name: accounts.listing(name).holdings for name in sorted(can_be_read)}
    can = {name: sources.carriers[name].capabilities for name in can_be_read}
    stock = _stock(sources, seen, names, records, held_at)
    ours = {
        address.name
        for address in seen.applied
        if is_carried(sources, address) and sources.kinds[address.kind].supplies
    }
    due = _due(sources, seen, records, policy)
    tenant = seen.desired.tenant
    wanted = {
        address.name
        for address, want in seen.desired.objects.items()
        if is_number(sources.kinds, address) and not _is_coming(want.spec)
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
            parting=policy.partings.get(name, RELEASED),
            connector=connector,
            order_sets=can[connector].with_order if connector in can else None,
            order_comes_with=can[connector].comes_with if connector in can else {},
            intercept=as_written(seen.desired.header.intercept or NOT_IN_SERVICE),
            wanted=name in wanted,
            wanted_by=seen.wanted.get(name, "") if seen.wanted.get(name) != tenant else "",
        )
        for name, connector in names.items()
    }


def _due(
    sources: Sources, seen: Seen, records: Mapping[str, PoolNumber], policy: Policy
) -> frozenset[str]:
    """The numbers that may leave as they are to, by everything that we know of them.

    That is when the quarantine is over, which how a number is to leave decides.

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
        and is_over(
            believed(record, journal[name], after[name]),
            policy.partings.get(name, RELEASED).kept_days(policy.quarantine_days),
            now,
        )
    )


def _is_left(sources: Sources, seen: Seen, applied: Applied) -> bool:
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


def _numbers(sources: Sources, seen: Seen) -> dict[str, str]:
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


def _is_coming(spec: Spec) -> bool:
    """Whether a number is to be brought by an order, and stands for itself nowhere."""
    return spec.get("state") == NumberState.PORTING_IN.value


def _stock(
    sources: Sources,
    seen: Seen,
    names: Mapping[str, str],
    records: Mapping[str, PoolNumber],
    held_at: Mapping[str, Mapping[str, object]],
) -> dict[str, Stock]:
    """Ask inventories about numbers that would have to be ordered, and about no others."""
    coming = {at.name for at, want in seen.desired.objects.items() if _is_coming(want.spec)}
    ask: dict[str, list[str]] = {}
    for name, connector in sorted(names.items()):
        if connector not in held_at or any(name in held for held in held_at.values()):
            continue
        record = records.get(name)
        if name not in coming and (record is None or record.state is NumberState.RELEASED):
            ask.setdefault(connector, []).append(name)
    found: dict[str, Stock] = {}
    for connector, numbers in ask.items():
        try:
            found.update(sources.carriers[connector].stock(tuple(numbers)))
        except Unavailable:
            continue  # nothing said: an order is shown, and the carrier decides
    return found
