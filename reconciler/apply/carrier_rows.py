"""One operation at a carrier: its journal row, its account, and what a listing says of it."""

from __future__ import annotations

from reconciler.apply.edges import Edges, facts_of, instant
from reconciler.apply.secrets import Values
from reconciler.apply.shown import Shown, Task
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.address import parse_address
from reconciler.model.resource import Resource
from reconciler.observe import Accounts, Held
from reconciler.protocols import Carrier, CarrierAct, Entry, Lease, State

LISTING_AGE_SECONDS = 60.0
"""How old a listing may be to decide that an order is still needed."""


class CarrierRows:
    """Reads and writes what is known of operations at carriers, under one lease."""

    def __init__(self, edges: Edges, lease: Lease, accounts: Accounts, values: Values) -> None:
        self._edges = edges
        self._lease = lease
        self._accounts = accounts
        self._values = values

    def _held(self, task: Task) -> Held:
        connector = self._carrier(task).connector
        return self._accounts.held(connector, self._kind(task), LISTING_AGE_SECONDS)

    # What a listing says of an operation.

    def _shown(self, task: Task, held: Held) -> Shown:
        operation, kind = task.operation, self._kind(task)
        spec = operation.after if operation.after is not None else operation.before
        holding = kind.held_as(task.address.name, spec or {}, held)
        return Shown(operation, holding, self._carrier(task).capabilities, kind)

    # The journal.

    def _verify(self, task: Task, entry: Entry, held: Held, note: str) -> None:
        shown = self._shown(task, held)
        note = note or entry.note
        facts = {}
        if shown.holding is not None and shown.holding.external_id and not entry.external_id:
            facts["external_id"] = shown.holding.external_id
        address = parse_address(task.operation.address)
        with self._edges.ledger.transaction(self._lease, "op-verified") as journal:
            journal.move(task.op_id, State.VERIFIED, note, **facts)
            if address is not None:
                macs = self._values.macs(task.operation, address, task.op_id)
                journal.applied(address, shown.applied(entry), macs)
        if shown.is_unlisted and not shown.is_seldom:
            self._accounts.facts.forget(task.operation.connector)
        self._told(task, State.VERIFIED, note)

    def _move(self, task: Task, state: State, note: str = "", **facts: str | bool) -> None:
        with self._edges.ledger.transaction(self._lease, f"op-{state.value}") as journal:
            journal.move(task.op_id, state, note, **facts)
        self._told(task, state, note)

    def _told(self, task: Task, state: State, note: str) -> None:
        self._edges.tell(f"op_{state.value}", facts_of(task.operation, task.op_id, note))

    def _note(self, error: Unavailable) -> None:
        self._edges.tell("unavailable", {"message": error.message})

    def _row(self, task: Task) -> Entry:
        entry = self._edges.ledger.operation(task.op_id)
        if entry is None:
            raise Unavailable(
                f"The journal lost {task.op_id}.",
                "Compare what is there with git: reconciler drift",
            )
        return entry

    def _kind(self, task: Task) -> type[Resource]:
        return self._edges.kinds[task.operation.kind]

    def _carrier(self, task: Task) -> Carrier:
        carrier = self._edges.carriers.get(task.operation.connector)
        if carrier is None:
            raise Unavailable(
                f"There is no connector {task.operation.connector}.",
                "Add it to `connectors` of reconciler.yaml.",
            )
        return carrier

    def _now(self) -> str:
        return instant(self._edges.clock.now())

    def _act(self, task: Task, held: Held) -> CarrierAct:
        action = task.operation.action
        return CarrierAct(
            action=Action.UPDATE if action is Action.ADOPT else action,
            e164=task.e164,
            after=task.operation.after,
            holding=self._shown(task, held).known,
            secrets=self._values.of(task.operation, task.op_id),
            kind=task.operation.kind,
            to=task.operation.to,
        )
