"""The audit chain: whole, or the first bad record is named."""

from __future__ import annotations

import json

import pytest

from reconciler.database import Conflict, Database
from reconciler.ledger.audit import START, link_of, replay
from reconciler.ledger.sql import SqlLedger
from reconciler.model.address import Address
from reconciler.protocols import State
from tests.ledger.records import OP, PATHS, bring, consume, move, order, send, take, update


@pytest.fixture
def told(database: Database, ledger: SqlLedger, lease) -> list[tuple]:
    """A chain with every sort of record."""
    consume(ledger, lease, order(), update("op-02"))
    send(ledger, lease)
    move(ledger, lease, State.UNKNOWN)
    with ledger.transaction(lease, "unit") as journal:
        journal.move(OP, State.VERIFIED, "seen", external_id="77")
        journal.applied(Address("acme", "ring_group", "sales"), {"ring": "20s"}, {"pin": "mac"})
        journal.approve("release", "+12015550144", "by flag")
        journal.tell("skipped", {"why": "no approval"})
    return database.execute("SELECT n, body, prev, hash FROM audit ORDER BY n")


def unguarded(database: Database, sql: str, *values: object) -> None:
    """Write as somebody does who owns the database."""
    for name in ("audit_no_update", "audit_no_delete"):
        on = " ON audit" if database.engine == "postgresql" else ""
        database.execute(f"DROP TRIGGER {name}{on}")
    database.execute(sql, values)


def test_every_act_is_told_in_order(ledger, told):
    events = [json.loads(body)["event"] for _, body, _, _ in told]
    assert events == ["create", "consume", "send", "move", "move", "applied", "approve", "skipped"]
    assert [n for n, *_ in told] == list(range(1, 9))
    assert told[0][2] == START
    assert all(link_of(prev, body) == link for _, body, prev, link in told)
    body = [record["body"] for record in ledger.audit()][3]
    assert (body["run"], body["who"], body["op_id"]) == ("run-1", "jo@host", OP)
    assert body["at"] == "2026-11-22T01:02:03.123456Z"
    assert ledger.verify_audit() == ""


def test_what_is_told_cannot_pretend_to_be_somebody_else(ledger, lease):
    with ledger.transaction(lease, "x") as journal:
        journal.tell("skipped", {"who": "mallory", "event": "approve", "run": "other"})
    body = list(ledger.audit())[-1]["body"]
    assert (body["who"], body["event"], body["run"]) == ("jo@host", "skipped", "run-1")


def test_the_chain_is_insert_only(database, told):
    for sql in ("UPDATE audit SET body = '{}' WHERE n = 3", "DELETE FROM audit WHERE n = 3"):
        with pytest.raises(Conflict, match="insert-only"):
            database.execute(sql)


def test_a_changed_record_is_named(database, ledger, told):
    unguarded(database, "UPDATE audit SET body = replace(body, 'run-1', 'run-2') WHERE n = 3")
    assert ledger.verify_audit() == "Record 3 of the audit chain was changed."


def test_a_changed_record_with_its_hash_made_anew_is_found_at_the_next(database, ledger, told):
    body = told[2][1].replace("run-1", "run-2")
    unguarded(
        database,
        "UPDATE audit SET body = ?, hash = ? WHERE n = 3",
        body,
        link_of(told[2][2], body),
    )
    assert (
        ledger.verify_audit() == "Record 4 of the audit chain does not follow the record before it."
    )


def test_a_missing_record_is_named(database, ledger, told):
    unguarded(database, "DELETE FROM audit WHERE n = 4")
    assert ledger.verify_audit() == "Record 4 of the audit chain is missing."


def test_a_missing_first_record_is_named(database, ledger, told):
    unguarded(database, "DELETE FROM audit WHERE n = 1")
    assert ledger.verify_audit() == "Record 1 of the audit chain is missing."


def test_records_in_another_order_are_named(database, ledger, told):
    unguarded(database, "UPDATE audit SET n = 99 WHERE n = 4")
    database.execute("UPDATE audit SET n = 4 WHERE n = 5")
    database.execute("UPDATE audit SET n = 5 WHERE n = 99")
    assert (
        ledger.verify_audit() == "Record 4 of the audit chain does not follow the record before it."
    )


def test_a_cut_tail_is_seen_by_the_journal_it_no_longer_explains(database, ledger, told):
    unguarded(database, "DELETE FROM audit WHERE n >= 5")
    found = ledger.verify_audit()
    assert found.startswith("Record 4 is not the end of the audit chain")
    assert "is verified, the chain left it unknown" in found


def test_a_journal_changed_behind_the_chain_is_seen(database, ledger, told):
    database.execute("UPDATE operation SET state = 'failed' WHERE state = 'intended'")
    assert "plan-1/acme/op-02 is failed, the chain left it intended" in ledger.verify_audit()


def test_replaying_the_chain_rebuilds_the_journal(database, ledger, lease):
    for n, state in enumerate(State):
        consume(ledger, lease, order(number=f"+1201555010{n}"), update("op-02"), plan=f"plan-{n}")
        bring(ledger, lease, state, f"plan-{n}/acme/op-01")
    found = {
        op_id: State(state)
        for op_id, state in database.execute("SELECT op_id, state FROM operation")
    }
    assert len(found) == 2 * len(PATHS)
    assert replay(ledger.audit()) == found


def test_a_transaction_that_fails_tells_nothing(ledger, lease):
    consume(ledger, lease, order())
    before = list(ledger.audit())

    def fail() -> None:
        with ledger.transaction(lease, "x") as journal:
            journal.move(OP, State.FAILED)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(ledger.audit()) == before
    move(ledger, lease, State.VERIFIED)
    assert [record["body"]["event"] for record in ledger.audit()] == ["create", "consume", "move"]
    assert ledger.verify_audit() == ""


def test_transactions_within_one_another_are_told_in_order(database, ledger, lease):
    consume(ledger, lease, order())
    with ledger.transaction(lease, "outer") as outer:
        outer.tell("first", {})
        with ledger.transaction(lease, "inner") as inner:
            inner.tell("second", {})
        outer.tell("third", {})
    events = [record["body"]["event"] for record in ledger.audit()]
    assert events == ["create", "consume", "first", "second", "third"]
    assert ledger.verify_audit() == ""


def test_a_long_chain_is_read_in_pages(ledger, lease, monkeypatch):
    monkeypatch.setattr("reconciler.ledger.audit.PAGE", 7)
    with ledger.transaction(lease, "x") as journal:
        for n in range(20):
            journal.tell("event", {"count": n})
    assert [record["n"] for record in ledger.audit()] == list(range(1, 22))
    assert ledger.verify_audit() == ""


def test_two_connections_share_one_chain(ledger, second, lease):
    other = take(second, "tenant/other")
    for n in range(3):
        consume(ledger, lease, order(number=f"+1201555010{n}"), plan=f"a-{n}")
        consume(second, other, update(), plan=f"b-{n}")
    assert len(list(ledger.audit())) == 7
    assert second.verify_audit() == ""
