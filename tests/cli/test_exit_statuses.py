"""Every exit status, each from a whole command, and what the world looks like afterwards."""

import pytest

from reconciler.cli import main
from tests.cli.projects import MAIN, NUMBER_LINE


def test_0_applied_and_in_sync(project):
    project.applied()

    assert project.spec("ring_group", "sales")["members"]
    assert [charge["number"] for charge in project.charges()] == [MAIN]
    assert project.run("plan", "--detailed-exitcode").status == 0
    assert project.run("drift").status == 0


def test_0_applying_twice_buys_once(project):
    project.applied()
    project.applied()

    assert [charge["number"] for charge in project.charges()] == [MAIN]


def test_2_changes_are_pending(project):
    assert project.run("plan", "--detailed-exitcode").status == 2
    assert project.run("plan").status == 0
    assert not project.charges()


def test_2_something_drifted(project):
    project.applied()
    project.ok("sandbox", "poke", "acme/ring_group/sales", "ring=40s")

    ended = project.run("drift")

    assert ended.status == 2
    assert "live 40s" in ended.out
    assert "sandbox poke" in ended.out
    assert project.spec("ring_group", "sales")["ring"] == "40s"  # looked at, not put back


def test_3_the_configuration_is_invalid(project):
    project.change("to: ring_group/sales", "to: ring_group/salse")

    for command in (["validate"], ["plan"], ["apply", "--yes"], ["drift"]):
        ended = project.run(*command)
        assert ended.status == 3, command
        assert 'Did you mean "ring_group/sales"' in ended.out + ended.err
    assert not project.charges()


def test_3_the_plan_was_edited(project):
    project.ok("plan", "--out", "plan.json")
    path = project.root / "plan.json"
    path.write_text(path.read_text(encoding="utf-8").replace("25s", "95s"), encoding="utf-8")

    assert project.run("show", "plan.json").status == 3
    assert project.run("apply", "plan.json").status == 3
    assert not project.charges()


def test_4_a_limit_is_passed(project):
    project.project('USD: "50.00"', 'USD: "0.50"')

    ended = project.run("apply", "--yes")

    assert ended.status == 4
    assert "--max-monthly-increase USD=3.5" in ended.out
    assert not project.charges()
    project.ok("apply", "--yes", "--allow", "monthly_increase=3.50")
    assert project.charges()


def test_4_a_protected_number_is_not_given_up(project):
    project.change("location: hq}\nextensions", "location: hq, protect: true}\nextensions")
    project.applied()
    project.change(NUMBER_LINE.replace("location: hq}", "location: hq, protect: true}"), "")
    project.change("numbers:\n", "")

    assert project.run("apply", "--yes").status == 4
    assert project.sql("SELECT state FROM number") == [("assigned",)]


def test_5_an_order_is_refused_and_the_rest_can_go_on(project):
    project.ok("sandbox", "fault", "refuse", "--method", "POST", "--path", "/v2.2/orders")

    ended = project.run("apply", "--yes")

    assert ended.status == 5
    assert not project.charges()
    project.applied()
    assert [charge["number"] for charge in project.charges()] == [MAIN]


def test_5_nothing_points_at_a_number_that_did_not_come(project):
    project.change("    name: Front desk\n", f'    name: Front desk\n    caller_id: "{MAIN}"\n')
    project.ok("sandbox", "fault", "refuse", "--method", "POST", "--path", "/v2.2/orders")

    assert project.run("apply", "--yes").status == 5

    assert project.spec("number", MAIN) is None
    assert "caller_id" not in (project.spec("extension", "101") or {})
    project.applied()
    assert project.spec("extension", "101")["caller_id"] == MAIN


def test_6_what_the_plan_relies_on_has_moved(project):
    project.applied()
    project.change("after: 25s", "after: 30s")
    project.ok("plan", "--out", "plan.json")
    project.ok("sandbox", "poke", "acme/ring_group/sales", "ring=40s")

    ended = project.run("apply", "plan.json")

    assert ended.status == 6
    assert "sandbox poke" in ended.out
    assert project.spec("ring_group", "sales")["overflow"]["after"] == "25s"


