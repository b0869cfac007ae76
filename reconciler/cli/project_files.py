"""What a project says in its files: settings, prices, policies, tenants; nothing of the edges."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from reconciler.cli.checking import Checked, check_one
from reconciler.cli.clock import SystemClock
from reconciler.cli.main import Context
from reconciler.engine.cost import PriceList
from reconciler.engine.policy import Policies
from reconciler.errors import InvalidConfig, Problem
from reconciler.loader.project import (
    PROJECT_FILE,
    SIDE_FILES,
    SourceFile,
    find_project,
    load_file,
)
from reconciler.loader.tenants import (
    TenantFiles,
    TenantSource,
    find_tenants,
)
from reconciler.model.document import ConnectorFacts, ProjectFacts
from reconciler.protocols import Checkpoint, Clock, no_checkpoint
from reconciler.settings import Connector, Project, origins, parse_settings
from reconciler.settings.connectors import KNOWN
from reconciler.settings.policies import parse_policies


@dataclass
class ProjectFiles:
    """What a project says, for one command: each file is read when it is needed.

    Attributes:
        environment: The process environment, read once.
        directory: Where the command was started.
        overrides: Flags that change settings, by their key.
        clock: Time.
        context: The command that it is for; it learns how to redact.
        checkpoint: Passed at every boundary of a transaction; an interrupt is raised there.
        instead: Bytes to take for those of the project's files, by path: what an edit would write.
        keeps_sources: Whether `desired` hands on the files that it read; they take memory.
    """

    environment: Mapping[str, str]
    directory: Path
    overrides: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)
    context: Context | None = None
    checkpoint: Checkpoint = no_checkpoint
    instead: Mapping[str, bytes] = field(default_factory=dict)
    keeps_sources: bool = False
    _sides: dict[str, SourceFile] = field(default_factory=dict, init=False, repr=False)

    # The project.

    @cached_property
    def root(self) -> Path:
        """The project's folder."""
        return find_project(self.directory).parent

    @cached_property
    def project(self) -> Project:
        """The project file.

        Raises:
            InvalidConfig: It cannot be used as written.
        """
        source = load_file(self.root, PROJECT_FILE, shown_as=self.shown_as, instead=self.instead)
        document = source.document
        self.project_value = document.value
        self.project_digest = source.digest
        settings, problems = parse_settings(
            document.value, document.place, self.environment, self.overrides, _time_zones
        )
        self.project_problems = problems
        if settings is None:
            raise InvalidConfig(problems)
        found = origins(self.environment, self.overrides)
        return Project(settings, str(self.root), document.place, found)

    @property
    def shown_as(self) -> str:
        """What stands before paths of the project in messages, such as `examples/`."""
        try:
            inside = os.path.relpath(self.root, self.directory)
        except ValueError:
            return str(self.root)
        return "" if inside == "." else f"{inside}/"

    def tenant_files(self, only: Iterable[str] = ()) -> TenantFiles:
        """Find the tenants in scope, without reading any file of theirs."""
        pattern = self.project.settings.tenants
        chosen = frozenset(only) or None
        return find_tenants(self.root, pattern, only=chosen, shown_as=self.shown_as)

    def check(self, source: TenantSource) -> Checked:
        """Check one tenant by itself."""
        return check_one(source, self.facts, self._policies[0], self.root)

    @property
    def policies(self) -> Policies:
        """How bad each rule is."""
        return self._policies[0]

    @property
    def prices(self) -> PriceList:
        """What carriers charge that do not say so themselves."""
        return self._prices[0]

    @property
    def side_problems(self) -> tuple[Problem, ...]:
        """What is wrong in the files beside the project file."""
        return (*self._policies[1], *self._prices[1])

    @property
    def today(self) -> str:
        """The day in UTC, such as `2026-11-22`."""
        return f"{self.clock.now():%Y-%m-%d}"

    def side_file(self, name: str) -> SourceFile | None:
        """Load a file that the project file names beside itself, once; None when it names none.

        Args:
            name: The setting that names it, one of `SIDE_FILES`.

        Raises:
            InvalidConfig: It cannot be read, or is no YAML as it should be.
        """
        path: str | None = getattr(self.project.settings, name)
        if path is not None and name not in self._sides:
            self._sides[name] = load_file(self.root, path, shown_as=self.shown_as)
        return self._sides.get(name)

    @cached_property
    def _prices(self) -> tuple[PriceList, tuple[Problem, ...]]:
        """What carriers charge that do not say so themselves, and what is wrong in the file."""
        try:
            source = self.side_file("prices")
        except InvalidConfig as error:
            return {}, error.problems
        if source is None:
            return {}, ()
        from reconciler.settings.prices import parse_prices  # noqa: PLC0415 - where there is one

        document = source.document
        return parse_prices(document.value, document.place, self.project.settings.connectors)

    @cached_property
    def _policies(self) -> tuple[Policies, tuple[Problem, ...]]:
        """How bad each rule is, and what is wrong in the file that says so."""
        try:
            source = self.side_file("policies")
        except InvalidConfig as error:
            return Policies(), error.problems
        if source is None:
            return Policies(), ()
        return parse_policies(source.document.value, source.document.place, self.today)

    def side_inputs(self) -> dict[str, str]:
        """Name each file beside the project file that decides about a plan, with its digest."""
        sources = {name: self.side_file(name) for name in SIDE_FILES}
        return {
            name: f"{source.path}@sha256:{source.digest}"
            for name, source in sources.items()
            if source is not None
        }

    @cached_property
    def facts(self) -> ProjectFacts:
        """What a tenant's check needs to know of the project around it."""
        settings = self.project.settings
        return ProjectFacts(
            connectors={name: _connector_facts(each) for name, each in settings.connectors.items()},
            allow_own_carriers=settings.platform.allow_own_carriers,
            secrets=settings.secrets.allow.rules(),
            zones=_time_zones(),
            today=self.today,
        )


def _time_zones() -> frozenset[str]:
    """Names of all IANA time zones, the same on every machine."""
    listed = Path(str(importlib.import_module("tzdata").__file__)).with_name("zones")
    return frozenset(listed.read_text(encoding="ascii").split())


def _connector_facts(settings: Connector) -> ConnectorFacts:
    handoff = settings.numbers.handoff
    known = KNOWN.get(settings.kind)
    return ConnectorFacts(
        kind=settings.kind,
        handoff=handoff if isinstance(handoff, str | None) else handoff.model_dump(mode="json"),
        gateways=None if known is None or known.objects else frozenset(settings.gateways),
        sandbox=settings.sandbox,
        objects=known.objects if known is not None else None,
        ports=known.ports if known is not None else None,
    )
