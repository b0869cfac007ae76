"""VoiceTel, REST API v2.2: one account, its numbers and the gateways they are handed to.

E.164 inside, ten digits on the wire; nothing of the wire leaves this folder. Source: VoiceTel
OpenAPI 2.2.10. Where it is silent the careful reading holds: what is not said is unknown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from reconciler.carriers.transport import (
    IN_PROCESS,
    Failure,
    Transport,
    address_fault,
    decoded,
    is_local,
)
from reconciler.carriers.voicetel import emergency
from reconciler.carriers.voicetel.outcome import CURRENCY, Reply, outcome_of
from reconciler.carriers.voicetel.section import (
    gateway_faults,
    host_faults,
    key_faults,
    problem,
    section_of,
)
from reconciler.carriers.voicetel.wire import (
    Gateway,
    canonical,
    data_of,
    digits_of,
    endpoint,
    envelope_of,
    gateways_of,
    money_of,
    numbers_of,
    refusal_of,
    text_of,
    whole_of,
)
from reconciler.errors import InvalidConfig, Unavailable
from reconciler.model.act import Action
from reconciler.model.spec import Spec
from reconciler.model.supply import Holding, Stock
from reconciler.protocols import (
    NUMBER,
    Capabilities,
    CarrierAct,
    Clock,
    Listing,
    NotSent,
    Outcome,
    Prepared,
    Price,
    Refused,
    Request,
    SecretValue,
    Unknown,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

KIND: Final = "voicetel"
FIELDS: Final = frozenset({"connector", "handoff"})
KEY_CHARACTERS: Final = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
)
LONGEST_KEY: Final = 128
OK, MISSING = 200, 404
LIST_PRICES: Final = {"emergency_record": Decimal("2.50")}
"""USD a month, from VoiceTel's price list of 2026-05-09, marked a draft there."""
METHODS: Final = {Action.ORDER: "POST", Action.UPDATE: "PUT", Action.RELEASE: "POST"}


