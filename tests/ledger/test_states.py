"""The states of an operation: what the database itself lets through and what it refuses."""

from __future__ import annotations

import itertools

import pytest

from reconciler.database import Conflict, Database
from reconciler.errors import ReconcilerError, Stale
from reconciler.ledger.sql import SqlLedger
from reconciler.protocols import Lease, State
from tests.ledger.records import (
    ACCOUNT,
    NUMBER,
    OP,
    bring,
    consume,
    move,
    order,
    send,
    take,
    update,
)

LEGAL = {
    (State.INTENDED, State.SENT),
    (State.INTENDED, State.VERIFIED),
    (State.INTENDED, State.FAILED),
    (State.SENT, State.DONE),
    (State.SENT, State.FAILED),
    (State.SENT, State.INTENDED),
    (State.SENT, State.UNKNOWN),
    (State.DONE, State.VERIFIED),
    (State.DONE, State.UNKNOWN),
    (State.UNKNOWN, State.VERIFIED),
    (State.UNKNOWN, State.SENT),
    (State.UNKNOWN, State.INTENDED),
    (State.UNKNOWN, State.PARKED),
    (State.PARKED, State.VERIFIED),
    (State.PARKED, State.FAILED),
}
PAIRS = list(itertools.product(State, State))


@pytest.fixture
def op(ledger: SqlLedger, lease: Lease) -> str:
    consume(ledger, lease, order())
    return OP


def state(ledger: SqlLedger) -> State:
    entry = ledger.operation(OP)
    assert entry is not None
    return entry.state


def test_every_pair_of_states_through_the_journal(database, ledger, lease):
    assert len(PAIRS) == 49
    for n, (old, new) in enumerate(PAIRS):
        consume(ledger, lease, order(number=f"+1201555{n:04}"), plan=f"plan-{n}")
        op = f"plan-{n}/acme/op-01"
        bring(ledger, lease, old, op)
        step = send if new is State.SENT else lambda *a, new=new: move(a[0], a[1], new, a[2])
        if (old, new) in LEGAL or (old is new and new is not State.SENT):
            step(ledger, lease, op)
            assert ledger.operation(op).state is new
        else:
            with pytest.raises(ReconcilerError):
                step(ledger, lease, op)
            assert ledger.operation(op).state is old
    assert ledger.verify_audit() == ""


def test_every_pair_of_states_in_plain_sql(database, ledger, lease):
    """Whoever writes past the code meets the same rules."""
    by_sending = {
        State.INTENDED: (State.INTENDED,),
        State.FAILED: (State.FAILED,),
        State.VERIFIED: (State.DONE, State.VERIFIED),
    }
    for n, (old, new) in enumerate(PAIRS):
        consume(ledger, lease, order(number=f"+1201555{n:04}"), plan=f"plan-{n}")
        op = f"plan-{n}/acme/op-01"
        # Sent once, each row has all that the other constraints ask for: only the move is on trial.
        bring(ledger, lease, State.SENT if old in by_sending else old, op)
        for step in by_sending.get(old, ()):
            move(ledger, lease, step, op)
        sql = "UPDATE operation SET state = ?, doubt = 1 WHERE op_id = ?"
        if (old, new) in LEGAL or old is new:
            assert database.count(sql, (new.value, op)) == 1
        else:
            with pytest.raises(Conflict, match="illegal transition"):
                database.execute(sql, (new.value, op))
        assert ledger.operation(op).state is (new if (old, new) in LEGAL else old)


def test_a_second_sending_in_plain_sql_is_no_legal_move(database, ledger, lease, op):
    send(ledger, lease)
    with pytest.raises(Conflict, match="illegal transition"):
        database.execute("UPDATE operation SET state = 'sent', sent_at = 'later'")


@pytest.mark.parametrize("first", [s for s in State if s is not State.INTENDED])
def test_an_operation_starts_as_intended(database: Database, ledger, lease, op, first):
    database.execute("CREATE TABLE copy AS SELECT * FROM operation")
    database.execute("UPDATE copy SET op_id = 'x', seq = 9, state = ?, charge = 'free'", (first,))
    database.execute("UPDATE copy SET reversibility = 'reversible'")
    with pytest.raises(Conflict):
        database.execute("INSERT INTO operation SELECT * FROM copy")
    assert len(database.execute("SELECT 1 FROM operation")) == 1


