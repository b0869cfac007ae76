"""What is not over: said yes and not seen, left by an earlier run, failed, refused, withdrawn."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.sandbox.store import Store
from scripts.stage import PassedClock
from tests.cli.projects import MAIN, NUMBER_LINE

SECOND = "+16175550155"


@pytest.fixture
def timed(project):
    """The project on a clock that is passed in: waiting costs nothing."""
    project.clock = PassedClock()
    return project


def order_state(project):
    return project.sql("SELECT state FROM operation WHERE action = 'order'")[-1][0]


def forget_faults(project):
    store = Store(str(project.root / ".reconciler/sandbox/sandbox.db"))
    with store.transaction():
        store.forget_faults()
        store.change_setting("stale", None)
    store.close()


def ended_runs(project):
    """Each run, oldest first: its command, whether it ended, and with what."""
    runs = project.ok("runs", "list", "-o", "json").document["runs"]
    return [(r["command"], bool(r["finished_at"]), r["exit_code"]) for r in reversed(runs)]


def release_due(project):
    """A number whose quarantine is over, and its approval."""
    project.applied()
    project.change(NUMBER_LINE, "")
    project.change("numbers:\n", "")
    project.ok("apply", "--yes", "--allow", "quarantines=1")
    project.clock.ahead += timedelta(days=46)
    return f"release:{MAIN}"


# Said yes, not seen yet.


def test_an_order_that_the_list_does_not_show_is_no_success(timed):
    timed.ok("sandbox", "fault", "stale", "--seconds", "3600")

    ended = timed.run("apply", "--yes", "-o", "json")

    assert order_state(timed) == "done"
    assert ended.status == 5
    (order,) = (
        result
        for part in ended.document["parts"]
        for result in part["operations"]
        if result["action"] == "order"
    )
    assert order["status"] == "not_seen"
    assert ended.document["summary"]["waiting"] == 0


def test_what_is_not_seen_is_looked_for_again_by_resume(timed):
    timed.ok("sandbox", "fault", "stale", "--seconds", "600")
    text = timed.run("apply", "--yes").out
    run = timed.last_run()

    assert "Said yes, not seen yet; resume looks again:" in text
    assert f"  reconciler resume {run}\n" in text
    timed.clock.ahead += timedelta(seconds=601)
    timed.ok("resume", run)
    assert order_state(timed) == "verified"
    assert len(timed.charges()) == 1


def test_a_plan_does_not_call_that_in_sync(timed):
    timed.ok("sandbox", "fault", "stale", "--seconds", "3600")
    timed.run("apply", "--yes")

    assert timed.run("plan", "--detailed-exitcode").status == 2
    assert timed.run("plan").status == 0


# Left by an earlier run.


def test_what_an_earlier_run_left_is_named_with_its_run_and_the_way_on(timed):
    timed.lose_orders()
    run = timed.last_run()

    ended = timed.run("apply", "--yes")

    assert ended.status == 8
    told = ended.out.partition("Left by earlier runs\n")[2]
    assert f"carrier_number/{MAIN}" in told
    assert f"run {run}" in told
    assert f"reconciler resume {run}" in told
    assert "1 left by earlier runs" in told


def test_machines_are_told_as_well_and_the_run_is_kept_with_its_status(timed):
    timed.lose_orders()
    run = timed.last_run()

    (left,) = timed.run("apply", "--yes", "-o", "json").document["left"]

    assert left["address"] == f"acme/carrier_number/{MAIN}"
    assert left["status"] == "unknown"
    assert left["run_id"] == run
    assert left["next"] == f"reconciler resume {run}"
    assert ended_runs(timed)[-1] == ("apply", True, 8)


def test_a_plan_with_a_paid_act_that_nobody_knows_of_exits_8(timed):
    timed.lose_orders()

    ended = timed.run("plan", "--detailed-exitcode")

    assert ended.status == 8
    assert f"not known: acme/carrier_number/{MAIN}" in ended.err
    assert timed.run("plan").status == 0


def test_a_plan_with_a_parked_order_exits_8(timed):
    timed.lose_orders()
    timed.sql("UPDATE operation SET state = 'parked' WHERE action = 'order'")

    assert timed.run("plan", "--detailed-exitcode").status == 8
    assert f"runs settle {timed.last_run()}" in timed.run("apply", "--yes").out


# Resume of what is over, of what failed, of what was refused.


def test_resuming_a_finished_run_says_so_and_starts_nothing(timed):
    timed.applied()
    run = timed.last_run()

    ended = timed.ok("resume", run)

    assert "Apply complete" in ended.out
    assert len(ended_runs(timed)) == 1


def test_resuming_a_run_that_failed_for_certain_says_plan_again(timed):
    timed.ok("sandbox", "fault", "refuse", "--method", "POST", "--path", "/v2.2/orders")
    first = timed.run("apply", "--yes")
    run = timed.last_run()

    ended = timed.run("resume", run)
    again = timed.run("resume", run)

    for told in (first, ended, again):
        assert told.status == 5
        assert "  reconciler plan\n" in told.out
        assert f"reconciler resume {run}" not in told.out
    assert not timed.charges()
    assert all(finished for _, finished, _ in ended_runs(timed))


def test_a_run_that_was_refused_is_ended_and_not_gone_on_with(timed):
    timed.without_gateways()
    timed.project('USD: "50.00"', 'USD: "0.50"')
    assert timed.run("apply", "--yes").status == 4

    ended = timed.run("resume", timed.last_run())

    assert ended.status == 6
    assert "ended with 4 before it began anything" in ended.err
    assert "reconciler plan" in ended.err
    assert ended_runs(timed) == [("apply", True, 4)]


def test_a_run_that_only_resumed_names_the_one_that_it_went_on_with(timed):
    timed.lose_orders()
    run = timed.last_run()
    timed.run("resume", run)

    ended = timed.run("resume", timed.last_run())

    assert ended.status == 6
    assert f"reconciler resume {run}" in ended.err
    assert f"reconciler runs show {run}" in timed.ok("runs", "show", timed.last_run()).out


def test_a_run_that_was_cut_off_is_ended_by_what_goes_on_with_it(timed):
    timed.ok("sandbox", "fault", "stale", "--seconds", "600")
    timed.run("apply", "--yes")
    run = timed.last_run()
    timed.sql("UPDATE run SET finished_at = '', exit_code = NULL")  # as a kill leaves it
    timed.clock.ahead += timedelta(seconds=601)

    timed.ok("resume", run)

    assert all(finished for _, finished, _ in ended_runs(timed))
    assert order_state(timed) == "verified"


def test_a_run_that_was_cut_off_is_taken_over_by_the_apply_that_picks_it_up(timed):
    timed.ok("sandbox", "fault", "stale", "--seconds", "600")
    timed.run("apply", "--yes")
    cut_off = timed.last_run()
    timed.sql("UPDATE run SET finished_at = '', exit_code = NULL")  # as a kill leaves it
    timed.clock.ahead += timedelta(seconds=601)

    timed.ok("apply", "--yes")

    runs = timed.ok("runs", "list", "-o", "json").document["runs"]
    assert [(run["run_id"], run["taken_over_by"]) for run in runs] == [
        (timed.last_run(), ""),
        (cut_off, timed.last_run()),
    ]
    assert f"by {timed.last_run()}" in timed.ok("runs", "list").out
    assert f"run {timed.last_run()} found out" in timed.ok("runs", "show", cut_off).out
    assert "(not ended)" not in timed.ok("runs", "list").out


def test_what_is_still_open_is_not_taken_over_yet(timed):
    timed.lose_orders()
    timed.sql("UPDATE run SET finished_at = '', exit_code = NULL")

    timed.run("apply", "--yes")

    first = timed.ok("runs", "list", "-o", "json").document["runs"][-1]
    assert (first["finished_at"], first["taken_over_by"]) == ("", "")


# What git has taken back.


def withdrawn(project):
    """An order of unknown outcome that git does not ask for any more; its run."""
    project.lose_orders()
    run = project.last_run()
    project.change(NUMBER_LINE, "")
    project.change("numbers:\n", "")
    forget_faults(project)
    return run


def test_an_order_that_git_took_back_is_not_sent_again_by_resume(timed):
    run = withdrawn(timed)
    sends = timed.sql("SELECT sends, state FROM operation WHERE action = 'order'")

    ended = timed.run("resume", run)

    assert timed.sql("SELECT sends, state FROM operation WHERE action = 'order'") == sends
    assert ended.status == 8
    assert not timed.charges()


def test_once_it_is_known_not_to_have_come_it_is_closed_and_never_begun(timed):
    run = withdrawn(timed)

    for _ in range(3):
        ended = timed.run("resume", run)
        timed.clock.ahead += timedelta(minutes=16)

    assert order_state(timed) == "failed"
    assert ended.status == 5
    assert "reconciler resume" not in ended.out
    assert not timed.charges()
    timed.applied()
    assert not timed.charges()


def test_an_order_that_git_still_wants_is_sent_again_with_its_key(timed):
    timed.lose_orders()
    run = timed.last_run()
    key = timed.sql("SELECT idem_key FROM operation WHERE action = 'order'")
    forget_faults(timed)

    timed.ok("resume", run)

    assert timed.sql("SELECT idem_key FROM operation WHERE action = 'order'") == key
    assert len(timed.charges()) == 1


def test_an_unknown_release_is_never_called_a_purchase(timed):
    approval = release_due(timed)
    timed.ok("sandbox", "fault", "stale", "--seconds", "3600")
    release = ("--method", "POST", "--path", f"/v2.2/numbers/{approval[-10:]}/release")
    timed.ok("sandbox", "fault", "drop", *release, "--times", "1000")

    ended = timed.run("apply", "--yes", "--approve", approval)

    assert ended.status == 8
    assert "It may have been given back for good." in ended.out
    assert "bought" not in ended.out
