"""Public numbers: ones that can exist, are in service, and are safe to keep."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.engine.draft import Draft, Finding, Path
from reconciler.errors import Severity
from reconciler.kinds.extension import Extension
from reconciler.kinds.number import Number
from reconciler.model.numbering import impossible, is_premium, is_reserved, place_of
from reconciler.model.reference import EXTERNAL, Reference

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
            "A public number belongs to one tenant and to one carrier account. A transfer takes it "
            "out of one file and puts it into the other. What the platform and the carriers say of "
            "it, the plan tells."
        ),
    ),
    "TEL411": (
        "A number in a port",
        "While a port is under way nothing about the number is changed, ordered or released.",
    ),
    "TEL412": (
        "A protected number",
        (
            "`protect: true` stands between a number and its quarantine or release; it is lifted "
            "by a change of its own. A number that is somebody's caller ID, has a caller name, an "
            "emergency address or a campaign, or is billed for a port, is not given up before "
            "these are moved to another one."
        ),
    ),
    "TEL413": (
        "Lost for good, or for a while",
        (
            "A released number is gone at VoiceTel and Bandwidth; elsewhere it can be had back for "
            "some days. The plan says so at each release, and no release happens without its own "
            "approval: --approve release:+12015550144."
        ),
    ),
    "TEL414": (
        "Aging of numbers",
        (
            "In the US a number that was given up ages at least 45 days, and at most 90 "
            "(residential) or 365 (business), before somebody else gets it: 47 CFR 52.15(f). "
            "`quarantine_days` outside 45 to 365 leaves that."
        ),
    ),
    "TEL415": (
        "A number for examples",
        (
            "Some numbers are set aside for examples and drama (+1 area 555-0100 to 0199 and "
            "Ofcom's drama ranges). They are never in service and cannot be had from a carrier. A "
            "connector marked `sandbox: true` takes them."
        ),
    ),
    "TEL416": (
        "Much would go at once",
        (
            "More of a tenant's numbers would be quarantined, or of its objects deleted, than "
            "`limits` of the project file allow: `apply` stops, and names the limit and the flag "
            "that lets it pass once."
        ),
    ),
}

FIXED = {
    "TEL410": "a number has one owner",
    "TEL411": "a number in a port is not to be touched",
    "TEL412": "it keeps protected numbers",
}

DECIDED_BY = {
    "TEL410": ("validate", "plan"),
    "TEL411": ("validate", "plan"),
    "TEL412": ("validate", "plan"),
    "TEL413": ("plan",),
    "TEL416": ("plan",),
}


def possible(draft: Draft) -> Iterator[Finding]:
    """Find numbers, ours or called, that cannot exist (E112) or cost a premium (E136)."""
    for address, _ in draft.of(Number):
        yield from _possible(address.name, draft.path(address), key=True)
    for address, found in draft.references.items():
        for path, reference in found:
            if reference.kind == EXTERNAL:
                yield from _possible(reference.name, draft.path(address, *path), key=False)


def _possible(e164: str, path: Path, *, key: bool) -> Iterator[Finding]:
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


def given_up(draft: Draft) -> Iterator[Finding]:
    """Find numbers that are to be released and still stand for something (TEL412)."""
    shown: dict[str, Path] = {}
    for address, extension in draft.of(Extension):
        if isinstance(extension.caller_id, Reference):
            shown.setdefault(extension.caller_id.name, draft.path(address, "caller_id"))
    for address, number in draft.of(Number):
        if number.release_after is None or number.protect:
            continue
        uses = [f"its `{name}`" for name in _KEPT_FOR if getattr(number, name, None) is not None]
        shows = shown.get(address.name)
        uses += ["a caller ID"] if shows else []
        if uses:
            yield Finding(
                "TEL412",
                draft.path(address, "release_after"),
                f"{address.name} is to be given up, and would take {' and '.join(uses)} with it.",
                "Move that to another number first, or take `release_after` out.",
                Severity.WARNING,
                address,
                ((shows, "shown to those who are called"),) if shows else (),
            )


_KEPT_FOR = ("location", "cnam", "campaign")


def in_service(draft: Draft) -> Iterator[Finding]:
    """Find example numbers outside a sandbox (TEL415): an error at a real carrier."""
    real = set()
    for address, number in draft.of(Number):
        facts = draft.facts.connectors.get(number.connector or "")
        if facts is not None and not facts.sandbox:
            real.add(number.connector)
        if not is_reserved(address.name) or (facts is not None and facts.sandbox):
            continue
        at = f"and {number.connector} is a real carrier" if facts else "and is never in service"
        yield Finding(
            "TEL415",
            draft.path(address),
            f"{address.name} is set aside for examples, {at}.",
            "Use a real number, or a connector marked `sandbox: true`.",
            Severity.ERROR if facts else Severity.WARNING,
            address,
            key=True,
        )
    if real:
        yield from _called_in_service(draft)


def _called_in_service(draft: Draft) -> Iterator[Finding]:
    """Find example numbers that a tenant with real numbers calls: nobody answers there."""
    for address, found in draft.references.items():
        for path, reference in found:
            if reference.kind == EXTERNAL and is_reserved(reference.name):
                yield Finding(
                    "TEL415",
                    draft.path(address, *path),
                    f"{reference.name} is set aside for examples: nobody answers there.",
                    "Write the number that is meant.",
                    Severity.WARNING,
                    address,
                )


RULES = (possible, toll_free, protection, given_up, in_service)
