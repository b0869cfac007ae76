"""`sandbox`: a carrier on this machine; nothing it sells costs anything."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit
from reconciler.cli.session import Session, session_of
from reconciler.errors import Exit, WrongUsage
from reconciler.model.address import parse_address
from reconciler.report.machine import document
from reconciler.report.text import BLANK, Line, line, number_of, table
from reconciler.sandbox import desk as desks
from reconciler.sandbox import serve as server
from reconciler.sandbox.books import Fault
from reconciler.sandbox.faults import NONE
from reconciler.settings import Connector

_CONNECTOR = click.argument("connector", required=False)


@click.group()
def sandbox() -> None:
    """A carrier on this machine, to try things on. Nothing is bought anywhere."""


@sandbox.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Left out: its url's, else a free one.")
@_CONNECTOR
@output_option
@click.pass_obj
def serve(
    context: Context, port: int | None, connector: str | None, outputs: tuple[Output, ...]
) -> int:
    """Serve CONNECTOR on this machine until it is stopped, and print where it answers."""
    session = session_of(context)
    try:
        chosen = _chosen(session, connector)
        app = chosen.desk.open(chosen.path, chosen.settings.options(), session.clock)
        wanted = port if port is not None else urlsplit(chosen.settings.url).port or 0
        try:
            _serve(app, wanted, chosen, outputs, context)
        finally:
            app.close()
    finally:
        session.close()
    return Exit.DONE


def _serve(
    app: Any, port: int, chosen: _Chosen, outputs: tuple[Output, ...], context: Context
) -> None:
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        stopped.set()

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        running = server.serve(app, port)
    except OSError as error:
        raise WrongUsage(
            f"Port {port} cannot be used: {error.strerror}.", "Choose another with --port."
        ) from None
    url = f"{running.url}{chosen.desk.base}"
    try:
        emit(
            outputs,
            lambda: (line(f"{chosen.name} answers at {url} (Ctrl-C stops it)"),),
            lambda: (document("sandbox", {"connector": chosen.name, "url": url}),),
            context.environment,
        )
        while not stopped.wait(0.2):
            pass
    finally:
        running.stop()
        for each, handler in before.items():
            signal.signal(each, handler)


@sandbox.command()
@_CONNECTOR
@output_option
@click.pass_obj
def ledger(context: Context, connector: str | None, outputs: tuple[Output, ...]) -> int:
    """Show what CONNECTOR charged, what it took back for good, and what it holds."""
    session = session_of(context)
    try:
        chosen = _chosen(session, connector)
        found = chosen.desk.books(chosen.path)
    finally:
        session.close()
    emit(
        outputs,
        lambda: _books_text(found),
        lambda: (document("sandbox-ledger", found),),
        context.environment,
    )
    return Exit.DONE


def _books_text(found: dict[str, Any]) -> Iterator[Line]:
    if not any(found.values()):
        yield line("Nothing was bought here yet.")
        yield line("Next:  reconciler plan")
        return
    for title, empty in (
        ("charges", "Nothing was charged."),
        ("releases", "Nothing was released."),
        ("numbers", "It holds no numbers."),
    ):
        rows = found[title]
        if rows:
            yield from table(tuple(rows[0]), [tuple(row.values()) for row in rows])
        else:
            yield line(empty)
        yield BLANK
    yield line(
        f"{number_of(len(found['charges']), 'charge')}. The other side:  reconciler runs list"
    )


@sandbox.command()
@click.argument("what", metavar="NUMBER|ADDRESS")
@click.argument("change", metavar="FIELD=VALUE")
@_CONNECTOR
@output_option
@click.pass_obj
def poke(
    context: Context,
    what: str,
    change: str,
    connector: str | None,
    outputs: tuple[Output, ...],
) -> int:
    """Change something behind git's back, as a colleague would.

    A number such as +12015550144 at the carrier, or an object of the platform such as
    acme/ring_group/sales ring=40s. An empty VALUE takes the field away.
    """
    field, separator, value = change.partition("=")
    if not separator or not field:
        raise WrongUsage(f"{change!r} is no change.", "Write FIELD=VALUE, such as ring=40s.")
    session = session_of(context)
    try:
        if what.startswith("+"):
            chosen = _chosen(session, connector)
            chosen.desk.poke(chosen.path, what, field, value)
        else:
            _chosen(session, connector or next(iter(_sandboxes(session)), None))
            _poke_platform(session, what, field, value)
    finally:
        session.close()
    emit(
        outputs,
        lambda: (line(f"Changed {what}: {change}"), line("Next:  reconciler drift")),
        lambda: (document("poke", {"what": what, "field": field, "value": value}),),
        context.environment,
    )
    return Exit.DONE


def _poke_platform(session: Session, what: str, field: str, value: str) -> None:
    from reconciler.cli.poke import poke_object  # noqa: PLC0415 - kinds, for this form only

    address = parse_address(what)
    if address is None:
        raise WrongUsage(
            f"{what!r} is neither a number nor an address.",
            "Write +12015550144, or tenant/kind/name such as acme/ring_group/sales.",
        )
    if session.database.engine != "sqlite":
        raise WrongUsage(
            "Only a platform on SQLite can be poked: others may be in use.",
            "Use a scratch project.",
        )
    _ = session.platform  # makes the tables where there are none
    at = f"{session.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    with session.database.transaction():
        poke_object(session.database, address, field, value, at)


@sandbox.command()
@click.argument("kind", type=click.Choice(desks.all_faults()))
@_CONNECTOR
@click.option("--method", default="", help="Which requests, such as POST; left out: any.")
@click.option("--path", "start", default="/", show_default=True, help="How their path begins.")
@click.option("--times", type=click.IntRange(1, 1_000_000), default=1, show_default=True)
@click.option("--after", is_flag=True, help="Carry the request out first.")
@click.option("--seconds", type=click.FloatRange(0, 3600), default=0.0, help="How long it lasts.")
@output_option
@click.pass_obj
def fault(
    context: Context,
    *,
    kind: str,
    connector: str | None,
    method: str,
    start: str,
    times: int,
    after: bool,
    seconds: float,
    outputs: tuple[Output, ...],
) -> int:
    """Let something go wrong with the next requests that match; `none` takes all back.

    What makes sense at one step only, such as lost-race at an order, waits for that step.
    """
    session = session_of(context)
    try:
        chosen = _chosen(session, connector)
        asked = Fault(kind, method.upper(), start, times, after, seconds=seconds)
        planted = chosen.desk.fault(chosen.path, asked, chosen.settings.options())
    finally:
        session.close()
    told = f"Everything goes well again at {chosen.name}."
    if kind != NONE:
        told = f"Planted {kind} at {chosen.name}: {chosen.desk.aims.told(planted)}."
    emit(
        outputs,
        lambda: (line(told), line("Next:  reconciler apply")),
        lambda: (
            document(
                "fault",
                {
                    "fault": planted.kind,
                    "method": planted.method,
                    "path": planted.path,
                    "times": planted.times,
                    "after": planted.after,
                    "seconds": f"{planted.seconds:g}",
                },
            ),
        ),
        context.environment,
    )
    return Exit.DONE


@sandbox.command()
@click.argument("change", metavar="[NAME=VALUE]", required=False)
@_CONNECTOR
@output_option
@click.pass_obj
def switch(
    context: Context, change: str | None, connector: str | None, outputs: tuple[Output, ...]
) -> int:
    """Turn a switch of CONNECTOR, or list them all: its defences, and what documents leave open.

    CONNECTOR alone lists its switches. An empty VALUE puts one back to what a sandbox starts with.
    """
    from reconciler.cli.switches import (  # noqa: PLC0415 - for this command only
        switches_record,
        switches_text,
        turned,
    )

    session = session_of(context)
    try:
        if change in session.project.settings.connectors:
            change, connector = connector, change  # as they were meant: the name alone, or first
        chosen = _chosen(session, connector)
        switches = chosen.desk.switches(chosen.path)
        if change is not None:
            chosen.desk.switch(chosen.path, *turned(change, switches))
            switches = chosen.desk.switches(chosen.path)
    finally:
        session.close()
    emit(
        outputs,
        lambda: switches_text(switches),
        lambda: (document("sandbox-switches", switches_record(chosen.name, switches)),),
        context.environment,
    )
    return Exit.DONE


@sandbox.command()
@_CONNECTOR
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option
@click.pass_obj
def reset(context: Context, connector: str | None, yes: bool, outputs: tuple[Output, ...]) -> int:
    """Make CONNECTOR forget every number, charge and fault, and mend a damaged file of it."""
    session = session_of(context)
    try:
        chosen = _chosen(session, connector)
        name = chosen.name
        if not yes:
            _ask(name)
        whole = chosen.desk.reset(chosen.path)
    finally:
        session.close()
    emit(
        outputs,
        lambda: (
            line(f"{name} has forgotten everything. What reconciler itself remembers stays."),
            *(() if whole else (line(_GONE),)),
            line("Next:  reconciler drift"),
        ),
        lambda: (document("reset", {"connector": name}),),
        context.environment,
    )
    return Exit.DONE


_GONE = "Its file was damaged and is gone: where it is being served, start that again."


def _ask(name: str) -> None:
    if not sys.stdin.isatty():
        raise WrongUsage("Nobody can be asked here.", "Say --yes.")
    click.confirm(f"Forget everything that {name} knows?", default=False, abort=True, err=True)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A sandbox connector of the project, with where it is kept and what is done to it."""

    name: str
    settings: Connector
    path: Path
    desk: desks.Desk


_USUAL = "sandbox"
"""What is meant where a project has several and none is named."""


def _sandboxes(session: Session) -> list[str]:
    return [name for name, each in session.project.settings.connectors.items() if each.sandbox]


def _chosen(session: Session, connector: str | None) -> _Chosen:
    """Pick the sandbox that was named, else the only one there is, else `sandbox`."""
    connectors = session.project.settings.connectors
    known = _sandboxes(session)
    if connector is None:
        connector = known[0] if len(known) == 1 else _USUAL if _USUAL in known else None
    if connector in known:
        settings = connectors[str(connector)]
        path = session.root / server.default_path(str(connector))
        return _Chosen(str(connector), settings, path, desks.find(settings.kind))
    if not known:
        raise WrongUsage(
            "This project has no sandbox: no connector of it has `sandbox: true`.",
            "Add one to `connectors` of reconciler.yaml.",
        )
    said = f"{connector!r} is no sandbox" if connector else "This project has several sandboxes"
    raise WrongUsage(f"{said}.", f"Name one of {', '.join(known)}.")
