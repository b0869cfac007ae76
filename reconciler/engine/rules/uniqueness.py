"""Values that one object only may have, within a tenant and across all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.engine.codes import CODES
from reconciler.engine.draft import Draft, Finding, Path
from reconciler.engine.rules.numbers import EXPLAIN as NUMBERS
from reconciler.errors import Problem, by_place
from reconciler.kinds import KINDS
from reconciler.kinds.number import Number
from reconciler.model.address import Address
from reconciler.model.spec import DIAL, Key
from reconciler.model.state import DesiredTenant, Wanted

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


def across_tenants(tenants: Iterable[DesiredTenant]) -> tuple[Problem, ...]:
    """Find values that two tenants claim and one only may have: numbers (TEL410) and others.

    One pass over everything; both places are told.
    """
    first: dict[Key, tuple[Address, Wanted]] = {}
    found: list[Problem] = []
    for tenant in sorted(tenants, key=lambda one: one.tenant):
        for address, want in tenant.objects.items():
            cls = KINDS[address.kind]
            if cls.under and address.name == want.entry.name and cls.under != "extension":
                continue  # its entry's own line tells it
            for key in cls.keys(address.name, want.spec):
                if not key.everywhere:
                    continue
                had = first.setdefault(key, (address, want))
                if had[0].tenant != address.tenant:
                    found.append(_claimed(key, address, want, *had))
    return by_place(found)


def _claimed(key: Key, address: Address, want: Wanted, other: Address, theirs: Wanted) -> Problem:
    code = "TEL410" if address.kind == Number.kind else "E137"
    return Problem(
        code,
        (CODES.get(code) or NUMBERS[code])[0],
        f"{key.value} is claimed by tenant {address.tenant} and by tenant {other.tenant}.",
        "Take it out of one of them.",
        want.location,
        related=((theirs.location, f"tenant {other.tenant} has it here"),),
        address=str(address),
    )


RULES = (used_once,)