class VoiceTel:
    """One VoiceTel account. Implements `protocols.Carrier`.

    Attributes:
        connector: Our name of it.
        capabilities: An order's key is remembered for 24 hours. That a number which we have
            cannot be ordered again is likely, but nobody has proven it.
    """

    capabilities = Capabilities(
        keyed=True,
        natural_key=False,
        tells_stock=True,
        fields=FIELDS,
        others={emergency.KIND: emergency.FIELDS},
    )

    def __init__(
        self,
        connector: str,
        transport: Transport,
        *,
        clock: Clock,
        gateways: Mapping[str, str],
        handoff: str = "",
        account: str = "",
        did_rate: Decimal | None = None,
    ) -> None:
        self.connector = connector
        self._transport = transport
        self._addresses = emergency.Addresses(transport, self._shown)
        self._clock = clock
        self._hosts = dict(gateways)
        self._names = {endpoint(host): name for name, host in sorted(gateways.items())}
        self._handoff = handoff
        self._account = account
        self._did_rate = did_rate
        self._listed: tuple[Gateway, ...] | None = None

    def __repr__(self) -> str:
        return f"VoiceTel({self.connector!r})"

    def account(self) -> str:
        """Return the id that was given, else a digest of where it is and what we call it.

        The account's own name costs one of six requests an hour. The key stays out of it:
        with a new key it is still the same account.
        """
        if self._account:
            return self._account
        place = f"{self._transport.base_url}\n{self.connector}"
        return f"voicetel-{hashlib.sha256(place.encode()).hexdigest()[:16]}"

    def observe(self) -> Listing:
        """Read all numbers of the account, their gateways and their emergency records.

        Raises:
            Unavailable: Anything but complete lists. A 404 is an empty account only
                inside VoiceTel's own error body, as any proxy says 404.
        """
        gateways = self._read_gateways()
        rows = self._read_list("/v2.2/numbers", "numbers", empty=MISSING)
        holdings: dict[str, Holding] = {}
        odd = []
        for row, e164 in zip(rows, numbers_of(rows), strict=True):
            if e164 is None or e164 in holdings:
                what = "has no readable number" if e164 is None else f"lists {e164} again"
                odd.append(f"A row of VoiceTel's number list {what}: {self._shown(row)}")
            else:
                holdings[e164] = Holding(self.connector, spec=self._spec(row, gateways))
        listed = self._read_list("/v2.2/e911", "records", empty=MISSING)
        records, more = emergency.records_of(listed, self.connector, self._shown)
        others = {emergency.KIND: records}
        return Listing(self.account(), holdings, self._now(), (*odd, *more), others)

    def stock(self, e164s: Collection[str]) -> Mapping[str, Stock]:
        """Ask the inventory for each number by itself: it has no list of everything.

        Raises:
            Unavailable: It did not answer as documented.
        """
        return {e164: self._stock_of(e164) for e164 in sorted(e164s)}

    def price(self, e164: str, kind: str = NUMBER) -> Price | None:
        """Return the account's rate for a number, where the project gives it.

        VoiceTel takes one month's rate when it accepts an order (`rates.did` per number). An
        emergency record is no rate of an account: its list price stands for it.
        """
        if kind in LIST_PRICES and digits_of(e164) is not None:
            return Price(CURRENCY, once=Decimal(0), monthly=LIST_PRICES[kind])
        if kind != NUMBER or self._did_rate is None or digits_of(e164) is None:
            return None
        return Price(CURRENCY, once=self._did_rate, monthly=self._did_rate)

    def cannot(self, kind: str, name: str, spec: Spec) -> str:
        """Say why these settings can never be brought about at VoiceTel."""
        if digits_of(name) is None:
            return f"VoiceTel has +1 numbers only, and {name} is none"
        return self._addresses.cannot(name, spec) if kind == emergency.KIND else ""

    def prepare(self, act: CarrierAct) -> Prepared | Refused:
        """Make a request ready; reads the gateways once if nothing has yet.

        Raises:
            Unavailable: The gateways cannot be read.
        """
        number = digits_of(act.e164)
        if number is None:
            return Refused(f"VoiceTel has +1 numbers only, and {act.e164} is none.")
        if act.kind == emergency.KIND:
            made = self._addresses.requests_for(act)
            return made if isinstance(made, Refused) else prepared_of(act, made)
        match act.action:
            case Action.ORDER:
                return self._prepare_order(act, number)
            case Action.UPDATE:
                return self._prepare_route(act, number)
            case Action.RELEASE:
                return _prepared(act, f"/v2.2/numbers/{number}/release", None)
            case _:
                return Refused(f"VoiceTel's connector has no way to {act.action} a number.")

    def send(self, prepared: Prepared, key: str) -> Outcome:
        """Send one request, once, and say what its answer proves."""
        action = prepared.act.action
        headers = {}
        if action is Action.ORDER:
            if not 0 < len(key) <= LONGEST_KEY or not KEY_CHARACTERS.issuperset(key):
                return Refused("The key of this order has a form that VoiceTel does not take.")
            headers = {"Idempotency-Key": key}
        request = prepared.requests[0]
        result = self._transport.request(
            request.method, request.path, body=request.body or None, headers=headers
        )
        if isinstance(result, Failure):
            return Unknown(result.reason) if result.sent else NotSent(result.reason)
        reply = Reply(result.status, result.body, decoded(result), result.retry_after)
        return outcome_of(prepared, reply, self._shown)

    def close(self) -> None:
        """Let go of connections."""
        self._transport.close()

    # Reading.

    def _read_gateways(self) -> tuple[Gateway, ...]:
        self._listed = gateways_of(self._read_list("/v2.2/gateways", "gateways"))
        return self._listed

    def _read_list(
        self,
        path: str,
        name: str,
        *,
        query: Mapping[str, str | int] | None = None,
        empty: int = 0,
    ) -> list[Any]:
        result = self._transport.read(path, query=query)
        if isinstance(result, Failure):
            raise self._unavailable(result.reason)
        body = decoded(result)
        if result.status == empty and envelope_of(result.status, body) is not None:
            return []
        rows = data_of(body).get(name)
        if result.status == OK and isinstance(rows, list):
            return rows
        said = self._shown(refusal_of(result.status, body)) or "no list as documented"
        raise self._unavailable(f"GET {path} was answered {result.status}: {said}.")

    def _unavailable(self, what: str) -> Unavailable:
        return Unavailable(
            f"VoiceTel account {self.connector}: {what}",
            f"Try again; check the credentials and `url` of connectors.{self.connector}.",
        )

    def _spec(self, row: Mapping[str, Any], gateways: tuple[Gateway, ...]) -> dict[str, object]:
        spec: dict[str, object] = {"connector": self.connector}
        # Without gateways of ours nothing can be wanted of the hand-off: it is no setting.
        handoff = self._handoff_of(row, gateways) if self._hosts else ""
        return spec | {"handoff": handoff} if handoff else spec

    def _handoff_of(self, row: Mapping[str, Any], gateways: tuple[Gateway, ...]) -> str:
        """Our name of where the number's calls go; what is not ours shows as it is."""
        route = whole_of(row.get("route"))
        found = next((gateway for gateway in gateways if gateway.id == route), None)
        address = found.host if found and not found.system else ""
        if route is None:
            address = text_of(row.get("gateway"))
        if not address:
            return "" if route is None else f"route:{route}"
        return self._names.get(endpoint(address)) or f"gateway:{self._shown(address)}"

    def _stock_of(self, e164: str) -> Stock:
        number = digits_of(e164)
        if number is None:
            return Stock.ABSENT
        listed = numbers_of(
            self._read_list("/v2.2/inventory", "numbers", query={"tnMask": number, "quantity": 10})
        )
        if e164 in listed:
            return Stock.OFFERED
        return Stock.UNSAID if None in listed else Stock.ABSENT

    # Preparing.

    def _prepare_order(self, act: CarrierAct, number: str) -> Prepared | Refused:
        route = self._route(act)
        if isinstance(route, Refused):
            return route
        wanted = {"number": number} if route is None else {"number": number, "route": route}
        return _prepared(act, "/v2.2/orders", {"numbers": [wanted]})

    def _prepare_route(self, act: CarrierAct, number: str) -> Prepared | Refused:
        route = self._route(act)
        if isinstance(route, Refused):
            return route
        if route is None:
            return Refused(f"Nothing says where VoiceTel is to hand {act.e164} to.")
        return _prepared(act, f"/v2.2/numbers/{number}/route", {"route": route})

    def _route(self, act: CarrierAct) -> int | Refused | None:
        """Find the wanted gateway's id on the account; None when none is wanted."""
        after = act.after or {}
        foreign = sorted(name for name in after if name not in FIELDS and after[name] is not None)
        if foreign:
            return Refused(f"VoiceTel's connector cannot hold {', '.join(foreign)} yet.")
        if after.get("connector", self.connector) != self.connector:
            return Refused(f"{act.e164} would change its carrier, and that is a port.")
        name = str(after.get("handoff") or self._handoff)
        if not name:
            return None
        host = self._hosts.get(name)
        if host is None:
            return Refused(
                f"No gateway {name!r} is declared: add it to connectors.{self.connector}.gateways."
            )
        gateways = self._listed if self._listed is not None else self._read_gateways()
        same = [g.id for g in gateways if not g.system and endpoint(g.host) == endpoint(host)]
        return min(same) if same else self._no_gateway(name, host)

    def _no_gateway(self, name: str, host: str) -> Refused:
        return Refused(
            f"Gateway {name!r} at {host} does not exist on the VoiceTel account of connector"
            f" {self.connector!r}: create it there, or correct"
            f" connectors.{self.connector}.gateways.{name}.host, then plan again."
        )

    def _shown(self, value: object) -> str:
        if value is None:
            return ""
        return self._transport.shown(value if isinstance(value, str) else canonical(value))

    def _now(self) -> str:
        return self._clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _prepared(act: CarrierAct, path: str, content: object) -> Prepared:
    body = b"" if content is None else canonical(content).encode()
    return prepared_of(act, (Request(METHODS[act.action], path, body),))


