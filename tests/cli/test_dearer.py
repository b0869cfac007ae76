"""A carrier that takes more than the plan said is not bought from any further."""

from tests.cli.projects import MAIN, NUMBER_LINE

OTHERS = [f"{MAIN[:-1]}{last}" for last in (5, 6)]


def three(project):
    lines = [NUMBER_LINE.replace(MAIN, one) for one in (MAIN, *OTHERS)]
    project.change(NUMBER_LINE, "".join(lines).replace(", location: hq", ""))


def test_what_costs_more_than_was_planned_stops_the_orders_after_it(project):
    three(project)
    project.ok("plan", "--out", "plan.json")
    project.ok("sandbox", "switch", "did_rate=50.00")

    ended = project.run("apply", "plan.json")

    assert [charge["number"] for charge in project.charges()] == [MAIN], ended
    assert ended.status == 5
    told = " ".join(ended.out.split())
    assert f"sandbox took 50.00 USD for {MAIN}, and the plan said 1.00: plan again" in told
    assert project.spec("number", MAIN)["to"] == "ring_group/sales"
    assert "50.00" in project.ok("plan").out


def test_what_costs_less_stops_nothing(project):
    three(project)
    project.ok("plan", "--out", "plan.json")
    project.ok("sandbox", "switch", "did_rate=0.50")

    project.ok("apply", "plan.json")

    assert len(project.charges()) == 1 + len(OTHERS)


def test_a_balance_that_turns_out_too_low_is_asked_for_anew(project):
    three(project)
    project.ok("plan")
    project.ok("sandbox", "switch", "cash=1.50")

    project.run("apply", "--yes")

    assert "1.50" in project.run("plan").out or "0.50" in project.run("plan").out
