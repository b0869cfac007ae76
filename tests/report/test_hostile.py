"""Whatever comes from outside moves no cursor and forges no line."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from reconciler.apply.report import PartReport, Report, Result
from reconciler.engine.plan import Because, Drifted, Gate, Held, ObservedSource, Source
from reconciler.errors import Location, Problem
from reconciler.model.act import Action, Cause
from reconciler.model.address import Address
from reconciler.model.supply import NumberState
from reconciler.report.apply import apply_json, apply_text
from reconciler.report.drift import drift_json, drift_text
from reconciler.report.entries import View
from reconciler.report.locks import locks_json, locks_text
from reconciler.report.numbers import numbers_json, numbers_text
from reconciler.report.plan import plan_concise, plan_json, plan_text
from reconciler.report.problems import Checked, problems_concise, problems_json, problems_text
from reconciler.report.quarantine import quarantine_json, quarantine_text, quarantines
from reconciler.report.runs import run_json, run_text, runs_json, runs_text
from reconciler.report.terminal import show
from tests.report.plans import operation, part, plan, replaced
from tests.report.records import DONE, LEASE, NUMBERS, RUN
from tests.report.test_lists import NOW

EVIL = "\x1b[2J\x1b]0;t\x07\r\nApply complete: 9 done.\x9b1A\u202eevil\u2028\u200b\x00\ud800\t"


def saved(made):
    return "".join(plan_json(made.envelope, made.parts))


def hostile_plan(EVIL=EVIL):  # noqa: N803 - in the place of the constant
    evil = operation(
        "op-01", f"acme/extension/{EVIL}", Action.UPDATE, before={"name": EVIL}, after={EVIL: EVIL},
        changes=(
            replaced(f"/{EVIL}", EVIL, [EVIL, {"to": EVIL, EVIL: EVIL}], Cause.BOTH),
            replaced("/list", [EVIL], [{EVIL: EVIL}]),
        ),
        source=Source(file=EVIL, line=1, column=1), reason=EVIL, who=EVIL, approval=EVIL,
        because=(Because(type="operation", text=EVIL),), undo=EVIL, connector=EVIL,
    )  # fmt: skip
    new = operation("op-02", f"acme/device/{EVIL}", Action.CREATE,
                    after={"name": EVIL, "x": [EVIL]}, cause=Cause.DRIFT)  # fmt: skip
    made = part(
        f"acme{EVIL}",
        operations=(evil, new),
        gates=(
            Gate(id=EVIL, kind="limit", detail=EVIL, hint=EVIL, planned=EVIL, place=EVIL),
            Gate(id=EVIL, kind="refusal", detail=EVIL, hint=EVIL, address=EVIL),
        ),
        drifted=(Drifted(address=EVIL, changes=evil.changes, who=EVIL, at=EVIL),),
        unmanaged=(EVIL,),
        held=tuple(
            Held(address=EVIL, what=what, detail=EVIL, next=EVIL)
            for what in ("waiting", "due", "unknown", "parked", "unchecked")
        ),
    )
    return plan(
        made,
        inputs={"commit": EVIL, "branch": EVIL},
        observed=(ObservedSource(name=EVIL, at=EVIL, complete=False, detail=EVIL),),
        problems=({"code": EVIL, "message": EVIL, "file": EVIL, "line": EVIL},),
    )


def hostile(record):
    """A record whose every text is hostile."""
    given = {name: getattr(record, name) for name in type(record).__annotations__}
    return type(record)(**{n: EVIL if type(value) is str else value for n, value in given.items()})


PLAN = hostile_plan()
PROBLEM = Problem(
    EVIL, EVIL, EVIL, EVIL, Location(EVIL, 3, 4, 9, EVIL), related=((Location(EVIL), EVIL),)
)
REPORT = Report(
    EVIL,
    (
        PartReport(
            EVIL, EVIL, tuple(
                Result(EVIL, EVIL, f"{EVIL}{status}", EVIL, status, EVIL, 2, True, EVIL, EVIL)
                for status in ("done", "failed", "unknown", "parked", "waiting", "skipped", EVIL)
            ), EVIL, EVIL,
        ),
    ),
)  # fmt: skip
ENTRY = hostile(DONE)._replace(address=Address(EVIL, EVIL, EVIL))
HELD = replace(hostile(NUMBERS[2]), state=NumberState.QUARANTINED)
CHECKED = Checked(1, 1)

TEXTS = {
    "plan": lambda: plan_text(PLAN.envelope, PLAN.parts, View(saved_as=EVIL), NOW),
    "plan in full": lambda: plan_text(PLAN.envelope, PLAN.parts, View(full=True)),
    "plan, concise": lambda: plan_concise(PLAN.envelope, PLAN.parts),
    "problems": lambda: problems_text([PROBLEM], CHECKED),
    "problems folded": lambda: problems_text(
        [replace(PROBLEM, location=Location(EVIL, n, 1, 2, EVIL)) for n in range(1, 50)], CHECKED
    ),
    "problems, concise": lambda: problems_concise([PROBLEM], CHECKED),
    "apply": lambda: apply_text(REPORT, PLAN),
    "drift": lambda: drift_text(PLAN.parts),
    "runs": lambda: runs_text([hostile(RUN), RUN._replace(parts=(EVIL,))]),
    "run": lambda: run_text(hostile(RUN), [ENTRY]),
    "locks": lambda: locks_text([hostile(LEASE)]),
    "numbers": lambda: numbers_text([HELD], {}),
    "quarantine": lambda: quarantine_text(quarantines([HELD], 45, NOW), NOW),
}

MACHINE = {
    "plan": lambda: saved(hostile_plan(EVIL.replace("\ud800", ""))),  # no plan is made with it
    "problems": lambda: problems_json([PROBLEM], CHECKED),
    "apply": lambda: apply_json(REPORT),
    "drift": lambda: drift_json(PLAN.parts),
    "runs": lambda: runs_json([hostile(RUN)]),
    "run": lambda: run_json(hostile(RUN), [ENTRY]),
    "locks": lambda: locks_json([hostile(LEASE)]),
    "numbers": lambda: numbers_json([HELD], {}),
    "quarantine": lambda: quarantine_json(quarantines([HELD], 45, NOW)),
}


@pytest.mark.parametrize("made", TEXTS.values(), ids=TEXTS)
def test_text_is_inert(made):
    stream = io.StringIO()
    show(made(), stream, colour=False)
    text = stream.getvalue()

    assert "x1b[2J" in text  # it did get there
    assert all(line.isprintable() for line in text.split("\n"))
    assert not any(line.startswith("Apply complete") for line in text.split("\n"))


@pytest.mark.parametrize("made", TEXTS.values(), ids=TEXTS)
def test_text_in_colour_is_inert(made):
    class Stream(io.StringIO):
        encoding = "utf-8"

    stream = Stream()
    show(made(), stream, colour=True)
    text = stream.getvalue()

    assert "\x1b[2J" not in text
    assert "\x1b]" not in text
    assert not set("\r\x07\x9b\u202e\u2028\u200b\x00\ud800") & set(text)


@pytest.mark.parametrize("made", MACHINE.values(), ids=MACHINE)
def test_json_is_inert(made):
    text = made()

    json.loads(text)
    assert text.isascii()
    assert set(text) - {"\n"} <= set(map(chr, range(0x20, 0x7F)))
    assert "\\u001b[2J" in text


def test_a_stream_that_lacks_letters_gets_escapes():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    show(apply_text(REPORT, PLAN), stream, colour=False)
    stream.flush()

    assert b"\\u2713" in raw.getvalue()