def test_what_is_sent_says_when_and_under_which_key(database, ledger, lease, op):
    for column in ("epoch", "idem_key", "body_digest", "sent_at", "first_sent_at", "deadline"):
        values = {
            "epoch": "1",
            "idem_key": "'k'",
            "body_digest": "'d'",
            "sent_at": "'t'",
            "first_sent_at": "'t'",
            "deadline": "'t'",
        }
        values[column] = "NULL"
        assigned = ", ".join(f"{name} = {value}" for name, value in values.items())
        with pytest.raises(Conflict):
            database.execute(f"UPDATE operation SET state = 'sent', {assigned}")
    assert state(ledger) is State.INTENDED


def test_journal_rows_are_not_deleted_and_stay_as_planned(database, ledger, lease, op):
    with pytest.raises(Conflict, match="not deleted"):
        database.execute("DELETE FROM operation")
    with pytest.raises(Conflict, match="as it was planned"):
        database.execute("UPDATE operation SET resource_key = '+12015550199'")
    with pytest.raises(Conflict):
        database.execute("DELETE FROM plan_used")
    assert ledger.operation(OP).resource_key == NUMBER


def test_a_used_part_stays_used(database, ledger, lease):
    consume(ledger, lease)  # a part without operations is used up too
    for sql in ("DELETE FROM plan_used", "UPDATE plan_used SET run_id = 'run-2'"):
        with pytest.raises(Conflict, match="stays used"):
            database.execute(sql)
    assert ledger.used("plan-1", "acme") == "run-1"


def test_a_key_is_bound_to_its_body(database, ledger, lease, op):
    bring(ledger, lease, State.UNKNOWN)
    with (
        pytest.raises(ReconcilerError, match="same key, other body"),
        ledger.transaction(lease, "op-sent") as journal,
    ):
        journal.send(OP, key="plan-1-acme-op-01-1", body_digest="other", deadline="t", attempt=1)
    with pytest.raises(Conflict, match="same key, other body"):
        database.execute("UPDATE operation SET body_digest = 'other'")
    with pytest.raises(Conflict, match="one key"):
        database.execute("UPDATE operation SET idem_key = 'fresh', body_digest = 'other'")
    assert state(ledger) is State.UNKNOWN
    assert ledger.operation(OP).body_digest == "body-1"


def test_an_earlier_attempt_does_not_come_back(ledger, lease, op):
    bring(ledger, lease, State.UNKNOWN)
    move(ledger, lease, State.INTENDED)
    send(ledger, lease, attempt=2)
    move(ledger, lease, State.INTENDED)
    with pytest.raises(ReconcilerError, match="attempts grow"):
        send(ledger, lease, attempt=1)


def test_the_first_sending_and_the_doubt_stay_and_a_new_attempt_reads_anew(
    database, ledger, lease, op, clock
):
    bring(ledger, lease, State.UNKNOWN)
    first = ledger.operation(OP).first_sent_at
    move(ledger, lease, State.UNKNOWN, absent_at="2026-11-22T01:30:00.000000Z")
    assert ledger.operation(OP).absent_at == "2026-11-22T01:30:00.000000Z"
    clock.sleep(3600)
    move(ledger, lease, State.INTENDED)
    send(ledger, lease, attempt=2)
    entry = ledger.operation(OP)
    assert (entry.first_sent_at, entry.sent_at) == (first, "2026-11-22T02:02:03.123456Z")
    assert (entry.doubt, entry.absent_at, entry.attempt) == (True, "", 2)
    assert entry.sends == 1
    move(ledger, lease, State.UNKNOWN)
    send(ledger, lease, attempt=2)
    assert ledger.operation(OP).sends == 2
    with pytest.raises(ReconcilerError, match="stay"):
        move(ledger, lease, State.FAILED, doubt=False)
    with pytest.raises(Conflict, match="stay"):
        database.execute("UPDATE operation SET first_sent_at = 'later'")
    assert ledger.operation(OP).doubt


def test_an_operation_that_is_sent_is_not_sent_again(ledger, lease, op):
    send(ledger, lease)
    with pytest.raises(ReconcilerError, match="sent now"):
        send(ledger, lease)


def test_facts_are_written_beside_the_state(ledger, lease, op):
    send(ledger, lease)
    with ledger.transaction(lease, "op-done") as journal:
        journal.move(
            OP,
            State.DONE,
            "the carrier will tell",
            external_id="77",
            external_acquired_at="2026-11-22T01:02:03Z",
            amount="1.50",
            currency="USD",
            waiting="ordered",
            response_digest="r",
        )
    entry = ledger.operation(OP)
    assert (entry.external_id, entry.amount, entry.currency) == ("77", "1.50", "USD")
    assert (entry.waiting, entry.note, entry.epoch) == ("ordered", "the carrier will tell", 1)
    move(ledger, lease, State.VERIFIED)
    entry = ledger.operation(OP)
    assert (entry.state, entry.waiting, entry.note) == (State.VERIFIED, "", "")
    assert not entry.is_open