def prepared_of(act: CarrierAct, requests: tuple[Request, ...]) -> Prepared:
    """Requests with the digest of all that they say."""
    said = hashlib.sha256()
    for request in requests:
        said.update(f"{request.method} {request.path}\n".encode() + request.body)
    return Prepared(act, requests, said.hexdigest())


def connect(
    settings: Mapping[str, Any],
    *,
    connector: str,
    credentials: Mapping[str, SecretValue],
    clock: Clock,
    wsgi_app: WSGIApplication | None = None,
) -> VoiceTel:
    """Make the connector that a section of the project file describes.

    Args:
        settings: `url`, `sandbox`, `gateways` (name to `{host}`), `numbers.handoff`, `did_rate`
            (USD a month), and `location` as the place of problems.
        connector: Its name there.
        credentials: `api_key`; a sandbox needs none.
        clock: Time.
        wsgi_app: A carrier inside this process, used for a sandbox without a `url`.

    Raises:
        InvalidConfig: The section cannot be used as written.
    """
    section = section_of(settings)
    key = credentials.get("api_key") or (SecretValue("sandbox") if section.sandbox else None)
    app = wsgi_app if section.sandbox and not section.url else None
    faults = [*gateway_faults(section), *key_faults(key)]
    if app is None:
        fault = address_fault(section.url, sandbox=section.sandbox)
        faults += host_faults(section, fault, local=is_local(section.url))
    if faults or key is None:
        raise InvalidConfig(problem(connector, settings, fault) for fault in faults)
    transport = Transport(
        section.url or IN_PROCESS,
        headers={"Authorization": SecretValue(f"Bearer {key.reveal()}")},
        clock=clock,
        wsgi_app=app,
        sandbox=section.sandbox,
    )
    return VoiceTel(
        connector,
        transport,
        clock=clock,
        gateways=section.hosts,
        handoff=section.handoff,
        did_rate=money_of(settings.get("did_rate")),
    )
