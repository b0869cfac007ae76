"""Internal numbers of a Dial 9 unit: what only colleagues dial there, kept like all else in git."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.sandbox.desk import find
from reconciler.sandbox.dial9.numbers import internal
from scripts.stage import PassedClock
from tests.cli.conftest import project
from tests.cli.test_dial9 import CONNECTOR, MAIN, TENANT

__all__ = ["project"]

SETTLE = timedelta(minutes=16)
FIRST, LAST = "@sandbox", "@sandbox:removals"
AT = "@sandbox/internal_number/0100"
TRUNK = "{type: Extension, name: pbx-trunk}"
DESK = "{type: Extension, name: Front desk}"
LINE = f'      "0100": {{handoff: {DESK}, caller_id_prefix: "Int:"}}\n'
SECTION = f"    internal_numbers:\n{LINE}"
MAKING = {"telcom": "/api/v2/numbers/save", "connect": "/api/v2/internal_numbers/create"}


def on(made, edition):
    path = made.root / "reconciler.yaml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("  sandbox:\n    kind"), text.index("secrets:")
    text = text[:start] + CONNECTOR.format(edition=edition) + SECTION + text[end:]
    path.write_text(text.replace('USD: "50.00"', 'GBP: "50.00"'), encoding="utf-8")
    made.write(TENANT)
    made.clock = PassedClock()
    made.edition = edition
    return made


@pytest.fixture(params=["telcom", "connect"])
def unit(request, project):
    return on(project, request.param)


@pytest.fixture
def telcom(project):
    return on(project, "telcom")


@pytest.fixture
def connect(project):
    return on(project, "connect")


@contextmanager
def books(unit):
    path = unit.root / ".reconciler/sandbox/sandbox.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    store = find("dial9").store(str(path))
    try:
        with store.transaction():
            yield store
    finally:
        store.close()


def there(unit):
    """Digits to name, prefix, destination and pass-through of what only colleagues dial."""
    with books(unit) as store:
        return {
            n.number: (n.name, n.caller_id_prefix, n.destination_id, n.passthrough)
            for n in store.numbers()
            if n.context == "utility"
        }


def switch(unit, **settings):
    with books(unit) as store:
        for name, value in settings.items():
            store.change_setting(name, value)


def make_by_hand(unit, **facts):
    """A colleague makes the number in the carrier's portal."""
    with books(unit) as store:
        store.save(replace(internal(store, "0100"), **facts), "made by hand")


def events(unit):
    with books(unit) as store:
        return [event["what"] for event in store.dump()["event"] if event["tn"] == "0100"]


def parts(unit):
    document = unit.run("plan", "-o", "json").document
    return {
        part["part"]: [f"{op['action']} {op['address']}" for op in part["operations"]]
        for part in document["parts"]
    }


def in_sync(unit):
    return unit.run("plan", "--detailed-exitcode").status == 0 and unit.run("drift").status == 0


def test_it_comes_first_is_changed_in_place_and_then_nothing_differs(unit):
    made = parts(unit)
    assert list(made) == [FIRST, "acme"]
    assert made[FIRST] == [f"create {AT}"]

    unit.applied()
    assert there(unit) == {"0100": (None, "Int:", 2902, True)}
    assert in_sync(unit)

    unit.project(LINE, f'      "0100": {{handoff: {TRUNK}, pass_caller_id: false}}\n')
    assert parts(unit)[FIRST] == [f"update {AT}"]
    unit.applied()
    assert there(unit) == {"0100": (None, None, 2903, False)}
    assert in_sync(unit)
    assert [charge["number"] for charge in unit.charges()] == [MAIN]


def test_what_is_there_and_not_in_git_is_told_and_left_alone(unit):
    switch(unit, utility_listed=True)
    unit.applied()
    with books(unit) as store:
        internal(store, "0200")

    (part, *_) = unit.run("plan", "-o", "json").document["parts"]

    assert part["unmanaged"] == ["@sandbox/internal_number/0200"]
    unit.applied()
    assert set(there(unit)) == {"0100", "0200"}


def test_what_is_there_as_git_says_becomes_ours_and_nothing_is_sent(unit):
    switch(unit, utility_listed=True)
    make_by_hand(unit, caller_id_prefix="Int:", destination_type="Extension", destination_id=2902)

    unit.applied()

    assert events(unit) == ["created", "made by hand"]
    assert parts(unit).get(FIRST, []) == []
    assert in_sync(unit)


def test_what_a_colleague_changed_there_is_drift_and_is_put_right(unit):
    unit.applied()
    with books(unit) as store:
        (number,) = (n for n in store.numbers() if n.context == "utility")
        store.save(replace(number, caller_id_prefix="Evil:", passthrough=False), "by hand")

    drift = unit.run("drift")

    assert drift.status == 2
    assert "Evil:" in drift.out
    unit.applied()
    assert there(unit) == {"0100": (None, "Int:", 2902, True)}
    assert in_sync(unit)


