"""What git says in the simulated worlds, one time after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from reconciler.errors import Location
from reconciler.kinds import KINDS
from reconciler.model.act import Action
from reconciler.model.address import Address, account_name
from reconciler.model.state import DesiredTenant, Wanted
from reconciler.model.supply import Parting
from reconciler.model.tenant import TenantHeader

TENANT = "acme"
CONNECTOR = "carrier"
ACCOUNT = account_name(CONNECTOR)
KEPT, LEAVING, RELEASED, NEW, OTHER_NEW, BYSTANDER, PORTED = (
    "+12015550100",
    "+12015550101",
    "+12015550102",
    "+12015550103",
    "+12015550104",
    "+12015550199",
    "+12015550105",
)
BRAND = "BACME01"
OLD_HOST, NEW_HOST = "old.example.net:5060", "new.example.net:5060"
DAY_SECONDS = 24 * 3600.0

Entries = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Git:
    """What git says at one time.

    Attributes:
        tenant: The one tenant.
        account: What the carrier account itself is to have; None where git says nothing of it.
        partings: Beside git, how somebody says that numbers are to leave; nothing else is done.
    """

    tenant: DesiredTenant
    account: DesiredTenant | None = None
    partings: Mapping[str, Parting] = field(default_factory=dict)

    @property
    def parts(self) -> Iterator[DesiredTenant]:
        """The account, and the tenant."""
        if self.account is not None:
            yield self.account
        yield self.tenant

    @property
    def hosts(self) -> dict[str, str]:
        """The host of each gateway that is declared."""
        objects = self.account.objects if self.account is not None else {}
        return {at.name: str(w.spec["host"]) for at, w in objects.items() if at.kind == "gateway"}


@dataclass(frozen=True)
class Script:
    """A history, and the run under test.

    Attributes:
        past: What was applied long ago, one after the other.
        days: How long after each of them nothing happened.
        now: What git says now.
        approvals: What a person approves of it.
        lasting: Numbers that are never lost.
    """

    past: tuple[Git, ...]
    days: int
    now: Git
    approvals: frozenset[str]
    lasting: tuple[str, ...]


def desired(entries: Entries, owner: str = TENANT, **was: str) -> DesiredTenant:
    """A tenant from `kind/name: fields`, typed by its kinds; `kind__name` was another name."""
    header = TenantHeader.model_construct(tenant=owner, name="Acme", timezone="America/New_York")
    if owner == TENANT:
        header = TenantHeader.model_validate(
            {"schema": "1", "tenant": TENANT, "name": "Acme", "timezone": "America/New_York"}
        )
    place = Location("tenants/acme.yaml", 1, 1)
    objects = {}
    for reference, values in entries.items():
        kind, name = reference.split("/", 1)
        address = Address(owner, kind, name)
        resource = KINDS[kind].model_validate(dict(values))
        spec = resource.spec()
        under = KINDS[kind].folded_under(spec)
        entry = address._replace(kind=under) if under else address
        old = was.get(f"{kind}__{name}")
        former = address._replace(name=old) if old else None
        objects[address] = Wanted(resource, spec, place, entry, former)
        for part in resource.alongside(name):
            beside = Address(owner, part.kind, part.name)
            made = KINDS[part.kind].model_validate(part.values)
            objects[beside] = Wanted(made, made.spec(), place, address)
    return DesiredTenant(owner, header, objects, place)


def entries(numbers: Mapping[str, tuple[str, str]], **objects: Mapping[str, Any]) -> Entries:
    """Numbers by what they lead to and what they are handed to, and objects as `kind__name`."""
    made: dict[str, Mapping[str, Any]] = {
        key.replace("__", "/"): value for key, value in objects.items()
    }
    for e164, (to, handoff) in numbers.items():
        made[f"carrier_number/{e164}"] = {"connector": CONNECTOR, "handoff": handoff}
        made[f"number/{e164}"] = {"to": to, "connector": CONNECTOR}
    return made


# Numbers: some come, some go.


def _before() -> DesiredTenant:
    """What was applied long ago: three numbers, one group, one extension."""
    base = entries({KEPT: ("ring_group/sales", "old"), LEAVING: ("extension/101", "pbx")})
    return desired(
        {
            **base,
            "extension/101": {"name": "Desk 1"},
            "ring_group/sales": {"pilot": "600", "members": ["extension/101"]},
        }
    )


def _after() -> DesiredTenant:
    """What git says now: two numbers more, one less, a hand-off changed, a group renamed too.

    Two devices make secrets, which are handed out together.
    """
    base = entries(
        {
            KEPT: ("ring_group/front", "pbx"),
            NEW: ("ring_group/front", "pbx"),
            OTHER_NEW: ("extension/102", "pbx"),
        }
    )
    return desired(
        {
            **base,
            "extension/101": {"name": "Desk 1"},
            "extension/102": {"name": "Desk 2"},
            "device/102-desk": {"kind": "desk"},
            "device/102-soft": {"kind": "softphone"},
            "ring_group/front": {"pilot": "601", "members": ["extension/101", "extension/102"]},
        },
        ring_group__front="sales",
    )


def _first() -> DesiredTenant:
    """The very first state: with the number that is long in quarantine by now."""
    base = _before()
    more = desired(entries({RELEASED: ("extension/101", "pbx")}, extension__101={"name": "Desk 1"}))
    return DesiredTenant(TENANT, base.header, {**more.objects, **base.objects}, base.location)


def _numbers() -> Script:
    return Script(
        past=(Git(_first()), Git(_before())),
        days=46,
        now=Git(_after()),
        approvals=frozenset({f"release:{RELEASED}"}),
        lasting=(KEPT, LEAVING, BYSTANDER),
    )


def _leaving() -> Script:
    """One number goes to another account before its quarantine is over; another may not."""
    parting = Parting(Action.MOVE, "99/4")
    before = _before()
    gone = (Address(TENANT, kind, LEAVING) for kind in ("number", "carrier_number"))
    left = before.objects.keys() - set(gone)
    fewer = replace(before, objects={at: before.objects[at] for at in left})
    return Script(
        past=(Git(_first()), Git(fewer)),
        days=1,
        now=Git(fewer, partings={RELEASED: parting, LEAVING: parting}),
        approvals=frozenset({parting.approval(RELEASED)}),
        lasting=(KEPT, LEAVING, BYSTANDER),
    )


# An account: its gateway is another one, a brand is registered, a port and an address come.

_EXTENSION = {"extension/101": {"name": "Desk 1"}}
_PORT = {
    "connector": CONNECTOR,
    "numbers": [PORTED],
    "to": "extension/101",
    "handoff": "pbx",
    "subscriber": {
        "name": "Acme",
        "street_number": "1",
        "street": "Main",
        "street_type": "ST",
        "city": "Boston",
        "region": "MA",
        "postcode": "02110",
        "country": "US",
    },
    "authorized_by": "Jo Doe",
    "losing_carrier": {"billing_number": PORTED, "account": {"env": "PORT_ACCOUNT"}},
}


def _gateway(host: str) -> dict[str, Any]:
    return {"connector": CONNECTOR, "host": host, "limit": 23, "prefix": ""}


def _record(street: str) -> dict[str, Any]:
    place = {"street": street, "city": "BOSTON", "region": "MA", "postcode": "02110"}
    return {"connector": CONNECTOR, "caller_name": "ACME", "country": "US", **place}


def _quarantined() -> tuple[Git, ...]:
    """Two numbers at one gateway, then one of them without its line; its address stays known."""
    at_old = desired({"gateway/pbx": _gateway(OLD_HOST)}, ACCOUNT)
    both = {
        **entries({KEPT: ("extension/101", "pbx"), LEAVING: ("extension/101", "pbx")}),
        f"emergency_record/{LEAVING}": _record("7 ELM ST"),
    }
    one = entries({KEPT: ("extension/101", "pbx")})
    return tuple(Git(desired({**base, **_EXTENSION}), at_old) for base in (both, one))


def _account() -> Script:
    brand = {"connector": CONNECTOR, "id": BRAND, "name": "Acme"}
    here = entries({KEPT: ("extension/101", "pbx")})
    more = {f"emergency_record/{KEPT}": _record("1 MAIN ST"), "port/move": _PORT}
    return Script(
        past=_quarantined(),
        days=46,  # the quarantine is over, and nobody approves of what ends with it
        now=Git(
            desired({**here, **_EXTENSION, **more}),
            desired({"gateway/pbx": _gateway(NEW_HOST), "brand/acme": brand}, ACCOUNT),
        ),
        approvals=frozenset({f"port:{TENANT}/move", f"register:{BRAND}"}),
        lasting=(KEPT, LEAVING, BYSTANDER),
    )


@cache
def script(shape: str) -> Script:
    """What is played with a carrier of this shape."""
    return {"account": _account, "leaving": _leaving}.get(shape, _numbers)()
