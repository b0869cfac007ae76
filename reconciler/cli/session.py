"""One command's view of a project: its settings, its tenants and its edges, opened when needed."""

from __future__ import annotations

import getpass
import os
import random
import socket
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from reconciler.cli.accounts import Connectors, SharedBudgets, keep_snapshots, left_at, made_at
from reconciler.cli.checking import check_all
from reconciler.cli.clock import SystemClock
from reconciler.cli.codes import left_behind
from reconciler.cli.main import Context
from reconciler.cli.project_files import ProjectFiles
from reconciler.database import Database, open_database
from reconciler.engine.guard import Limits, Share
from reconciler.engine.policy import Silenced
from reconciler.errors import InvalidConfig, Location, Problem, Severity, Unavailable, by_place
from reconciler.kinds import KINDS
from reconciler.ledger.owner import this_owner
from reconciler.ledger.sql import SqlLedger
from reconciler.loader.tenants import (
    TenantSource,
    load_tenants,
)
from reconciler.model.address import Address
from reconciler.model.state import DesiredTenant
from reconciler.model.supply import NumberState
from reconciler.observe import Accounts
from reconciler.planner import Policy, Sources
from reconciler.platform.sql import SqlPlatform
from reconciler.protocols import Carrier, SecretSink
from reconciler.settings import Connector

if TYPE_CHECKING:  # cryptography is loaded where a secret is
    from reconciler.secrets import Vault

_KEPT = frozenset(NumberState) - {
    NumberState.AVAILABLE,
    NumberState.RESERVED,
    NumberState.RELEASED,
}
"""States of a number that is a tenant's own."""

SANDBOX_MONTHLY = Decimal("1.00")
"""What a sandbox charges for a number, once and a month (VoiceTel's list price)."""


@dataclass
class Desired:
    """All tenants in scope, and every problem that was found on the way."""

    tenants: tuple[DesiredTenant, ...]
    problems: tuple[Problem, ...]
    skipped: tuple[str, ...] = ()
    silenced: tuple[Silenced, ...] = ()
    sources: tuple[TenantSource, ...] = ()
    """What could be loaded of the tenants, those with problems too, where they are kept."""

    def require(self) -> None:
        """Stop when any problem is an error.

        Raises:
            InvalidConfig: With all problems, warnings too.
        """
        if any(problem.severity is Severity.ERROR for problem in self.problems):
            raise InvalidConfig(self.problems)


def session_of(
    context: Context,
    overrides: Mapping[str, str] | None = None,
    kind: type[Session] | None = None,
) -> Session:
    """Open a command's project."""
    return (kind or Session)(
        context.environment,
        context.directory,
        {**context.overrides, **(overrides or {})},
        context.clock if context.clock is not None else SystemClock(),
        context,
    )