def test_the_older_edition_removes_it_last_of_all_and_asks_what_it_deletes(telcom):
    telcom.applied()
    telcom.project(SECTION, "")

    assert parts(telcom) == {"acme": [], LAST: [f"delete {AT}"]}
    telcom.applied()

    assert there(telcom) == {}
    assert in_sync(telcom)
    held = telcom.ok("sandbox", "ledger", "-o", "json").document
    assert held["releases"] == []


def test_an_id_that_is_a_public_number_by_now_is_never_deleted(telcom):
    telcom.applied()
    telcom.project(SECTION, "")
    telcom.ok("plan", "--out", "plan.json")
    with books(telcom) as store:
        (number,) = (n for n in store.numbers() if n.context == "utility")
        store._db.execute("UPDATE number SET id = id + 5000 WHERE number = '0100'")
        store._db.execute("UPDATE number SET id = ? WHERE number = '02079460100'", (number.id,))

    telcom.run("apply", "plan.json", "--yes")
    telcom.run("apply", "--yes")

    with books(telcom) as store:
        assert "02079460100" in {n.number for n in store.numbers()}


def test_one_that_a_number_still_leads_to_is_not_removed(telcom):
    telcom.applied()
    telcom.project(SECTION, "")
    with books(telcom) as store:
        inner, main = sorted(store.numbers(), key=lambda n: n.context, reverse=True)
        public = replace(
            main,
            destination_type="InternalNumber",
            destination_id=inner.id,
            id=9000,
            number="02079460199",
        )
        store.save(public, "theirs")

    ended = telcom.run("apply", "--yes", "-o", "json")

    assert ended.status == 5, ended
    assert "+442079460199 would lead nowhere without 0100" in ended.out
    assert set(there(telcom)) == {"0100"}


def test_the_newer_edition_has_no_way_to_remove_one_and_says_so(connect):
    connect.applied()
    connect.project(SECTION, "")

    plan = connect.run("plan")
    assert plan.status == 7
    assert "connector sandbox has no way to remove it" in " ".join(plan.out.split())
    assert parts(connect) == {FIRST: [], "acme": []}
    assert connect.run("apply", "--yes").status == 7
    assert set(there(connect)) == {"0100"}

    with books(connect) as store:
        (number,) = (n for n in store.numbers() if n.context == "utility")
        store.save(replace(number, state="deleted"), "removed in the portal")
    told = connect.run("plan", "-o", "json", "--allow", "empty_account=1")
    assert told.status == 0, told


def test_a_lost_answer_is_settled_by_reading_and_never_sent_twice(connect):
    switch(connect, utility_twice=True)
    connect.ok("sandbox", "fault", "drop", "--path", MAKING["connect"], "--after")

    connect.ok("apply", "--yes")

    assert list(there(connect)) == ["0100"]
    assert in_sync(connect)


def test_a_making_that_never_came_is_begun_anew_after_two_lists_without_it(connect):
    switch(connect, utility_twice=True)
    connect.ok("sandbox", "fault", "drop", "--path", MAKING["connect"])

    assert connect.run("apply", "--yes").status == 5
    assert connect.run("apply", "--yes").status == 5
    assert there(connect) == {}  # nobody knows yet: nothing is sent again
    while connect.run("apply", "--yes").status:
        connect.clock.ahead += SETTLE

    assert list(there(connect)) == ["0100"]
    assert in_sync(connect)


@pytest.mark.parametrize("done", [True, False])
def test_where_no_list_tells_a_lost_answer_is_left_to_a_person(telcom, done):
    switch(telcom, utility_twice=True)
    telcom.ok(
        "sandbox", "fault", "drop", "--path", MAKING["telcom"], *(["--after"] if done else [])
    )

    ended = telcom.run("apply", "--yes", "-o", "json")

    assert ended.status in {5, 8}
    (operation, *_) = ended.document["parts"][0]["operations"]
    assert operation["status"] == "parked"
    for _ in range(3):
        telcom.clock.ahead += SETTLE
        telcom.run("apply", "--yes")
    assert len(there(telcom)) == done
    run = ended.document["run_id"]
    how = "--happened" if done else "--did-not"
    telcom.run("runs", "settle", run, operation["id"], how, "--reason", "looked in the portal")
    telcom.applied()
    assert list(there(telcom)) == ["0100"]
    assert in_sync(telcom)
    telcom.project(DESK, TRUNK)
    if not done:
        telcom.applied()
        return
    changed = telcom.run("apply", "--yes", "-o", "json")
    assert changed.status == 5
    assert "told no id of the internal number 0100" in changed.out


def test_a_run_that_was_killed_after_the_answer_knows_its_id(telcom):
    """What the journal has of an answer is asked for, though no list shows it."""
    telcom.ok("sandbox", "fault", "500", "--path", "/api/v2/numbers/info", "--times", "50")
    telcom.run("apply", "--yes")
    telcom.ok("sandbox", "fault", "none")

    telcom.ok("apply", "--yes")

    assert list(there(telcom)) == ["0100"]
    assert in_sync(telcom)


