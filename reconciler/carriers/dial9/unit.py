"""One unit of Dial 9: its numbers, and what they lead to inside Dial 9."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC
from decimal import Decimal
from typing import Final

from reconciler.carriers.dial9 import dialled, number, subscriber
from reconciler.carriers.dial9.account import Account
from reconciler.carriers.dial9.directory import by_id
from reconciler.carriers.dial9.internal import InternalNumbers, Own
from reconciler.carriers.dial9.outcome import Reply, outcome_of, prepared_of
from reconciler.carriers.dial9.promises import CURRENCY, WITH_ORDER, capabilities_of
from reconciler.carriers.dial9.reading import Reader
from reconciler.carriers.dial9.search import coverage, search
from reconciler.carriers.dial9.section import CONNECT
from reconciler.carriers.dial9.seen import Seen, see
from reconciler.carriers.dial9.wire import Destination, canonical, national_of, whole_of
from reconciler.carriers.transport import Failure, Transport, decoded
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.spec import Spec
from reconciler.model.supply import Holding, Stock
from reconciler.protocols import (
    NUMBER,
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
    Search,
    Unknown,
    no_rates,
)

FRESH_SECONDS: Final = 10.0
"""How old a list may be to decide that an id still is the number that is to be deleted."""


class Dial9(Account):
    """One unit of Dial 9. Implements `protocols.Carrier`.

    Attributes:
        connector: Our name of it.
        capabilities: It remembers no key. A number that somebody has cannot be acquired, and
            its id is another one each time that it is. It shows ten random numbers of a
            prefix, so that it never says for certain what it does not offer.
    """

    def __init__(  # noqa: PLR0913 - what a section may say, each by its name
        self,
        connector: str,
        transport: Transport,
        *,
        clock: Clock,
        edition: str,
        unit: int | None = None,
        handoff: Mapping[str, str] | None = None,
        own: Own | None = None,
        monthly: Decimal | None = None,
        validated_as: Collection[str] = (),
    ) -> None:
        self.connector = connector
        self._transport = transport
        self._by_token = edition == CONNECT
        self._unit = unit
        self._handoff = handoff
        self._monthly = monthly
        self._validated_as = validated_as
        self._reader = Reader(connector, transport, unit=unit, paged=self._by_token)
        super().__init__(self._reader, clock, lists_calls=self._by_token)
        self.capabilities = capabilities_of({"edition": edition})
        self._internal = InternalNumbers(
            connector, own or Own(), self._reader, self._shown, newer=self._by_token
        )
        self._codes: Mapping[str, str] = {}
        self._seen = Seen()
        self._read_at = float("-inf")
        self._sent: set[str] = set()

    def __repr__(self) -> str:
        return f"Dial9({self.connector!r})"

    def account(self) -> str:
        """Return a digest of where it is, which unit it is and what we call it.

        The API tells a unit's own id to resellers only. The credentials stay out of it: with
        new ones it is still the same account.
        """
        place = f"{self._transport.base_url}\n{self._unit or ''}\n{self.connector}"
        return f"dial9-{hashlib.sha256(place.encode()).hexdigest()[:16]}"

    def observe(self) -> Listing:
        """Read all numbers of the unit, their addresses, and the names of what they lead to.

        Raises:
            Unavailable: Anything but whole lists.
        """
        read_at = self._clock.monotonic()
        seen = see(
            self._reader,
            self.connector,
            self._handoff,
            self._shown,
            self._internal,
            validated_as=self._validated_as,
        )
        self._seen, self._read_at = seen, read_at
        self._sent.clear()
        others = {subscriber.KIND: seen.records, dialled.KIND: seen.internal}
        told = self._reader.codes().items()
        self._codes = {self._shown(code): self._shown(does) for code, does in told}
        return Listing(
            self.account(),
            seen.holdings,
            self._now(),
            seen.odd,
            others,
            self._codes,
            self._internal.unsure(seen.inner),
        )

    def orders(self, kind: str, since: str = "") -> Mapping[str, Holding]:
        """None: Dial 9 has no order that takes long; a port is asked of its people."""
        del kind, since
        return {}

    def stock(self, e164s: Collection[str]) -> Mapping[str, Stock]:
        """Look once at ten random numbers of each prefix: who is not among them may be free.

        Raises:
            Unavailable: They cannot be read.
        """
        british = [e164 for e164 in sorted(e164s) if national_of(e164)]
        shown = self._reader.look(british) if british else {}
        said = {e164: Stock.OFFERED if e164 in shown else Stock.UNSAID for e164 in british}
        return dict.fromkeys(e164s, Stock.ABSENT) | said

    def search(self, wanted: Search) -> Found | Refused:
        """Look at ten random numbers of each prefix that fits.

        Raises:
            Unavailable: They cannot be read.
        """
        return search(wanted, self._reader)

    def coverage(self, wanted: Search) -> Coverage | Refused:
        """List the prefixes under which numbers are sold.

        Raises:
            Unavailable: They cannot be read.
        """
        return coverage(wanted, self._reader)

    def price(
        self, e164: str, kind: str = NUMBER, rates: Callable[[], Rates] = no_rates
    ) -> Price | None:
        """Return what a sandbox takes for it: the API has no prices."""
        del rates
        if self._monthly is None or national_of(e164) is None:
            return None
        amount = self._monthly if kind == NUMBER else Decimal(0)
        return Price(CURRENCY, amount, amount, "list")

    def cannot(self, kind: str, name: str, spec: Spec) -> str:
        """Say why these settings cannot be brought about at Dial 9, as a clause."""
        if kind == dialled.KIND:
            with suppress(Unavailable):
                return self._internal.cannot(name, spec, self._known_destination, self._codes)
            return ""
        if national_of(name) is None:
            return _outside(name)
        if kind == subscriber.KIND:
            return subscriber.fault_of(name, spec)
        try:
            found = self._known_destination(spec.get("handoff"))
            if isinstance(found, str):
                return found
            holding = self._seen.holdings.get(name)
            return number.untold(name, spec, holding, self._reader.row) if holding else ""
        except Unavailable:
            return ""

    def form(self, kind: str, spec: Spec) -> Spec:
        """Settings as they are: Dial 9 keeps them so."""
        del kind
        return spec

    def prepare(self, act: CarrierAct) -> Prepared | Refused:
        """Make a request ready; reads what it names by an id.

        Raises:
            Unavailable: That cannot be read.
        """
        if act.kind == dialled.KIND:
            return self._internal.prepare(act, self._destination, self._led_to)
        national = national_of(act.e164)
        if national is None:
            return Refused(f"{_outside(act.e164)}.")
        if act.kind == subscriber.KIND:
            return self._prepare_address(act)
        match act.action:
            case Action.ORDER:
                return self._prepare_order(act, national)
            case Action.UPDATE:
                return self._prepare_update(act)
            case Action.RELEASE:
                return self._prepare_release(act)
            case _:
                return Refused(f"Dial 9's connector has no way to {act.action} a number.")

    def send(self, prepared: Prepared, key: str) -> Outcome:
        """Send one request, once, and say what its answer proves. No key is sent."""
        del key
        request = prepared.requests[0]
        result = self._transport.request(request.method, request.path, body=request.body)
        self._sent.add(prepared.act.e164)
        if isinstance(result, Failure):
            return Unknown(result.reason) if result.sent else NotSent(result.reason)
        reply = Reply(result.status, result.body, decoded(result))
        outcome = outcome_of(prepared, reply, self._shown, by_token=self._by_token)
        if prepared.act.kind == dialled.KIND and isinstance(outcome, Done):
            self._internal.learn(prepared.act.e164, outcome.external_id)
        return outcome

    def close(self) -> None:
        """Let go of connections."""
        self._transport.close()

    # Preparing.

    def _prepare_order(self, act: CarrierAct, national: str) -> Prepared | Refused:
        if refused := self._unfit(act, WITH_ORDER):
            return refused
        if not self._by_token:
            return prepared_of(act, "numbers/acquire", {"number": national})
        token = self._reader.token(act.e164)
        if not token:
            return Refused(
                f"Dial 9 shows ten random numbers of a prefix at a time, and {act.e164} was never"
                " among them: it may be gone. Choose a number that is on offer now."
            )
        unit = {} if self._unit is None else {"unit_id": self._unit}
        named = {"number": national, **unit}
        return prepared_of(act, "numbers/acquire", {"token": token, **unit}, digested=named)

    def _prepare_update(self, act: CarrierAct) -> Prepared | Refused:
        if refused := self._unfit(act, number.FIELDS):
            return refused
        id_ = whole_of(act.holding.external_id) if act.holding else None
        if id_ is None:
            return Refused(f"Dial 9 told no id of {act.e164}, and it changes numbers by their id.")
        wanted = (act.after or {}).get("handoff", self._handoff)
        if wanted is None and act.holding and "handoff" in act.holding.spec:
            return Refused(
                f"Nothing says where Dial 9 is to hand {act.e164} to: its callers would reach"
                f" nobody. Give `handoff`, to it or to connectors.{self.connector}.numbers."
            )
        destination = self._destination(wanted)
        if isinstance(destination, str):
            return Refused(f"{destination}.")
        passes = number.passes(act, id_, self._reader.row)
        if isinstance(passes, Refused):
            return passes
        content = {"id": id_, **number.params_of(act.after or {}, passes=passes)}
        if destination is not None:  # else it leads nowhere, and nobody asks for more
            content["destination_type"] = destination.type
            content["destination_id"] = destination.id
        action = "numbers/update" if self._by_token else "numbers/save"
        return prepared_of(act, action, content)

    def _prepare_address(self, act: CarrierAct) -> Prepared | Refused:
        """One request for all of an address: sent again, it is only validated again."""
        id_ = self._id(act.e164)
        if id_ is None:
            return Refused(f"{act.e164} is not on the Dial 9 account: it has no address there.")
        params = subscriber.params_of(act)
        if isinstance(params, Refused):
            return params
        return prepared_of(act, "numbers/update_subscriber", {"id": id_, **params})

    def _prepare_release(self, act: CarrierAct) -> Prepared | Refused:
        id_ = whole_of(act.holding.external_id) if act.holding else None
        if id_ is None:
            return Refused(f"Dial 9 told no id of {act.e164}, and it deletes numbers by their id.")
        old = self._clock.monotonic() - self._read_at > FRESH_SECONDS
        if old or act.e164 in self._sent:
            self.observe()
        if self._id(act.e164) != id_:
            return Refused(
                f"{act.e164} is not number {id_} at Dial 9 any more: plan again.", moved=True
            )
        return prepared_of(act, "numbers/delete", {"id": id_})

    def _id(self, e164: str) -> int | None:
        """The id that the last list gave a number."""
        holding = self._seen.holdings.get(e164)
        return whole_of(holding.external_id) if holding else None

    def _led_to(self, id_: int) -> list[str]:
        """The public numbers that lead to an internal one, as far as the last list tells."""
        directory, found = self._seen.directory, []
        for e164, holding in sorted(self._seen.holdings.items()):
            to = holding.spec.get("handoff")
            named, one = (to, None) if isinstance(to, Mapping) else ({}, by_id(to))
            type_ = one.type if one else str(named.get("type"))
            ids = [one.id] if one else directory.find(type_, str(named.get("name")))
            if "Number" in type_ and id_ in ids:
                found.append(e164)
        return found

    def _unfit(self, act: CarrierAct, fields: frozenset[str]) -> Refused | None:
        after = act.after or {}
        foreign = sorted(name for name in after if name not in fields and after[name] is not None)
        if foreign:
            what = "order" if act.action is Action.ORDER else "connector"
            return Refused(f"Dial 9's {what} cannot hold {', '.join(foreign)}.")
        if after.get("connector", self.connector) != self.connector:
            return Refused(f"{act.e164} would change its carrier, and that is a port.")
        return None

    def _known_destination(self, wanted: object) -> Destination | str | None:
        """The same for a plan, which asks for many: each look-up list is read once."""
        return self._destination(wanted, fresh=False)

    def _destination(self, wanted: object, *, fresh: bool = True) -> Destination | str | None:
        """Find what a number is to lead to; None for nothing, a clause where it is not there.

        Raises:
            Unavailable: What is there cannot be looked up.
        """
        if wanted is None:
            return None
        if named := by_id(wanted):
            return named
        if not isinstance(wanted, Mapping):
            return (
                f"Dial 9 has no gateway {wanted!r}: a hand-off is the type and the name of what is"
                " there, such as {type: Extension, name: pbx-trunk}"
            )
        type_, name = str(wanted.get("type")), str(wanted.get("name"))
        directory = self._seen.directory
        if not directory.find(type_, name) and (fresh or not directory.has_read(type_)):
            directory.learn(type_, self._reader.things(type_))
        ids = directory.find(type_, name)
        if len(ids) == 1:
            return Destination(type_, ids[0], name)
        place = f"the Dial 9 unit of connector {self.connector!r}"
        if ids:
            return f"there are {len(ids)} of the type {type_} named {name!r} in {place}"
        if not directory.is_listed(type_):
            return (
                f"this API lists no {type_} of {place}, and no number leads to one named {name!r}:"
                " lead a number to it by hand, so that its id is seen, or hand over to another type"
            )
        return f"there is no {type_} named {name!r} in {place}: make it there, or correct `handoff`"

    def _shown(self, value: object) -> str:
        if value is None:
            return ""
        return self._transport.shown(value if isinstance(value, str) else canonical(value))

    def _now(self) -> str:
        return self._clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _outside(e164: str) -> str:
    return f"Dial 9 has +44 numbers only, and {e164} is none"