def test_other_facts_and_other_operations_are_refused(ledger, lease, op):
    with pytest.raises(TypeError, match="keeps no fact body"):
        move(ledger, lease, State.FAILED, body="x")
    with pytest.raises(ReconcilerError, match="has no operation plan-9"):
        move(ledger, lease, State.FAILED, "plan-9/acme/op-01")
    assert state(ledger) is State.INTENDED


def test_a_part_is_used_once(ledger, lease, op):
    with pytest.raises(Stale, match=r"by run run-1.*\n.*reconciler resume run-1"):
        consume(ledger, lease, order("op-02", number="+12015550177"))
    assert [entry.op for entry in ledger.operations("run-1")] == ["op-01"]
    assert ledger.used("plan-1", "acme") == "run-1"
    assert ledger.used("plan-1", "other") == ""


def test_a_number_has_one_open_paid_operation(database, ledger, lease, op):
    with pytest.raises(Stale) as refused:
        consume(ledger, lease, update(), order("op-02"), plan="plan-2")
    for word in (NUMBER, ACCOUNT, OP, "run-1", "intended"):
        assert word in str(refused.value)
    assert ledger.used("plan-2", "acme") == ""
    assert len(ledger.open_operations()) == 1
    # The same rule for whoever writes past the code.
    database.execute(
        "INSERT INTO plan_used SELECT 'plan-3', part, digest, run_id, at FROM plan_used"
    )
    database.execute("CREATE TABLE copy AS SELECT * FROM operation")
    database.execute("UPDATE copy SET op_id = 'x', plan_id = 'plan-3'")
    with pytest.raises(Conflict):
        database.execute("INSERT INTO operation SELECT * FROM copy")


def test_the_same_number_elsewhere_later_or_for_free_is_allowed(ledger, lease, op):
    consume(ledger, lease, order(account="other-account"), plan="plan-2")
    consume(ledger, lease, update("op-01"), update("op-02"), plan="plan-3")
    bring(ledger, lease, State.VERIFIED)
    consume(ledger, lease, order(), plan="plan-4")
    assert len(ledger.open_operations("acme")) == 4


def test_a_plan_that_acts_twice_on_one_number_is_refused(ledger, lease):
    with pytest.raises(Stale, match="cannot be used"):
        consume(ledger, lease, order("op-01"), order("op-02"))
    assert ledger.used("plan-1", "acme") == ""
    assert ledger.open_operations() == ()


def test_an_entry_reads_back_as_it_was_intended(ledger, lease):
    intent = order(number="+442079460123", body='{"after":{"name":"Zoë"}}')
    consume(ledger, lease, update("op-00"), intent)
    entry = ledger.operations("run-1")[1]
    for name in intent.__dataclass_fields__:
        assert getattr(entry, name) == getattr(intent, name)
    assert (entry.seq, entry.attempt, entry.idem_key, entry.epoch) == (1, 0, "", 0)
    assert (entry.first_sent_at, entry.doubt, entry.is_paid) == ("", False, True)


def test_a_journal_is_of_no_use_after_its_block_or_without_a_lease(ledger, lease, op):
    with ledger.transaction(lease, "x") as journal:
        pass
    with pytest.raises(ReconcilerError, match="had ended"):
        journal.move(OP, State.FAILED)
    with (
        pytest.raises(ReconcilerError, match="under a lease"),
        ledger.transaction(None, "x") as free,
    ):
        free.send(OP, key="k", body_digest="d", deadline="t", attempt=1)
    assert state(ledger) is State.INTENDED


def test_open_operations_are_oldest_first_and_by_tenant(ledger, lease):
    consume(ledger, lease, update("op-02"), update("op-01", "b"), plan="plan-2")
    consume(ledger, take(ledger, "tenant/other"), update("op-01"), plan="plan-1")
    found = [(entry.plan_id, entry.op) for entry in ledger.open_operations()]
    assert found == [("plan-2", "op-02"), ("plan-2", "op-01"), ("plan-1", "op-01")]
    assert len(ledger.open_operations("acme")) == 3
    assert ledger.open_operations("other") == ()
