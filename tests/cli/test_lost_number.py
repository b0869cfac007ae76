"""A number that its carrier lost is never called in sync, though nothing differs from YAML."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import timedelta

from scripts.stage import stage

NUMBER = "+16175550101"


def test_a_number_gone_at_its_carrier_is_refused_and_not_bought_again() -> None:
    with stage(("acme", "617")) as show:
        show.quiet = True
        assert show.reconciler("apply", "--yes").status == 0
        with contextlib.closing(
            sqlite3.connect(show.root / ".reconciler/sandbox/sandbox.db")
        ) as db:
            db.execute("DELETE FROM number WHERE tn = ?", (NUMBER.removeprefix("+1"),))
            db.commit()
        show.clock.ahead += timedelta(days=1)

        plan = show.reconciler("plan", "--detailed-exitcode")
        assert plan.status == 2
        assert "E414" in plan.out
        assert NUMBER in plan.out
        assert show.reconciler("apply", "--yes").status == 4
        charges = show.reconciler("sandbox", "ledger", "-o", "json").document["charges"]
        assert [charge["number"] for charge in charges].count(NUMBER) == 1
