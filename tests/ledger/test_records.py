"""Runs, what was applied, what was bought and released, budgets, and the ledger's own name."""

from __future__ import annotations

import pytest

from reconciler.database import Conflict
from reconciler.errors import Unavailable
from reconciler.ledger.sql import SqlLedger
from reconciler.model.act import Action, Charge
from reconciler.model.address import Address
from reconciler.protocols import Run, Snapshot, State
from tests.ledger.records import ACCOUNT, NUMBER, bring, consume, move, order, take, update

SALES = Address("acme", "ring_group", "sales")


def remember(ledger: SqlLedger, lease, address: Address, spec: dict | None) -> None:
    with ledger.transaction(lease, "applied") as journal:
        journal.applied(address, spec, {"pin": "mac"})


def test_the_lineage_is_minted_once_and_stays(database, ledger, second):
    assert len(ledger.lineage()) == 32
    assert int(ledger.lineage(), 16)
    assert second.lineage() == ledger.lineage()
    for sql in ("UPDATE ledger SET lineage = 'x'", "DELETE FROM ledger"):
        with pytest.raises(Conflict):
            database.execute(sql)


def test_the_serial_only_rises(database, ledger, second, lease):
    seen = [ledger.serial()]
    for n in range(3):
        consume(ledger, lease, update(), plan=f"plan-{n}")
        seen.append(second.serial())
    assert seen == sorted(set(seen))
    with pytest.raises(Conflict, match="serial grows"):
        database.execute("UPDATE ledger SET serial = 0")


def test_the_last_time_is_kept_when_the_clock_jumps_back(ledger, second, lease, clock):
    consume(ledger, lease, update())
    clock.sleep(-3600)
    consume(ledger, lease, update(), plan="plan-2")
    assert second.last_time() == "2026-11-22T01:02:03.123456Z"
    clock.sleep(7200)
    ledger.start_run("run-9", who="jo", command="apply", plan_id="")
    assert second.last_time() == "2026-11-22T02:02:03.123456Z"


def test_runs_newest_first_with_their_parts(ledger, lease, clock):
    ledger.start_run("run-1", who="jo@host", command="apply p.json", plan_id="plan-1")
    consume(ledger, lease, update())
    clock.sleep(1)
    ledger.start_run("run-2", who="al@host", command="apply", plan_id="plan-2")
    ledger.finish_run("run-1", 5)
    start, end = "2026-11-22T01:02:03.123456Z", "2026-11-22T01:02:04.123456Z"
    first = Run("run-1", start, end, "jo@host", "apply p.json", 5, ("acme",), "plan-1")
    second = Run("run-2", end, "", "al@host", "apply", None, (), "plan-2")
    assert ledger.runs() == (second, first)
    assert ledger.runs(limit=1) == (second,)
    assert ledger.run("run-1") == first
    assert ledger.run("run-9") is None


def test_a_run_that_goes_on_is_open_again(ledger):
    ledger.start_run("run-1", who="jo", command="apply", plan_id="plan-1")
    ledger.finish_run("run-1", 5)
    ledger.start_run("run-1", who="al", command="resume", plan_id="plan-1")
    run = ledger.run("run-1")
    assert (run.who, run.finished_at, run.exit_code) == ("jo", "", None)


def test_what_was_applied_is_remembered_and_forgotten(ledger, second, lease):
    remember(ledger, lease, SALES, {"ring": "20s", "label": "Zoë"})
    remember(ledger, lease, SALES, {"ring": "30s"})
    found = second.applied("acme")
    assert {address: applied.spec for address, applied in found.items()} == {SALES: {"ring": "30s"}}
    assert (found[SALES].run_id, found[SALES].at) == ("run-1", "2026-11-22T01:02:03.123456Z")
    assert second.applied("other") == {}
    remember(ledger, lease, SALES, None)
    assert second.applied("acme") == {}


def test_the_owner_of_a_name_is_who_applied_it_last(ledger, lease, clock):
    remember(ledger, lease, Address("zeta", "number", NUMBER), {})
    clock.sleep(1)
    remember(ledger, lease, Address("acme", "number", NUMBER), {})
    remember(ledger, lease, Address("acme", "ring_group", "sales"), {})
    many = [f"+1201555{n:04}" for n in range(1200)]
    assert ledger.owners("number", [*many, NUMBER]) == {NUMBER: "acme"}
    assert ledger.owners("number", []) == {}


def release(number: str = NUMBER):
    return order(number=number, action=Action.RELEASE, charge=Charge.FREE)