def test_6_a_plan_is_used_once(project):
    project.ok("plan", "--out", "plan.json")
    project.ok("apply", "plan.json")

    ended = project.run("apply", "plan.json")

    assert ended.status == 6
    assert "resume" in ended.out
    assert len(project.charges()) == 1


def test_6_another_plan_is_expected(project):
    assert project.run("apply", "--expect", "0000-0000").status == 6
    assert not project.charges()


def test_7_without_a_key_nothing_is_begun(project):
    del project.environment["RECONCILER_KEY"]

    ended = project.run("apply", "--yes")

    assert ended.status == 7
    assert "reconciler secrets keygen" in ended.err
    assert not project.charges()
    assert not project.sql("SELECT * FROM object")


def test_7_what_was_not_checked_is_not_clean(project):
    project.applied()
    project.ok("sandbox", "fault", "500", "--method", "GET", "--times", "100")

    ended = project.run("drift")

    assert ended.status == 7
    assert "NOT CHECKED" in ended.out
    assert project.run("plan").status == 7


def test_2_outranks_7(project):
    project.applied()
    project.ok("sandbox", "poke", "acme/ring_group/sales", "ring=40s")
    project.ok("sandbox", "fault", "500", "--method", "GET", "--times", "100")

    assert project.run("drift").status == 2


def test_8_nobody_knows_whether_a_number_was_bought(project):
    ended = project.lose_orders()

    assert ended.status == 8
    assert "unknown" in ended.out
    assert project.sql("SELECT state FROM operation WHERE action = 'order'") == [("unknown",)]


@pytest.mark.parametrize(
    "arguments",
    [
        ["plann"],
        ["plan", "--nonsense"],
        ["plan", "-o", "yaml"],
        ["apply", "nowhere.json"],
        ["apply", "--yes", "--approve", "everything"],
        ["apply", "--yes", "--allow", "nothing=1"],
        ["show"],
        ["show", "nowhere.json"],
        ["explain", "TEL999"],
        ["explain", "ring_group.nonsense"],
        ["schema", "nonsense"],
        ["runs", "show", "nowhere"],
        ["resume", "nowhere"],
        ["runs", "settle", "nowhere", "op-01", "--happened", "--reason", "x"],
        ["runs", "settle", "nowhere", "op-01", "--happened"],
        ["runs", "settle", "nowhere", "op-01", "--happened", "--did-not", "--reason", "x"],
        ["sandbox", "ledger", "nowhere"],
        ["sandbox", "poke", "acme/ring_group/sales", "ring"],
        ["sandbox", "poke", "acme/ring_group/sales", "ring=40s"],
        ["sandbox", "poke", "nonsense", "ring=40s"],
        ["sandbox", "fault", "nonsense"],
        ["sandbox", "reset"],
        ["numbers", "list", "--state", "nonsense"],
    ],
    ids=" ".join,
)
def test_64_wrong_usage(project, arguments):
    ended = project.run(*arguments)

    assert ended.status == 64
    assert ended.err.strip()
    assert not ended.out


def test_64_nobody_can_be_asked(project):
    ended = project.run("apply")

    assert ended.status == 64
    assert "--yes" in ended.err
    assert not project.charges()


def test_a_typing_mistake_is_never_taken_for_pending_changes(project):
    assert project.run("plan", "--detailed-exitcod").status == 64


def test_130_interrupted(project, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(main.commands, "invoke", interrupted)

    assert project.run("plan").status == 130


def test_the_last_resort_says_where_and_no_value(project, monkeypatch):
    def broken(*args, **options):
        raise RuntimeError("canary-value")

    monkeypatch.setattr(main.commands, "invoke", broken)

    ended = project.run("plan")

    assert ended.status == 1
    assert "RuntimeError at test_exit_statuses.py" in ended.err
    assert "canary-value" not in ended.err
    assert "Traceback" not in ended.err
