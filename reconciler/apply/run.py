"""Apply a plan part by part: lease, recovery, staleness, consumption, sequence, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from reconciler.apply.edges import LEASE_SECONDS, Edges, read_instant
from reconciler.apply.recover import operation_of, recover
from reconciler.apply.relied import moved
from reconciler.apply.report import PartReport, Report, Result, result_of, statuses_of
from reconciler.apply.secrets import Values
from reconciler.apply.sequence import OperationSequence
from reconciler.engine.plan import Gate, Operation, Part, Plan
from reconciler.errors import (
    Exit,
    Fenced,
    InvalidConfig,
    InvalidPlan,
    Locked,
    ReconcilerError,
    Stale,
    Unavailable,
)
from reconciler.model.act import Action
from reconciler.model.address import Address, parse_address
from reconciler.model.canonical import canonical
from reconciler.model.resource import Naming
from reconciler.observe import Accounts
from reconciler.protocols import Entry, HeldLease, Intent, Lease, State

POLL_SECONDS = 1.0
"""How often a lease that somebody holds is asked for again."""


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
        command: The command line, for the records.
        still_wanted: Whether git still asks for what a dead run was to bring about.
    """

    approvals: frozenset[str] = frozenset()
    allowed: Mapping[str, Decimal] = field(default_factory=dict)
    command: str = "apply"
    still_wanted: Callable[[Operation], bool] = always


def apply_plan(edges: Edges, plan: Plan, options: Options, accounts: Accounts) -> Report:
    """Apply exactly what a plan says.

    Raises:
        InvalidPlan: It is about kinds that this version does not know.
        Stale: The plan has expired or is from the future, or is for another ledger or account.
        Unavailable: The ledger cannot be written; nothing was done.
    """
    _check_kinds(edges, plan)
    _check_envelope(edges, plan, accounts)
    run_id = edges.new_id()
    edges.ledger.start_run(
        run_id, who=edges.who, command=options.command, plan_id=plan.envelope.plan_id
    )
    reports: list[PartReport] = []
    for part in plan.parts:
        if part.has_work:
            reports.append(_part_report(edges, plan, part, options, accounts, run_id))
            if reports[-1].status == "interrupted":
                break
    interrupted = any(report.status == "interrupted" for report in reports)
    report = Report(run_id, tuple(reports), interrupted, _unchecked(plan))
    edges.ledger.finish_run(run_id, report.exit_code)
    return report


def resume_run(edges: Edges, run_id: str, options: Options, accounts: Accounts) -> Report:
    """Go on with the consumed parts of a run that did not finish.

    Raises:
        Stale: There is no such run.
    """
    run = edges.ledger.run(run_id)
    if run is None:
        raise Stale(f"There is no run {run_id}.", "List them: reconciler runs list")
    new_run = edges.new_id()
    edges.ledger.start_run(new_run, who=edges.who, command=options.command, plan_id=run.plan_id)
    reports: list[PartReport] = []
    rows = edges.ledger.operations(run_id)
    for part in dict.fromkeys(row.part for row in rows):
        mine = tuple(row for row in rows if row.part == part)
        reports.append(_resumed(edges, part, mine, options, accounts, new_run))
    interrupted = any(report.status == "interrupted" for report in reports)
    report = Report(new_run, tuple(reports), interrupted)
    edges.ledger.finish_run(new_run, report.exit_code)
    return report


def recover_tenant(
    edges: Edges, tenant: str, options: Options, accounts: Accounts, run_id: str
) -> tuple[Result, ...]:
    """Resolve what dead runs left behind for a tenant, before it is planned.

    Raises:
        Locked: Somebody alive works on it.
    """
    if not edges.ledger.open_operations(tenant):
        return ()
    lease = _take(edges, tenant, run_id)
    try:
        return recover(edges, lease, tenant, accounts, options.still_wanted)
    finally:
        edges.ledger.give_back(lease)


def _check_kinds(edges: Edges, plan: Plan) -> None:
    """Refuse what this version cannot do before anything is begun."""
    for operation in (each for part in plan.parts for each in part.operations):
        kind = edges.kinds.get(operation.kind)
        if kind is None or kind.home.value != operation.home:
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
    for connector, account in envelope.accounts.items():
        carrier = accounts.carriers.get(connector)
        if carrier is not None and carrier.account() != account:
            raise Stale(
                f"{connector} opens the account {carrier.account()}; the plan is for {account}.",
                "Use the credentials that the plan was made with, or plan again.",
            )


def _unchecked(plan: Plan) -> frozenset[Exit]:
    blind = any(held.what == "unchecked" for part in plan.parts for held in part.held)
    return frozenset({Exit.UNAVAILABLE}) if blind else frozenset()


