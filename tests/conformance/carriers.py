"""The carriers that the suite runs on: each connector before its faithful sandbox.

A carrier joins with a function that opens such a world. All else is read from what its
connector declares in its capabilities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reconciler import carriers
from reconciler.kinds import KINDS
from reconciler.model.act import Action
from reconciler.model.postal import registered
from reconciler.model.supply import Holding
from reconciler.protocols import (
    Carrier,
    CarrierAct,
    Done,
    Outcome,
    Prepared,
    Refused,
    SecretValue,
    Waiting,
)
from reconciler.sandbox.books import Fault
from reconciler.sandbox.desk import App, Desk, find

NAME = "account"
CANARY = "canary-3f1c77a0b2"
PORT_SECRET = "canary-88213"
KIND = KINDS["carrier_number"]
OFFICE = {"caller_name": "Acme", "street": "14 Inkhorn Lane", "city": "Boston"}
Spec = dict[str, Any]


@dataclass
class Time:
    """A clock that moves only when somebody sleeps."""

    at: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)
    slept: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.slept

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.slept += seconds


@dataclass(frozen=True)
class Thing:
    """One object of an account itself, as the suite makes, changes and removes it.

    Attributes:
        name: Its name; the section must declare it where the carrier does not name it so.
        values: What it is set to, one after the other.
        step: Where a fault of its first write is planted: the method and the start of the path.
        comes: Whether it is made; else every account has one.
        goes: Whether it can be removed.
        switches: How the sandbox stands, where its carrier's documents leave that open.
    """

    name: str
    values: tuple[Mapping[str, Any], ...]
    step: tuple[str, str]
    comes: bool = True
    goes: bool = True
    switches: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Sort:
    """What the suite must know of a carrier beside its capabilities.

    Attributes:
        kind: The kind of its connectors.
        section: Its section in the project file.
        numbers: Numbers that it sells, three or more.
        foreign: A number that it can never have.
        first, second: Two values of each field that it may hold.
        kept: Fields that can be changed and never taken back.
        others: Two values of each other kind that it may hold, by kind.
        otherwise: Settings of other kinds that it writes in a form of its own, by kind.
        objects: What it may hold of the account itself, by kind.
        needs: What of that must be there before a number can be ordered: kind, name, settings.
        steps: Where a fault is planted: the method and the start of the path of each step.
        odd: The switch of its sandbox that lists rows beyond the documents.
        credentials: Names of what opens the account.
        port: A port order of two numbers that it takes; None where it takes none.
        refusing: The switch of its sandbox that lists numbers which cannot be ported.
        elsewhere: Another account of it, and a route there; "" where it moves no number.
    """

    kind: str
    section: Mapping[str, Any]
    numbers: tuple[str, ...]
    foreign: str
    first: Mapping[str, Any]
    second: Mapping[str, Any]
    kept: frozenset[str]
    others: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]
    steps: Mapping[str, tuple[str, str]]
    credentials: tuple[str, ...]
    odd: str = "odd_rows"
    otherwise: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    objects: Mapping[str, Thing] = field(default_factory=dict)
    needs: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()
    port: Mapping[str, Any] | None = None
    refusing: str = ""
    elsewhere: str = ""

    @property
    def removals(self) -> frozenset[Action]:
        """The ways in which a number leaves an account of it."""
        module = carriers.find(self.kind)
        assert module is not None
        return module.capabilities_of(self.section).removals


@dataclass
class Counted:
    """Budgets without an end that remember what was taken from them."""

    taken: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)

    def spend(self, bucket: str, **_: object) -> tuple[bool, int, str]:
        self.taken.append(bucket)
        return True, len(self.taken), ""

    def fill(self, bucket: str, **_: object) -> None:
        self.filled.append(bucket)


@dataclass
class World:
    """An account at a sandbox, with a connector before it."""

    sort: Sort
    carrier: Carrier
    app: App
    path: Path
    clock: Time
    desk: Desk
    keys: int = field(default=0)

    @property
    def e164(self) -> str:
        """The number that most tests are about."""
        return self.sort.numbers[0]

    def again(self) -> Carrier:
        """Open the same account from another process."""
        return _connected(self.sort, self.app, self.clock)

    def key(self) -> str:
        """A key that was never used."""
        self.keys += 1
        return f"op-{self.keys}"

    def ordered(self) -> Spec:
        """What an order leaves behind: those of the first values that it can set."""
        can = self.carrier.capabilities.with_order
        return {"connector": NAME} | {n: v for n, v in self.sort.first.items() if n in can}

    def order(self, e164: str = "") -> CarrierAct:
        return CarrierAct(Action.ORDER, e164 or self.e164, self.ordered())

    def change(self, after: Spec) -> CarrierAct:
        return CarrierAct(Action.UPDATE, self.e164, after, self.there(), self.secrets(after))

    def spelt(self, after: Spec) -> Spec:
        """These settings as a plan has them: what is off or empty is left out."""
        return KIND.model_validate(after).spec()

    def release(self) -> CarrierAct:
        return self.leaves(Action.RELEASE)

    def leaves(self, action: Action) -> CarrierAct:
        """One of the ways in which a number leaves the account."""
        to = self.sort.elsewhere if action is Action.MOVE else ""
        return CarrierAct(action, self.e164, None, self.there(), to=to)

    def secrets(self, after: Spec) -> dict[str, SecretValue]:
        marked = {name for name, value in after.items() if "$secret" in str(value)}
        return {name: SecretValue("4287") for name in marked}

    def other(self, action: Action, kind: str, after: Spec | None) -> CarrierAct:
        """An act on what the carrier keeps of the number beside its presence."""
        there = self.carrier.observe().others.get(kind, {}).get(self.e164)
        return CarrierAct(action, self.e164, after, there, kind=kind)

    def of_account(self, action: Action, kind: str, after: Mapping[str, Any] | None) -> CarrierAct:
        """An act on an object of the account itself."""
        name = self.sort.objects[kind].name
        there = self.carrier.observe().others.get(kind, {}).get(name)
        spec = None if after is None else {"connector": NAME, **after}
        return CarrierAct(action, name, spec, there, kind=kind)

    def submission(self) -> CarrierAct:
        """The port order of its sort, with the secrets that only an apply knows."""
        after = {"connector": NAME, **(self.sort.port or {})}
        names = KINDS["port"].secrets(after)
        secrets = {name: SecretValue(f"{PORT_SECRET}-{n}") for n, name in enumerate(sorted(names))}
        return CarrierAct(Action.PORT, "spring", after, secrets=secrets, kind="port")

    def port(self) -> Holding:
        """The one port that is listed."""
        (found,) = self.carrier.orders("port").values()
        return found

    def there(self, e164: str = "") -> Holding:
        return self.carrier.observe().holdings[e164 or self.e164]

    def do(self, act: CarrierAct, key: str = "") -> Outcome:
        prepared = self.carrier.prepare(act)
        assert isinstance(prepared, Prepared), prepared
        return self.send(prepared, key)

    def send(self, prepared: Prepared, key: str = "") -> Outcome:
        """Send it; what needs nothing to be sent is done."""
        return self.carrier.send(prepared, key or self.key()) if prepared.requests else Done()

    def bought(self) -> Spec:
        """Buy the number and hand it over; what is then there."""
        assert isinstance(self.do(self.order()), Done)
        spec = {"connector": NAME, "handoff": self.sort.first["handoff"]}
        assert isinstance(self.do(self.change(spec)), Done)
        return spec

    def set_to(self, after: Spec) -> None:
        """Leave these settings behind, and wait for what takes its time."""
        outcome = self.do(self.change(self.spelt(after)))
        assert isinstance(outcome, Done | Waiting), outcome
        self.clock.sleep(3600)

    def in_sync(self, after: Spec) -> bool:
        """Whether a plan of these settings would be empty."""
        there = dict(self.there().spec)
        write_only = self.carrier.capabilities.write_only
        wanted = self.spelt(after)
        told = {name: value for name, value in wanted.items() if name not in write_only}
        return KIND.as_it_runs(there, told) == there

    def fault(self, kind: str, step: str, *, after: bool = False, **options: Any) -> None:
        method, path = self.sort.steps[step]
        self.desk.fault(self.path, Fault(kind, method, path, after=after, **options))

    def switch(self, name: str, value: object) -> None:
        store = self.app.store  # type: ignore[attr-defined]
        with store.transaction():
            store.change_setting(name, value)

    def charged(self) -> list[str]:
        return [charge["number"] for charge in self.desk.books(self.path)["charges"]]

    def refused(self, act: CarrierAct) -> Refused:
        """Have it refused before anything is sent."""
        before = self.desk.books(self.path)
        outcome = self.carrier.prepare(act)
        assert isinstance(outcome, Refused), outcome
        assert self.desk.books(self.path) == before
        return outcome


def _connected(sort: Sort, app: App, clock: Time) -> Carrier:
    module = carriers.find(sort.kind)
    assert module is not None
    opened: Carrier = module.connect(
        dict(sort.section),
        connector=NAME,
        credentials={name: SecretValue(CANARY) for name in sort.credentials},
        clock=clock,
        wsgi_app=app,
        budgets=Counted(),
    )
    return opened


def _opened(sort: Sort) -> Callable[[Path], AbstractContextManager[World]]:
    @contextmanager
    def world(folder: Path) -> Iterator[World]:
        clock, desk, path = Time(), find(sort.kind), folder / "sandbox.db"
        app = desk.open(path, sort.section, clock)
        made = _connected(sort, app, clock)
        try:
            opened = World(sort, made, app, path, clock, desk)
            for kind, name, spec in sort.needs:
                act = CarrierAct(Action.CREATE, name, {"connector": NAME, **spec}, kind=kind)
                assert isinstance(opened.do(act), Done)
            made.observe()
            yield opened
        finally:
            made.close()
            app.close()

    return world


def _gateway(host: str, limit: int = 23, prefix: str = "") -> Spec:
    return {"host": host, "limit": limit, "prefix": prefix}


VOICETEL = Sort(
    kind="voicetel",
    section={
        "kind": "voicetel",
        "sandbox": True,
        "gateways": {
            "pbx": {"host": "pbx.example.net:5060"},
            "backup": {"host": "backup.example.net:5060"},
            "spare": {"host": "spare.example.net"},
        },
        "acl": ["203.0.113.0/24"],
        "auth": {"mode": "digest_and_acl"},
        "campaigns": {
            "reminders": {"id": "CH5K5IZ"},
            "alerts": {"id": "CAL3RTS"},
            "surveys": {"id": "CSURV3Y", "brand": "acme", "description": "Surveys"},
        },
        "brands": {
            "harbor": {"id": "BMQ8L9X", "name": "Harbor Dental"},
            "acme": {"id": "BACME01", "name": "Acme"},
        },
        "numbers": {"handoff": "pbx"},
    },
    numbers=("+12015550144", "+12015550145", "+12015550146"),
    foreign="+442079460100",
    first={
        "handoff": "pbx",
        "cnam": "ACME",
        "cnam_lookup": True,
        "forward": "+12125550101",
        "translation": "+12125550102",
        "fax_to": "fax@acme.example",
        "sms": {"email": "sms@acme.example"},
        "campaign": "reminders",
        "port_out_pin": {"$secret": {"ref": {"env": "PIN"}, "version": 1}},
    },
    second={
        "handoff": "backup",
        "cnam": "ACME LTD",
        "cnam_lookup": False,
        "forward": "+13035550100",
        "translation": "+13035550101",
        "fax_to": "other@acme.example",
        "sms": {"webhook": "https://hook.acme.example/sms"},
        "campaign": "alerts",
        "port_out_pin": {"$secret": {"ref": {"env": "PIN"}, "version": 2}},
    },
    kept=frozenset({"handoff", "cnam", "cnam_lookup", "port_out_pin"}),
    others={
        "emergency_record": (
            registered(OFFICE | {"region": "MA", "postcode": "02110", "country": "US"}),
            registered(OFFICE | {"region": "MA", "postcode": "02111", "country": "US"}),
        ),
    },
    otherwise={
        "emergency_record": registered(
            OFFICE
            | {"street": "14 Inkhorn Lane, Suite 4", "region": "MA", "postcode": "02110"}
            | {"country": "US"}
        ),
    },
    objects={
        "gateway": Thing(
            "spare",
            (_gateway("spare.example.net"), _gateway("spare.example.net", 50, "9")),
            ("POST", "/v2.2/gateways"),
        ),
        "acl": Thing("203.0.113.0-24", ({"cidr": "203.0.113.0/24"},), ("POST", "/v2.2/acl")),
        "auth": Thing(
            NAME,
            tuple({"mode": mode} for mode in ("digest_and_acl", "acl", "digest_or_acl", "digest")),
            ("PUT", "/v2.2/auth"),
            comes=False,
            goes=False,
        ),
        "account": Thing(
            NAME,
            (
                {"timezone": "America/Chicago", "notify": True, "notify_threshold": 50}
                | {"caller_id": "+12015550144"},
                {"timezone": "America/New_York", "notify": False, "notify_threshold": 9}
                | {"caller_id": "+12015550145"},
            ),
            ("PUT", "/v2.2/account"),
            comes=False,
            goes=False,
        ),
        "brand": Thing(
            "harbor",
            ({"id": "BMQ8L9X", "name": "Harbor Dental", "description": "Dentists"},),
            ("POST", "/v2.2/messaging/brands"),
            goes=False,
        ),
        "campaign": Thing(
            "surveys",
            ({"id": "CSURV3Y", "brand": "acme", "description": "Surveys"},),
            ("POST", "/v2.2/messaging/campaigns"),
            goes=False,
        ),
    },
    needs=(
        ("gateway", "pbx", _gateway("pbx.example.net:5060")),
        ("gateway", "backup", _gateway("backup.example.net:5060")),
        ("brand", "acme", {"id": "BACME01", "name": "Acme"}),
    ),
    steps={
        "order": ("POST", "/v2.2/orders"),
        "update": ("PUT", "/v2.2/numbers/2015550144/route"),
        "release": ("POST", "/v2.2/numbers/2015550144/release"),
        "remove": ("DELETE", "/v2.2/numbers/2015550144"),
        "move": ("PATCH", "/v2.2/numbers/2015550144"),
        "list": ("GET", "/v2.2/numbers"),
        "stock": ("GET", "/v2.2/inventory"),
        "port": ("POST", "/v2.2/ports"),
        "ports": ("GET", "/v2.2/ports"),
        "portable": ("GET", "/v2.2/ports/availability"),
        "form": ("POST", "/v2.2/e911/validations"),
    },
    credentials=("api_key",),
    port={
        "numbers": ["+16175550150", "+16175550151"],
        "to": "extension/4201",
        "subscriber": {
            "name": "Acme",
            "type": "business",
            "street_number": "12",
            "street": "Spring",
            "street_type": "ST",
            "unit": "Suite 4",
            "city": "Boston",
            "region": "MA",
            "postcode": "02110",
            "country": "US",
        },
        "authorized_by": "Manager",
        "losing_carrier": {
            "billing_number": "+16175550150",
            "account": {"$secret": {"ref": {"env": "ACCOUNT"}, "version": 1}},
            "pin": {"$secret": {"ref": {"env": "PIN"}, "version": 1}},
        },
        "handoff": "backup",
        "cnam": "ACME",
        "campaign": "reminders",
    },
    refusing="unportable",
    elsewhere="99/4",
)


def _internal(field: str, first: object, second: object, path: str, **more: Any) -> Thing:
    """An internal number with all that it may have, changed, and without all that can go."""
    desk = {"handoff": {"type": "Extension", "name": "Front desk"}, "pass_caller_id": True}
    sales = {"handoff": {"type": "CallGroup", "name": "Sales"}, "pass_caller_id": False}
    full = desk | {"caller_id_prefix": "Desk:", field: first}
    changed = sales | {"caller_id_prefix": "Sales:"} | ({field: second} if second else {})
    return Thing("5001", (full, changed, sales, full), ("", f"/api/v2/{path}"), **more)


def _dial9(edition: str, update: str, internal: Thing) -> Sort:
    trunk = {"type": "Extension", "name": "pbx-trunk"}
    return Sort(
        kind="dial9",
        section={
            "kind": "dial9",
            "sandbox": True,
            "edition": edition,
            "numbers": {"handoff": trunk},
            "internal_numbers": {internal.name: internal.values[0]},
        },
        numbers=("+442079460100", "+442079460101", "+442079460102"),
        foreign="+12015550144",
        first={
            "handoff": trunk,
            "pass_caller_id": True,
            "carrier_record": True,
            "carrier_caller_id_prefix": "Sales:",
        },
        second={
            "handoff": {"type": "CallGroup", "name": "Sales"},
            "pass_caller_id": False,
            "carrier_record": False,
            "carrier_caller_id_prefix": "Büro 2",
        },
        kept=frozenset({"handoff", "pass_caller_id"}),
        others={
            "emergency_record": (
                registered(OFFICE | {"postcode": "EC4A 2QL", "country": "GB"}),
                registered(OFFICE | {"unit": "Floor 2", "postcode": "DH1 3QF", "country": "GB"}),
            ),
        },
        objects={"internal_number": internal},
        steps={
            "order": ("", "/api/v2/numbers/acquire"),
            "update": ("", f"/api/v2/numbers/{update}"),
            "release": ("", "/api/v2/numbers/delete"),
            "list": ("", "/api/v2/numbers/list"),
            "stock": ("", "/api/v2/numbers/acquirable_numbers"),
        },
        credentials=("token", "secret"),
    )


SORTS: dict[str, Sort] = {
    "voicetel": VOICETEL,
    "dial9-telcom": _dial9(
        "telcom",
        "save",
        _internal("record", True, None, "numbers/save", switches={"utility_listed": True}),
    ),
    "dial9-connect": _dial9(
        "connect",
        "update",
        _internal("name", "Front desk", "Sales floor", "internal_numbers/create", goes=False),
    ),
}

CARRIERS: dict[str, Callable[[Path], AbstractContextManager[World]]] = {
    name: _opened(sort) for name, sort in SORTS.items()
}
