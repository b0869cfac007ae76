"""Public numbers: ones that can exist, are in service, and are safe to keep."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.engine.draft import Draft, Finding, Path
from reconciler.errors import Severity
from reconciler.kinds.carrier_number import CarrierNumber
from reconciler.kinds.extension import Extension
from reconciler.kinds.number import Number
from reconciler.kinds.port import Port
from reconciler.model.address import Address
from reconciler.model.numbering import impossible, is_premium, is_reserved
from reconciler.model.reference import EXTERNAL, Reference

EXPLAIN = {
    "TEL410": (
        "A number of two tenants",
        (
            "A public number belongs to one tenant and to one carrier account. A transfer takes it "
            "out of one file and puts it into the other. What the platform and the carriers say of "
            "it, the plan tells."
        ),
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
            "some days. One that is removed or moved is another account's. The plan says so at "
            "each, and none happens without its own approval, such as "
            "--approve release:+12015550144, nor before the number is out of git and in quarantine "
            "for as long as it has to be."
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
    "TEL412": "it keeps protected numbers",
}

DECIDED_BY = {
    "TEL410": ("validate", "plan"),
    "TEL412": ("validate", "plan"),
    "TEL413": ("plan",),
    "TEL416": ("plan",),
}


def possible(draft: Draft) -> Iterator[Finding]:
    """Find numbers, ours or called, that cannot exist (E112) or cost a premium (E136)."""
    for address, _ in draft.of(Number):
        yield from _possible(draft, address.name, address)
    for address, steps, reference in draft.uses(EXTERNAL):
        yield from _possible(draft, reference.name, address, *steps)


def _possible(draft: Draft, e164: str, address: Address, *steps: str | int) -> Iterator[Finding]:
    why = impossible(e164)
    if why:
        code, said, hint = "E112", f'"{e164}" cannot exist: {why}.', "Check its digits."
    elif is_premium(e164):
        code, said, hint = "E136", f"{e164} is a premium-rate number.", "Use another."
    else:
        return
    yield Finding(code, draft.path(address, *steps), said, hint, key=not steps)


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
    leaving = [
        (address, number)
        for address, number in draft.of(Number)
        if number.release_after is not None and not number.protect
    ]
    shown = _shown(draft) if leaving else {}
    for address, number in leaving:
        carried = draft.find(CarrierNumber, address.name)
        fields = {"location": number.location}
        fields |= {"cnam": carried.cnam, "campaign": carried.campaign} if carried else {}
        uses = [f"its `{name}`" for name, value in fields.items() if value is not None]
        uses += [words for words, _ in shown.get(address.name, ())]
        if uses:
            yield Finding(
                "TEL412",
                draft.path(address, "release_after"),
                f"{address.name} is to be given up, and would take {' and '.join(uses)} with it.",
                "Move that to another number first, or take `release_after` out.",
                Severity.WARNING,
                address,
                tuple((path, words) for words, path in shown.get(address.name, ())),
            )


def _shown(draft: Draft) -> dict[str, list[tuple[str, Path]]]:
    """Where numbers stand for something to the world outside: in words, with the place."""
    found: dict[str, list[tuple[str, Path]]] = {}
    for address, extension in draft.of(Extension):
        if isinstance(extension.caller_id, Reference):
            use = f"the caller ID of {address.reference}", draft.path(address, "caller_id")
            found.setdefault(extension.caller_id.name, []).append(use)
    for address, port in draft.of(Port):
        path = draft.path(address, "losing_carrier", "billing_number")
        use = f"the bill of {address.reference}", path
        found.setdefault(port.losing_carrier.billing_number, []).append(use)
    return found


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
    yield from _ported_in_service(draft)
    if real:
        yield from _called_in_service(draft)


def _ported_in_service(draft: Draft) -> Iterator[Finding]:
    """Find example numbers that are to be ported to a real carrier."""
    for address, port in draft.of(Port):
        facts = draft.facts.connectors.get(port.connector)
        if facts is None or facts.sandbox:
            continue
        for index, e164 in enumerate(port.numbers):
            if is_reserved(e164):
                yield Finding(
                    "TEL415",
                    draft.path(address, "numbers", index),
                    f"{e164} is set aside for examples, and {port.connector} is a real carrier.",
                    "Use a real number, or a connector marked `sandbox: true`.",
                    address=address,
                )


def _called_in_service(draft: Draft) -> Iterator[Finding]:
    """Find example numbers that a tenant with real numbers calls: nobody answers there."""
    for address, steps, reference in draft.uses(EXTERNAL):
        if is_reserved(reference.name):
            yield Finding(
                "TEL415",
                draft.path(address, *steps),
                f"{reference.name} is set aside for examples: nobody answers there.",
                "Write the number that is meant.",
                Severity.WARNING,
                address,
            )


RULES = (possible, protection, given_up, in_service)
