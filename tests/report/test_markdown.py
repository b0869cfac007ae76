"""Markdown for pull requests: danger first, never longer than GitHub takes, and inert."""

from dataclasses import replace

import pytest

from reconciler.apply.report import PartReport, Report, Result
from reconciler.errors import Exit
from reconciler.kinds import KINDS
from reconciler.model.act import Action
from reconciler.report.apply import apply_text
from reconciler.report.apply_markdown import apply_md
from reconciler.report.entries import View
from reconciler.report.markdown import LIMIT, code, drift_md, words
from reconciler.report.plan_markdown import plan_md
from reconciler.report.text import as_text
from tests.report.plans import CANARY, at, everything, operation, part, plan, replaced

HOSTILE = "x` </details> ```\n@everyone | <img src=a> [a](b) \u202e"


def told(made):
    return plan_md(made.envelope, made.parts, View(kinds=KINDS))


def many(tenants, objects, text="25s"):
    return plan(
        *(
            part(
                f"t{n}",
                operations=tuple(
                    operation(
                        f"op-{m:02}", f"t{n}/ring_group/g{m}", Action.UPDATE, source=at(m),
                        before={"ring": "20s"}, after={"ring": text},
                        changes=(replaced("/ring", "20s", text),),
                    )
                    for m in range(objects)
                ),
            )
            for n in range(tenants)
        )
    )  # fmt: skip


def test_it_is_found_again_by_its_first_line():
    assert told(everything()).startswith("<!-- reconciler:plan tenant=acme,globex,initech v1 -->\n")


def test_danger_stands_above_the_table_and_the_details():
    text = told(everything())

    dangers = text.split("| tenant |")[0]
    assert "**acme** releases `number/+12015550188`. This cannot be undone." in dangers
    assert "**acme** takes `number/+12015550199` out of service" in dangers
    assert "**acme** buys `number/+12015550144`" in dangers
    assert "`--approve release:+12015550188`" in dangers
    assert text.index("[!CAUTION]") < text.index("<details>")


def test_a_refusal_is_told_above_the_table():
    dangers = told(everything()).split("| tenant |")[0]

    assert "[!WARNING]" in dangers


def test_no_secret_is_in_it():
    assert CANARY not in told(everything())


def test_without_changes_it_is_short():
    text = told(plan(part("acme", unchanged=3)))

    assert "no changes" in text
    assert len(text.splitlines()) < 8


@pytest.mark.parametrize(
    ("tenants", "objects"),
    [
        pytest.param(1, 3000, marks=pytest.mark.slow),
        (1000, 1),
        pytest.param(300, 30, marks=pytest.mark.slow),
        (3, 1500),
    ],
    ids=str,
)
def test_it_is_never_longer_than_a_comment(tenants, objects):
    text = told(many(tenants, objects))

    assert len(text) <= LIMIT
    assert f"{tenants} tenants" in text or tenants == 1
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0


def test_of_a_long_tenant_the_middle_goes_and_short_ones_stay_whole():
    long, short = many(1, 3000).parts[0], many(3, 2).parts[2]
    text = told(plan(long, short))

    assert "lines are left out" in text
    assert "ring_group/g0 " in text
    assert "ring_group/g2999 " in text
    assert text.count("t2</b>") == 1
    assert "ring_group/g1 " in text.split("t2</b>")[1]


def test_one_long_line_does_not_pass_the_limit():
    assert len(told(many(1, 2, "y" * 200_000))) <= LIMIT


def test_what_comes_from_elsewhere_forms_and_addresses_nothing():
    made = many(1, 1, HOSTILE)
    text = told(made)

    fence = text.split("<details>")[1]
    assert fence.count("</details>") == 1 or "````" in fence
    opening = fence.split("diff\n")[0].rpartition("\n")[2]
    assert len(opening) >= 4  # longer than any run of backquotes inside it
    assert fence.count(f"\n{opening}\n") == 1
    assert "\u202e" not in text


def test_a_sentence_from_elsewhere_is_inert():
    shown = words(HOSTILE)

    assert "<" not in shown
    assert "@everyone" not in shown
    assert "\\`" in shown
    assert "\\|" in shown
    assert "\\[a\\]" in shown
    assert "\n" not in shown
    assert code("a`b|c") == "``a`b\\|c``"


def result(status, note=""):
    return Result("op-01", "acme/number/+12015550144", "acme/number/+12015550144", "order", status,
                  note, 1, True, "", "run1")  # fmt: skip


def test_an_apply_tells_what_is_not_known_first():
    parts = (PartReport("acme", "incomplete", (result("unknown", "no answer @all"),),
                        statuses=frozenset({Exit.UNKNOWN})),)  # fmt: skip
    text = apply_md(Report("run1", parts))

    assert "not complete: 1 unknown" in text
    assert text.index("[!CAUTION]") < text.index("| tenant |")
    assert "@all" not in text.split("| tenant |")[0]
    assert "exit 8" in text


def skipped(approval):
    return replace(result("skipped"), approval=approval)


def test_an_apply_that_went_well_tells_what_waits_and_for_what():
    parts = (PartReport("acme", "done", (result("done"), result("waiting", "validated <today>"))),)
    text = apply_md(Report("run1", parts), everything())

    assert "complete: 1 done, 2 waiting" in text
    told = text.split("| tenant |")[0]
    assert "[!NOTE]" in told
    assert (
        "`acme/number/+12015550150` waits: the carrier confirms it within a day"
        " (next: `reconciler resume 01JD7Q`)" in told
    )
    assert "`acme/number/+12015550144` waits: validated &lt;today&gt;" in told
    (row,) = [one for one in text.splitlines() if one.startswith("| `acme`")]
    assert [cell.strip() for cell in row.split("|")][2:10] == ["1", "", "", "", "", "", "2", ""]


def test_what_waits_though_nothing_of_its_tenant_was_to_be_done_is_told():
    text = apply_md(Report("run1", ()), everything())

    assert "complete: 1 waiting" in text
    assert "| `acme` |" in text


def test_what_an_earlier_run_left_waiting_is_told_once():
    left = (replace(result("waiting", "still"), address="acme/number/+12015550150"),)
    text = apply_md(Report("run1", (), left=left), everything())

    assert text.count("`acme/number/+12015550150` waits") == 1


@pytest.mark.parametrize(
    ("approval", "words_of_it"),
    [
        ("release:+12015550188", "1 release is due and waits"),
        ("port:acme/spring", "1 port is to be submitted and waits"),
        ("register:C1A2B3C", "1 registration is to be paid for and waits"),
        ("emergency:+12015550188", "1 emergency address would be removed"),
    ],
)
def test_an_apply_names_the_approval_that_something_waits_for(approval, words_of_it):
    report = Report("run1", (PartReport("acme", "done", (skipped(approval),)),))
    expected = f"{words_of_it}: `--approve {approval}`"

    assert expected in apply_md(report)
    assert expected.replace("`", "") in as_text(apply_text(report))


def test_an_apply_of_many_is_never_longer_than_a_comment():
    parts = tuple(
        PartReport(f"t{n}", "incomplete", tuple(result("failed", "x" * 300) for _ in range(50)))
        for n in range(500)
    )

    assert len(apply_md(Report("run1", parts))) <= LIMIT


def test_drift_that_was_not_looked_for_is_not_called_clean():
    text = drift_md(everything().parts)

    assert "`acme` was not checked" in text
    assert "1 clean, 1 drifted" in text