# One part.


def _part_report(
    edges: Edges, plan: Plan, part: Part, options: Options, accounts: Accounts, run_id: str
) -> PartReport:
    """Apply one part; whatever stands in its way is told, and the other parts go on."""
    blocking = [gate for gate in part.gates if not _is_allowed(gate, options)]
    if blocking:
        return PartReport(
            part.part,
            "blocked",
            detail=" ".join(gate.detail for gate in blocking),
            hint="; ".join(dict.fromkeys(gate.hint for gate in blocking)),
            statuses=frozenset({Exit.BLOCKED}),
        )
    try:
        lease = _take(edges, part.part, run_id)
    except Locked as error:
        return _refused(part.part, "locked", error)
    try:
        return _under_lease(edges, plan, part, options, accounts, lease)
    except Fenced as error:
        return _refused(part.part, "locked", error)
    except InvalidConfig as error:
        return PartReport(
            part.part, "invalid", detail=str(error), statuses=frozenset({Exit.INVALID})
        )
    except Stale as error:
        return _refused(part.part, "consumed", error)
    except Unavailable as error:
        return _refused(part.part, "unavailable", error)
    except KeyboardInterrupt:
        return PartReport(part.part, "interrupted", detail="Interrupted before it began.")
    finally:
        edges.ledger.give_back(lease)


def _refused(part: str, status: str, error: ReconcilerError) -> PartReport:
    return PartReport(
        part, status, detail=error.message, hint=error.hint, statuses=frozenset({error.exit_code})
    )


def _is_allowed(gate: Gate, options: Options) -> bool:
    if gate.kind != "limit" or gate.id not in options.allowed:
        return False
    return Decimal(gate.planned) <= options.allowed[gate.id]


def _take(edges: Edges, tenant: str, run_id: str) -> Lease:
    """Take a tenant's lease, waiting visibly for one that somebody alive holds."""
    waited = 0.0
    while True:
        edges.checkpoint("lease:before")
        taken = edges.ledger.take(
            (f"tenant/{tenant}",), owner=edges.owner, run_id=run_id, ttl_seconds=LEASE_SECONDS
        )
        if isinstance(taken, Lease):
            edges.checkpoint("lease:after")
            return taken
        if waited >= edges.lock_timeout_seconds:
            raise Locked(
                _held_by(tenant, taken), f"reconciler locks; reconciler unlock {taken.nonce}"
            )
        edges.tell("lock_wait", {"tenant": tenant, "owner": taken.owner, "run": taken.run_id})
        edges.clock.sleep(POLL_SECONDS)
        waited += POLL_SECONDS


def _held_by(tenant: str, lease: HeldLease) -> str:
    return (
        f"{tenant} is being worked on by {lease.owner} (run {lease.run_id}), "
        f"until {lease.expires_at} at the latest."
    )


def _under_lease(
    edges: Edges, plan: Plan, part: Part, options: Options, accounts: Accounts, lease: Lease
) -> PartReport:
    used = edges.ledger.used(plan.envelope.plan_id, part.part)
    if used:
        raise Stale(
            f"This plan was used by run {used} for {part.part}.", f"reconciler resume {used}"
        )
    left = recover(edges, lease, part.part, accounts, options.still_wanted)
    blocked = {result.address for result in left}
    stale = _stale(edges, part, accounts, blocked)
    if stale:
        return PartReport(
            part.part,
            "stale",
            detail=stale,
            hint="plan again",
            results=left,
            statuses=frozenset({Exit.STALE}) | statuses_of(left),
        )
    todo = [op for op in part.operations if not op.approval or op.approval in options.approvals]
    skipped = tuple(_skipped(op) for op in part.operations if op not in todo)
    tasks = [
        (operation, f"{plan.envelope.plan_id}/{part.part}/{operation.id}") for operation in todo
    ]
    values = Values(edges)
    values.prepare((op_id, operation) for operation, op_id in tasks)
    if tasks:
        _consume(edges, plan, part, options, lease, todo)
    return _run(part.part, OperationSequence(edges, lease, accounts, values), tasks, left, skipped)


def _run(
    part: str,
    sequence: OperationSequence,
    tasks: Sequence[tuple[Operation, str]],
    left: tuple[Result, ...] = (),
    skipped: tuple[Result, ...] = (),
) -> PartReport:
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


