from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from reconciler.engine.plan import Held, Plan
from reconciler.kinds import KINDS
from reconciler.model.act import Action
from reconciler.report.entries import View
from reconciler.report.plan import plan_concise, plan_json, plan_text, told_plan
from reconciler.report.plan_part import part_text, unpacked_part
from reconciler.report.text import as_text
from tests.report.plans import (
    CANARY,
    acme,
    everything,
    gates,
    leaving,
    operation,
    part,
    plan,
    replaced,
    secret,
)

NOW = datetime(2026, 11, 21, 14, 2, 11, tzinfo=UTC)


def told(made: Plan, **view: object) -> str:
    return as_text(plan_text(made.envelope, made.parts, View(**view), NOW))


def test_a_plan_with_everything_in_it(golden):
    made = everything()
    view = View(saved_as="plan.json", kinds=KINDS)

    golden("plan", plan_text(made.envelope, made.parts, view, NOW))


def test_a_plan_in_full(golden):
    made = everything()

    golden("plan_full", plan_text(made.envelope, made.parts, View(full=True), NOW))


def test_a_plan_with_one_operation_a_line(golden):
    made = everything()

    golden("plan_concise", plan_concise(made.envelope, made.parts))


@pytest.mark.parametrize("plain", [False, True])
def test_a_part_told_in_another_process_is_told_alike(plain):
    made = everything()
    view = View(kinds=KINDS, plain=plain)
    pieces = [part_text(each, view).packed() for each in made.parts]

    text = as_text(told_plan(made.envelope, map(unpacked_part, pieces), view, NOW))

    assert text == as_text(plan_text(made.envelope, made.parts, View(kinds=KINDS), NOW))


def test_nothing_to_do_is_one_sentence():
    assert told(plan(part("acme", unchanged=48))) == (
        "No changes. acme is as git says (48 objects).\n"
    )


def test_tenants_without_changes_are_counted():
    made = plan(*(part(f"t{n}", unchanged=1) for n in range(7)))

    assert told(made) == "No changes in 7 tenants: t0, t1, t2, t3, t4, ….\n"


def test_what_was_not_checked_is_never_as_git_says():
    blind = Held(address="acme/number/+1", what="unchecked", detail="not checked: voicetel")

    text = told(plan(part("acme", unchanged=48, held=(blind,))))

    assert "as git says" not in text
    assert "Not checked, so not planned" in text


def test_one_reason_of_many_is_told_once():
    blind = [
        Held(address=f"acme/number/+{n}", what="unchecked", detail="not checked: voicetel is away")
        for n in range(10, 22)
    ]

    text = told(plan(part("acme", held=blind)))

    assert text.count("voicetel is away") == 1
    assert "12 objects" in text
    assert "number/+10, number/+11" in text
    assert ("number/+21" in text, "2 more (--full)" in text) == (False, True)


def test_an_entry_is_counted_once_though_it_is_several_operations():
    text = told(everything())

    assert text.count("extension/108") == 1
    assert "1 to create, 1 to order, 3 to update" in text


def test_the_command_that_comes_next_asks_for_no_release_by_itself():
    made = plan(part("acme", operations=leaving(), gates=gates()[:1]))
    lines = told(made, saved_as="my plan.json").splitlines()

    at = lines.index("Next:")
    assert lines[at + 1] == "  reconciler apply 'my plan.json' --allow unknown_cost=1"
    assert lines[at + 3] == f"{lines[at + 1]} --approve release:+12015550188"


def test_a_refused_part_names_no_command_that_would_be_refused():
    text = told(plan(part("acme", operations=leaving(), gates=gates())))

    assert "put right what is refused" in text
    assert "reconciler apply" not in text


def test_a_limit_passed_by_two_tenants_is_allowed_once_at_the_most_that_is_needed():
    few, many = (gates()[0].model_copy(update={"planned": n}) for n in ("9", "10"))
    made = plan(
        part("acme", operations=leaving()[:1], gates=(few,)),
        part("globex", operations=(operation("op-01", "globex/extension/1", Action.DELETE),),
             gates=(many,)),
    )  # fmt: skip

    assert "  reconciler apply --allow unknown_cost=10\n" in told(made)


