"""VoiceTel, REST API v2.2: one account, its numbers and the gateways they are handed to.

E.164 inside, ten digits on the wire; nothing of the wire leaves this folder. Source: VoiceTel
OpenAPI 2.2.10. Where it is silent the careful reading holds: what is not said is unknown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from reconciler.carriers.scarce import Scarce
from reconciler.carriers.transport import (
    IN_PROCESS,
    Chance,
    Failure,
    Transport,
    decoded,
    midway,
)
from reconciler.carriers.voicetel import acl, emergency, gateways, leaving, ports
from reconciler.carriers.voicetel.account import Account
from reconciler.carriers.voicetel.account_objects import AccountObjects, Kept
from reconciler.carriers.voicetel.changing import (
    FIELDS,
    WITH_ORDER,
    digest_of,
    setting_fault,
    settings_requests,
)
from reconciler.carriers.voicetel.gateways import Gateways
from reconciler.carriers.voicetel.handoff import Handoffs
from reconciler.carriers.voicetel.outcome import (
    CONFLICT,
    CURRENCY,
    Reply,
    all_of,
    outcome_of,
    setting_of,
)
from reconciler.carriers.voicetel.promises import (
    CAPABILITIES,
    EDITIONS,
    LIST_PRICES,
    RETRIES,
    allowance_of,
    capabilities_of,
    is_key,
)
from reconciler.carriers.voicetel.reading import MISSING, Names, Reader
from reconciler.carriers.voicetel.search import coverage, search
from reconciler.carriers.voicetel.section import Section, faults_of, problem, section_of
from reconciler.carriers.voicetel.wire import (
    canonical,
    digits_of,
    money_of,
    numbers_of,
)
from reconciler.errors import InvalidConfig
from reconciler.model.act import Action
from reconciler.model.spec import Spec
from reconciler.model.supply import Holding, Stock
from reconciler.protocols import (
    NUMBER,
    Budgets,
    CarrierAct,
    Clock,
    Coverage,
    Done,
    Found,
    Listing,
    NotSent,
    Outcome,
    Prepared,
    Price,
    Rates,
    Refused,
    Request,
    Search,
    SecretValue,
    Unknown,
    Waiting,
    no_rates,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["CURRENCY", "EDITIONS", "KIND", "VoiceTel", "allowance_of", "capabilities_of", "connect"]

KIND: Final = "voicetel"


class VoiceTel(Account):
    """One VoiceTel account. Implements `protocols.Carrier`.

    Attributes:
        connector: Our name of it.
        capabilities: An order's key is remembered for 24 hours. That a number which we have
            cannot be ordered again is likely, but nobody has proven it.
    """

    capabilities = CAPABILITIES

    def __init__(
        self,
        connector: str,
        transport: Transport,
        *,
        scarce: Scarce,
        section: Section,
        did_rate: Decimal | None = None,
    ) -> None:
        self.connector = connector
        self._transport = transport
        self._campaigns = dict(section.campaigns)
        own = Gateways(connector, section.hosts, section.left.get(gateways.KIND, {}))
        names = Names(
            gateways=own.names,
            campaigns={campaign: name for name, campaign in sorted(section.campaigns.items())},
        )
        self._reader = Reader(connector, transport, names)
        self._handoffs = Handoffs(connector, section, self._reader)
        self._ports = ports.Submissions(self._reader, self._handoffs, self._campaigns)
        super().__init__(scarce, self._reader.shown)
        self._objects = AccountObjects(connector, section, self._reader, own)
        self._addresses = emergency.Addresses(transport, self._reader.shown)
        self._kept: Mapping[str, Kept] = {
            emergency.KIND: self._addresses,
            **self._objects.kept,
        }
        self._did_rate = did_rate

    def __repr__(self) -> str:
        return f"VoiceTel({self.connector!r})"

    def account(self) -> str:
        """Return a digest of where it is and what we call it.

        The account's own name costs one of six requests an hour. The key stays out of it:
        with a new key it is still the same account.
        """
        place = f"{self._transport.base_url}\n{self.connector}"
        return f"voicetel-{hashlib.sha256(place.encode()).hexdigest()[:16]}"

    def observe(self) -> Listing:
        """Read all numbers of the account, what each has, and what the account itself has.

        Raises:
            Unavailable: Anything but complete lists. A 404 is an empty account only inside
                VoiceTel's own error body, as any proxy says 404.
        """
        rows = self._handoffs.read()
        holdings, odd = self._reader.holdings(rows)
        listed = self._reader.rows("/v2.2/e911", "records", empty=MISSING)
        records, more = emergency.records_of(listed, self.connector, self._reader.shown)
        objects, most = self._objects.read(rows)
        others = {emergency.KIND: records, **objects}
        unsure = self._objects.unsure(others)
        odd = [*odd, *more, *most]
        return Listing(self.account(), holdings, self._now(), tuple(odd), others, unsure=unsure)

    def confirms(self, kind: str, name: str) -> bool | None:
        """Ask for the emergency record of a number, or for the access list by itself."""
        if kind == acl.KIND:
            return self._objects.is_listed(name)
        number = digits_of(name)
        if kind != emergency.KIND or number is None:
            return None
        return self._reader.has(f"/v2.2/e911/{number}", CONFLICT)

    def orders(self, kind: str, since: str = "") -> Mapping[str, Holding]:
        """Read the list of ports, and the numbers of those that are open.

        Raises:
            Unavailable: Anything but a complete list.
        """
        return ports.ports_of(self._reader, self.connector, since) if kind == ports.KIND else {}

    def stock(self, e164s: Collection[str]) -> Mapping[str, Stock]:
        """Ask the inventory for each number by itself: it has no list of everything.

        Raises:
            Unavailable: It did not answer as documented.
        """
        return {e164: self._stock_of(e164) for e164 in sorted(e164s)}

    def search(self, wanted: Search) -> Found | Refused:
        """Look into the inventory; it is asked by area code."""
        return search(wanted, self._reader)

    def coverage(self, wanted: Search) -> Coverage | Refused:
        """Count what the inventory has."""
        return coverage(wanted, self._reader)

    def price(
        self, e164: str, kind: str = NUMBER, rates: Callable[[], Rates] = no_rates
    ) -> Price | None:
        """Return the account's rate for a number, where that is known, else the list price.

        VoiceTel takes one month's rate when it accepts an order (`rates.did` per number).
        """
        if digits_of(e164) is None:
            return None
        live = rates().get("number") if kind == NUMBER else None
        if live is not None:
            return Price(CURRENCY, live, live, "live")
        listed = {**LIST_PRICES, NUMBER: (self._did_rate, self._did_rate)}
        once, monthly = listed.get(kind, (None, None))
        return None if monthly is None else Price(CURRENCY, once, monthly, "list")

    def cannot(self, kind: str, name: str, spec: Spec) -> str:
        """Say why these settings can never be brought about at VoiceTel."""
        if kind == ports.KIND:
            return self._ports.cannot(CarrierAct(Action.PORT, name, spec, kind=kind))
        if digits_of(name) is None and kind not in self._objects.kept:
            return f"VoiceTel has +1 numbers only, and {name} is none"
        if kind in self._kept:
            return self._kept[kind].cannot(name, spec)
        if kind != NUMBER:
            return ""
        host = self._handoffs.host(CarrierAct(Action.UPDATE, name, spec), FIELDS)
        if isinstance(host, Refused):
            return host.reason.removesuffix(".")
        return setting_fault(name, spec, self._campaigns)

    def form(self, kind: str, spec: Spec) -> Spec:
        """An emergency record as VoiceTel will tell it; all else is told as it is set.

        Raises:
            Unavailable: Its address could not be validated now.
        """
        return self._addresses.form(spec) if kind == emergency.KIND else spec

    def prepare(self, act: CarrierAct) -> Prepared | Refused:
        """Make a request ready; reads the gateways once if nothing has yet.

        Raises:
            Unavailable: The gateways cannot be read.
        """
        if act.kind == ports.KIND:
            if act.action is Action.PORT:
                return self._ports.prepared(act)
            return Refused("VoiceTel's connector has no way to change a port or call it off.")
        number = digits_of(act.e164) or ""
        if not number and act.kind not in self._objects.kept:
            return Refused(f"VoiceTel has +1 numbers only, and {act.e164} is none.")
        if act.kind in self._kept:
            made = self._kept[act.kind].requests_for(act)
            return made if isinstance(made, Refused) else _prepared(act, *made)
        match act.action:
            case Action.ORDER:
                return self._prepare_order(act, number)
            case Action.UPDATE:
                return self._prepare_settings(act, number)
            case Action.RELEASE | Action.REMOVE | Action.MOVE:
                request = leaving.request_for(act, number)
                return request if isinstance(request, Refused) else _prepared(act, request)
            case _:
                return Refused(f"VoiceTel's connector has no way to {act.action} a number.")

    def send(self, prepared: Prepared, key: str) -> Outcome:
        """Send each request once, until one is not accepted, and say what the answers prove."""
        act = prepared.act
        headers = {}
        if act.action is Action.ORDER:
            if not is_key(key):
                return Refused("The key of this order has a form that VoiceTel does not take.")
            headers = {"Idempotency-Key": key}
        if act.kind != NUMBER or act.action is not Action.UPDATE:
            return self._exchange(act, prepared.requests[0], headers)
        outcomes: list[tuple[str, Outcome]] = []
        for request in prepared.requests:
            outcome = self._exchange(act, request, headers)
            outcomes.append((setting_of(request), outcome))
            if not isinstance(outcome, Done | Waiting):
                break
        return all_of(outcomes)

    def _exchange(self, act: CarrierAct, request: Request, headers: Mapping[str, str]) -> Outcome:
        result = self._transport.request(
            request.method, request.path, body=request.body or None, headers=headers
        )
        if isinstance(result, Failure):
            return Unknown(result.reason) if result.sent else NotSent(result.reason)
        day = self._clock.now().date()
        reply = Reply(result.status, result.body, decoded(result), day, result.retry_after)
        if act.kind == ports.KIND:
            return ports.outcome_of(act, reply, self._shown_of(act))
        return outcome_of(act, request, reply, self._shown_of(act))

    def _shown_of(self, act: CarrierAct) -> Callable[[object], str]:
        """What makes the carrier's words safe to print, without the secrets of an act."""
        secrets = [secret.reveal() for secret in act.secrets.values()]

        def shown(value: object) -> str:
            told = value if isinstance(value, str) else canonical(value)
            for secret in secrets:
                told = told.replace(secret, "***")
            return self._reader.shown(told)

        return shown

    def close(self) -> None:
        """Let go of connections."""
        self._transport.close()

    # Reading.

    def _stock_of(self, e164: str) -> Stock:
        number = digits_of(e164)
        if number is None:
            return Stock.ABSENT
        listed = numbers_of(
            self._reader.rows(
                "/v2.2/inventory", "numbers", query={"tnMask": number, "quantity": 10}
            )
        )
        if e164 in listed:
            return Stock.OFFERED
        return Stock.UNSAID if None in listed else Stock.ABSENT

    # Preparing.

    def _prepare_order(self, act: CarrierAct, number: str) -> Prepared | Refused:
        route = self._handoffs.route(act, WITH_ORDER)
        if isinstance(route, Refused):
            return route
        wanted = {"number": number} if route is None else {"number": number, "route": route}
        body = canonical({"numbers": [wanted]}).encode()
        return _prepared(act, Request("POST", "/v2.2/orders", body))

    def _prepare_settings(self, act: CarrierAct, number: str) -> Prepared | Refused:
        route = self._handoffs.route(act, FIELDS)
        if isinstance(route, Refused):
            return route
        requests = settings_requests(act, number, route, self._campaigns)
        return requests if isinstance(requests, Refused) else _prepared(act, *requests)


