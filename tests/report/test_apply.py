from __future__ import annotations

import json
from dataclasses import replace

from reconciler.apply.report import PartReport, Report, Result, statuses_of
from reconciler.errors import Exit
from reconciler.report.apply import apply_json, apply_text
from reconciler.report.text import as_text
from tests.report.plans import everything

PLAN = everything()
RUN = "01JD7Q"


def results(**changed: tuple[str, str]) -> tuple[Result, ...]:
    """Each operation of the plan, done unless told otherwise: id -> status and note."""
    return tuple(
        Result(
            id=op.id,
            address=op.address,
            entry=op.entry,
            action=op.action.value,
            status=changed.get(op.id.replace("-", ""), ("done", ""))[0],
            note=changed.get(op.id.replace("-", ""), ("done", ""))[1],
            attempt=2 if op.id == "op-01" else 1,
            paid=op.action.value == "order",
            approval=op.approval,
            run_id=RUN,
        )
        for op in PLAN.parts[0].operations
    )


def report(*parts: PartReport, **facts) -> Report:
    return Report(RUN, parts, **facts)


def acme(**changed: tuple[str, str]) -> PartReport:
    made = results(**changed)
    held = statuses_of(made)
    return PartReport("acme", "incomplete" if held else "done", made, statuses=held)


DUE = ("skipped", "due, and waits for --approve release:+12015550188")


def test_an_apply_that_went_well(golden):
    golden("apply_complete", apply_text(report(acme(op13=DUE, op14=DUE)), PLAN))


def test_an_apply_that_did_not_finish(golden):
    last = ("not_started", "releases go last, and only when all else has succeeded")
    made = acme(
        op06=("failed", "409: room 7100 belongs to conference/townhall, which is not in YAML"),
        op13=last,
        op14=last,
    )

    golden("apply_incomplete", apply_text(report(made), PLAN))


def test_an_apply_with_an_order_that_nobody_knows_of(golden):
    later = ("not_started", "waits for op-01")
    made = acme(op01=("unknown", "no answer in 30 s"), op04=later, op12=("parked", "ask them"))
    refused = PartReport(
        "globex",
        "stale",
        detail="globex/ring_group/a: ring changed, by pat@reseller.example",
        hint="plan again",
        statuses=frozenset({Exit.STALE}),
    )

    golden("apply_unknown", apply_text(report(made, refused), PLAN))


def test_without_a_plan_every_act_stands_for_itself(golden):
    made = acme(op05=("waiting", "the platform validates it"))

    golden("apply_resumed", apply_text(report(made)))


def test_an_entry_counts_once_and_by_its_worst_act():
    text = as_text(apply_text(report(acme(op03=("failed", "no"))), PLAN))

    assert "Apply incomplete: 9 done, 1 failed, 0 not started, 0 unknown, 1 waiting.\n" in text
    assert "✓ create      extension/108\n" in text
    assert "✗ create      device/108-desk " in text


def test_what_was_not_checked_is_told_though_all_was_done():
    text = as_text(apply_text(report(acme(), extra=frozenset({Exit.UNAVAILABLE})), PLAN))

    assert "Apply complete: 10 done, 1 waiting. Not everything could be checked." in text


def test_a_part_that_was_refused_is_never_complete():
    blocked = PartReport("acme", "blocked", detail="Too many.", statuses=frozenset({Exit.BLOCKED}))
    text = as_text(apply_text(report(blocked), PLAN))

    assert "Apply complete" not in text
    assert (
        "Apply incomplete: 0 done, 0 failed, 0 not started, 0 unknown, 1 waiting,"
        " 1 tenant not applied.\n" in text
    )


def test_a_part_that_could_not_be_reached_is_never_complete():
    away = PartReport("acme", "unavailable", statuses=frozenset({Exit.UNAVAILABLE}))

    assert "Apply complete" not in as_text(apply_text(report(away), PLAN))


def test_an_interrupted_apply_names_the_way_on():
    text = as_text(apply_text(report(acme(), interrupted=True), PLAN))

    assert "Interrupted: 10 done, 0 failed, 0 not started, 0 unknown, 1 waiting.\n" in text
    assert f"  reconciler resume {RUN}\n" in text


def test_json_has_every_operation_and_every_status():
    made = acme(op06=("failed", "409"), op13=DUE, op14=DUE)
    document = json.loads(apply_json(report(made, extra=frozenset({Exit.UNAVAILABLE}))))

    assert document["kind"] == "apply"
    assert document["exit_code"] == 5
    assert document["exit_codes"] == [5, 7]
    assert document["summary"]["done"] == 11
    assert document["summary"]["failed"] == 1
    assert document["summary"]["skipped"] == 2
    assert document["parts"][0]["operations"][5] == {
        "id": "op-06",
        "address": "acme/conference/board",
        "entry": "acme/conference/board",
        "action": "update",
        "status": "failed",
        "note": "409",
        "attempt": 1,
        "paid": False,
        "approval": "",
        "run_id": RUN,
    }


def test_what_an_earlier_run_left_is_gone_on_with_by_its_own_name():
    old = [
        replace(r, run_id="01JD6A") for r in results(op02=("parked", "?"), op06=("unknown", "?"))
    ]
    text = as_text(apply_text(report(PartReport("acme", "incomplete", tuple(old)))))

    assert "  reconciler resume 01JD6A\n" in text
    assert "  reconciler runs settle 01JD6A op-02 --happened|--did-not --reason TEXT\n" in text
    assert RUN not in text


def test_nothing_needs_cleaning_up_is_not_said_of_what_nobody_knows():
    text = as_text(apply_text(report(acme(op01=("unknown", "?"), op06=("failed", "no"))), PLAN))

    assert "Nothing needs cleaning up" not in text
    assert "It may have been bought." in text
