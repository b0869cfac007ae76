"""The journal: each act is announced before it is done, and its outcome written after it.

The states and their legal moves stand in the database. The rows of a part are written in the
transaction that consumes it; from then on a row only moves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from reconciler.database import Conflict, Database
from reconciler.errors import ReconcilerError, Stale
from reconciler.ledger.audit import AuditChain
from reconciler.ledger.rows import IS_OPEN, IS_PAID
from reconciler.model.act import Charge, Reversibility
from reconciler.model.address import Address
from reconciler.model.canonical import canonical_plain
from reconciler.model.canonical import digest as digest_of
from reconciler.model.spec import Spec
from reconciler.protocols import Intent, Lease, Move, Remembered, Sending, State

_FACTS = frozenset(
    {"external_id", "external_acquired_at", "amount", "currency"}
    | {"absent_at", "waiting", "doubt", "response_digest"}
)
_CHUNK = 500

_INSERT = (
    "INSERT INTO operation (op_id, run_id, plan_id, part, seq, op, address, tenant, home, account,"
    " resource_key, action, reversibility, charge, state, body, serial, moved_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'intended', ?, ?, ?)"
)
_SEND = (
    "UPDATE operation SET state = 'sent', attempt = ?,"
    " sends = CASE WHEN idem_key = ? THEN sends + 1 ELSE 1 END, idem_key = ?, body_digest = ?,"
    " epoch = ?, first_sent_at = coalesce(first_sent_at, ?), sent_at = ?, deadline = ?,"
    " absent_at = '', waiting = '', note = '', moved_at = ? WHERE op_id = ? AND state <> 'sent'"
)
_APPLIED = (
    "INSERT INTO applied (tenant, kind, name, spec, macs, run_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (tenant, kind, name) DO UPDATE SET spec = excluded.spec, macs = excluded.macs,"
    " run_id = excluded.run_id, at = excluded.at"
)
_PUBLISHED = "UPDATE applied SET published = ? WHERE tenant = ? AND kind = ? AND name = ?"
_REMEMBERED = "SELECT macs, published, was FROM applied WHERE tenant = ? AND kind = ? AND name = ?"
_FORMER = "UPDATE applied SET was = ? WHERE tenant = ? AND kind = ? AND name = ?"
_FORGOTTEN = "DELETE FROM applied WHERE tenant = ? AND kind = ? AND name = ?"
_TAKEN_OVER = "UPDATE run SET taken_over_by = ? WHERE run_id = ? AND finished_at = ''"
_APPROVED = "INSERT INTO approval (run_id, kind, value, detail, who, at) VALUES (?, ?, ?, ?, ?, ?)"


class SqlJournal:
    """One open, fenced transaction of the ledger; refuses to be used once its block has ended.

    All that happens in it happens at one instant, the one at which it began.
    """

    def __init__(
        self,
        database: Database,
        chain: AuditChain,
        *,
        at: str,
        who: str,
        lease: Lease | None,
        serial: int,
    ) -> None:
        self._database = database
        self._chain = chain
        self._now = at
        self._who = who
        self._lease = lease
        self._serial = serial
        self._over = False

    def end(self) -> None:
        """Take no more: what is written outside the transaction would not be fenced."""
        self._over = True

    def consume(self, plan_id: str, part: str, digest: str, intents: Sequence[Intent]) -> None:
        """Use a part of a plan up and write all its intents.

        Raises:
            Stale: It was used before, or one of its numbers has a paid operation open.
        """
        run_id, at = self._leased().run_id, self._at()
        self._refuse_used(plan_id, part)
        self._refuse_open(intents)
        self._write(
            "INSERT INTO plan_used (plan_id, part, digest, run_id, at) VALUES (?, ?, ?, ?, ?)",
            (plan_id, part, digest, run_id, at),
        )
        rows = [
            (f"{plan_id}/{part}/{i.op}", run_id, plan_id, part, seq, *_planned(i), self._serial, at)
            for seq, i in enumerate(intents)
        ]
        try:
            self._database.many(_INSERT, rows)
        except Conflict as error:
            raise Stale(
                f"The part {part} of this plan cannot be used: {_reason(error)}.",
                "Two of its operations would act on one number; plan again.",
            ) from None
        told = {"plan_id": plan_id, "part": part, "digest": digest, "ops": _told(intents)}
        self._tell(at, "consume", told)

    def send(self, op_id: str, *, key: str, body_digest: str, deadline: str, attempt: int) -> None:
        """Move to `sent`; what was read of its absence before proves nothing from now on."""
        self.send_all((Sending(op_id, key, body_digest, deadline, attempt),))

    def send_all(self, sendings: Sequence[Sending]) -> None:
        """Move many to `sent`.

        Raises:
            ReconcilerError: The database refuses it, or one of them could not be sent now.
        """
        epoch, at = max(self._leased().epochs.values()), self._at()
        rows = [
            (s.attempt, s.key, s.key, s.body_digest, epoch, at, at, s.deadline, at, s.op_id)
            for s in sendings
        ]
        if self._write_all(_SEND, rows) != len(rows):
            which = ", ".join(sending.op_id for sending in sendings)
            raise ReconcilerError(f"The journal has no operation {which} that could be sent now.")
        for one in sendings:
            told = {"op_id": one.op_id, "state": State.SENT.value, "attempt": one.attempt}
            more = {"key": one.key, "body_digest": one.body_digest, "epoch": epoch}
            self._tell(at, "send", told | more | {"deadline": one.deadline})

    def move(self, op_id: str, state: State, note: str = "", **facts: str | bool) -> None:
        """Move to another state, or write facts down in the same one.

        An earlier state's note goes with it; within a state, an empty note changes nothing.

        Raises:
            ReconcilerError: The database refuses the move, or there is no such operation.
        """
        columns, at = _columns(state, facts), self._at()
        assigned = "".join(f", {name} = ?" for name in columns)
        moved = self._write(
            "UPDATE operation SET note = CASE WHEN ? <> '' OR state <> ? THEN ? ELSE note END,"
            f" state = ?, moved_at = ?{assigned} WHERE op_id = ?",
            (note, state.value, note, state.value, at, *columns.values(), op_id),
        )
        if not moved:
            raise ReconcilerError(f"The journal has no operation {op_id}.")
        told = {"op_id": op_id, "state": state.value, "note": note, "facts": dict(facts)}
        self._tell(at, "move", told)

    def move_all(self, op_ids: Sequence[str], state: State, note: str = "") -> None:
        """Move many to one state.

        Raises:
            ReconcilerError: The database refuses a move, or one of them is not there.
        """
        columns, at = _columns(state, {}), self._at()
        assigned = "".join(f", {name} = ?" for name in columns)
        head = (note, state.value, note, state.value, at, *columns.values())
        moved = self._write_all(
            "UPDATE operation SET note = CASE WHEN ? <> '' OR state <> ? THEN ? ELSE note END,"
            f" state = ?, moved_at = ?{assigned} WHERE op_id = ?",
            [(*head, op_id) for op_id in op_ids],
        )
        if moved != len(op_ids):
            raise ReconcilerError(f"The journal lacks an operation of {', '.join(op_ids)}.")
        for op_id in op_ids:
            told = {"op_id": op_id, "state": state.value, "note": note}
            self._tell(at, "move", told | {"facts": {}})

    def applied(
        self, address: Address, spec: Spec | None, macs: Mapping[str, str], published: str = ""
    ) -> None:
        """Remember what an address was left as; None forgets it."""
        self.applied_all((Remembered(address, spec, macs, published),))

    def applied_all(self, left: Sequence[Remembered]) -> None:
        """Remember what many addresses were left as, the last of one address."""
        at = self._at()
        for forgets, group in groupby(left, key=lambda one: one.spec is None):
            together = list(group)
            if forgets:
                self._write_all(_FORGOTTEN, [one.address for one in together])
                for one in together:
                    self._tell(at, "applied", {"address": str(one.address), "spec_digest": ""})
            else:
                self._applied_here(together, at)

    def _applied_here(self, left: Sequence[Remembered], at: str) -> None:
        texts = [canonical_plain(dict(one.spec or {})) for one in left]
        rows = [
            (*one.address, text, _fingerprints(one.macs), self._run_id(), at)
            for one, text in zip(left, texts, strict=True)
        ]
        self._write_all(_APPLIED, rows)
        live = [(one.published, *one.address) for one in left if one.published]
        self._write_all(_PUBLISHED, live)
        for one, text in zip(left, texts, strict=True):
            digest = hashlib.sha256(text.encode("ascii")).hexdigest()
            told = {"address": str(one.address), "spec_digest": digest}
            more = {"published": one.published} if one.published else {}
            self._tell(at, "applied", told | more)

    def renamed(self, moves: Sequence[Move]) -> None:
        """Remember what was left under other names; two of them may have changed places."""
        at, kept = self._at(), {}
        for move in moves:
            rows = self._database.execute(_REMEMBERED, move.was)
            kept[move.was] = rows[0] if rows else ("{}", "", "")
        for move in moves:
            if move.was != move.address:
                self._write(_FORGOTTEN, move.was)
                self._tell(at, "renamed", {"address": str(move.address), "was": str(move.was)})
        for move in moves:
            macs, live, former = kept[move.was]
            if move.live is not None and move.live[0] == live:
                live = move.live[1]
            given = json.loads(macs) if move.macs is None else move.macs
            self.applied(move.address, move.spec, given, live)
            former = former if move.former is None else move.former
            self._write(_FORMER, (former, *move.address))

    def approve(self, kind: str, value: str, detail: str) -> None:
        """Record an approval or an allowed limit, with who gave it."""
        at = self._at()
        self._write(_APPROVED, (self._run_id(), kind, value, detail, self._who, at))
        self._tell(at, "approve", {"kind": kind, "value": value, "detail": detail})

    def taken_over(self, run_id: str) -> None:
        """Record that this run found out what became of one that never said how it ended."""
        at = self._at()
        if self._write(_TAKEN_OVER, (self._run_id(), run_id)):
            self._tell(at, "run-taken-over", {"of_run": run_id})

    def tell(self, event: str, facts: Mapping[str, Any]) -> None:
        """Add a record of another event to the audit chain."""
        self._tell(self._at(), event, facts)

    def _tell(self, at: str, event: str, facts: Mapping[str, Any]) -> None:
        head = {"at": at, "event": event, "run": self._run_id(), "who": self._who}
        self._chain.append({**facts, **head})

    def _at(self) -> str:
        if self._over:
            raise ReconcilerError("A journal was used after its transaction had ended.")
        return self._now

    def _run_id(self) -> str:
        return self._lease.run_id if self._lease else ""

    def _leased(self) -> Lease:
        if self._lease is None:
            raise ReconcilerError("An operation is consumed and sent under a lease only.")
        return self._lease

    def _write(self, sql: str, parameters: Sequence[object]) -> int:
        try:
            return self._database.count(sql, parameters)
        except Conflict as error:
            raise ReconcilerError(f"The ledger refused a write: {_reason(error)}.") from None

    def _write_all(self, sql: str, rows: Sequence[Sequence[object]]) -> int:
        """Run a write for each row, in as few trips as it takes; how many rows they changed."""
        if not rows:
            return 0
        if len(rows) == 1:
            return self._write(sql, rows[0])
        try:
            return self._database.many(sql, rows)
        except Conflict as error:
            raise ReconcilerError(f"The ledger refused a write: {_reason(error)}.") from None

    def _refuse_used(self, plan_id: str, part: str) -> None:
        run_id = used(self._database, plan_id, part)
        if run_id:
            raise Stale(
                f"The part {part} of plan {plan_id} was used before, by run {run_id}.",
                f"Go on with `reconciler resume {run_id}`, or plan again.",
            )

    def _refuse_open(self, intents: Sequence[Intent]) -> None:
        keys: dict[str, list[str]] = {}
        for intent in intents:
            if _is_paid(intent):
                keys.setdefault(intent.account, []).append(intent.resource_key)
        for account, wanted in keys.items():
            for start in range(0, len(wanted), _CHUNK):
                self._refuse_open_at(account, wanted[start : start + _CHUNK])

    def _refuse_open_at(self, account: str, keys: Sequence[str]) -> None:
        marks = ", ".join("?" for _ in keys)
        rows = self._database.execute(
            "SELECT resource_key, action, op_id, state, run_id FROM operation"
            f" WHERE {IS_PAID} AND {IS_OPEN} AND account = ? AND resource_key IN ({marks})",
            (account, *keys),
        )
        for key, action, op_id, state, run_id in rows:
            raise Stale(
                f"{key} has an open operation at {account} already: {action}, operation {op_id}"
                f" of run {run_id}, is {state}.",
                f"Bring it to an end with `reconciler resume {run_id}`, then plan again.",
            )


def used(database: Database, plan_id: str, part: str) -> str:
    """Name the run that consumed a part, "" when none did."""
    rows = database.execute(
        "SELECT run_id FROM plan_used WHERE plan_id = ? AND part = ?", (plan_id, part)
    )
    return str(rows[0][0]) if rows else ""


def _columns(state: State, facts: Mapping[str, str | bool]) -> dict[str, object]:
    """List what a move writes beside the state: the facts, and what the state itself implies."""
    unknown = sorted(facts.keys() - _FACTS)
    if unknown:
        raise TypeError(f"an operation keeps no fact {', '.join(unknown)}")
    columns: dict[str, object] = dict(facts)
    if state is State.UNKNOWN:
        columns["doubt"] = True
    if state is State.VERIFIED:
        columns["waiting"] = ""
    if "doubt" in columns:
        columns["doubt"] = int(bool(columns["doubt"]))
    return columns


def _fingerprints(macs: Mapping[str, str]) -> str:
    return canonical_plain(dict(macs)) if macs else "{}"


def _is_paid(intent: Intent) -> bool:
    return intent.charge is not Charge.FREE or intent.reversibility is Reversibility.IRREVERSIBLE


def _planned(intent: Intent) -> tuple[str, ...]:
    """List the columns that an operation brings from its plan."""
    return (
        intent.op,
        str(intent.address),
        intent.address.tenant,
        intent.home,
        intent.account,
        intent.resource_key,
        intent.action.value,
        intent.reversibility.value,
        intent.charge.value,
        intent.body,
    )


def _told(intents: Sequence[Intent]) -> list[dict[str, str]]:
    return [
        {
            "op": intent.op,
            "address": str(intent.address),
            "action": intent.action.value,
            "account": intent.account,
            "resource_key": intent.resource_key,
            "body_digest": digest_of(intent.body),
        }
        for intent in intents
    ]


def _reason(error: Conflict) -> str:
    """Take the database's own words; PostgreSQL adds lines that say where in its code."""
    return str(error).partition("\n")[0]
