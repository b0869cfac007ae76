"""Apply a plan part by part: lease, recovery, staleness, consumption, sequence, report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal

from reconciler.apply.edges import Edges, read_instant
from reconciler.apply.funds import Funds, Said
from reconciler.apply.lease import NOT_BEGUN, take, under_lease
from reconciler.apply.recover import recover, results_of
from reconciler.apply.relied import stale
from reconciler.apply.report import PartReport, Report, Result, not_over, statuses_of
from reconciler.apply.secrets import Values
from reconciler.apply.sequence import OperationSequence
from reconciler.engine.plan import Gate, Operation, Part, Plan, stage_of, tenant_of
from reconciler.errors import Exit, InvalidPlan, ReconcilerError, Stale
from reconciler.model.address import parse_address
from reconciler.observe import Accounts
from reconciler.protocols import Intent, Lease


def always(operation: Operation) -> bool:
    """Say of every operation that git still wants it."""
    del operation
    return True


@dataclass(frozen=True, slots=True)
class Options:
    """What an apply was told.

    Attributes:
        approvals: Such as ``release:+12015550188``.
        allowed: Limits let pass once, by limit.
        increase: The most that the monthly bill may rise, by currency.
        limit: The same by the project's limits, for what an approval adds to a plan.
        command: The command line, for the records.
        still_wanted: Whether git still asks for what a dead run was to bring about.
        run_id: The run's id, where it has one already; "" for a new one.
    """

    approvals: frozenset[str] = frozenset()
    allowed: Mapping[str, Decimal] = field(default_factory=dict)
    command: str = "apply"
    still_wanted: Callable[[Operation], bool] = always
    run_id: str = ""
    increase: Mapping[str, Decimal] = field(default_factory=dict)
    limit: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def said(self) -> Said:
        """What it allows."""
        return Said(self.approvals, self.allowed, self.increase, self.limit)


def apply_plan(edges: Edges, plan: Plan, options: Options, accounts: Accounts) -> Report:
    """Apply exactly what a plan says.

    Raises:
        InvalidPlan: It is about kinds that this version does not know.
        Stale: The plan has expired or is from the future, or is for another ledger or account.
        Unavailable: The ledger cannot be written, or an account would be changed for tenants
            whose secrets have no key or no sink; nothing was done.
    """
    plan = replace(plan, counted=plan.facts())
    blind = _looked_through(edges, plan)
    _check_envelope(edges, plan, accounts)
    _keys_at_hand(edges, plan)
    run_id = options.run_id or edges.new_id()
    edges.ledger.start_run(
        run_id, who=edges.who, command=options.command, plan_id=plan.envelope.plan_id
    )
    edges.tell("run_start", {"run": run_id, "plan_id": plan.envelope.plan_id})
    with ending(edges, run_id):
        reports = _parts(edges, plan, options, accounts, run_id)
        interrupted = any(report.status == "interrupted" for report in reports)
        told = {result.address for report in reports for result in report.results}
        left = not_over(edges.ledger, map(tenant_of, plan.names()), told)
        report = Report(run_id, reports, interrupted, blind, left)
        edges.ledger.finish_run(run_id, report.exit_code)
    edges.tell("run_end", {"run": run_id, "exit_code": int(report.exit_code)})
    return report


def _parts(
    edges: Edges, plan: Plan, options: Options, accounts: Accounts, run_id: str
) -> tuple[PartReport, ...]:
    """Apply part after part; those behind an interrupted one are told as not begun."""
    funds = Funds(accounts.facts, plan.facts(), plan.envelope.gates, options.said)
    reports: list[PartReport] = []
    for at, facts in enumerate(plan.facts()):
        if not facts.work:
            continue
        part = plan.parts[at]
        if reports and reports[-1].status == "interrupted":
            reports.append(PartReport(part.part, "interrupted", detail=NOT_BEGUN))
        elif part.goes_last and (why := _unfinished(edges, plan, reports)):
            reports.append(_held_back(part, why))
        else:
            short = funds.gates_of(part.part)
            reports.append(_part_report(edges, plan, part, options, accounts, run_id, short))
            funds.behind(part.part)
    return tuple(reports)


def _unfinished(edges: Edges, plan: Plan, reports: Sequence[PartReport]) -> str:
    """What is not as it should be before an account loses anything, as a clause; "" for nothing."""
    for report in reports:
        if report.status != "done":
            return f"{report.part} is {report.status}"
    for facts in plan.facts():
        if stage_of(facts.part) == 1 and (facts.unchecked or facts.left_alone):
            return f"something of {facts.part} could not be planned"
    tenants = {tenant_of(name) for name in plan.names()}
    for left in not_over(edges.ledger, tenants):
        if statuses_of([left]) or left.status == "waiting":
            return f"what became of {left.address} is not known yet"
    return ""


def _held_back(part: Part, why: str) -> PartReport:
    """Tell a part that removes and is not begun, as something before it may still need that.

    It adds no exit status: what did not end as it should has one.
    """
    return PartReport(
        part.part,
        "held_back",
        detail=f"Not begun: {why}, and what an account has is removed last, once nothing can need"
        " it any more.",
        hint="put that right, then plan again",
    )


@contextmanager
def ending(edges: Edges, run_id: str) -> Iterator[None]:
    """End a run in the records whatever stops it; a process that dies leaves it as it is."""
    try:
        yield
    except (ReconcilerError, KeyboardInterrupt) as error:
        status = error.exit_code if isinstance(error, ReconcilerError) else Exit.INTERRUPTED
        with suppress(ReconcilerError):
            edges.ledger.finish_run(run_id, status)
        raise


def recover_tenant(
    edges: Edges, tenant: str, options: Options, accounts: Accounts, run_id: str
) -> None:
    """Resolve what dead runs left behind for a tenant, before it is planned.

    Raises:
        Locked: Somebody alive works on it.
    """
    if not edges.ledger.open_operations(tenant):
        return
    lease = take(edges, tenant, run_id)
    try:
        recover(edges, lease, tenant, accounts, options.still_wanted)
    finally:
        edges.ledger.give_back(lease)


def _looked_through(edges: Edges, plan: Plan) -> frozenset[Exit]:
    """Refuse what this version cannot do before anything is begun; all parts in one look.

    Returns:
        The exit statuses that hold because something could not be checked.
    """
    counted = plan.facts()
    homes = {(name, kind.home.value) for name, kind in edges.kinds.items()}
    if not all(facts.homes <= homes and facts.kinds <= edges.kinds.keys() for facts in counted):
        for part in plan.parts:
            _check_kinds(edges, part)
    blind = any(facts.unchecked or facts.unsupported for facts in counted)
    return frozenset({Exit.UNAVAILABLE}) if blind else frozenset()


def _keys_at_hand(edges: Edges, plan: Plan) -> None:
    """Change no account for tenants that could not be given what they need it for.

    A tenant's own part looks by itself before it begins.
    """
    counted = plan.facts()
    if not any(facts.work and stage_of(facts.part) == 0 for facts in counted):
        return
    values = Values(edges)
    for at, facts in enumerate(counted):
        if facts.work and not facts.refused:
            operations = plan.parts[at].operations
            values.require(operations)
            if any(map(values.generated, operations)):
                return  # keys and sink are there: no other part needs more


def _check_kinds(edges: Edges, part: Part) -> None:
    for operation in part.operations:
        kind = edges.kinds.get(operation.kind)
        known = all(address.split("/")[1] in edges.kinds for address in operation.addresses)
        if kind is None or not known or kind.home.value != operation.home:
            raise InvalidPlan(
                f"The plan's {operation.id} is about {operation.address!r} at home"
                f" {operation.home}, of which this version knows nothing.",
                "Plan again, or use the version of reconciler that made it.",
            )


def _check_envelope(edges: Edges, plan: Plan, accounts: Accounts) -> None:
    envelope = plan.envelope
    now = edges.clock.now()
    if read_instant(envelope.created) > now:
        raise Stale(
            f"The plan was made at {envelope.created}, which is still to come.",
            "Set this machine's clock right, or plan again.",
        )
    if read_instant(envelope.expires) <= now:
        raise Stale(f"The plan expired at {envelope.expires}.", "Plan again.")
    if envelope.lineage != edges.ledger.lineage():
        raise Stale(
            "The plan was made for another ledger.",
            "Plan again against this one; see platform.url.",
        )
    if envelope.serial > edges.ledger.serial():
        raise Stale(
            "The ledger is older than the plan: it looks like a restored backup.",
            "Compare it with what is there (reconciler drift) before anything is applied.",
        )
    if envelope.serial < edges.ledger.floor():
        raise Stale(
            "The ledger was restored from a backup since the plan was made.",
            "Plan again: what was done since that backup is found by looking.",
        )
    for connector, account in envelope.accounts.items():
        carrier = accounts.carriers.get(connector)
        if carrier is not None and carrier.account() != account:
            raise Stale(
                f"{connector} opens the account {carrier.account()}; the plan is for {account}.",
                "Use the credentials that the plan was made with, or plan again.",
            )


# One part.


def _part_report(
    edges: Edges,
    plan: Plan,
    part: Part,
    options: Options,
    accounts: Accounts,
    run_id: str,
    short: Sequence[Gate],
) -> PartReport:
    """Apply one part; whatever stands in its way is told, and the other parts go on.

    `short` is what stops it for the sake of money, beside its own gates.
    """
    blocking = [gate for gate in part.gates if not options.said.passes(gate)] or list(short)
    if blocking:
        return PartReport(
            part.part,
            "blocked",
            detail=" ".join(gate.detail for gate in blocking),
            hint="; ".join(dict.fromkeys(gate.hint for gate in blocking)),
            statuses=frozenset({Exit.BLOCKED}),
        )
    return under_lease(
        edges,
        part.part,
        run_id,
        lambda lease: _apply_part(edges, plan, part, options, accounts, lease),
        lambda: results_of(edges, run_id, part.part),
    )


def _apply_part(
    edges: Edges, plan: Plan, part: Part, options: Options, accounts: Accounts, lease: Lease
) -> PartReport:
    used = edges.ledger.used(plan.envelope.plan_id, part.part)
    if used:
        raise Stale(
            f"This plan was used by run {used} for {part.part}.", f"reconciler resume {used}"
        )
    found = recover(edges, lease, part.tenant, accounts, options.still_wanted)
    planned = {operation.address for operation in part.operations}
    # What this plan could not count with is told: else it would look as if all was done.
    left = (*found.open, *(one for one in found.undone if one.address not in planned))
    moved = stale(edges, part, accounts, {result.address for result in found.open})
    if moved:
        return PartReport(
            part.part,
            "stale",
            detail=moved,
            hint="plan again",
            results=left,
            statuses=frozenset({Exit.STALE}) | statuses_of(left),
        )
    todo = [op for op in part.operations if not op.approval or op.approval in options.approvals]
    skipped = tuple(
        _skipped(op)
        for op in part.operations
        if op.approval and op.approval not in options.approvals
    )
    tasks = [
        (operation, f"{plan.envelope.plan_id}/{part.part}/{operation.id}") for operation in todo
    ]
    values = Values(edges)
    values.prepare((op_id, operation) for operation, op_id in tasks)
    if tasks:
        _consume(edges, plan, part, options, lease, todo)
    return run_tasks(
        part.part, OperationSequence(edges, lease, accounts, values), tasks, left, skipped
    )


def run_tasks(
    part: str,
    sequence: OperationSequence,
    tasks: Sequence[tuple[Operation, str]],
    left: tuple[Result, ...] = (),
    skipped: tuple[Result, ...] = (),
) -> PartReport:
    """Run the operations of a part, each with its journal row's id, and tell how they ended."""
    results = (*left, *sequence.run(tasks), *skipped)
    held = statuses_of(results)
    status = "interrupted" if sequence.interrupted else "incomplete" if held else "done"
    return PartReport(part, status, results=results, statuses=held)