LISTS = {
    "added": (["101", "102"], ["101", "102", "103"], "101 102  +103"),
    "removed": (["101", "102"], ["102"], "102  -101"),
    "replaced": (["101"], ["102"], "+102 -101"),
    "in another order": (["101", "102"], ["102", "101"], "101 102 → 102 101"),
    "emptied": (["101"], [], "-101"),
    "all of one kind": (["extension/101"], ["extension/101", "extension/102"], "101  +102"),
    "of two kinds": (["extension/101"], ["external/+1"], "+external/+1 -extension/101"),
    "one setting of a member": (
        [{"to": "extension/1", "ring": "5s"}],
        [{"to": "extension/1", "ring": "9s"}],
        "+1(ring 9s) -1(ring 5s)",
    ),
}


@pytest.mark.parametrize(("before", "after", "shown"), LISTS.values(), ids=LISTS)
def test_a_list_is_shown_by_what_changes_in_it(before, after, shown):
    change = replaced("/members", before, after)
    made = operation("op-01", "acme/ring_group/a", Action.UPDATE,
                     before={"members": before}, after={"members": after},
                     changes=(change,))  # fmt: skip

    assert f" members    {shown}\n" in told(plan(part("acme", operations=(made,))))


SECRETS = {
    "a new one": (None, secret(1), "(secret, new)"),
    "a rotated one": (secret(3), secret(4), "(secret, v3 → v4)"),
    "another reference": (secret(3, "other"), secret(3), "(secret, its reference changes, v3)"),
    "one that goes": (secret(3), None, "(secret, goes)"),
    "in the place of a value": ("1234", secret(1), "(becomes a secret)"),
}


@pytest.mark.parametrize(("before", "after", "shown"), SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("full", [False, True])
def test_a_secret_is_shown_by_its_version(before, after, shown, full):
    made = operation("op-01", "acme/voicemail_box/1", Action.UPDATE, before={"pin": before},
                     after={"pin": after}, changes=(replaced("/pin", before, after),))  # fmt: skip
    text = told(plan(part("acme", operations=(made,))), full=full)

    assert f" pin        {shown}\n" in text
    assert CANARY not in text
    assert "1234" not in text


INSIDE = {
    "a mapping": {"a": secret(1)},
    "a list": [secret(1)],
    "a member": [{"to": "extension/1", "pin": secret(1)}, {"to": "extension/2"}],
    "all members": [{"to": "extension/1", "pin": secret(1)}],
    "a secret of another shape": {"$secret": CANARY},
}


@pytest.mark.parametrize("value", INSIDE.values(), ids=INSIDE)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_sealed_token_inside_a_value_is_not_shown(value, full, side):
    had, has = (value, [1]) if side == "before" else ([1], value)
    made = operation("op-01", "acme/extension/1", Action.UPDATE, before={"x": had},
                     after={"x": has}, changes=(replaced("/x", had, has),))  # fmt: skip
    new = operation("op-02", "acme/extension/2", Action.CREATE, after={"x": value})
    text = told(plan(part("acme", operations=(made, new))), full=full)

    assert CANARY not in text
    assert " x " in text


@pytest.mark.parametrize("path", ["/$secret/ref/sealed", "/pin/$secret/ref/sealed"])
def test_a_path_into_a_reference_shows_none_of_it(path):
    made = operation("op-01", "acme/extension/1", Action.UPDATE, before={}, after={},
                     changes=(replaced(path, "old token", CANARY),))  # fmt: skip
    text = told(plan(part("acme", operations=(made,))))

    assert CANARY not in text
    assert "old token" not in text


def test_the_sealed_token_is_in_no_text_of_the_whole_plan():
    made = everything()
    texts = (told(made), told(made, full=True), as_text(plan_concise(made.envelope, made.parts)))

    assert CANARY in "".join(plan_json(made.envelope, made.parts))  # the canary is alive
    assert all(CANARY not in text for text in texts)


def test_the_json_is_one_document_with_a_part_on_each_line():
    made = everything()
    text = "".join(plan_json(made.envelope, made.parts))
    lines = text.splitlines()
    document = json.loads(text)

    assert text.isascii()
    assert list(document) == sorted(document)
    assert lines[0].endswith('"parts":[')
    parts = [json.loads(line.removesuffix(","))["part"] for line in lines[1:4]]
    assert parts == ["acme", "globex", "initech"]
    assert lines[4].startswith("],")
    assert len(lines) == 5


def test_money_is_text_in_json():
    document = json.loads("".join(plan_json(everything().envelope, (acme(),))))

    (total,) = document["parts"][0]["totals"]
    assert total.items() >= {"currency": "USD", "monthly": "0.85", "once": "1.00"}.items()
