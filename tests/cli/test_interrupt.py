"""Ctrl-C reaches the boundaries of the database, where nothing is half done."""

from __future__ import annotations

import signal

from reconciler.cli.interrupt import Interrupts
from reconciler.cli.main import Context
from reconciler.cli.session import session_of
from scripts.stage import stage


def test_a_noted_interrupt_is_raised_once_an_operation_is_on_disk() -> None:
    with stage(("acme", "617")) as show, Interrupts() as interrupts:
        session = session_of(Context({}, show.root, show.clock))
        session.checkpoint = interrupts.checkpoint
        signal.raise_signal(signal.SIGINT)
        stopped = False
        try:
            with session.ledger.transaction(None, "op-verified"):
                pass
        except KeyboardInterrupt:
            stopped = True
        serial = session.ledger.serial()
        session.close()

    assert stopped
    assert serial == 1