def _stale(edges: Edges, part: Part, accounts: Accounts, blocked: set[str]) -> str:
    """Re-read everything that the part relies on; a sentence for what moved, "" for nothing."""
    first: dict[Address, Operation] = {}
    for operation in part.operations:
        address = parse_address(operation.address)
        if operation.address in blocked:
            return f"{operation.address} has an operation that is not over"
        if address is not None and operation.action is not Action.PUBLISH:
            first.setdefault(address, operation)
        elif address is not None and address not in first:
            first[address] = operation
    wanted = set(first) | {
        Address(address.tenant, *reference.split("/", 1))
        for address, operation in first.items()
        for reference in operation.precondition.exists
    }
    at_platform = [a for a in wanted if edges.kinds[a.kind].home.value == "platform"]
    objects = edges.platform.read_some(tuple(sorted(at_platform)))
    numbers = [a.name for a in first if edges.kinds[a.kind].naming is Naming.E164]
    records = edges.platform.numbers(tuple(sorted(set(numbers)))) if numbers else {}
    for address, operation in first.items():
        if operation.home == "platform":
            sentence = moved(operation, address, objects, records)
        else:
            sentence = _moved_at_carrier(operation, address, accounts)
        if sentence:
            return sentence
    return ""


def _moved_at_carrier(operation: Operation, address: Address, accounts: Accounts) -> str:
    listing = accounts.listing(operation.connector, 0.0)
    holding = listing.holdings.get(address.name)
    if operation.precondition.spec is None:
        return "" if holding is None else f"{address} is on the account {operation.connector} now"
    if holding is None:
        return f"{address} is not on the account {operation.connector} any more"
    if dict(holding.spec) != operation.precondition.spec:
        fields = sorted(
            name
            for name in operation.precondition.spec.keys() | holding.spec.keys()
            if operation.precondition.spec.get(name) != holding.spec.get(name)
        )
        return f"{address}: {', '.join(fields)} changed at {operation.connector}"
    return ""


def _consume(
    edges: Edges, plan: Plan, part: Part, options: Options, lease: Lease, todo: Sequence[Operation]
) -> None:
    intents = [_intent(edges, operation) for operation in todo]
    with edges.ledger.transaction(lease, "plan") as journal:
        journal.consume(plan.envelope.plan_id, part.part, part.content_digest, intents)
        for operation in todo:
            if operation.approval:
                journal.approve("approval", operation.approval, operation.address)
        told = {gate.id: gate.detail for gate in part.gates}
        for limit, amount in sorted(options.allowed.items()):
            journal.approve("limit", f"{limit}={amount}", told.get(limit, ""))


def _intent(edges: Edges, operation: Operation) -> Intent:
    address = parse_address(operation.address)
    if address is None:
        raise Stale(f"{operation.address!r} is no address.", "Plan again.")
    carrier = edges.carriers.get(operation.connector)
    number = edges.kinds[address.kind].naming is Naming.E164
    return Intent(
        op=operation.id,
        address=address,
        home=operation.home,
        account=carrier.account() if carrier is not None else edges.platform.name,
        resource_key=address.name if number else operation.address,
        action=operation.action,
        reversibility=operation.reversibility,
        charge=operation.charge,
        body=canonical(operation.model_dump(mode="json")).decode(),
    )


# Going on.


def _withdraw(edges: Edges, lease: Lease, rows: Sequence[Entry], options: Options) -> None:
    """Close what a resumed run must not begin any more: releases, and orders git took back.

    Their approval was given for the world of then; a new plan looks at the one of now.
    """
    for row in rows:
        late = row.action is Action.RELEASE
        late = late or (row.action is Action.ORDER and not options.still_wanted(operation_of(row)))
        if late and row.state is State.INTENDED:
            with edges.ledger.transaction(lease, "op-failed") as journal:
                journal.move(row.op_id, State.FAILED, "not begun again by resume: plan it anew")


def _resumed(
    edges: Edges,
    part: str,
    rows: tuple[Entry, ...],
    options: Options,
    accounts: Accounts,
    run_id: str,
) -> PartReport:
    """Go on with one consumed part: its own rows, nothing else."""
    if not any(row.is_open for row in rows):
        results = tuple(result_of(row, operation_of(row).entry) for row in rows)
        return PartReport(part, "done", results=results)
    try:
        lease = _take(edges, part, run_id)
    except Locked as error:
        return _refused(part, "locked", error)
    try:
        spare = rows[0].run_id
        recover(edges, lease, part, accounts, always, spare_run=spare)
        _withdraw(edges, lease, rows, options)
        tasks = [(operation_of(row), row.op_id) for row in rows]
        values = Values(edges)
        open_now = {row.op_id for row in rows if row.is_open}
        values.prepare((op_id, operation) for operation, op_id in tasks if op_id in open_now)
        return _run(part, OperationSequence(edges, lease, accounts, values), tasks)
    except (Fenced, Stale, Unavailable) as error:
        return _refused(part, "unavailable", error)
    finally:
        edges.ledger.give_back(lease)
