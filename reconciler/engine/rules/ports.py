"""Port-ins that their carrier can never take, as far as files tell."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.engine.draft import Draft, Finding, Path
from reconciler.errors import Severity
from reconciler.kinds.port import Port
from reconciler.model.document import PortNeeds
from reconciler.model.numbering import place_of

EXPLAIN = {
    "TEL417": (
        "A port that its carrier does not take",
        (
            "Which numbers a carrier ports, and what it has to be told of whose they are, is known "
            "before anything is asked: VoiceTel ports numbers of +1 that are not toll-free, wants "
            "the bill's number to be one of +1, and `street_type` and `region` of the subscriber."
        ),
    ),
    "TEL418": (
        "A day that is over",
        (
            "A port that is not submitted yet should not be asked for on a day that is over: its "
            "carrier names another one, or turns it down. One that is on its way keeps the day "
            "that it was asked for, so that this is a warning."
        ),
    ),
}


def portable(draft: Draft) -> Iterator[Finding]:
    """Find what the carrier of a port does not take (TEL417)."""
    for address, port in draft.of(Port):
        facts = draft.facts.connectors.get(port.connector)
        if facts is None or facts.ports is None:
            continue
        for steps, said, hint in _lacking(port, port.connector, facts.ports):
            yield Finding("TEL417", draft.path(address, *steps), said, hint, address=address)


def _lacking(port: Port, at: str, needs: PortNeeds) -> Iterator[tuple[Path, str, str]]:
    """What is wrong with a port: the way to it, the sentence, and the next step."""
    numbers: list[tuple[Path, str]] = [
        (("numbers", index), e164) for index, e164 in enumerate(port.numbers)
    ]
    billed = ("losing_carrier", "billing_number"), port.losing_carrier.billing_number
    for steps, e164 in (*numbers, billed):
        if not e164.startswith(needs.prefix):
            said = f"{at} takes numbers of {needs.prefix} only, and {e164} is none."
            yield steps, said, f"Write one of {needs.prefix}, or port it to another carrier."
        elif not needs.tollfree and steps[0] == "numbers" and place_of(e164)[1] == "tollfree":
            said = f"{at} does not port toll-free numbers this way, and {e164} is one."
            yield steps, said, "Take it out, and ask the carrier's people."
    for name in needs.subscriber:
        if getattr(port.subscriber, name) is None:
            said = f"{at} needs `{name}` of the `subscriber`."
            yield ("subscriber",), said, f"Add `{name}` as it stands on the losing carrier's bill."


def to_come(draft: Draft) -> Iterator[Finding]:
    """Find ports that are asked for on a day that is over (TEL418).

    A warning: no file tells whether one is on its way already, and then its day may be over.
    """
    for address, port in draft.of(Port):
        day = port.requested_date
        if day is not None and draft.facts.today and str(day) < draft.facts.today:
            yield Finding(
                "TEL418",
                draft.path(address, "requested_date"),
                f"{address.reference} is asked for on {day}, which is over.",
                "Where it is not submitted yet, write a day to come, or leave it out.",
                Severity.WARNING,
                address,
            )


RULES = (portable, to_come)
