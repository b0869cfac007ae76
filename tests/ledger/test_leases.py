"""Leases: who may write, who is waited for, and that whoever lost one writes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from reconciler.database import Conflict
from reconciler.errors import Fenced, Stale
from reconciler.ledger.sql import SqlLedger
from reconciler.model.address import Address
from reconciler.protocols import HeldLease, Lease, State
from tests.ledger.records import OP, consume, move, order, send, take, update

SCOPE = "tenant/acme"


def expire(database, scope: str = SCOPE) -> None:
    """Let a lease run out, whichever clock decides that."""
    database.execute("UPDATE lease SET expires_at = 1 WHERE scope = ?", (scope,))


def contents(database) -> dict[str, list]:
    tables = ("ledger", "plan_used", "operation", "applied", "approval", "audit", "run")
    return {table: database.execute(f"SELECT * FROM {table}") for table in tables}


def test_a_held_scope_is_shown_instead_of_given(ledger, second, lease):
    held = second.take([SCOPE], owner="other", run_id="run-2", ttl_seconds=60)
    assert isinstance(held, HeldLease)
    assert (held.scope, held.owner, held.run_id, held.nonce) == (SCOPE, "me", "run-1", lease.nonce)
    assert second.locks() == (held,)


def test_all_scopes_or_none(ledger, second, lease):
    held = second.take(["account/a", SCOPE, "z"], owner="o", run_id="run-2", ttl_seconds=60)
    assert isinstance(held, HeldLease)
    assert held.scope == SCOPE
    assert [lock.scope for lock in ledger.locks()] == [SCOPE]
    ledger.give_back(lease)
    both = take(second, "z", "account/a", SCOPE)
    assert both.epochs == {"account/a": 1, SCOPE: 2, "z": 1}


def test_scopes_are_asked_for_in_sorted_order(ledger, second):
    """Two takers that went in different orders could wait for one another."""
    take(ledger, "b", "a", "c")
    held = second.take(("c", "b", "a"), owner="o", run_id="run-2", ttl_seconds=60)
    assert isinstance(held, HeldLease)
    assert held.scope == "a"


def test_a_lease_that_ran_out_is_taken_and_one_not_taken_is_renewed(
    database, ledger, second, lease
):
    expire(database)
    assert ledger.locks() == ()
    ledger.renew(lease)
    assert len(ledger.locks()) == 1
    expire(database)
    taken = take(second, run="run-2")
    assert taken.epochs == {SCOPE: 2}
    with pytest.raises(Fenced, match="tenant/acme was taken over"):
        ledger.renew(lease)


def test_a_lease_runs_out_by_the_clock(url, ledger, second, lease, clock):
    if url.startswith("postgresql"):
        pytest.skip("the server's clock decides there")
    clock.sleep(59)
    assert isinstance(second.take([SCOPE], owner="o", run_id="r", ttl_seconds=60), HeldLease)
    with ledger.transaction(lease, "x"):
        pass  # each transaction prolongs it
    clock.sleep(59)
    assert isinstance(second.take([SCOPE], owner="o", run_id="r", ttl_seconds=60), HeldLease)
    clock.sleep(1)
    assert take(second).epochs == {SCOPE: 2}


def test_giving_back_frees_and_keeps_the_epoch(ledger, second, lease):
    ledger.give_back(lease)
    assert ledger.locks() == ()
    other = take(second, owner="other")
    assert other.epochs == {SCOPE: 2}
    ledger.give_back(lease)  # no longer ours to end
    assert [held.nonce for held in ledger.locks()] == [other.nonce]


def test_epochs_never_go_back_and_rows_stay(database, lease):
    with pytest.raises(Conflict, match="epoch went back"):
        database.execute("UPDATE lease SET epoch = 0")
    with pytest.raises(Conflict, match="not deleted"):
        database.execute("DELETE FROM lease")


def writes(ledger: SqlLedger, lease: Lease) -> list[Callable[[], None]]:
    """Every way to write under a lease."""

    def remember() -> None:
        with ledger.transaction(lease, "x") as journal:
            journal.applied(Address("acme", "ring_group", "sales"), {"ring": "20s"}, {})

    def approve() -> None:
        with ledger.transaction(lease, "x") as journal:
            journal.approve("release", "+12015550144", "")

    return [
        lambda: consume(ledger, lease, update(), plan="plan-9"),
        lambda: send(ledger, lease),
        lambda: move(ledger, lease, State.FAILED),
        remember,
        approve,
        lambda: ledger.renew(lease),
    ]


def test_a_lease_that_was_taken_over_writes_nothing(database, ledger, second, lease):
    consume(ledger, lease, order())
    expire(database)
    take(second, owner="other", run="run-2")
    before = contents(database)
    for write in writes(ledger, lease):
        with pytest.raises(Fenced, match=r"run-2 of other"):
            write()
        assert contents(database) == before
    assert second.operation(OP).state is State.INTENDED


def test_one_lost_scope_of_several_fences_all(database, ledger, second):
    lease = take(ledger, "account/a", SCOPE)
    expire(database)
    take(second)
    before = contents(database)
    with pytest.raises(Fenced, match=SCOPE):
        consume(ledger, lease, update())
    assert contents(database) == before


def test_a_fence_rolls_back_the_platform_write_around_it(database, ledger, second, lease):
    database.execute("CREATE TABLE platform_object (name TEXT)")
    consume(ledger, lease, order())
    expire(database)
    take(second)

    def apply() -> None:
        with database.transaction("platform"):
            database.execute("INSERT INTO platform_object VALUES ('sales')")
            move(ledger, lease, State.VERIFIED)

    with pytest.raises(Fenced):
        apply()
    assert database.execute("SELECT * FROM platform_object") == []
    assert ledger.operation(OP).state is State.INTENDED


def test_a_platform_write_inside_commits_or_goes_with_the_journal(database, ledger, lease):
    database.execute("CREATE TABLE platform_object (name TEXT)")
    consume(ledger, lease, order())
    serial = ledger.serial()

    def apply(*, fail: bool) -> None:
        with ledger.transaction(lease, "unit") as journal:
            database.execute("INSERT INTO platform_object VALUES ('sales')")
            journal.move(OP, State.VERIFIED)
            if fail:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply(fail=True)
    assert database.execute("SELECT * FROM platform_object") == []
    assert (ledger.operation(OP).state, ledger.serial()) == (State.INTENDED, serial)
    apply(fail=False)
    assert database.execute("SELECT * FROM platform_object") == [("sales",)]
    assert ledger.serial() == serial + 1
    assert ledger.verify_audit() == ""


def test_unlock_frees_what_was_looked_at_and_fences_it(database, ledger, second, lease):
    assert not second.unlock("another-nonce", "al")
    assert second.unlock(lease.nonce, "al")
    assert ledger.locks() == ()
    with pytest.raises(Fenced):
        consume(ledger, lease, update())
    assert take(second).epochs == {SCOPE: 3}
    assert not second.unlock(lease.nonce, "al")
    told = [record["body"] for record in ledger.audit() if record["body"]["event"] == "unlock"]
    assert [(body["by"], body["of_run"], body["scopes"]) for body in told] == [
        ("al", "run-1", [SCOPE])
    ]


def test_the_holder_s_death_is_asked_for_and_believed(connect, ledger, clock, lease):
    asked = []

    def dead(owner: str) -> bool:
        asked.append(owner)
        return owner == "me"

    heir = SqlLedger(connect(), clock, "al@host", dead=dead)
    taken = take(heir, owner="heir", run="run-2")
    assert (asked, taken.epochs) == (["me"], {SCOPE: 2})
    assert isinstance(ledger.take([SCOPE], owner="x", run_id="r", ttl_seconds=9), HeldLease)


def race(connect, clock, work: Callable[[SqlLedger, int], object]) -> list[object]:
    """Let two connections do `work` at once; what each of them got."""
    ready = threading.Barrier(2)
    results: list[object] = [None, None]

    def run(n: int) -> None:
        ledger = SqlLedger(connect(), clock, f"racer-{n}", dead=lambda _: False)
        ready.wait()
        try:
            results[n] = work(ledger, n)
        except Stale as refused:
            results[n] = refused

    threads = [threading.Thread(target=run, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_that_race_for_a_lease_one_gets_it(connect, clock, ledger):
    for n in range(10):
        results = race(
            connect,
            clock,
            lambda each, who, n=n: each.take(
                ["a", f"tenant/{n}"], owner=f"racer-{who}", run_id=f"run-{who}", ttl_seconds=60
            ),
        )
        assert sorted(type(result).__name__ for result in results) == ["HeldLease", "Lease"]
        ledger.give_back(next(result for result in results if isinstance(result, Lease)))


def test_of_two_that_race_to_consume_a_part_one_does(connect, clock, ledger):
    for n in range(5):
        leases = [take(ledger, f"scope-{n}-{who}", run=f"run-{n}-{who}") for who in range(2)]

        def work(each: SqlLedger, who: int, n=n, leases=leases) -> str:
            consume(each, leases[who], order(number=f"+1201555010{n}"), plan=f"plan-{n}")
            return leases[who].run_id

        results = race(connect, clock, work)
        refused = [result for result in results if isinstance(result, Stale)]
        won = [result for result in results if isinstance(result, str)]
        assert (len(refused), len(won)) == (1, 1)
        assert f"reconciler resume {won[0]}" in str(refused[0])
        assert ledger.used(f"plan-{n}", "acme") == won[0]
        assert len(ledger.operations(won[0])) == 1
    assert ledger.verify_audit() == ""