@dataclass
class Session(ProjectFiles):
    """A project opened for one command, with its edges."""

    def desired(self, only: Iterable[str] = (), *, files_only: bool = False) -> Desired:
        """Load and check the tenants in scope: all, or those named.

        Args:
            only: Names of tenants; none for all.
            files_only: Whether to look at nothing but files. Else a tenant that the platform
                has and no file describes any more is a problem too, where all are in scope.

        Raises:
            Unavailable: The platform cannot be read.
        """
        chosen = frozenset(only) or None
        loaded = load_tenants(
            self.root,
            self.project.settings.tenants,
            only=chosen,
            shown_as=self.shown_as,
            instead=self.instead,
        )
        made = check_all(
            loaded,
            self.facts,
            self.policies,
            self.root,
            every_tenant=chosen is None,
        )
        tenants = made.tenants
        problems = [*self.project_problems, *self.side_problems, *loaded.problems, *made.problems]
        faulty = any(problem.severity is Severity.ERROR for problem in problems)
        if not (files_only or faulty or chosen):
            problems.extend(self.left_behind([tenant.tenant for tenant in tenants]))
        return Desired(
            tuple(tenants),
            by_place(problems),
            tuple(loaded.skipped),
            tuple(made.silenced),
            loaded.tenants if self.keeps_sources else (),
        )

    def left_behind(self, described: Collection[str]) -> Iterable[Problem]:
        """Find tenants whose file is gone: they are never planned, so never deleted either."""
        pattern = self.project.settings.tenants
        for tenant in sorted(self.platform.revisions().keys() - set(described)):
            objects = sum(one.managed for one in self.platform.read(tenant).objects.values())
            held = sum(one.state in _KEPT for one in self.platform.numbers_of(tenant))
            if objects or held:
                yield left_behind(tenant, objects, held, Location(f"{self.shown_as}{pattern}"))

    # The edges.

    @cached_property
    def database(self) -> Database:
        """The platform's database."""
        return open_database(self.project.platform_url, checkpoint=self.checkpoint)

    @cached_property
    def platform(self) -> SqlPlatform:
        """Where calls are handled."""
        if self.project.settings.platform.kind != "sql":
            raise Unavailable(
                "This version knows platforms of the kind sql only.",
                "Set platform.kind to sql in reconciler.yaml.",
            )
        return SqlPlatform(self.database)

    @property
    def shares_database(self) -> bool:
        """Whether platform and ledger commit as one."""
        return self.project.ledger_url == self.project.platform_url

    @cached_property
    def ledger(self) -> SqlLedger:
        """Our own records."""
        shared = self.shares_database
        database = (
            self.database
            if shared
            else open_database(self.project.ledger_url, checkpoint=self.checkpoint)
        )
        return SqlLedger(database, self.clock, self.who)

    @cached_property
    def carriers(self) -> Connectors:
        """Carrier accounts."""
        return Connectors(tuple(self.project.settings.connectors), self._connect)

    @cached_property
    def accounts(self) -> Accounts:
        """Listings of carrier accounts, each read once."""
        return Accounts(self.carriers, self.ledger, self.clock)

    @cached_property
    def vault(self) -> Vault:
        """Secrets of the project and of its tenants."""
        from reconciler.secrets import Vault  # noqa: PLC0415 - see above

        secrets = self.project.settings.secrets
        made = Vault(
            keys=secrets.keys,
            mac_key=secrets.mac_key,
            allow=secrets.allow,
            environment=self.environment,
            root=self.root,
        )
        if self.context is not None:
            self.context.redact = made.redactor.redact
        return made

    def sink(self, secrets_out: str | None) -> SecretSink | None:
        """Where generated secrets go: the flag's file, else the project's; None for nowhere.

        Raises:
            Unavailable: It cannot be written.
        """
        named = self.project.settings.secrets.sink
        chosen = secrets_out or (named.file if named is not None else None)
        if chosen is None:
            return None
        base = self.directory if secrets_out else self.root
        from reconciler.secrets import FileSink  # noqa: PLC0415 - see above

        made = FileSink(base, chosen)
        made.check()
        return made

    @cached_property
    def who(self) -> str:
        """Who works, for people: ``jo@host``."""
        try:
            user = getpass.getuser()
        except (KeyError, OSError):
            user = str(os.getuid())
        return f"{user}@{socket.gethostname()}"

    @cached_property
    def owner(self) -> str:
        """Which process works, for leases."""
        return this_owner()

    def _connect(self, name: str) -> Carrier:
        from reconciler import carriers  # noqa: PLC0415 - HTTP is needed only where numbers are

        settings = self.project.settings.connectors[name]
        module = carriers.find(settings.kind)
        if module is None:
            raise Unavailable(
                f"This version cannot speak to {name}, which is of the kind {settings.kind}.",
                f"It knows {', '.join(carriers.kinds())}.",
            )
        known = {"left": left_at(self.ledger, name), "made": made_at(self.ledger, name)}
        options: dict[str, Any] = settings.options() | known
        credentials = {
            field_name: self.vault.resolve_project(
                reference, f"connectors.{name}.credentials.{field_name}"
            )
            for field_name, reference in settings.credentials.items()
        }
        app = self._sandbox(name, settings) if settings.sandbox and not settings.url else None
        if settings.sandbox:
            options.setdefault("did_rate", SANDBOX_MONTHLY)
        made: Carrier = module.connect(
            options,
            connector=name,
            credentials=credentials,
            clock=self.clock,
            wsgi_app=app,
            budgets=SharedBudgets(lambda: self.ledger),
            chance=random.random,
        )
        return made

    def _sandbox(self, name: str, settings: Connector) -> Callable[..., Any]:
        from reconciler.sandbox import desk, serve  # noqa: PLC0415 - for sandbox connectors only

        path = self.root / serve.default_path(name)
        return desk.find(settings.kind).open(path, settings.options(), self.clock)

    # Planning.

    def policy(
        self,
        allowed: Mapping[str, Decimal],
        only_config: bool,
        increase: Mapping[str, Decimal] = MappingProxyType({}),
    ) -> Policy:
        """What decides about a plan: limits, quarantine, what becomes of drift."""
        settings = self.project.settings
        limits = settings.limits
        told = {"monthly_increase": "--max-monthly-increase"} if increase else {}
        return Policy(
            limits=Limits(
                deletes=Share(limits.deletes.count, limits.deletes.percent),
                quarantines=Share(limits.quarantines.count, limits.quarantines.percent),
                reroutes=Share(limits.reroutes.count, limits.reroutes.percent),
                monthly_increase={**limits.monthly_increase, **increase},
                unknown_cost=limits.unknown_cost.count,
                waiting_days=limits.waiting_days.count,
                allowed=dict(allowed),
                places={**self.project.limit_places(), **told},
            ),
            quarantine_days=settings.quarantine_days,
            reverts_drift=lambda at: not only_config and self._reverts(at),
            prices=self.prices,
        )

    def _reverts(self, address: Address) -> bool:
        return self.project.settings.drift.of(address.tenant, address.kind) == "revert"

    def sources(self) -> Sources:
        """Where a plan is made from."""
        return Sources(self.platform, self.ledger, self.carriers, self.clock, KINDS)

    def close(self) -> None:
        """Let go of everything that was opened, and keep what was read of carrier accounts."""
        if "accounts" in self.__dict__ and "ledger" in self.__dict__:
            keep_snapshots(self.accounts, self.ledger)
        for name in ("carriers", "ledger", "database"):
            if name in self.__dict__:
                self.__dict__[name].close()


def problem_facts(problem: Problem) -> dict[str, Any]:
    """Tell a problem as a plan holds it."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.detail,
        "file": problem.location.file,
        "line": problem.location.line,
        "column": problem.location.column,
        "address": problem.address,
    }
