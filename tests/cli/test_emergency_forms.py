"""An address that its carrier writes otherwise: registered as asked, told once, then silent."""

import pytest

from reconciler.cli import fleet, workers
from tests.cli.projects import MAIN, NUMBER_LINE
from tests.cli.test_emergency import RECORD, TN, at_carrier, registered

SUITE = 'street: "123 Main Street, Suite 400",'
CREEK = "street: 12 Oak Creek,"
VALIDATIONS = "/v2.2/e911/validations"
SECOND = "+16175550145"
MANY = 1000


def moved(project, street=SUITE):
    project.change("street: 12 Oak St,", street)


def switched(project, *pairs):
    told = ", ".join(f'"{pair}"' for pair in pairs)
    project.ok("sandbox", "switch", f"e911_writes=[{told}]")


def silent(project):
    """Validation is broken from now on: whoever asks is told nothing."""
    project.ok(
        "sandbox", "fault", "500", "--method", "POST", "--path", VALIDATIONS, "--times", str(MANY)
    )


def counted(project):
    """Count validations from now on."""
    project.ok("sandbox", "fault", "none")
    project.ok(
        "sandbox",
        *("fault", "slow", "--seconds", "0.001", "--method", "POST"),
        *("--path", VALIDATIONS, "--times", str(MANY)),
    )


def asked(project):
    ((left,),) = at_carrier(project, "SELECT times FROM fault WHERE kind = 'slow'")
    return MANY - left


def operations(ended):
    return [op for part in ended.document["parts"] for op in part["operations"]]


def notes(ended):
    return [note["text"] for part in ended.document["parts"] for note in part["notes"]]


def held(ended):
    return [(line["address"], line["what"]) for p in ended.document["parts"] for line in p["held"]]


def planned(project, *more):
    return project.run("plan", "-o", "json", *more)


def record(project, tn=TN):
    ((body,),) = at_carrier(project, f"SELECT body FROM record WHERE kind='e911' AND name='{tn}'")
    return body


def test_it_is_told_once_registered_and_silent_from_then_on(project):
    moved(project)

    told = planned(project)
    (note,) = notes(told)
    assert note.startswith("sandbox writes 123 MAIN STREET SUITE 400 in its own way")
    assert note.endswith("registered as 123 MAIN ST, STE 400.")
    (made,) = [op for op in operations(told) if op["address"] == RECORD]
    assert (made["after"]["street"], made["after"]["unit"]) == ("123 MAIN ST", "STE 400")
    project.applied()
    assert registered(project) == {TN: "123 MAIN ST"}
    silent(project)

    for words in (["plan", "--verify", "--detailed-exitcode"], ["drift"], ["apply", "--yes"]):
        ended = project.run(*words)
        assert (ended.status, "registered as" in ended.out) == (0, False)


def test_other_work_does_not_tell_it_again(project):
    moved(project)
    project.applied()
    project.change("name: Back office", "name: Warehouse")

    told = planned(project)

    assert [op["address"] for op in operations(told)] == ["acme/extension/102"]
    assert notes(told) == []


def test_what_is_kept_may_be_thrown_away_and_is_asked_for_once_more(project):
    moved(project)
    project.applied()
    project.sql("DELETE FROM carrier_fact")
    counted(project)

    for _ in range(3):
        assert project.run("plan", "--verify", "--detailed-exitcode").status == 0

    assert asked(project) == 1


def test_only_what_is_written_otherwise_is_kept(project):
    project.applied()
    assert project.sql("SELECT topic FROM carrier_fact WHERE topic LIKE 'form %'") == []


@pytest.mark.parametrize("kept", ["{", "[]", '"text"', "null"])
def test_what_is_kept_and_cannot_be_read_is_asked_for_again(project, kept):
    moved(project)
    project.applied()
    project.sql("UPDATE carrier_fact SET value = ?", kept)

    assert project.run("plan", "--verify", "--detailed-exitcode").status == 0


def test_what_was_kept_of_another_account_is_not_believed(project):
    moved(project)
    project.applied()
    project.sql("UPDATE carrier_fact SET account = 'other' WHERE topic LIKE 'form %'")
    silent(project)

    told = planned(project, "--verify")

    assert (told.status, held(told)) == (7, [(RECORD, "unchecked")])


def test_a_record_that_somebody_changed_is_drift_and_put_back(project):
    moved(project)
    project.applied()
    at_carrier(project, "UPDATE record SET body = replace(body, 'STE 400', 'STE 500')")

    drift = project.run("drift", "-o", "json")
    assert drift.status == 2
    (found,) = [t for t in drift.document["tenants"] if t["tenant"] == "acme"]
    assert [item["address"] for item in found["drifted"]] == [RECORD]
    silent(project)  # what the last apply left is enough to know that it is drift
    assert project.run("drift").status == 2
    assert held(planned(project)) == [(RECORD, "unchecked")]
    project.ok("sandbox", "fault", "none")
    project.applied()
    assert "STE 400" in record(project)


def test_an_address_that_changes_is_planned(project):
    moved(project)
    project.applied()
    project.change("Suite 400", "Suite 500")

    told = planned(project, "--detailed-exitcode")

    assert told.status == 2
    (made,) = [op for op in operations(told) if op["address"] == RECORD]
    assert [(d["path"], d["cause"]) for d in made["changes"]] == [("/unit", "config")]
    project.applied()
    assert "STE 500" in record(project)
    assert project.run("plan", "--detailed-exitcode").status == 0


