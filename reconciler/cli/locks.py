"""`locks` and `unlock`: who works on what, and freeing one lock that was looked at."""

from __future__ import annotations

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit
from reconciler.cli.session import session_of
from reconciler.errors import Exit, Stale
from reconciler.report.locks import locks_json, locks_text
from reconciler.report.machine import document
from reconciler.report.text import line


@click.command()
@output_option
@click.pass_obj
def locks(context: Context, outputs: tuple[Output, ...]) -> int:
    """List who is working on what right now."""
    session = session_of(context)
    try:
        held = session.ledger.locks()
    finally:
        session.close()
    emit(outputs, lambda: locks_text(held), lambda: (locks_json(held),), context.environment)
    return Exit.DONE


@click.command()
@click.argument("nonce")
@output_option
@click.pass_obj
def unlock(context: Context, nonce: str, outputs: tuple[Output, ...]) -> int:
    """Free exactly the lock NONCE, and fence whoever held it: it can write nothing more.

    NONCE is its name in `reconciler locks`. A holder whose process has ended loses its locks
    by itself; this is for one that hangs, or that is on another machine.
    """
    session = session_of(context)
    try:
        scopes = tuple(held.scope for held in session.ledger.locks() if held.nonce == nonce)
        freed = session.ledger.unlock(nonce, session.who)
    finally:
        session.close()
    if not freed:
        raise Stale(
            f"No lock has the name {nonce!r} any more; nothing was freed.",
            "Look again: reconciler locks",
        )
    emit(
        outputs,
        lambda: (
            line(f"Freed {', '.join(scopes) or 'a lock that had run out'}."),
            line("What its holder left behind:  reconciler runs list"),
        ),
        lambda: (document("unlocked", {"nonce": nonce, "scopes": list(scopes)}),),
        context.environment,
    )
    return Exit.DONE
