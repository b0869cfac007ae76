"""`ports`: orders that bring numbers from other carriers, and how far each has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit, width_of
from reconciler.cli.session import Session, session_of
from reconciler.errors import Exit, ReconcilerError
from reconciler.kinds import KINDS
from reconciler.model.state import Applied
from reconciler.model.supply import Holding, Stage
from reconciler.planner.orders import LETTER, LOCATION, days_open
from reconciler.report.ports import PortSeen, ports_json, ports_text

ORDERS = tuple(sorted(kind for kind, cls in KINDS.items() if cls.brings))
OPEN = frozenset({Stage.OPEN, Stage.STUCK})


@click.group()
def ports() -> None:
    """See how far port-ins are. They are submitted by `apply`, with an approval."""


@ports.command("list")
@click.option("--tenant", help="Of this tenant only.")
@output_option
@click.pass_obj
def list_ports(context: Context, tenant: str | None, outputs: tuple[Output, ...]) -> int:
    """List port-ins that were submitted: status, date, the carrier's words, the letter.

    Reads the ledger and the carriers' lists, and changes nothing. Open ports that nobody here
    submitted are listed without a name. Exits 7 when an account could not be read.
    """
    session = session_of(context)
    try:
        unchecked: dict[str, str] = {}
        found = tuple(_found(session, tenant, unchecked))
    finally:
        session.close()
    told = [f"{connector}: {why}" for connector, why in sorted(unchecked.items())]
    status = Exit.UNAVAILABLE if told else Exit.DONE
    emit(
        outputs,
        lambda: ports_text(found, told, width_of(context.environment)),
        lambda: (ports_json(found, told),),
        context.environment,
        status=status,
    )
    return status


def _found(session: Session, tenant: str | None, unchecked: dict[str, str]) -> Iterator[PortSeen]:
    """Ours, in the order of their names, then open ones of nobody's."""
    ours = [
        (kind, left)
        for kind in ORDERS
        for left in session.ledger.applied_of(kind)
        if tenant in {None, left.address.tenant}
    ]
    ours.sort(key=lambda one: one[1].address)
    known: set[tuple[str, str]] = set()
    for kind, left in ours:
        connector = str(left.spec.get("connector", ""))
        held = _held(session, connector, kind, unchecked)
        holding = KINDS[kind].held_as(left.address.name, left.spec, held)
        if holding is not None:
            known.add((connector, holding.external_id))
        if connector not in unchecked:
            yield _seen(session, left, connector, holding)
    if tenant is None:
        yield from _nobodys(session, known, unchecked)


def _nobodys(
    session: Session, known: Iterable[tuple[str, str]], unchecked: dict[str, str]
) -> Iterator[PortSeen]:
    ours = set(known)
    for connector in session.project.settings.connectors:
        for kind in ORDERS:
            for holding in _held(session, connector, kind, unchecked).values():
                if holding.stage in OPEN and (connector, holding.external_id) not in ours:
                    yield _seen(session, None, connector, holding)


def _held(
    session: Session, connector: str, kind: str, unchecked: dict[str, str]
) -> dict[str, Holding]:
    """The orders that an account lists; none where it could not be read, with the reason."""
    if connector in unchecked:
        return {}
    try:
        return dict(session.accounts.orders(connector, kind))
    except ReconcilerError as error:
        unchecked[connector] = error.message
        return {}


def _seen(
    session: Session, left: Applied | None, connector: str, holding: Holding | None
) -> PortSeen:
    spec = left.spec if left is not None else holding.spec if holding is not None else {}
    numbers = spec.get("numbers")
    is_open = holding is not None and holding.stage in OPEN
    return PortSeen(
        tenant=left.address.tenant if left is not None else "",
        name=left.address.name if left is not None else "",
        connector=connector,
        numbers=tuple(map(str, numbers)) if isinstance(numbers, list) else (),
        order=holding.external_id if holding is not None else str(spec.get("order", "")),
        progress=holding.progress if holding is not None else None,
        days=days_open(holding, session.clock) if holding is not None and is_open else None,
        letter=str(spec.get(LETTER, "")),
        location=str(spec.get(LOCATION) or ""),
    )