@pytest.mark.parametrize("kind", ["500", "html", "truncated", "refuse", "plain-error"])
def test_a_list_that_cannot_be_read_plans_nothing(connect, kind):
    connect.applied()
    connect.project(LINE, LINE.replace("0100", "0101"))
    connect.ok("sandbox", "fault", kind, "--path", "/api/v2/internal_numbers/list", "--times", "3")

    ended = connect.run("plan", "-o", "json")

    assert ended.status == 7
    assert [op for part in ended.document["parts"] for op in part["operations"]] == []
    assert list(there(connect)) == ["0100"]


def test_an_edition_without_the_list_makes_none_and_loses_none(connect):
    connect.applied()
    switch(connect, without=["internal_numbers/list"])

    plan = connect.run("plan")
    assert plan.status == 7
    assert "internal_numbers/list" in plan.out
    connect.run("apply", "--yes")
    assert list(there(connect)) == ["0100"]


def test_an_edition_without_the_list_makes_nothing_that_nobody_could_see(connect):
    switch(connect, without=["internal_numbers/list"])

    plan = connect.run("plan")

    assert plan.status == 7
    assert "nobody could tell whether 0100 is there" in " ".join(plan.out.split())
    connect.run("apply", "--yes")
    assert there(connect) == {}
    assert [charge["number"] for charge in connect.charges()] == [MAIN]


def test_an_empty_list_is_not_believed_where_ours_was(connect):
    connect.applied()
    connect.ok(
        "sandbox", "fault", "empty", "--path", "/api/v2/internal_numbers/list", "--times", "9"
    )

    plan = connect.run("plan", "-o", "json")

    assert plan.status == 7
    assert "says nothing of 0100, which was there" in plan.out
    assert not any(part["operations"] for part in plan.document["parts"])


# Mistakes.


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("999", "calls for help"),
        ("112", "calls for help"),
        ("911", "calls for help"),
        ("9991", "is in the way of 999"),
        ("11", "is in the way of 112"),
        ("*55", "is a feature code"),
        ("5", "2 to 8 digits"),
        ("+442079460100", "2 to 8 digits"),
    ],
)
def test_digits_that_are_somebody_elses_are_refused(unit, digits, words):
    unit.project('"0100"', f'"{digits}"')

    ended = unit.run("validate", "-o", "json")

    assert ended.status == 3
    assert any(words in problem["message"] for problem in ended.document["problems"]), ended.out


def test_digits_that_stand_twice_are_refused(unit):
    unit.project(LINE, LINE + LINE.replace('"0100"', "0100"))

    ended = unit.run("validate")

    assert ended.status == 3
    assert "0100" in ended.out + ended.err


@pytest.mark.parametrize("name", ["x" * 129, " desk", "a<b>"])
def test_a_name_that_does_not_fit_is_refused(connect, name):
    connect.project("caller_id_prefix:", f'name: "{name}", caller_id_prefix:')

    assert connect.run("validate").status == 3


def test_a_setting_that_the_edition_lacks_is_told_and_nothing_is_made(unit):
    other = {"telcom": "name: Desk", "connect": "record: true"}[unit.edition]
    unit.project("caller_id_prefix:", f"{other}, caller_id_prefix:")

    plan = unit.run("plan")

    assert plan.status == 7
    assert f"cannot hold {other.split(':')[0]}" in " ".join(plan.out.split())
    unit.run("apply", "--yes")
    assert there(unit) == {}


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("{type: Extension, name: nobody}", "there is no Extension named 'nobody'"),
        ("{type: InternalNumber, name: '0100'}", "would lead to itself"),
    ],
)
def test_a_hand_off_that_cannot_be_is_told_by_the_plan(connect, to, words):
    connect.project(DESK, to)

    plan = connect.run("plan")

    assert plan.status == 7
    assert words in " ".join(plan.out.split())
    connect.run("apply", "--yes")
    assert there(connect) == {}


def test_a_voicetel_account_has_no_internal_numbers(unit):
    unit.project(f"kind: dial9\n    edition: {unit.edition}", "kind: voicetel")

    assert unit.run("validate").status == 3


def test_a_number_may_lead_to_one_by_its_name(connect):
    connect.project("caller_id_prefix:", "name: Desk, caller_id_prefix:")
    connect.applied()
    connect.change(
        "location: hq}\n", "location: hq, handoff: {type: InternalNumber, name: Desk}}\n"
    )

    connect.applied()

    with books(connect) as store:
        (main,) = (n for n in store.numbers() if n.context == "incoming")
        assert main.destination_type == "InternalNumber"
    assert in_sync(connect)


def test_what_the_project_has_nothing_to_do_with_is_not_read(connect):
    connect.project(SECTION, "")
    connect.ok("sandbox", "fault", "500", "--path", "/api/v2/internal_numbers/list", "--times", "9")

    connect.applied()

    assert in_sync(connect)
