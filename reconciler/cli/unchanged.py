"""The fast path: whether all is as it was when a plan last found nothing to do.

It loads neither kinds nor models. What git says is known by the digests of its files, what
the platform has by its triggers' revisions, what carriers have by reading them, and what is
not over by one look into the journal. Whatever is in doubt is planned in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from reconciler import __version__
from reconciler.cli.clock import SystemClock
from reconciler.cli.main import Context
from reconciler.database import SQLITE_PREFIX, Database, open_database
from reconciler.errors import ReconcilerError
from reconciler.ledger.unchanged import Memory, recall
from reconciler.loader.files import why_missing
from reconciler.loader.project import find_project, load_file, side_digests
from reconciler.loader.tenants import tenant_digests
from reconciler.model.canonical import digest
from reconciler.platform.quarantined import ended
from reconciler.protocols import Carrier, Clock, Ledger

QUARANTINE_DAYS = 45
"""Of a project that says nothing else."""

DEFAULT_URL = f"{SQLITE_PREFIX}.reconciler/reconciler.db"


def report_if_unchanged(context: Context, tenants: Iterable[str]) -> str | None:
    """What the last plan of this scope said, if it would say the same now; else None."""
    if context.overrides or any(
        name.startswith("RECONCILER_") and name.endswith("_URL") for name in context.environment
    ):
        return None
    try:
        return _report(context, frozenset(tenants))
    except ReconcilerError:
        return None  # whatever it is, the full plan tells it


def key_of(root: Path, project: Mapping[str, Any], tenants: frozenset[str], day: str) -> str:
    """The digest of everything in git, and around it, that decides about a plan."""
    files = tenant_digests(root, str(project.get("tenants", "tenants/*.yaml")), tenants or None)
    whole = load_file(root, "reconciler.yaml").digest
    sides = side_digests(root, project)
    return digest(
        {"version": __version__, "project": whole, "files": files, "sides": sides, "day": day}
    )


def scope_key(tenants: Iterable[str]) -> str:
    """The name of a scope in the memory."""
    return ",".join(sorted(tenants)) or "*"


def _report(context: Context, tenants: frozenset[str]) -> str | None:
    root = find_project(context.directory).parent
    project = load_file(root, "reconciler.yaml").document.value
    database = _database(root, project)
    if database is None:
        return None
    clock: Clock = context.clock or SystemClock()
    try:
        memory = recall(database, scope_key(tenants))
        if memory is None or memory.key != key_of(
            root, project, tenants, f"{clock.now():%Y-%m-%d}"
        ):
            return None
        same = (
            _same_platform(database, memory)
            and not _due(project, database, memory, clock)
            and not any(why_missing(root, path) for path in memory.sounds)
            and _same_carriers(root, project, database, memory, clock)
        )
        return memory.report if same else None
    finally:
        database.close()


def _database(root: Path, project: Mapping[str, Any]) -> Database | None:
    """The one database of platform and ledger, where it is a server's or a file that is there."""
    url = (project.get("platform") or {}).get("url", DEFAULT_URL)
    ledger = (project.get("ledger") or {}).get("url", "same")
    if ledger != "same":
        return None
    if not url.startswith(SQLITE_PREFIX):
        return open_database(url)
    path = root / url.removeprefix(SQLITE_PREFIX)
    return open_database(f"{SQLITE_PREFIX}{path}") if path.is_file() else None


def _same_platform(database: Database, memory: Memory) -> bool:
    found: dict[str, int] = dict(database.execute("SELECT tenant, revision FROM tenant"))
    same = all(found.get(tenant, 0) == revision for tenant, revision in memory.revisions.items())
    left = database.execute(
        "SELECT DISTINCT tenant FROM operation WHERE state <> 'failed' AND state <> 'verified'"
    )
    return same and not any(tenant in memory.revisions for (tenant,) in left)


def _due(project: Mapping[str, Any], database: Database, memory: Memory, clock: Clock) -> bool:
    """Whether a quarantine is over by now. When the memory was made none was: that is told."""
    days = int(str(project.get("quarantine_days", QUARANTINE_DAYS)))
    over = ended(database, days, clock.now())
    return any(not record.tenant or record.tenant in memory.revisions for record in over)


def _same_carriers(
    root: Path, project: Mapping[str, Any], database: Database, memory: Memory, clock: Clock
) -> bool:
    if not memory.holdings:
        return True
    from reconciler.ledger.sql import SqlLedger  # noqa: PLC0415 - only where numbers are
    from reconciler.observe import Accounts  # noqa: PLC0415 - as above

    connectors = project.get("connectors") or {}
    opened: dict[str, Carrier] = {}
    ledger = SqlLedger(database, clock, "plan")
    for name in memory.holdings:
        made = _connected(root, name, connectors.get(name) or {}, clock, ledger)
        if made is None:
            return False
        opened[name] = made
    accounts = Accounts(opened, ledger, clock)
    return all(accounts.listing(name).is_still(memory.holdings[name]) for name in opened)


def _connected(
    root: Path, name: str, settings: Mapping[str, Any], clock: Clock, ledger: Ledger
) -> Carrier | None:
    """Open a sandbox that is served in process; everything with credentials is planned in full."""
    if settings.get("sandbox") is not True or settings.get("url") or settings.get("credentials"):
        return None
    from reconciler import carriers  # noqa: PLC0415 - only where numbers are
    from reconciler.cli.accounts import left_at  # noqa: PLC0415 - as above
    from reconciler.sandbox import serve  # noqa: PLC0415 - as above

    module = carriers.find(str(settings.get("kind", "")))
    if module is None:
        return None
    app: Callable[..., Any] = serve.open_sandbox(
        root / serve.default_path(name),
        campaigns=serve.campaign_ids(settings.get("campaigns")),
        brands=serve.brand_ids(settings.get("brands")),
        clock=clock,
    )
    made: Carrier = module.connect(
        {**settings, "left": left_at(ledger, name)},
        connector=name,
        credentials={},
        clock=clock,
        wsgi_app=app,
    )
    return made
