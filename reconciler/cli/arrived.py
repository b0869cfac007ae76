"""What only `fix` finds, as files alone do not tell it: orders that are over, still in YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reconciler.cli.codes import REFUSALS
from reconciler.cli.output import say
from reconciler.cli.session import Desired, Session
from reconciler.database import SQLITE_PREFIX
from reconciler.errors import Edit, Fix, Problem, ReconcilerError, Remove, SetValue, Severity
from reconciler.kinds import KINDS
from reconciler.model.address import Address
from reconciler.model.document import TenantSource
from reconciler.model.reference import as_written
from reconciler.model.resource import Resource
from reconciler.model.state import Wanted
from reconciler.model.supply import Stage

CODE = "E417"
SECTION = "numbers"
KEPT = ("label", "connector", "to", "location", "handoff", "cnam", "campaign")
"""What an order and a number's entry have in common, in the order of an entry."""

ORDERS = tuple(sorted(kind for kind, cls in KINDS.items() if cls.brings))


@dataclass
class Arrived:
    """Looks once for orders that are over, and says of files what they still have to say.

    Attributes:
        session: The project, with its ledger and its carriers.
    """

    session: Session

    def problems(self, desired: Desired) -> Iterator[Problem]:
        """Each order that is over and still in YAML, with the edit that ends it."""
        sources = {source.tenant: source for source in desired.sources}
        for tenant in desired.tenants:
            mine = {at: one for at, one in tenant.objects.items() if at.kind in ORDERS}
            for address, want in mine.items():
                if address in self._over:
                    yield _problem(address, want, sources[tenant.tenant])

    @cached_property
    def _over(self) -> frozenset[Address]:
        """The orders of ours that their carriers have carried out; none where nobody can say."""
        url = self.session.project.ledger_url
        if url.startswith(SQLITE_PREFIX) and not Path(url.removeprefix(SQLITE_PREFIX)).is_file():
            return frozenset()  # nothing was ever applied: no store is made for a look
        try:
            return frozenset(self._found())
        except ReconcilerError as error:
            say(f"ports were not looked at: {error.message}")
            return frozenset()

    def _found(self) -> Iterator[Address]:
        for kind in ORDERS:
            for left in self.session.ledger.applied_of(kind):
                listed = self.session.accounts.orders(str(left.spec.get("connector", "")), kind)
                held = KINDS[kind].held_as(left.address.name, left.spec, listed)
                if held is not None and held.stage is Stage.OVER:
                    yield left.address


def _problem(address: Address, want: Wanted, source: TenantSource) -> Problem:
    numbers = want.spec[want.resource.brings]
    return Problem(
        CODE,
        REFUSALS[CODE][0],
        f"{address.reference} is complete: {', '.join(numbers)} belong under `{SECTION}`.",
        "Where `reconciler fix` cannot write that, write the entries, and take the port out.",
        want.location,
        Severity.ERROR,
        address=str(address),
        fix=Fix(f"Write its numbers under `{SECTION}`.", _edits(address, want, source)),
    )


def _edits(address: Address, want: Wanted, source: TenantSource) -> tuple[Edit, ...]:
    section = type(want.resource).section
    alone = len(source.value[section]) == 1
    gone = (section,) if alone else (section, address.name)
    here = source.place((section, address.name)).file
    there = source.place((SECTION,)).file if SECTION in source.value else here
    entry = _entry(want.resource)
    return (
        *(SetValue((SECTION, e164), entry, there) for e164 in want.spec[want.resource.brings]),
        Remove(gone, here),
    )


def _entry(order: Resource) -> Mapping[str, object]:
    """A number's entry as it is written."""
    values = {name: getattr(order, name, None) for name in KEPT}
    return {name: as_written(value) for name, value in values.items() if value is not None}
