"""A carrier account with things of its own, port orders and emergency addresses.

It promises what VoiceTel's connector does, but nothing in it defends itself: another POST makes
another gateway, another port is paid for again, and a gateway goes though numbers lead there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from reconciler.carriers.voicetel.gateways import Gateways
from reconciler.carriers.voicetel.wire import Gateway, endpoint
from reconciler.model.act import Action
from reconciler.model.spec import Spec
from reconciler.model.supply import Holding, Progress, Stage
from reconciler.protocols import (
    NUMBER,
    CarrierAct,
    Done,
    Listing,
    Outcome,
    Prepared,
    Refused,
    Unknown,
)
from tests.crash.simulated import Account, Process, ScriptedCarrier

ONCE = frozenset({"gateway", "brand", "port"})
"""Kinds of which a request that a network repeats makes two; no client can prevent that."""

PORT_FEE = Decimal("6.00")


def _nothing() -> list[str]:
    return []


@dataclass
class WholeAccount(Account):
    """What a carrier has that is no number; `owned` holds a number's hand-off as a host."""

    gateways: dict[int, Gateway] = field(default_factory=dict)
    ports: dict[str, Holding] = field(default_factory=dict)
    records: dict[str, Spec] = field(default_factory=dict)
    """Emergency records by number."""
    before: tuple[dict[Any, Any], ...] = ({}, {}, {}, {})
    """Numbers, gateways, ports and records as they were before the last change."""
    unfinished: Callable[[], list[str]] = _nothing
    """Operations that are not over and come before what an account loses."""

    def facts(self) -> tuple[Any, ...]:
        """All of it, to tell two worlds apart."""
        return (*super().facts(), self.gateways, self.made, self.ports, self.records, self.before)

    def state(self) -> dict[str, Any]:
        """What callers and the bill see of it."""
        found: dict[str, Any] = {f"gateway {at}": row.host for at, row in self.gateways.items()}
        found |= {f"record {e164}": dict(spec) for e164, spec in self.records.items()}
        return super().state() | found | {"made": sorted(self.made)}

    def references(self) -> set[str]:
        """Numbers, and the one port of the script once it is there."""
        return super().references() | ({"port/move"} if self.ports else set())

    def remember(self) -> None:
        """Keep what an old list would show."""
        held = (self.owned, self.gateways, self.ports, self.records)
        self.before = tuple(map(copy, held))
        self.before_last = dict(self.owned)

    def add_gateway(self, spec: Spec) -> int:
        """Make one; the same host again makes another."""
        self.ids += 1
        host = str(spec["host"])
        self.gateways[self.ids] = Gateway(self.ids, host, system=False, prefix="", limit=23)
        self.made.append(f"gateway {host}")
        return self.ids

    def remove_gateway(self, ident: int) -> None:
        """Take one away, whatever leads there."""
        host = self.gateways.pop(ident).host
        stranded = sorted(n for n, h in self.owned.items() if h.spec.get("handoff") == host)
        self.violations += [f"the gateway of {e164} was removed" for e164 in stranded]

    def submit(self, spec: Spec) -> str:
        """Take a port, and the money for it."""
        self.ids += 1
        name = f"p{self.ids:04}"
        numbers = list(spec["numbers"])
        since = self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        progress = Progress(Stage.OPEN, "submitted", since)
        kept = {"connector": "carrier", "numbers": numbers}
        self.ports = {name: Holding("carrier", name, since, kept, progress=progress), **self.ports}
        self.made.append(f"port {' '.join(numbers)}")
        return name