def _skipped(operation: Operation) -> Result:
    return Result(
        id=operation.id,
        address=operation.address,
        entry=operation.entry,
        action=operation.action.value,
        status="skipped",
        note=f"due, and waits for --approve {operation.approval}",
        approval=operation.approval,
    )


def _consume(
    edges: Edges, plan: Plan, part: Part, options: Options, lease: Lease, todo: Sequence[Operation]
) -> None:
    bodies = part.bodies()
    intents = [_intent(edges, operation, bodies[operation.id]) for operation in todo]
    with edges.ledger.transaction(lease, "plan") as journal:
        journal.consume(plan.envelope.plan_id, part.part, part.content_digest, intents)
        for operation in todo:
            if operation.approval:
                journal.approve("approval", operation.approval, operation.address)
        told = {gate.id: gate.detail for gate in part.gates}
        for limit, amount in sorted(options.allowed.items()):
            journal.approve("limit", f"{limit}={amount}", told.get(limit, ""))
        for currency, amount in sorted(options.increase.items()):
            journal.approve("limit", f"max_monthly_increase {currency}={amount}", "")


def _intent(edges: Edges, operation: Operation, body: str) -> Intent:
    address = parse_address(operation.address)
    if address is None:
        raise Stale(f"{operation.address!r} is no address.", "Plan again.")
    carrier = edges.carriers.get(operation.connector)
    return Intent(
        op=operation.id,
        address=address,
        home=operation.home,
        account=carrier.account() if carrier is not None else edges.platform.name,
        resource_key=address.name if edges.kinds[address.kind].supplies else operation.address,
        action=operation.action,
        reversibility=operation.reversibility,
        charge=operation.charge,
        body=body,
    )
