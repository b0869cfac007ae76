"""What the command line puts together, around one account: git, a platform, a ledger, plans."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from reconciler.apply.edges import Edges
from reconciler.apply.report import Report
from reconciler.apply.run import Options, apply_plan, recover_tenant
from reconciler.cli.accounts import left_at
from reconciler.database import SQLITE_PREFIX, open_database
from reconciler.database.sqlite import MEMORY
from reconciler.engine.guard import Limits
from reconciler.engine.plan import Envelope, Held, Operation, Part, Plan
from reconciler.kinds import KINDS
from reconciler.ledger.sql import SqlLedger
from reconciler.model.account_object import AccountObject
from reconciler.model.address import account_name
from reconciler.model.state import DesiredTenant
from reconciler.observe import Accounts
from reconciler.planner import Policy, Sources
from reconciler.platform.sql import SqlPlatform
from reconciler.protocols import SecretValue
from tests.conformance.carriers import NAME, World
from tests.crash.scripts import desired
from tests.crash.simulated import PlainSecrets, Process
from tests.plans import make_plan

PIN = "4287"
POLICY = Policy(limits=Limits(unknown_cost=9))
"""What a sandbox costs, nobody knows beforehand."""

EXTENSIONS = {f"extension/{number}": {"name": "Desk"} for number in ("101", "4201")}
"""Where numbers lead, and where those of a port do."""


class Pins(PlainSecrets):
    """Secrets that are all of them PINs."""

    def resolve(self, *_: object) -> SecretValue:
        return SecretValue(PIN)


@dataclass
class Keeper:
    """One project, at one account.

    Attributes:
        world: The account.
        tenant: What git says of the tenant, by `kind/name`.
        account: What git says of the account itself.
    """

    world: World
    platform: SqlPlatform
    ledger: SqlLedger
    tenant: dict[str, Mapping[str, Any]] = field(default_factory=lambda: dict(EXTENSIONS))
    account: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    runs: int = 0

    def number(self, values: Mapping[str, Any]) -> None:
        """Let git say this of the number at its carrier."""
        e164 = self.world.e164
        self.tenant[f"number/{e164}"] = {"to": "extension/101", "connector": NAME}
        self.tenant[f"carrier_number/{e164}"] = {"connector": NAME, **written(values)}

    def beside(self, kind: str, values: Mapping[str, Any] | None) -> None:
        """Let git say this of what the carrier keeps of the number beside its presence."""
        address = f"{kind}/{self.world.e164}"
        self.tenant.pop(address, None)
        if values is not None:
            self.tenant[address] = {"connector": NAME, **values}

    def port(self, name: str, values: Mapping[str, Any]) -> None:
        """Let git have a port order."""
        self.tenant[f"port/{name}"] = {"connector": NAME, **written(values)}

    def own(self, kind: str, name: str, values: Mapping[str, Any] | None) -> None:
        """Let git say this of the account itself."""
        self.account.pop(f"{kind}/{name}", None)
        if values is not None:
            self.account[f"{kind}/{name}"] = {"connector": NAME, **values}

    def plan(self) -> Plan:
        """Make a plan, as a process does that was just started."""
        return self._plan(self._accounts())

    def apply(self) -> tuple[Plan, Report]:
        """Apply what is to be done, with every approval, in a process of its own."""
        accounts = self._accounts()
        edges = self._edges(accounts)
        self.runs += 1
        for tenant in (*self._of_account().values(), self._tenant()):
            recover_tenant(edges, tenant.tenant, Options(), accounts, f"recover-{self.runs}")
        plan = self._plan(accounts)
        approvals = frozenset(one.approval for one in operations(plan) if one.approval)
        return plan, apply_plan(edges, plan, Options(approvals=approvals), accounts)

    def _tenant(self) -> DesiredTenant:
        return desired(self.tenant)

    def _of_account(self) -> dict[str, DesiredTenant]:
        left = self.ledger.applied(account_name(NAME))
        wanted = desired(self.account, account_name(NAME))
        return {NAME: wanted} if wanted.objects or left else {}

    def _accounts(self) -> Accounts:
        """Open the account with what git and the last apply say of it."""
        section = copy.deepcopy(dict(self.world.sort.section))
        for kind, thing in self.world.sort.objects.items():
            cls = KINDS[kind]
            assert issubclass(cls, AccountObject)
            if thing.goes and f"{kind}/{thing.name}" not in self.account:
                said = section[cls.of_account]
                section[cls.of_account] = (
                    {name: it for name, it in said.items() if name != thing.name}
                    if isinstance(said, dict)
                    else [it for it in said if it not in thing.values[0].values()]
                )
        carrier = self.world.again(section | {"left": left_at(self.ledger, NAME)})
        return Accounts({NAME: carrier}, self.ledger, self.world.clock)

    def _edges(self, accounts: Accounts) -> Edges:
        process = Process(f"process-{self.runs}")
        return Edges(
            platform=self.platform,
            carriers=accounts.carriers,
            ledger=self.ledger,
            clock=self.world.clock,
            kinds=KINDS,
            who="jo@host",
            owner=process.name,
            shares_database=True,
            secrets=Pins(process, []),
            new_id=lambda: f"run-{self.runs}",
        )

    def _plan(self, accounts: Accounts) -> Plan:
        now = self.world.clock.now()
        sources = Sources(self.platform, self.ledger, accounts.carriers, self.world.clock, KINDS)
        self.runs += 1
        envelope = Envelope(
            plan_id=f"plan-{self.runs}",
            lineage=self.ledger.lineage(),
            serial=self.ledger.serial(),
            created=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            expires=f"{now + timedelta(hours=24):%Y-%m-%dT%H:%M:%SZ}",
        )
        return make_plan(sources, [self._tenant()], accounts, POLICY, envelope, self._of_account())


def written(value: Any) -> Any:
    """Settings as they stand in YAML: a secret is its reference."""
    if not isinstance(value, dict):
        return value
    if "$secret" in value:
        return {**value["$secret"]["ref"], "version": value["$secret"]["version"]}
    return {name: written(inner) for name, inner in value.items()}


def operations(plan: Plan) -> list[Operation]:
    """All that a plan would do."""
    return [one for part in plan.parts for one in part.operations]


def told(plan: Plan) -> list[str]:
    """All that a plan has to say but that somebody waits: nothing where all is as git has it."""
    said = [f"{one.action} {one.address}" for one in operations(plan)]
    for part in plan.parts:
        said += [f"{one.what} {one.address}: {one.detail}" for one in held(part)]
        said += [f"{one.id}: {one.detail}" for one in part.gates]
        said += [f"drifted {one.address}" for one in part.drifted]
    return said


def held(part: Part) -> list[Held]:
    """What a part leaves as it is, but for what its home works on."""
    return [one for one in part.held if one.what != "waiting"]


def awaited(plan: Plan) -> list[str]:
    """What its home works on."""
    return [one.address for part in plan.parts for one in part.held if one.what == "waiting"]


@contextmanager
def keeping(world: World) -> Iterator[Keeper]:
    """A project without a tenant that was ever applied."""
    database = open_database(f"{SQLITE_PREFIX}{MEMORY}")
    try:
        ledger = SqlLedger(database, world.clock, "jo@host")
        yield Keeper(world, SqlPlatform(database), ledger)
    finally:
        database.close()
