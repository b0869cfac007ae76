"""Objects, numbers and writes that the platform suite uses, and how it does them."""

from __future__ import annotations

from typing import Any

from reconciler.model.address import Address
from reconciler.model.spec import Key
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.protocols import Done, Refused, SealedSecret, Write
from tests.conformance.platforms import World

SALES = Address("acme", "ring_group", "sales")
STANDUP = Address("acme", "conference", "standup")
MENU = Address("acme", "auto_attendant", "main")
DESK = Address("acme", "extension", "4201")
OTHER = Address("beta", "ring_group", "sales")
NUMBER = Address("acme", "number", "+12015550144")
LINE = PoolNumber("+12015550144", NumberState.AVAILABLE, connector="voicetel", country="US")
PILOT = Key("dial", "6000")
EVERYWHERE = Key("sip_username", "acme-4201", everywhere=True)
TOKEN = SealedSecret("gAAAA-1", 1)
RING = {"pilot": "6000", "ring": "20s", "members": ["4201", "4202"], "name": "Vertrieb Süd"}
GRAPH = {"start": "n1", "nodes": {"n1": {"type": "hangup"}}}
JO, MIA = "jo@host (run R1)", "mia@host (run R2)"
AT, LATER = "2026-11-22T01:02:03Z", "2026-11-22T02:00:00Z"


def create(at: Address = SALES, spec: dict[str, Any] | None = None, **more: Any) -> Write:
    return Write(at, 0, RING if spec is None else spec, **{"by": JO, "at": AT} | more)


def short(at: Address = SALES, **more: Any) -> Write:
    return create(at, {"ring": "20s"}, **more)


def full(at: Address = SALES) -> Write:
    return short(at, keys=(PILOT, EVERYWHERE), secrets={"pin": TOKEN}, publish=GRAPH)


def change(at: Address = SALES, version: int = 1, **more: Any) -> Write:
    settings = {"spec": RING | {"ring": "40s"}, "by": MIA, "at": LATER} | more
    return Write(at, version, **settings)


def delete(at: Address = SALES, version: int = 1, **more: Any) -> Write:
    return change(at, version, **{"spec": None} | more)


def done(world: World, *writes: Write) -> None:
    for write in writes:
        assert isinstance(world.platform.write([write]), Done)


def refused(world: World, write: Write) -> Refused:
    """Write it; see that it is refused and that nothing at all is other than before."""
    before = everything(world)
    outcome = world.platform.write([write])
    assert isinstance(outcome, Refused)
    assert everything(world) == before
    return outcome


def everything(world: World) -> object:
    tables = ("tenant", "object", "unique_key", "number", "published_version", "secret")
    return {table: sorted(map(repr, world.raw(f"SELECT * FROM {table}"))) for table in tables}
