"""What the suite must know of each carrier: one `Sort` for each, beside its capabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler import carriers
from reconciler.model.act import Action
from reconciler.model.postal import registered
from reconciler.protocols import Capabilities
from reconciler.sandbox.desk import find

NAME = "account"
OFFICE = {"caller_name": "Acme", "street": "14 Inkhorn Lane", "unit": "Floor 1", "city": "Boston"}
OTHER_OFFICE = {
    "caller_name": "Acme East",
    "street": "7 Elm Street",
    "unit": "Suite 4",
    "city": "Durham",
}
BRITISH = {"country": "GB"}
Spec = dict[str, Any]


@dataclass(frozen=True)
class Thing:
    """One object of an account itself, as the suite makes, changes and removes it.

    Attributes:
        name: Its name; the section must declare it where the carrier does not name it so.
        values: What it is set to, one after the other: each field in both, of its own value
            where it can be changed.
        step: Where a fault of a write is planted: the method ("" for any) and the path's start.
        steps: The same of those writes that have a step of their own, by action.
        comes: Whether it is made; else every account has one.
        goes: Whether it can be removed.
        reviewed: Whether others have to look at it, for longer than the suite waits.
        switches: How the sandbox stands, where its carrier's documents leave that open.
        seen: Looks for it in the sandbox's own records, where the carrier never tells it.
    """

    name: str
    values: tuple[Mapping[str, Any], ...]
    step: tuple[str, str]
    comes: bool = True
    goes: bool = True
    reviewed: bool = False
    switches: Mapping[str, object] = field(default_factory=dict)
    seen: Callable[[Any], bool] | None = None
    steps: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Sort:
    """What the suite must know of a carrier beside its capabilities.

    Attributes:
        kind: The kind of its connectors.
        section: Its section in the project file.
        numbers: Numbers that it sells, three or more.
        foreign: A number that it can never have.
        first, second: Two values of each field that it may hold.
        clearable: What can be taken back while the rest stays: fields of a number, and
            `kind.field` of the others. Its connector must declare exactly that.
        others: Two values of each other kind that it may hold, by kind, with every field.
        otherwise: Settings of other kinds that it writes in a form of its own, by kind.
        objects: What it may hold of the account itself, by kind.
        needs: What of that must be there before a number can be ordered: kind, name, settings.
        steps: Where a fault is planted: the method and the start of the path of each step.
        reads: The same of each list that is read before a plan; `numbers` is the first.
        single: Those of `reads` that are of one thing, and say of it that it is not there.
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
    clearable: frozenset[str]
    others: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]
    steps: Mapping[str, tuple[str, str]]
    reads: Mapping[str, tuple[str, str]]
    credentials: tuple[str, ...]
    odd: str = "odd_rows"
    otherwise: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    objects: Mapping[str, Thing] = field(default_factory=dict)
    needs: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()
    single: frozenset[str] = frozenset()
    port: Mapping[str, Any] | None = None
    refusing: str = ""
    elsewhere: str = ""

    @property
    def can(self) -> Capabilities:
        """What its connector declares."""
        module = carriers.find(self.kind)
        assert module is not None
        return module.capabilities_of(self.section)

    @property
    def removals(self) -> frozenset[Action]:
        """The ways in which a number leaves an account of it."""
        return self.can.removals

    @property
    def faults(self) -> frozenset[str]:
        """All that can go wrong at its sandbox."""
        return find(self.kind).faults


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
    clearable=frozenset(
        {"forward", "translation", "fax_to", "sms", "campaign", "emergency_record.unit"}
    ),
    others={
        "emergency_record": (
            registered(OFFICE | {"region": "MA", "postcode": "02110", "country": "US"}),
            registered(OTHER_OFFICE | {"region": "NH", "postcode": "03801", "country": "US"}),
        ),
    },
    otherwise={
        "emergency_record": registered(
            {name: value for name, value in OFFICE.items() if name != "unit"}
            | {"street": "14 Inkhorn Lane, Suite 4", "region": "MA", "postcode": "02110"}
            | {"country": "US"}
        ),
    },
    objects={
        "gateway": Thing(
            "spare",
            (_gateway("spare.example.net"), _gateway("spare.example.net", 50, "9")),
            ("", "/v2.2/gateways"),
        ),
        "acl": Thing("203.0.113.0-24", ({"cidr": "203.0.113.0/24"},), ("", "/v2.2/acl")),
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
            seen=lambda store: bool(store.records.get("brand", "BMQ8L9X")),
        ),
        "campaign": Thing(
            "surveys",
            ({"id": "CSURV3Y", "brand": "acme", "description": "Surveys"},),
            ("POST", "/v2.2/messaging/campaigns"),
            goes=False,
            reviewed=True,
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
        "emergency_record": ("", "/v2.2/e911/2015550144"),
        "emergency_record-refused": ("POST", "/v2.2/e911/validations"),
        "stock": ("GET", "/v2.2/inventory"),
        "port": ("POST", "/v2.2/ports"),
        "ports": ("GET", "/v2.2/ports"),
        "portable": ("GET", "/v2.2/ports/availability"),
        "form": ("POST", "/v2.2/e911/validations"),
    },
    reads={
        "numbers": ("GET", "/v2.2/numbers"),
        "gateways": ("GET", "/v2.2/gateways"),
        "addresses": ("GET", "/v2.2/e911"),
        "authentication": ("GET", "/v2.2/auth"),
        "campaigns": ("GET", "/v2.2/messaging/campaigns"),
        "messages": ("GET", "/v2.2/numbers/messaging"),
        "fax": ("GET", "/v2.2/numbers/2015550144/fax"),
        "sms": ("GET", "/v2.2/numbers/2015550144/sms"),
    },
    single=frozenset({"fax", "sms"}),
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


