"""One operation at a carrier, as a state machine over its journal row.

The same machine runs a fresh operation and one that a dead process left behind; only the
journal row says where it goes on. Every way out of `unknown` goes through a read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from reconciler.apply.carrier_rows import CarrierRows
from reconciler.apply.edges import (
    CLIENT_DEADLINE_SECONDS,
    SEND_WITHIN_SECONDS,
    Edges,
    facts_of,
    instant,
    seconds_between,
)
from reconciler.apply.secrets import Values
from reconciler.apply.shown import REPEATABLE, TOLD_FOR_CERTAIN, Shown, Task, told_of
from reconciler.engine.plan import Operation
from reconciler.errors import Unavailable
from reconciler.facts import NEVER
from reconciler.model.act import Action
from reconciler.model.canonical import digest
from reconciler.observe import Accounts, Held
from reconciler.protocols import (
    Done,
    Entry,
    Lease,
    NotSent,
    Outcome,
    Prepared,
    Refused,
    State,
    Unknown,
    Waiting,
)

ROUNDS = 12
"""How many moves one operation may make in one run; a bound, never a goal."""

BUYS = frozenset({Action.ORDER, Action.PORT})
"""What is not gone on with where prices are others than planned; an address of a number that is
there already is."""

SENDS_PER_RUN = 3
"""How often one run sends one operation, whatever the answers."""

SENDS_PER_KEY = 4
"""A key that was sent so often without effect is not believed any more (livelock guard)."""

READ_AGAIN_AFTER_SECONDS = (0.0, 1.0, 3.0)
"""When a list that may lag is read again before the operation is left as `done`."""

ASKED_BACK = 2
"""How often one run asks for what its carrier tells seldom: after a change, and once more when
that had no effect and was sent again."""

RETRY_CAP_SECONDS = 60.0
"""The longest that one "not processed" makes a run wait."""


class CarrierWork(CarrierRows):
    """Runs operations at carriers under one lease."""

    def __init__(
        self,
        edges: Edges,
        lease: Lease,
        accounts: Accounts,
        values: Values,
        still_wanted: Callable[[Operation], bool] | None = None,
    ) -> None:
        """Make the work of one lease.

        `still_wanted` is given when only what a dead run left behind is to be resolved: then
        nothing is started, and a request is repeated with its key only if it says yes.
        """
        super().__init__(edges, lease, accounts, values)
        self._still_wanted = still_wanted
        self._marks: dict[str, int] = {}
        self._stopped: dict[str, str] = {}
        self._sends: dict[str, int] = {}
        self._reads: dict[str, int] = {}

    def perform(self, task: Task) -> Entry:
        """Bring one operation as far as it goes now.

        Returns:
            Its row: `verified` or `failed` when it is over; `done` when the carrier has not
            shown it yet; `unknown` or `parked` when nobody can say; `intended` when it was
            provably not sent.
        """
        for _ in range(ROUNDS):
            if not self._step(task, self._row(task)):
                break
        return self._row(task)

    def attempt(self, task: Task) -> Entry:
        """Send one operation without reading back, so that one list serves many."""
        entry = self._row(task)
        if entry.state is State.INTENDED:
            self._attempt(task, entry)
        return self._row(task)

    def _step(self, task: Task, entry: Entry) -> bool:
        """Make one move; whether another may follow."""
        match entry.state:
            case State.INTENDED:
                return self._still_wanted is None and self._attempt(task, entry)
            case State.SENT:
                self._move(task, State.UNKNOWN, "found without an answer")
                return True
            case State.DONE:
                return self._read_back(task, entry)
            case State.UNKNOWN:
                return self._resolve(task, entry)
            case State.VERIFIED | State.FAILED | State.PARKED:
                return False

    # Sending.

    def _attempt(self, task: Task, entry: Entry) -> bool:
        carrier = self._carrier(task)
        buys = task.operation.action in BUYS
        dearer = self._accounts.dearer.get(carrier.connector, "") if buys else ""
        if stopped := self._stopped.get(carrier.connector) or dearer:
            self._move(task, State.FAILED, f"not sent: {stopped}")
            return False
        try:
            held = self._held(task)
        except Unavailable as error:
            self._note(error)
            return False
        shown = self._shown(task, held)
        if shown.is_there:
            self._verify(task, entry, held, "already so, nothing was sent")
            return False
        if gone := shown.gone:
            self._move(task, State.FAILED, gone)
            return False
        prepared = self._prepared(task, held)
        if isinstance(prepared, Refused):
            self._move(task, State.FAILED, prepared.reason)
        if not isinstance(prepared, Prepared):
            return False
        attempt = entry.attempt + 1
        return self._send(task, prepared, digest([task.op_id, attempt]), attempt)

    def _prepared(self, task: Task, held: Held) -> Prepared | Refused | None:
        """Make its request ready; None where what that needs cannot be read.

        Then it waits, and so does what depends on it, and nothing else.
        """
        try:
            return self._carrier(task).prepare(self._act(task, held))
        except Unavailable as error:
            self._note(error)
            self._move(task, self._row(task).state, f"not sent: {error.message}")
            return None

    def _send(self, task: Task, prepared: Prepared, key: str, attempt: int) -> bool:
        """Commit that it may be sent, send it once, commit what came of it."""
        sends = self._sends.get(task.op_id, 0)
        if sends >= SENDS_PER_RUN:
            return False
        self._sends[task.op_id] = sends + 1
        self._edges.tell("op_start", facts_of(task.operation, task.op_id, f"attempt {attempt}"))
        clock = self._edges.clock
        deadline = instant(clock.now() + timedelta(seconds=CLIENT_DEADLINE_SECONDS))
        started = clock.monotonic()
        with self._edges.ledger.transaction(self._lease, "op-sent") as journal:
            journal.send(
                task.op_id, key=key, body_digest=prepared.digest, deadline=deadline, attempt=attempt
            )
        self._edges.checkpoint("http:before-send")
        # Last of all before the request: who was paused here may have been overtaken.
        if clock.monotonic() - started > SEND_WITHIN_SECONDS:
            self._record(task, NotSent("this process was paused before it could send"))
            return True
        outcome = self._carrier(task).send(prepared, key)
        self._edges.checkpoint("http:after-response")
        self._marks[task.op_id] = self._accounts.tick()
        self._record(task, outcome)
        if isinstance(outcome, NotSent):
            return self._wait_to_retry(outcome.retry_after_seconds)
        if isinstance(outcome, Unknown) and outcome.retry_after_seconds is not None:
            return self._wait_to_retry(outcome.retry_after_seconds)
        return not isinstance(outcome, Refused) or self._row(task).state is State.UNKNOWN

    def _record(self, task: Task, outcome: Outcome) -> None:
        """Write the class of an answer. An earlier attempt that is unresolved dominates."""
        doubt = self._row(task).doubt
        match outcome:
            case Done():
                self._move(
                    task,
                    State.DONE,
                    external_id=outcome.external_id,
                    external_acquired_at=outcome.acquired_at,
                    response_digest=outcome.digest,
                    amount="" if outcome.amount is None else f"{outcome.amount:f}",
                    currency=outcome.currency,
                    note=outcome.note,
                )
                self._priced(task, outcome)
            case Waiting():
                told = {"external_id": outcome.external_id, "waiting": outcome.reason}
                self._move(task, State.DONE, outcome.note, **told)
            case Refused():
                if outcome.stops_account:
                    self._stopped[self._carrier(task).connector] = outcome.reason
                self._move(task, State.UNKNOWN if doubt else State.FAILED, outcome.reason)
                if outcome.stops_account:
                    self._accounts.facts.forget(self._carrier(task).connector)
            case NotSent():
                self._move(task, State.UNKNOWN if doubt else State.INTENDED, outcome.reason)
            case Unknown():
                self._move(task, State.UNKNOWN, outcome.reason)

    def _priced(self, task: Task, outcome: Done) -> None:
        """Buy nothing more where more was taken than the plan said: its limits held less."""
        cost, connector = task.operation.cost, self._carrier(task).connector
        known = cost.state == "priced" and cost.currency == outcome.currency
        if known and outcome.amount is not None and outcome.amount > cost.once:
            took = f"{outcome.amount} {outcome.currency} for {task.e164}"
            why = f"{connector} took {took}, and the plan said {cost.once}: plan again"
            self._accounts.dearer[connector] = why
            self._accounts.facts.forget(connector)

    def _wait_to_retry(self, seconds: float | None) -> bool:
        wait = 1.0 if seconds is None else seconds
        self._edges.clock.sleep(min(max(wait, 0.0), RETRY_CAP_SECONDS))
        return True

    # Reading.

    def _read_back(self, task: Task, entry: Entry) -> bool:
        """Believe `done` only once an authoritative read shows it, where any read can."""
        held = self._fresh(task, entry)
        if held is None:
            return False
        shown = self._shown(task, held)
        if shown.is_seldom:
            return self._asked_back(task, entry, held)
        if shown.is_so or shown.is_unlisted:
            self._verify(task, entry, held, "")
            return False
        if shown.known_as(entry, held):
            self._move(task, State.UNKNOWN, "it was made, and is listed under another name")
            return True
        if entry.waiting:
            holding = shown.holding
            if holding is None or holding.waiting != "":  # under way, or the carrier never says
                return False
            self._move(task, State.UNKNOWN, "the carrier works on it no more, and it is not there")
            return True
        settle = self._carrier(task).capabilities.settle_seconds
        if seconds_between(entry.sent_at, self._now()) > settle:
            why = f"the carrier said yes, but it is {shown.as_found}"
            self._move(task, State.UNKNOWN, why)
            return True
        return self._read_again(task)

    def _asked_back(self, task: Task, entry: Entry, held: Held) -> bool:
        """Ask once for what no list shows, if it may be asked now; else believe the answer."""
        facts, connector = self._accounts.facts, task.operation.connector
        facts.forget(connector)
        told = told_of(task.operation, facts.about(connector, NEVER))
        if not told.otherwise:
            self._verify(task, entry, held, told.unverified)
            return False
        self._move(task, State.UNKNOWN, f"the carrier said yes, and {told.otherwise}")
        self._reads[task.op_id] = self._reads.get(task.op_id, 0) + 1
        return self._reads[task.op_id] < ASKED_BACK

    def _read_again(self, task: Task) -> bool:
        reads = self._reads.get(task.op_id, 0) + 1
        self._reads[task.op_id] = reads
        if reads >= len(READ_AGAIN_AFTER_SECONDS):
            return False
        self._edges.clock.sleep(READ_AGAIN_AFTER_SECONDS[reads])
        self._marks[task.op_id] = self._accounts.tick()
        return True

    def _resolve(self, task: Task, entry: Entry) -> bool:
        """Find out what an unknown request did, by the rules for what its carrier can do."""
        held = self._fresh(task, entry)
        if held is None:
            return False
        shown = self._shown(task, held)
        if shown.is_there:
            if shown.is_somebody_elses(entry):
                self._move(task, State.PARKED, "the number is there, but was got before we asked")
                return False
            self._verify(task, entry, held, "seen by reading")
            return False
        if known_as := shown.known_as(entry, held):
            self._move(task, State.PARKED, f"it was made, and its carrier calls it {known_as}")
            return False
        if task.operation.kind in self._carrier(task).capabilities.unlisted:
            self._move(task, State.PARKED, "its carrier never tells whether it has it")
            return False
        if shown.makes_anew and task.operation.kind in self._carrier(task).capabilities.by_id:
            why = "not listed, and the id by which its carrier tells of it was in the lost answer"
            self._move(task, State.PARKED, why)
            return False
        if task.operation.action in REPEATABLE and not shown.makes_anew:
            return self._again(task, f"{shown.as_found}; setting it again changes nothing more")
        return self._not_seen(task, entry, shown)

    def _not_seen(self, task: Task, entry: Entry, shown: Shown) -> bool:
        """What follows when an authoritative read does not show the effect."""
        can = self._carrier(task).capabilities
        now = self._now()
        settled = seconds_between(entry.sent_at, now) >= can.settle_seconds
        twice = (
            bool(entry.absent_at) and seconds_between(entry.absent_at, now) >= can.settle_seconds
        )
        keyed = can.keyed and task.operation.action is Action.ORDER
        proven = settled and twice
        young = self._key_is_young(entry, can.key_lifetime_seconds)
        wanted = self._still_wanted is None or self._still_wanted(task.operation)
        if keyed and young and wanted and entry.sends < SENDS_PER_KEY:
            return self._same_again(task, entry)
        certain = task.operation.action in TOLD_FOR_CERTAIN or not entry.is_paid
        if proven and (keyed or can.natural_key or certain):
            return self._again(task, f"{shown.as_found} after the settle window, seen twice")
        if proven:
            why = f"{shown.as_found}, but this carrier cannot rule out a repeat"
            self._move(task, State.PARKED, why)
            return False
        if not entry.absent_at:
            why = shown.as_found if shown.is_to_go else f"{shown.as_found} yet"
            self._move(task, State.UNKNOWN, why, absent_at=now)
        return False

    def _key_is_young(self, entry: Entry, lifetime_seconds: float) -> bool:
        return seconds_between(entry.first_sent_at, self._now()) < lifetime_seconds

    def _same_again(self, task: Task, entry: Entry) -> bool:
        """The same key and the same body again: the carrier's memory makes it one order."""
        prepared = self._prepared(task, self._held(task))
        if not isinstance(prepared, Prepared):
            return False
        if prepared.digest != entry.body_digest:
            self._move(task, State.UNKNOWN, "the request would be another one now; not sent")
            return False
        return self._send(task, prepared, entry.idem_key, entry.attempt)

    def _again(self, task: Task, why: str) -> bool:
        if self._sends.get(task.op_id, 0) >= SENDS_PER_RUN:
            return False
        self._move(task, State.INTENDED, why)
        return True

    def _fresh(self, task: Task, entry: Entry) -> Held | None:
        """A list read after the last send of it; None when there is none to believe.

        One list serves all operations that were sent before it was read.
        """
        self._edges.checkpoint("observe:before")
        mark = self._marks.get(task.op_id, 0)
        connector = self._carrier(task).connector
        try:
            sent = entry.first_sent_at
            held = self._accounts.held_after(connector, self._kind(task), mark, sent)
        except Unavailable as error:
            self._note(error)
            return None
        self._edges.checkpoint("observe:after")
        return held
