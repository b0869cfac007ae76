"""The operations of one part in their order, stopping what depends on a failure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from reconciler.apply.carrier import CarrierWork, Task
from reconciler.apply.edges import Edges
from reconciler.apply.platform import PlatformWork, platform_task
from reconciler.apply.report import Result, result_of
from reconciler.apply.secrets import Values
from reconciler.engine.plan import Operation
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.observe import Accounts
from reconciler.protocols import Entry, Lease, State

Pair = tuple[Operation, str]


class OperationSequence:
    """Runs the operations of one part under its lease."""

    def __init__(self, edges: Edges, lease: Lease, accounts: Accounts, values: Values) -> None:
        self._edges = edges
        self._carriers = CarrierWork(edges, lease, accounts)
        self._platform = PlatformWork(edges, lease, values)
        self._why: dict[str, str] = {}
        self.interrupted = False

    def run(self, tasks: Sequence[Pair]) -> tuple[Result, ...]:
        """Run operations in plan order.

        Consecutive ones at one home go together: one list shows many orders, one
        transaction holds many writes. Releases wait until all else has succeeded.
        """
        try:
            for _, group in groupby(tasks, key=_together):
                self._group(list(group), tasks)
        except Unavailable as error:
            self._edges.tell("unavailable", {"message": error.message})
            self._why.update({op_id: error.message for _, op_id in tasks})
        except KeyboardInterrupt:
            self.interrupted = True
            self._why.update({op_id: "not started: interrupted" for _, op_id in tasks})
        return tuple(self._result(operation, op_id) for operation, op_id in tasks)

    def _group(self, group: Sequence[Pair], tasks: Sequence[Pair]) -> None:
        ready = [pair for pair in group if self._may_run(pair, group, tasks)]
        if not ready:
            return
        if ready[0][0].home == "platform":
            self._platform.perform_all([platform_task(op, op_id) for op, op_id in ready])
            return
        carrier_tasks = [Task(operation, op_id) for operation, op_id in ready]
        for task in carrier_tasks:
            self._carriers.attempt(task)
        for task in carrier_tasks:
            self._carriers.perform(task)

    def _may_run(self, pair: Pair, group: Sequence[Pair], tasks: Sequence[Pair]) -> bool:
        """Whether everything that an operation waits for is so; if not, it is told why."""
        operation, op_id = pair
        if self._row(op_id).state in {State.VERIFIED, State.FAILED}:
            return False
        together = {op.id for op, _ in group} if operation.home == "platform" else set()
        states = {op.id: self._row(i).state for op, i in tasks if op.id in operation.depends_on}
        for waits_for, state in states.items():
            if state is not State.VERIFIED and waits_for not in together:
                self._why[op_id] = f"not started: it waits for {waits_for}"
                return False
        if operation.action is Action.RELEASE and self._others_left(operation, tasks):
            self._why[op_id] = "not started: releases go last, and only when all else has succeeded"
            return False
        return True

    def _others_left(self, release: Operation, tasks: Sequence[Pair]) -> bool:
        del release
        return any(
            op.action is not Action.RELEASE and self._row(op_id).state is not State.VERIFIED
            for op, op_id in tasks
        )

    def _result(self, operation: Operation, op_id: str) -> Result:
        row = self._row(op_id)
        note = self._why.get(op_id, "") if row.state is State.INTENDED else ""
        return result_of(row, operation.entry, note)

    def _row(self, op_id: str) -> Entry:
        row = self._edges.ledger.operation(op_id)
        if row is None:
            raise Unavailable(f"The journal lost {op_id}.", "Run `reconciler store check`.")
        return row


def _together(pair: Pair) -> tuple[str, str, bool]:
    operation, _ = pair
    return operation.home, operation.connector, operation.action is Action.RELEASE