def _internal(name: str, first: object, second: object, paths: Spec, **more: Any) -> Thing:
    """An internal number with all that it may have, changed, and without all that can go."""
    desk = {"handoff": {"type": "Extension", "name": "Front desk"}, "pass_caller_id": True}
    sales = {"handoff": {"type": "CallGroup", "name": "Sales"}, "pass_caller_id": False}
    full = desk | {"caller_id_prefix": "Desk:", name: first}
    changed = sales | {"caller_id_prefix": "Sales:"} | ({name: second} if second else {})
    steps = {action: ("", f"/api/v2/{path}") for action, path in paths.items()}
    return Thing("5001", (full, changed, sales, full), steps["create"], steps=steps, **more)


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
        clearable=frozenset({"carrier_record", "carrier_caller_id_prefix"})
        | {"emergency_record.unit", "emergency_record.region"}
        | {
            f"internal_number.{name}"
            for name in internal.values[0].keys() - internal.values[2].keys()
        },
        others={
            "emergency_record": (
                registered(OFFICE | {"region": "Surrey", "postcode": "EC4A 2QL", "country": "GB"}),
                registered(OTHER_OFFICE | {"region": "Kent", "postcode": "DH1 3QF"} | BRITISH),
            ),
        },
        objects={"internal_number": internal},
        steps={
            "order": ("", "/api/v2/numbers/acquire"),
            "update": ("", f"/api/v2/numbers/{update}"),
            "release": ("", "/api/v2/numbers/delete"),
            "emergency_record": ("", "/api/v2/numbers/update_subscriber"),
            "emergency_record-refused": ("", "/api/v2/numbers/update_subscriber"),
            "stock": ("", "/api/v2/numbers/acquirable_numbers"),
        },
        reads={
            "numbers": ("", "/api/v2/numbers/list"),
            "destinations": ("", "/api/v2/extensions/list"),
            "codes": ("", "/api/v2/numbers/available_access_numbers"),
        },
        credentials=("token", "secret"),
    )


SORTS: dict[str, Sort] = {
    "voicetel": VOICETEL,
    "dial9-telcom": _dial9(
        "telcom",
        "save",
        _internal(
            "record",
            True,
            None,
            {"create": "numbers/save", "update": "numbers/save", "delete": "numbers/delete"},
            switches={"utility_listed": True},
        ),
    ),
    "dial9-connect": _dial9(
        "connect",
        "update",
        _internal(
            "name",
            "Front desk",
            "Sales floor",
            {"create": "internal_numbers/create", "update": "internal_numbers/update"},
            goes=False,
        ),
    ),
}
