"""The operations of one part in their order, stopping what depends on a failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TypeVar

from reconciler.apply.carrier import CarrierWork
from reconciler.apply.edges import Edges
from reconciler.apply.platform import PlatformWork
from reconciler.apply.report import Result, result_of
from reconciler.apply.secrets import Values
from reconciler.apply.shown import Task
from reconciler.apply.writing import platform_task
from reconciler.engine.plan import Operation
from reconciler.errors import Unavailable
from reconciler.model.act import PARTINGS
from reconciler.observe import Accounts
from reconciler.protocols import Entry, Lease, State

Pair = tuple[Operation, str]
T = TypeVar("T")


class OperationSequence:
    """Runs the operations of one part under its lease."""

    def __init__(self, edges: Edges, lease: Lease, accounts: Accounts, values: Values) -> None:
        self._edges = edges
        self._carriers = CarrierWork(edges, lease, accounts, values)
        self._platform = PlatformWork(edges, lease, values)
        self._why: dict[str, str] = {}
        self._others_left = False
        self.interrupted = False

    def run(self, tasks: Sequence[Pair]) -> tuple[Result, ...]:
        """Run operations in plan order.

        Consecutive ones at one home go together: one list shows many orders, one
        transaction holds many writes. What leaves for good waits until all else has succeeded.
        """
        ids = {operation.id: op_id for operation, op_id in tasks}
        try:
            for _, group in groupby(tasks, key=_together):
                self._group(list(group), ids)
        except Unavailable as error:
            self._edges.tell("unavailable", {"message": error.message})
            self._why.update({op_id: error.message for _, op_id in tasks})
        except KeyboardInterrupt:
            self.interrupted = True
            self._why.update({op_id: "not started: interrupted" for _, op_id in tasks})
        rows = self._edges.ledger.entries(ids.values())
        return tuple(self._result(operation, _found(rows, op_id)) for operation, op_id in tasks)

    def _group(self, group: Sequence[Pair], ids: Mapping[str, str]) -> None:
        if group[0][0].action in PARTINGS and self._others_left:
            why = "not started: it goes for good last, and only when all else has succeeded"
            self._why.update({op_id: why for _, op_id in group})
            return
        left = list(group)
        while ready := self._ready(left, ids):
            if ready[0][0].home == "platform":
                self._platform.perform_all([platform_task(op, op_id) for op, op_id in ready])
            else:
                self._at_carrier([Task(operation, op_id) for operation, op_id in ready])
            begun = {op_id for _, op_id in ready}
            left = [pair for pair in left if pair[1] not in begun]
        after = self._edges.ledger.states([op_id for _, op_id in group])
        self._others_left = self._others_left or any(
            _found(after, op_id) is not State.VERIFIED for _, op_id in group
        )

    def _ready(self, group: Sequence[Pair], ids: Mapping[str, str]) -> list[Pair]:
        """What of a group may run now; at a carrier the rest may wait for just that."""
        ready: list[Pair] = []
        together: set[str] = set()
        states = self._states(group, ids)
        for pair in group:
            if self._may_run(pair, together, ids, states):
                ready.append(pair)
                if pair[0].home == "platform":
                    together.add(pair[0].id)
        return ready

    def _states(self, group: Sequence[Pair], ids: Mapping[str, str]) -> Mapping[str, State]:
        """Read how far a group has come, and all that it waits for."""
        waited = {ids[name] for op, _ in group for name in op.depends_on if name in ids}
        return self._edges.ledger.states(waited.union(op_id for _, op_id in group))

    def _at_carrier(self, tasks: Sequence[Task]) -> None:
        """Send all of them, then read back: one list shows what became of each."""
        for task in tasks:
            self._carriers.attempt(task)
        for task in tasks:
            self._carriers.perform(task)

    def _may_run(
        self,
        pair: Pair,
        together: set[str],
        ids: Mapping[str, str],
        states: Mapping[str, State],
    ) -> bool:
        """Whether everything that an operation waits for is so; if not, it is told why.

        At the platform, what runs `together` with it and before it counts as so.
        """
        operation, op_id = pair
        if _found(states, op_id) in {State.VERIFIED, State.FAILED}:
            return False
        for waits_for in operation.depends_on:
            if waits_for in together:
                continue
            before = ids.get(waits_for)
            if before is None or _found(states, before) is not State.VERIFIED:
                self._why[op_id] = f"not started: it waits for {waits_for}"
                return False
        return True

    def _result(self, operation: Operation, row: Entry) -> Result:
        note = self._why.get(row.op_id, "") if row.state is State.INTENDED else ""
        return result_of(row, operation.entry, note)


def _found(rows: Mapping[str, T], op_id: str) -> T:
    """Take one of the journal's rows that were read together."""
    if op_id not in rows:
        raise Unavailable(
            f"The journal lost {op_id}.", "Compare what is there with git: reconciler drift"
        )
    return rows[op_id]


def _together(pair: Pair) -> tuple[str, str, bool]:
    operation, _ = pair
    return operation.home, operation.connector, operation.action in PARTINGS