class WholeCarrier(ScriptedCarrier):
    """That account, as the product meets it; gateways have the names that VoiceTel's have."""

    _account: WholeAccount

    def __init__(
        self,
        account: WholeAccount,
        process: Process,
        hosts: Mapping[str, str],
        left: Mapping[str, Mapping[str, Spec]],
    ) -> None:
        super().__init__(account, process)
        self._hosts = hosts
        self._gateways = Gateways(self.connector, hosts, left.get("gateway", {}))

    def _listing(self, fault: str) -> Listing:
        account = self._account
        owned, gateways, records = account.owned, account.gateways, account.records
        if fault == "empty":
            owned, gateways, records = {}, {}, {}
        elif fault == "stale":
            owned, gateways, _, records = account.before
        others = {
            "gateway": self._gateways.holdings(gateways.values()),
            "emergency_record": {
                e164: Holding(self.connector, spec=spec) for e164, spec in records.items()
            },
        }
        held = {e164: self._named(one) for e164, one in owned.items()}
        return replace(super()._listing(""), holdings=held, others=others)

    def _named(self, one: Holding) -> Holding:
        at = endpoint(str(one.spec["handoff"]))
        name = self._gateways.names.get(at, f"gateway:{at}")
        return replace(one, spec={**one.spec, "handoff": name})

    def orders(self, kind: str, since: str = "") -> Mapping[str, Holding]:
        """The ports."""
        assert kind == "port"
        fault = self._read()
        if fault == "stale":
            return dict(self._account.before[2])
        return {} if fault == "empty" else dict(self._account.ports)

    def prepare(self, act: CarrierAct) -> Prepared | Refused:
        """Refuse what is handed to a gateway that is not there, as VoiceTel's connector does."""
        name = str((act.after or {}).get("handoff", ""))
        if name and self._host(name) is None:
            return Refused(f"{name} is not on the account")
        return super().prepare(act)

    def _host(self, name: str) -> str | None:
        host = self._hosts.get(name, "")
        there = {row.host for row in self._account.gateways.values()}
        return host if host in there else None

    def send(self, prepared: Prepared, key: str) -> Outcome:
        """Look, before anything is taken away, whether all that comes before is over."""
        if prepared.act.action is Action.DELETE:
            early = self._account.unfinished()
            self._account.violations += [f"removed before {what} was over" for what in early]
        return super().send(prepared, key)

    def _faulty(self, fault: str, prepared: Prepared, key: str) -> Outcome:
        act = prepared.act
        if fault == "dup" and act.kind in ONCE:
            fault = ""
        if fault == "noeffect" and act.kind in self.capabilities.unlisted:
            fault = ""  # what nothing ever tells cannot be seen to be missing
        if fault == "lost_race" and act.kind in ONCE:
            return Refused("not taken")
        return super()._faulty(fault, prepared, key)

    def _process_act(self, act: CarrierAct, key: str) -> Outcome:
        account = self._account
        account.remember()
        match act.kind, act.action:
            case "gateway", Action.CREATE:
                return Done(str(account.add_gateway(act.after or {})))
            case "gateway", Action.DELETE:
                return self._removed(act)
            case "brand", Action.CREATE:
                account.made.append(f"brand {(act.after or {})['id']}")
                return Done()
            case "port", Action.PORT:
                letter = f"A person signs at https://example.net/{account.ids}"
                name = account.submit(act.after or {})
                fee = PORT_FEE * len((act.after or {})["numbers"])
                return Done(name, amount=fee, currency="USD", note=letter)
            case "emergency_record", Action.CREATE | Action.UPDATE:
                return self._registered(act)
            case "emergency_record", Action.DELETE:
                return self._unregistered(act)
            case kind, Action.ORDER | Action.UPDATE if kind == NUMBER:
                host = self._host(str((act.after or {})["handoff"]))
                after = {**(act.after or {}), "handoff": host}
                return super()._process_act(replace(act, after=after), key)
        raise AssertionError(f"{act.action} {act.kind} is in no script")

    def _removed(self, act: CarrierAct) -> Outcome:
        ident = int(act.holding.external_id) if act.holding is not None else 0
        if ident not in self._account.gateways:
            return Unknown("404")
        self._account.remove_gateway(ident)
        return Done()

    def _registered(self, act: CarrierAct) -> Outcome:
        account = self._account
        if act.e164 not in account.owned:
            return Refused("not on the account")
        if act.e164 not in account.records:
            account.made.append(f"record {act.e164}")
        account.records[act.e164] = dict(act.after or {})
        return Done()

    def _unregistered(self, act: CarrierAct) -> Outcome:
        account = self._account
        if act.e164 not in account.records:
            return Unknown("404")
        if act.e164 not in account.may_release:
            account.violations.append(f"I3: the record of {act.e164} went without an approval")
        del account.records[act.e164]
        return Done()