def test_writing_it_as_the_carrier_does_is_no_change(project):
    moved(project)
    project.applied()
    project.change(SUITE, "street: 123 Main St, unit: Suite 400,")

    assert [op["address"] for op in operations(planned(project))] == ["acme/location/hq"]


def test_where_nobody_answers_it_is_not_checked_and_the_rest_is_done(project):
    moved(project)
    silent(project)

    told = planned(project)
    assert (told.status, held(told)) == (7, [(RECORD, "unchecked")])
    assert RECORD not in [op["address"] for op in operations(told)]
    assert project.run("apply", "--yes").status == 7
    assert registered(project) == {}

    project.ok("sandbox", "fault", "none")
    project.applied()
    assert registered(project) == {TN: "123 MAIN ST"}


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("123=132", "street: 132 MAIN ST"),
        ("BOSTON=QUINCY", "city: QUINCY"),
        ("02110=02169", "postcode: 02169"),
        ("MAIN=MAINE", "street: 123 MAINE ST"),
    ],
)
def test_another_place_is_never_registered_and_told(project, pair, words):
    project.applied()
    moved(project)
    switched(project, pair)

    told = planned(project)

    assert (told.status, held(told)) == (7, [(f"acme/number/{MAIN}", "unsupported")])
    assert words in told.out
    assert project.run("apply", "--yes").status == 7
    assert registered(project) == {TN: "12 OAK ST"}


def test_a_saved_plan_whose_form_is_another_one_now_is_refused_and_planned_anew(project):
    switched(project, "CREEK=CRK")
    moved(project, CREEK)
    project.ok("plan", "--out", "plan.json")
    switched(project, "CRK=CREEK")

    ended = project.run("apply", "plan.json", "--yes")

    assert ended.status == 5, ended
    assert "writes 12 OAK CRK, BOSTON, MA, 02110 as 12 OAK CREEK" in " ".join(ended.out.split())
    assert registered(project) == {}
    project.applied()
    assert registered(project) == {TN: "12 OAK CREEK"}
    assert project.run("plan", "--detailed-exitcode").status == 0


def test_many_numbers_of_many_places_ask_once_for_each_place(project):
    moved(project)
    lines = "".join(
        f'  "+1617555{n:04}": {{connector: sandbox, to: ring_group/sales, location: {place}}}\n'
        for n, place in zip(range(150, 156), ["hq", "shop"] * 3, strict=True)
    )
    project.change(NUMBER_LINE, NUMBER_LINE + lines)
    shop = "  shop: {caller_name: Acme, street: 7 Elm Street Floor 2, city: Boston, region: MA,\n"
    project.change("numbers:\n", f'{shop}         postcode: "02110", country: US}}\nnumbers:\n')
    counted(project)

    told = planned(project)

    assert asked(project) == 2
    assert len(notes(told)) == 2
    assert len([op for op in operations(told) if op["kind"] == "emergency_record"]) == 7
    project.applied()
    assert sorted(registered(project).values()) == ["123 MAIN ST"] * 4 + ["7 ELM ST"] * 3
    assert project.run("plan", "--verify", "--detailed-exitcode").status == 0


def test_a_carrier_that_does_not_answer_is_not_asked_for_each_place(project):
    streets = [f"{n} Oak Street Suite {n}" for n in range(1, 20)]
    places = "".join(
        f"  p{n}: {{caller_name: Acme, street: {street}, city: Boston, region: MA,"
        f' postcode: "02110", country: US}}\n'
        for n, street in enumerate(streets)
    )
    lines = "".join(
        f'  "+1617555{150 + n:04}": {{connector: sandbox, to: ring_group/sales, location: p{n}}}\n'
        for n in range(len(streets))
    )
    project.change("numbers:\n", f"{places}numbers:\n")
    project.change(NUMBER_LINE, NUMBER_LINE + lines)
    silent(project)

    told = planned(project)

    assert len(held(told)) == len(streets) + 1
    ((left,),) = at_carrier(project, "SELECT times FROM fault WHERE kind = '500'")
    assert MANY - left < len(streets)


def test_one_place_without_an_answer_hides_no_other(project):
    shop = "  shop: {caller_name: Acme, street: 7 Elm Street Floor 2, city: Boston, region: MA,\n"
    project.change("numbers:\n", f'{shop}         postcode: "02110", country: US}}\nnumbers:\n')
    line = f'  "{SECOND}": {{connector: sandbox, to: ring_group/sales, location: shop}}\n'
    project.change(NUMBER_LINE, NUMBER_LINE + line)
    moved(project)
    project.ok("sandbox", "fault", "garbage", "--method", "POST", "--path", VALIDATIONS)

    told = planned(project)

    assert len(held(told)) == 1
    records = [op for op in operations(told) if op["kind"] == "emergency_record"]
    assert len(records) == 1


@pytest.mark.slow
def test_processes_that_plan_together_say_the_same(project, monkeypatch):
    monkeypatch.setattr(fleet, "SHARED_FROM", 1)
    monkeypatch.setattr(workers, "processes", lambda: 2)
    moved(project)
    assert len(notes(planned(project))) == 1
    project.applied()
    silent(project)

    assert project.run("plan", "--verify", "--detailed-exitcode").status == 0


@pytest.mark.parametrize("when", [["--after"], []])
def test_a_lost_answer_is_found_out_by_reading(project, when):
    moved(project)
    path = f"/v2.2/e911/{TN}"
    project.ok("sandbox", "fault", "drop", "--method", "PUT", "--path", path, *when)

    project.applied()

    assert registered(project) == {TN: "123 MAIN ST"}
    assert project.run("plan", "--detailed-exitcode").status == 0
