"""What must hold in the simulated worlds (numbers as in the design's table)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from reconciler.apply.report import Report
from reconciler.engine.plan import Plan
from reconciler.engine.steps import Pointers
from reconciler.kinds import KINDS
from reconciler.model.act import PARTINGS
from reconciler.model.canonical import digest
from tests.crash.scripts import TENANT, script

if TYPE_CHECKING:
    from tests.crash.world import World

Last = tuple[Plan, Report]
"""A plan, and what became of it."""


def violated(world: World, last: Last | None, unbroken: Mapping[str, Any]) -> Iterator[str]:
    """Every invariant that can be read off at the end.

    `unbroken`: the state after a run that nothing disturbs.
    """
    yield from world.problems
    yield from world.account.violations
    yield from _bought(world)
    yield from _believed(world)
    yield from records(world)
    if not world.parked():
        yield from _in_sync(world, unbroken, last)
    if last is None:
        yield "I6: the last apply was stopped"


def _bought(world: World) -> Iterator[str]:
    """What was paid for twice, and what is lost."""
    account = world.account
    for e164 in set(account.charges):
        if account.charges.count(e164) > 1:
            yield f"I1: {e164} was charged {account.charges.count(e164)} times"
    for what in sorted(set(account.made)):
        if account.made.count(what) > 1:
            yield f"I1: {what} was made {account.made.count(what)} times"
    for e164 in script(world.shape).lasting:
        if e164 not in account.owned:
            yield f"I3: {e164} is lost"
    if len(account.releases) > 1:
        yield f"I4: {account.releases}"


def _believed(world: World) -> Iterator[str]:
    """What the journal says and the carrier does not, or what nobody knows without need."""
    account, parked = world.account, world.parked()
    if parked and world.shape != "neither":
        yield f"parked without need: {parked}"
    for op_id, state, action, address in world.rows("state = 'verified'"):
        e164 = address.rsplit("/", 1)[1]
        if action == "order" and e164 not in account.owned and e164 not in account.releases:
            yield f"I5: {op_id} is {state}, but {e164} is not there"
        if action in PARTINGS and "carrier_number" in address and e164 in account.owned:
            yield f"I5: {op_id} is {state}, but {e164} is still there"
    for op_id, _, action, address in world.rows("state = 'parked'"):
        came = action == "order" and address.rsplit("/", 1)[1] in account.owned
        if came and not world.paused:
            yield f"{op_id} was parked too early: the number came"


def records(world: World) -> Iterator[str]:
    """What the ledger, its database and the sink of secrets say of themselves."""
    process = world.process()
    edges = world.edges(process)
    chain = edges.ledger.verify_audit()
    if chain:
        yield f"I9: {chain}"
    whole = world.connection.execute("PRAGMA integrity_check").fetchone()[0]
    if whole != "ok":
        yield f"I8: {whole}"
    for address, secret in edges.platform.read(TENANT).objects.items():
        del secret
        for name, sealed in edges.platform.sealed(address).items():
            told = [v for a, f, v in world.lines if a == str(address) and f == name]
            if not told or not sealed.token.endswith(f":{told[-1]}"):
                yield f"the sink was never told what {address} {name} is"


def dangling(world: World) -> list[str]:
    """Every reference of an object at the platform to one that is not there."""
    rows = world.connection.execute("SELECT kind, name, spec FROM object").fetchall()
    there = {f"{kind}/{name}" for kind, name, _ in rows}
    at_carrier = world.account.references()
    return [
        f"{kind}/{name} points at {reference}, which is not there"
        for kind, name, spec in rows
        for reference in _pointed_at(kind, name, spec) - there - at_carrier
    ]


@cache
def _pointed_at(kind: str, name: str, spec: str) -> frozenset[str]:
    """What an object with these settings points at: the same few come in every case."""
    return Pointers().of(KINDS[kind], name, json.loads(spec))


def _in_sync(world: World, want: Mapping[str, Any], last: Last | None) -> Iterator[str]:
    got = state_of(world)
    for key in _waiting(got, last):
        del got[key]
    if got != want:
        yield f"I16: {_difference(got, want)}"


def _waiting(got: Mapping[str, Any], last: Last | None) -> list[str]:
    """Gateways of which the last plan tells that they stay until the open port is over.

    The run that nothing disturbs removes them in the plan that submits the port, to the new one.
    """
    parts = last[0].parts if last is not None else ()
    told = {held.address for part in parts for held in part.held if held.what == "waiting"}
    gateways = (key for key in got if key.startswith("gateway "))
    return [key for key in gateways if any(at.endswith(f"gateway/{got[key]}") for at in told)]


def _difference(got: Mapping[str, Any], want: Mapping[str, Any]) -> str:
    keys = sorted(k for k in got.keys() | want.keys() if got.get(k) != want.get(k))
    return "; ".join(f"{k}: {got.get(k)} instead of {want.get(k)}" for k in keys[:3])


def state_of(world: World) -> dict[str, Any]:
    """What callers and the bill see: specs, records and holdings, without versions and times."""
    objects = world.connection.execute("SELECT kind, name, spec FROM object ORDER BY 1, 2")
    found: dict[str, Any] = {f"{kind}/{name}": digest(spec) for kind, name, spec in objects}
    records = world.connection.execute("SELECT e164, state, tenant, left_by FROM number ORDER BY 1")
    found |= {f"record {e164}": tuple(rest) for e164, *rest in records}
    return found | world.account.state()
