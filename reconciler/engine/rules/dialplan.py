"""What a tenant's dial plan declares: ranges, and one length for all extensions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise

from reconciler.engine.draft import Draft, Finding
from reconciler.errors import Severity
from reconciler.kinds import SECTIONS
from reconciler.kinds.extension import Extension
from reconciler.model.spec import DIAL

EXPLAIN = {
    "TEL103": (
        "Outside its range",
        (
            "`dialplan.ranges` says from where to where the digits of each section go. Ranges do "
            "not overlap, and what is declared lies in its own."
        ),
    ),
    "TEL104": (
        "Extension lengths differ",
        (
            "With extensions of one length the telephone knows when dialling is over; otherwise it "
            "waits, or cuts long ones short."
        ),
    ),
}


def ranges(draft: Draft) -> Iterator[Finding]:
    """Find digits outside their section's range, and ranges that overlap (TEL103)."""
    declared = draft.header.dialplan.ranges
    yield from _overlapping(declared)
    for address, key, field in draft.claims:
        section = _section(address.kind) if key.scope == DIAL else ""
        low, _, high = declared.get(section, "").partition("-")
        inside = len(key.value) == len(low) and low <= key.value <= high
        if low and not inside:
            yield Finding(
                "TEL103",
                draft.path(address, field) if field else draft.path(address),
                f"{key.value} ({address.reference}) lies outside the range of {section}, "
                f"{low}-{high}.",
                "Give it digits in that range, or widen the range.",
                address=address,
                related=((("dialplan", "ranges", section), "the range"),),
                key=not field,
            )


@cache
def _section(kind: str) -> str:
    return next((name for name, cls in SECTIONS.items() if cls.kind == kind), "")


def _overlapping(declared: Mapping[str, str]) -> Iterator[Finding]:
    spans = sorted(
        (len(low), low, high, section)
        for section, text in declared.items()
        for low, _, high in (text.partition("-"),)
    )
    for before, after in pairwise(spans):
        if before[0] == after[0] and after[1] <= before[2]:
            yield Finding(
                "TEL103",
                ("dialplan", "ranges", after[3]),
                f"The ranges of {before[3]} and {after[3]} overlap.",
                "Give each section digits of its own.",
                related=((("dialplan", "ranges", before[3]), "the other range"),),
            )


def uniform_length(draft: Draft) -> Iterator[Finding]:
    """Find extensions of another length than the tenant's (TEL104), told together."""
    lengths = Counter(len(address.name) for address, _ in draft.of(Extension))
    if not lengths:
        return
    plan = draft.header.dialplan
    declared = "extension_length" in plan.model_fields_set
    usual = plan.extension_length if declared else lengths.most_common(1)[0][0]
    odd = [address for address, _ in draft.of(Extension) if len(address.name) != usual]
    if odd:
        yield Finding(
            "TEL104",
            draft.path(odd[0]),
            f"{odd[0].name} has {len(odd[0].name)} digits; extensions of this tenant have {usual}.",
            "Give all extensions one length, or set dialplan.extension_length.",
            Severity.WARNING,
            odd[0],
            tuple((draft.path(other), "this one too") for other in odd[1:20]),
            key=True,
        )


RULES = (ranges, uniform_length)
