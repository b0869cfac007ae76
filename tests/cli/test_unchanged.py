"""The fast path says nothing is to be done only while nothing has changed anywhere."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.cli.main import Context
from reconciler.cli.unchanged import report_if_unchanged
from scripts.stage import Stage, stage


@pytest.fixture
def quiet():
    with stage(("acme", "617")) as made:
        made.quiet = True
        assert made.reconciler("apply", "--yes").status == 0
        made.reconciler("plan")
        yield made


def fast(made: Stage) -> str | None:
    return report_if_unchanged(Context({}, made.root, made.clock), ())


def test_what_did_not_change_is_known_at_once_and_in_the_same_words(quiet) -> None:
    told = quiet.reconciler("plan", "--full").out

    assert fast(quiet) == told
    assert quiet.reconciler("plan", "--detailed-exitcode").status == 0


CHANGES = {
    "a tenant file": lambda s: s.edit("tenants/acme.yaml", "20s", "25s"),
    "a comment in a tenant file": lambda s: s.edit("tenants/acme.yaml", "schema: 1", "schema: 1 #"),
    "the project file": lambda s: s.edit(
        "reconciler.yaml", "schema: 1", "schema: 1\ndrift: report"
    ),
    "a new tenant": lambda s: s.write("tenants/b.yaml", "schema: 1\ntenant: b\n"),
    "raw SQL on an object": lambda s: s.sql(
        "UPDATE object SET spec = json_set(spec, '$.ring', '40s') WHERE kind = 'ring_group'"
    ),
    "raw SQL on a number": lambda s: s.sql("UPDATE number SET protect = 1"),
    "an object gone": lambda s: s.sql("DELETE FROM object WHERE kind = 'device'"),
    "a hand-off at the carrier": lambda s: s.reconciler(
        "sandbox", "poke", "+16175550100", "route=4"
    ),
    "another day": lambda s: setattr(s.clock, "ahead", timedelta(days=1)),
    "no store any more": lambda s: (s.root / ".reconciler/reconciler.db").unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changed_is_planned_in_full(quiet, change) -> None:
    assert fast(quiet) is not None
    change(quiet)

    assert fast(quiet) is None


def test_an_operation_that_is_not_over_is_never_called_unchanged(quiet) -> None:
    assert fast(quiet) is not None
    quiet.sql("DROP TRIGGER IF EXISTS operation_moves")
    quiet.sql("UPDATE operation SET state = 'unknown', doubt = 1 WHERE action = 'order'")

    assert fast(quiet) is None


def test_an_unchanged_plan_loads_neither_models_nor_kinds(quiet) -> None:
    program = Path(sys.executable).parent / "reconciler"
    assert program.exists()
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "reconciler", "plan"],
        cwd=quiet.root,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "reconciler.protocols" in loaded
    assert not loaded & {"pydantic", "reconciler.kinds", "deepdiff", "jsonschema", "cryptography"}


def test_a_quarantine_that_runs_out_later_the_same_day_is_told(quiet) -> None:
    """At noon it was not due; at one o'clock of the same day it is."""
    now = quiet.clock.now()
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    quiet.clock.ahead += noon - now + timedelta(days=1)
    quiet.edit(
        "tenants/acme.yaml", '  "+16175550101": {connector: sandbox, to: extension/4201}\n', ""
    )
    assert quiet.reconciler("apply", "--yes").status == 0
    quiet.clock.ahead += timedelta(days=45) - timedelta(hours=2)
    quiet.reconciler("plan")
    assert fast(quiet) is not None

    quiet.clock.ahead += timedelta(hours=3)

    assert fast(quiet) is None
    assert "release:+16175550101" in quiet.reconciler("plan").out


def test_the_plan_right_after_an_apply_knows_at_once_that_nothing_is_to_be_done() -> None:
    with stage(("acme", "617")) as made:
        made.quiet = True
        assert made.reconciler("apply", "--yes").status == 0

        known = fast(made)

        assert known is not None
        assert made.reconciler("plan", "--full").out == known


def test_an_apply_of_a_saved_plan_is_known_for_the_tenants_that_it_was_about(quiet) -> None:
    quiet.edit("tenants/acme.yaml", "20s", "25s")
    quiet.reconciler("plan", "acme", "--out", "saved.json")
    assert quiet.reconciler("apply", "saved.json").status == 0

    assert report_if_unchanged(Context({}, quiet.root, quiet.clock), ("acme",)) is not None
    assert fast(quiet) is None


def test_what_an_apply_left_alone_is_looked_at_by_the_plan_after_it(quiet) -> None:
    quiet.edit("tenants/acme.yaml", "20s", "25s")
    drift = "UPDATE object SET spec = json_set(spec, '$.name', 'X') WHERE kind = 'extension'"
    quiet.sql(drift)

    assert quiet.reconciler("apply", "--yes", "--only", "config").status == 0

    assert fast(quiet) is None
