"""Port-ins as they stand: what was submitted, how far it is, what a person still does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.model.supply import Progress, Stage
from reconciler.report.machine import document
from reconciler.report.text import Line, Span, labelled, line, listed, number_of, table


@dataclass(frozen=True, slots=True)
class PortSeen:
    """One port order.

    Attributes:
        tenant: Whose it is; "" for one that nobody here knows.
        name: Its name in YAML; "" as above.
        connector: The carrier account.
        numbers: Its numbers, sorted.
        order: The carrier's id of it.
        progress: Where it stands; None for one that its carrier does not list.
        days: For how many whole days it has been open; None when nobody knows.
        letter: Where a person signs the letter of authority, "" when it is not known.
        location: The emergency location of its numbers, which is not registered before they are
            under `numbers`; "" for none.
    """

    tenant: str
    name: str
    connector: str
    numbers: tuple[str, ...]
    order: str
    progress: Progress | None
    days: int | None = None
    letter: str = ""
    location: str = ""


def ports_text(ports: Sequence[PortSeen], unchecked: Sequence[str], width: int) -> Iterator[Line]:
    """List ports: a line each, then what a person has to know of those that are open."""
    if ports:
        heads = ("port", "connector", "order", "status", "comes on", "open for", "numbers")
        yield from table(heads, [_row(port) for port in ports])
    for port in ports:
        told = [*_told(port)]
        if told:
            yield line(Span(_name(port), "bold"))
            for label, text in told:
                yield from labelled(label, text, width, 2)
    for reason in unchecked:
        yield line(Span("not checked", "warning"), f"  {reason}")
    stages = [port.progress.stage if port.progress else None for port in ports]
    counts = listed((stages.count(stage), word) for stage, word in _WORDS.items())
    yield line(f"{number_of(len(ports), 'port')}{f': {counts}' if counts else ''}.")


def ports_json(ports: Sequence[PortSeen], unchecked: Sequence[str]) -> str:
    """The same for machines."""
    body = {"ports": [_record(port) for port in ports], "unchecked": list(unchecked)}
    return document("ports", body)


_WORDS = {
    Stage.OPEN: "open",
    Stage.STUCK: "held up",
    Stage.OVER: "complete",
    Stage.DROPPED: "called off",
    None: "not listed by its carrier",
}


def _name(port: PortSeen) -> str:
    return f"{port.tenant}/{port.name}" if port.tenant else "-"


def _row(port: PortSeen) -> tuple[str, ...]:
    said = port.progress
    return (
        _name(port),
        port.connector,
        port.order or "-",
        said.status if said is not None else "not listed",
        (said.date if said is not None else "") or "-",
        "-" if port.days is None else number_of(port.days, "day"),
        " ".join(port.numbers) or "-",
    )


def _told(port: PortSeen) -> Iterator[tuple[str, str]]:
    said = port.progress
    if said is not None and said.stage is Stage.OVER and port.location:
        yield "emergency", f"{_NO_ADDRESS} now: reconciler fix, then reconciler apply"
    if said is None or said.stage not in {Stage.OPEN, Stage.STUCK}:
        return
    if said.message:
        yield "says", said.message
    if port.letter:
        yield "letter", port.letter
    if said.link:
        yield "ask", said.link
    if port.location:
        later = f"the apply after it is complete registers location/{port.location}"
        yield "emergency", f"{_NO_ADDRESS} until then: {later}; run one that day"


_NO_ADDRESS = "its numbers have no emergency address"


def _record(port: PortSeen) -> dict[str, Any]:
    said = port.progress
    return {
        "tenant": port.tenant,
        "name": port.name,
        "connector": port.connector,
        "numbers": list(port.numbers),
        "order": port.order,
        "stage": said.stage.value if said is not None else "missing",
        "status": said.status if said is not None else "",
        "since": said.since if said is not None else "",
        "date": said.date if said is not None else "",
        "days": port.days,
        "message": said.message if said is not None else "",
        "letter": port.letter,
        "link": said.link if said is not None else "",
        "location": port.location,
    }
