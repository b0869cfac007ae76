"""Values that one object only may have, within a tenant and across all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from reconciler.engine.codes import CODES
from reconciler.engine.draft import Draft, Finding, Path
from reconciler.engine.rules.numbers import EXPLAIN as NUMBERS
from reconciler.errors import Location, Problem, by_place
from reconciler.kinds import KINDS
from reconciler.kinds.number import Number
from reconciler.model.address import Address
from reconciler.model.spec import DIAL, Key, Spec
from reconciler.model.state import DesiredTenant

EXPLAIN: dict[str, tuple[str, str]] = {}


def used_once(draft: Draft) -> Iterator[Finding]:
    """Find values that stand on two objects of the tenant (E137); dialled ones have TEL101."""
    first: dict[Key, tuple[Address, Path]] = {}
    for address, key, field in draft.claims:
        if key.scope == DIAL:
            continue
        path = draft.path(address, field) if field else draft.path(address)
        had = first.setdefault(key, (address, path))
        if had[0] != address:
            yield Finding(
                "E137",
                path,
                f"{key.scope} {key.value} stands on {had[0].reference} and on {address.reference}.",
                "Give each its own.",
                address=address,
                related=((had[1], "and here"),),
            )


@dataclass(frozen=True, slots=True)
class Claim:
    """A value that one object on the whole platform may have, and who says that it is theirs."""

    key: Key
    address: Address
    location: Location

    def __reduce__(self) -> tuple[object, ...]:
        """Go to another process as plain values: a tenant has a hundred, of four objects each."""
        at = self.location
        where = (at.file, at.line, at.column, at.end_column, at.text)
        return _claim, (tuple(self.key), tuple(self.address), where)


def _claim(key: tuple[str, str, bool], address: tuple[str, str, str], where: Any) -> Claim:
    return Claim(Key(*key), Address(*address), Location(*where))


def across_tenants(tenants: Iterable[DesiredTenant]) -> tuple[Problem, ...]:
    """Find values that two tenants claim and one only may have: numbers (TEL410) and others."""
    return clashes(claim for tenant in tenants for claim in claims_of(tenant))


def claims_of(tenant: DesiredTenant) -> Iterator[Claim]:
    """Everything that a tenant claims among all tenants."""
    for address, want in tenant.objects.items():
        for key in _claimed(address, want.spec, want.entry):
            yield Claim(key, address, want.location)


def claims_in(draft: Draft, place: Callable[[Path], Location]) -> Iterator[Claim]:
    """The same of a tenant with mistakes, as far as it could be read."""
    for address, spec in draft.specs.items():
        origin = draft.origins[address]
        for key in _claimed(address, spec, origin.entry):
            yield Claim(key, address, place(origin.path))


def _claimed(address: Address, spec: Spec, entry: Address) -> Iterator[Key]:
    cls = KINDS[address.kind]
    if cls.under and address.name == entry.name and cls.under != "extension":
        return  # its entry's own line tells it
    yield from (key for key in cls.keys(address.name, spec) if key.everywhere)


def clashes(claims: Iterable[Claim]) -> tuple[Problem, ...]:
    """Find what two tenants claim. One pass over everything; both places are told."""
    first: dict[Key, Claim] = {}
    found: list[Problem] = []
    for claim in sorted(claims, key=lambda one: one.address.tenant):
        had = first.setdefault(claim.key, claim)
        if had.address.tenant != claim.address.tenant:
            found.append(_clash(claim, had))
    return by_place(found)


def _clash(claim: Claim, had: Claim) -> Problem:
    code = "TEL410" if claim.address.kind == Number.kind else "E137"
    mine, theirs = claim.address.tenant, had.address.tenant
    return Problem(
        code,
        (CODES.get(code) or NUMBERS[code])[0],
        f"{claim.key.value} is claimed by tenant {mine} and by tenant {theirs}.",
        "Take it out of one of them.",
        claim.location,
        related=((had.location, f"tenant {theirs} has it here"),),
        address=str(claim.address),
    )


RULES = (used_once,)