def _prepared(act: CarrierAct, *requests: Request) -> Prepared:
    return Prepared(act, requests, digest_of(act, requests))


def connect(
    settings: Mapping[str, Any],
    *,
    connector: str,
    credentials: Mapping[str, SecretValue],
    clock: Clock,
    wsgi_app: WSGIApplication | None = None,
    budgets: Budgets | None = None,
    chance: Chance = midway,
) -> VoiceTel:
    """Make the connector that a section of the project file describes.

    Args:
        settings: `url`, `sandbox`, `gateways` (name to `{host}`), `campaigns` (name to `{id}`),
            `numbers.handoff`, `did_rate` (USD a month), `left` (what the last apply left on the
            account itself, by kind and name), and `location` as the place of problems.
        connector: Its name there.
        credentials: `api_key`; a sandbox needs none.
        clock: Time.
        wsgi_app: A carrier inside this process, used for a sandbox without a `url`.
        budgets: Counts scarce requests; without it none is sent.
        chance: What pauses before another try are drawn from.

    Raises:
        InvalidConfig: The section cannot be used as written.
    """
    section = section_of(settings)
    key = credentials.get("api_key") or (SecretValue("sandbox") if section.sandbox else None)
    app = wsgi_app if section.sandbox and not section.url else None
    faults = faults_of(section, key, inside=app is not None)
    if faults or key is None:
        raise InvalidConfig(problem(connector, settings, fault) for fault in faults)
    transport = Transport(
        section.url or IN_PROCESS,
        headers={"Authorization": SecretValue(f"Bearer {key.reveal()}")},
        clock=clock,
        wsgi_app=app,
        sandbox=section.sandbox,
        retries=replace(RETRIES, chance=chance),
    )
    return VoiceTel(
        connector,
        transport,
        scarce=Scarce(transport, clock, allowance_of(settings, connector), budgets),
        section=section,
        did_rate=money_of(settings.get("did_rate")),
    )
