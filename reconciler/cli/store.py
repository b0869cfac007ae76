"""`store`: the database behind platform and ledger, its backups, its version, its health."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit
from reconciler.cli.session import Session, session_of
from reconciler.errors import Exit, WrongUsage
from reconciler.report.machine import document
from reconciler.store import told
from reconciler.store.backup import back_up
from reconciler.store.check import check as check_store
from reconciler.store.place import Place, places, refuse_if_held
from reconciler.store.restore import by_hand as mark_by_hand
from reconciler.store.restore import restore as restore_store
from reconciler.store.upgrade import behind, upgrade

of_option = click.option(
    "--of",
    "part",
    type=click.Choice(["platform", "ledger"]),
    help="Which one, where platform and ledger have a database each.",
)


@click.group()
def store() -> None:
    """Back up, restore, migrate or check the database of platform and ledger."""


@store.command()
@click.argument("file", type=click.Path(path_type=Path))
@of_option
@output_option
@click.pass_obj
def backup(context: Context, file: Path, part: str | None, outputs: tuple[Output, ...]) -> int:
    """Copy the store to FILE, consistent while others work.

    FILE must not be there; it is for its owner only, as it holds sealed secrets.
    """
    place = _one(_places(session_of(context)), part)
    made = back_up(place, context.directory / file)
    emit(
        outputs,
        lambda: told.backup_text(made),
        lambda: (document("store-backup", told.backup_record(made)),),
        context.environment,
    )
    return Exit.DONE


@store.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--by-hand", is_flag=True, help="It was restored by other means: only mark it.")
@click.option("--lineage-changes", is_flag=True, help="The backup may be of another ledger.")
@of_option
@output_option
@click.pass_obj
def restore(
    context: Context,
    file: Path | None,
    by_hand: bool,
    lineage_changes: bool,
    part: str | None,
    outputs: tuple[Output, ...],
) -> int:
    """Put the backup FILE in the store's place. What was there is kept beside it.

    Nobody may be working with the store. Plans made before are refused from then on, and what
    the backup's journal left open is looked for by the next apply.
    """
    if by_hand is (file is not None):
        raise WrongUsage("What to restore is not said.", "Name a FILE, or say --by-hand.")
    session = session_of(context)
    found = _places(session)
    if file is None:
        return _marked(context, session, found, outputs)
    place = _one(found, part)
    if place.what == "platform":
        _mark_the_other(session, found[-1])
    done = restore_store(
        place,
        context.directory / file,
        session.clock,
        session.who,
        lineage_changes=lineage_changes,
    )
    emit(
        outputs,
        lambda: told.restore_text(done),
        lambda: (document("store-restore", told.restore_record(done)),),
        context.environment,
    )
    return Exit.DONE


@store.command()
@click.option("--check", "only_check", is_flag=True, help="Exit 2 when there is work; do none.")
@output_option
@click.pass_obj
def migrate(context: Context, only_check: bool, outputs: tuple[Output, ...]) -> int:
    """Bring the store to this program's version, all or nothing, a backup beside it first."""
    session = session_of(context)
    found = _places(session)
    looked = [behind(place) for place in found]  # all are looked at before one is changed
    done = looked if only_check else [upgrade(place, session.clock) for place in found]
    emit(
        outputs,
        lambda: told.upgrade_text(done, only_check=only_check),
        lambda: (document("store-migrate", told.upgrade_record(done, only_check=only_check)),),
        context.environment,
    )
    return Exit.PENDING if only_check and any(each.steps for each in done) else Exit.DONE


@store.command()
@output_option
@click.pass_obj
def check(context: Context, outputs: tuple[Output, ...]) -> int:
    """Look whether the store is whole: pages, tables, triggers, rows, audit chain.

    Changes nothing. Exits 7 when something is wrong, 2 when `store migrate` has work.
    """
    found = [check_store(place) for place in _places(session_of(context))]
    emit(
        outputs,
        lambda: told.check_text(found),
        lambda: (document("store-check", told.check_record(found)),),
        context.environment,
    )
    if any(each.faults for each in found):
        return Exit.UNAVAILABLE
    return Exit.PENDING if any(each.behind for each in found) else Exit.DONE


def _places(session: Session) -> tuple[Place, ...]:
    return places(session.project.platform_url, session.project.ledger_url)


def _one(found: Iterable[Place], part: str | None) -> Place:
    chosen = [place for place in found if part in {None, place.what}]
    if len(chosen) > 1:
        raise WrongUsage(
            "Platform and ledger have a database each.", "Say --of platform or --of ledger."
        )
    if not chosen:
        raise WrongUsage("Platform and ledger share one database.", "Leave --of away.")
    return chosen[0]


def _mark_the_other(session: Session, ledger: Place) -> None:
    """Mark the ledger before its platform goes back: a kill in between leaves plans refused."""
    database = ledger.open()
    try:
        refuse_if_held(database, session.clock, "restored")
    finally:
        database.close()
    mark_by_hand(ledger, session.clock, session.who)


def _marked(
    context: Context, session: Session, found: tuple[Place, ...], outputs: tuple[Output, ...]
) -> int:
    serial = mark_by_hand(found[-1], session.clock, session.who)
    emit(
        outputs,
        lambda: told.by_hand_text(serial),
        lambda: (document("store-restore", {"by_hand": True, "serial": serial}),),
        context.environment,
    )
    return Exit.DONE
