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
from reconciler.model.spec import DIAL, Key
from reconciler.model.state import DesiredTenant

EXPLAIN: dict[str, tuple[str, str]] = {}


def used_once(draft: Draft) -> Iterator[Finding]:
    """Find values that stand on two objects of the tenant (E137); dialled ones have TEL101."""
    first: dict[Key, tuple[Address, str]] = {}
    for address, key, field in draft.claims:
        if key.scope == DIAL:
            continue
        had, its_field = first.setdefault(key, (address, field))
        if had != address:
            yield Finding(
                "E137",
                _place(draft, address, field),
                f"{key.scope} {key.value} stands on {had.reference} and on {address.reference}.",
                "Give each its own.",
                address=address,
                related=((_place(draft, had, its_field), "and here"),),
            )


def _place(draft: Draft, address: Address, field: str) -> Path:
    return draft.path(address, field) if field else draft.path(address)


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


def claims_of(tenant: DesiredTenant, draft: Draft | None = None) -> Iterator[Claim]:
    """Everything that a tenant claims among all tenants.

    `draft` is what it was made of: of most objects it knows the keys already.
    """
    for address, want in tenant.objects.items():
        if draft is not None and draft.specs.get(address) is want.spec:
            keys: Iterable[Key] = draft.keys[address]
        else:
            keys = KINDS[address.kind].keys(address.name, want.spec)
        for key in keys:
            if key.everywhere and not _told_above(address, want.entry):
                yield Claim(key, address, want.location)


def claims_in(draft: Draft, place: Callable[[Path], Location]) -> Iterator[Claim]:
    """The same of a tenant with mistakes, as far as it could be read."""
    for address, keys in draft.keys.items():
        origin = draft.origins[address]
        for key in keys:
            if key.everywhere and not _told_above(address, origin.entry):
                yield Claim(key, address, place(origin.path))


def _told_above(address: Address, entry: Address) -> bool:
    """Whether its entry's own line tells of it."""
    under = KINDS[address.kind].under
    return bool(under) and address.name == entry.name and under != "extension"


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