def test_recent_acquisitions_are_verified_orders_of_that_account(ledger, lease, clock):
    consume(ledger, lease, order(), order("op-02", "+12015550145"), update("op-03"))
    bring(ledger, lease, State.VERIFIED)
    bring(ledger, lease, State.VERIFIED, "plan-1/acme/op-03")
    assert ledger.recent_acquisitions(ACCOUNT, "2026-11-22T01:02:03Z") == {NUMBER}
    assert ledger.recent_acquisitions("other", "2026-11-22T01:02:03Z") == frozenset()
    assert ledger.recent_acquisitions(ACCOUNT, "2026-11-22T01:02:04Z") == frozenset()


@pytest.mark.parametrize("state", list(State))
def test_a_release_explains_a_missing_number_once_it_may_have_left(ledger, lease, state):
    consume(ledger, lease, release())
    bring(ledger, lease, state)
    explained = state not in {State.INTENDED, State.FAILED}
    assert ledger.recent_releases(ACCOUNT) == ({NUMBER} if explained else frozenset())
    assert ledger.recent_releases("other") == frozenset()


def test_a_release_in_doubt_explains_whatever_became_of_it(ledger, lease):
    consume(ledger, lease, release())
    bring(ledger, lease, State.PARKED)
    move(ledger, lease, State.FAILED)
    assert ledger.recent_releases(ACCOUNT) == {NUMBER}


def test_a_number_bought_again_is_no_longer_explained(ledger, lease, clock):
    consume(ledger, lease, release())
    bring(ledger, lease, State.VERIFIED)
    clock.sleep(60)
    consume(ledger, lease, order(), plan="plan-2")
    assert ledger.recent_releases(ACCOUNT) == {NUMBER}
    bring(ledger, lease, State.VERIFIED, "plan-2/acme/op-01")
    assert ledger.recent_releases(ACCOUNT) == frozenset()


def test_a_budget_is_shared_and_its_window_slides(ledger, second):
    def spend(which: SqlLedger, second_of_minute: int, bucket: str = "voicetel") -> tuple:
        at = f"2026-11-22T01:00:{second_of_minute:02}Z"
        return which.spend(bucket, limit=2, window_seconds=10, now=at)

    assert spend(ledger, 0) == (True, 1, "2026-11-22T01:00:10.000000Z")
    assert spend(second, 4) == (True, 2, "2026-11-22T01:00:10.000000Z")
    assert spend(ledger, 9) == (False, 2, "2026-11-22T01:00:10.000000Z")
    assert spend(ledger, 9, "dial9")[0]
    assert spend(second, 10) == (True, 2, "2026-11-22T01:00:14.000000Z")
    assert spend(ledger, 10) == (False, 2, "2026-11-22T01:00:14.000000Z")


def test_a_budget_of_nothing_gives_nothing(ledger):
    now = "2026-11-22T01:00:00Z"
    assert ledger.spend("b", limit=0, window_seconds=10, now=now) == (False, 0, "")


def test_tables_of_a_newer_version_are_left_alone(database, connect, ledger, clock):
    database.execute("UPDATE schema_version SET version = 99 WHERE component = 'ledger'")
    with pytest.raises(Unavailable, match="version 99"):
        SqlLedger(connect(), clock, "jo")


def test_a_ledger_that_two_make_at_once_has_one_name(connect, clock):
    made = [SqlLedger(connect(), clock, "jo").lineage() for _ in range(2)]
    assert made[0] == made[1]


def test_scopes_of_one_run_give_the_highest_epoch_to_what_is_sent(ledger, second):
    second.give_back(take(second, "tenant/acme"))
    lease = take(ledger, "account/a", "tenant/acme")
    consume(ledger, lease, order())
    bring(ledger, lease, State.SENT)
    assert ledger.operation("plan-1/acme/op-01").epoch == 2


def test_what_was_left_of_a_kind_is_found_whoever_has_it(ledger, lease):
    other = Address("globex", "ring_group", "desk")
    remember(ledger, lease, SALES, {"ring": "20s"})
    remember(ledger, lease, other, {"ring": "30s"})
    remember(ledger, lease, Address("acme", "extension", "101"), {"name": "Desk"})

    found = [(one.address, one.spec) for one in ledger.applied_of("ring_group")]

    assert found == [(other, {"ring": "30s"}), (SALES, {"ring": "20s"})]
    assert ledger.applied_of("conference") == ()


def test_the_last_read_of_each_account_is_kept(ledger, second):
    assert ledger.snapshots() == {}
    first = Snapshot("vt", ACCOUNT, "2026-11-22T00:00:00Z", frozenset({NUMBER, "+16175550101"}))
    uk = Snapshot("uk", "unit-7", "2026-11-22T00:00:01Z", frozenset())
    later = Snapshot("vt", "another", "2026-11-23T00:00:00Z", frozenset({NUMBER}))

    ledger.keep_snapshot(first)
    ledger.keep_snapshot(uk)
    assert second.snapshots() == {"vt": first, "uk": uk}

    second.keep_snapshot(later)
    assert ledger.snapshots() == {"vt": later, "uk": uk}
