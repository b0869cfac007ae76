"""Public numbers: ones that can exist, are in service, and are safe to keep."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.engine.draft import Draft, Finding
from reconciler.errors import Severity
from reconciler.kinds.number import Number
from reconciler.model.numbering import impossible, is_premium, is_reserved, place_of
from reconciler.model.reference import EXTERNAL

EXPLAIN = {
    "TEL408": (
        "Not a toll-free number",
        (
            "The number is said to be toll-free and its prefix is none of the country's toll-free "
            "ones (800, 833, 844, 855, 866, 877, 888 in North America), or the other way round."
        ),
    ),
    "TEL410": (
        "A number of two tenants",
        (
            "A public number belongs to one tenant. A transfer takes it out of one file and puts "
            "it "
            "into the other."
        ),
    ),
    "TEL411": (
        "A number in a port",
        "While a port is under way nothing about the number is changed, ordered or released.",
    ),
    "TEL412": (
        "A protected number",
        (
            "`protect: true` stands between a number and its quarantine or release. It is lifted "
            "by "
            "a change of its own."
        ),
    ),
    "TEL415": (
        "A number for examples",
        (
            "Some numbers are set aside for examples and drama (+1 area 555-0100 to 0199 and "
            "Ofcom's "
            "drama ranges). They are never in service and cannot be had from a carrier."
        ),
    ),
}


def possible(draft: Draft) -> Iterator[Finding]:
    """Find numbers, ours or called, that cannot exist (E112) or cost a premium (E136)."""
    for address, _ in draft.of(Number):
        yield from _possible(draft, address.name, draft.path(address), key=True)
    for address, found in draft.references.items():
        for path, reference in found:
            if reference.kind == EXTERNAL:
                yield from _possible(draft, reference.name, draft.path(address, *path), key=False)


def _possible(
    draft: Draft, e164: str, path: tuple[str | int, ...], *, key: bool
) -> Iterator[Finding]:
    del draft
    why = impossible(e164)
    if why:
        yield Finding("E112", path, f'"{e164}" cannot exist: {why}.', "Check its digits.", key=key)
    elif is_premium(e164):
        yield Finding("E136", path, f"{e164} is a premium-rate number.", "Use another.", key=key)


def toll_free(draft: Draft) -> Iterator[Finding]:
    """Find numbers said to be toll-free that are not, or the other way round (TEL408)."""
    for address, number in draft.of(Number):
        if not address.name.startswith(("+1", "+44")):
            continue
        says, is_free = number.type == "tollfree", place_of(address.name)[1] == "tollfree"
        if says != is_free:
            yield Finding(
                "TEL408",
                draft.path(address, "type"),
                f"{address.name} is {'no ' if says else 'a '}toll-free number by its prefix, and "
                f"YAML says {number.type}.",
                "Leave `type` out: the digits say it.",
                Severity.WARNING,
                address,
            )


def protection(draft: Draft) -> Iterator[Finding]:
    """Find a release day on a number that is protected from release (TEL412)."""
    for address, number in draft.of(Number):
        if number.protect and number.release_after is not None:
            yield Finding(
                "TEL412",
                draft.path(address, "release_after"),
                f"{address.name} is protected, so that `release_after` means nothing.",
                "Take one of them out.",
                Severity.WARNING,
                address,
            )


def in_service(draft: Draft) -> Iterator[Finding]:
    """Find example numbers outside a sandbox (TEL415): an error at a real carrier."""
    for address, number in draft.of(Number):
        facts = draft.facts.connectors.get(number.connector or "")
        if not is_reserved(address.name) or (facts is not None and facts.sandbox):
            continue
        real = facts is not None
        where = f"and {number.connector} is a real carrier" if real else "and is never in service"
        yield Finding(
            "TEL415",
            draft.path(address),
            f"{address.name} is set aside for examples, {where}.",
            "Use a real number, or a connector marked `sandbox: true`.",
            Severity.ERROR if real else Severity.WARNING,
            address,
            key=True,
        )


RULES = (possible, toll_free, protection, in_service)
