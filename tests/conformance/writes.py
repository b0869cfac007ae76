"""Everything that is ever written at a carrier account, and how it is seen that it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, Done, Waiting
from tests.conformance.carriers import NAME, World
from tests.conformance.sorts import Sort, Thing

LATER = 3600
"""Seconds in which a carrier does what takes its time."""


@dataclass(frozen=True)
class Write:
    """One act at an account.

    Attributes:
        step: Where a fault is planted.
        begin: Brings about what must be there before.
        act: The act.
        is_done: Whether it was carried out, by what another process or the sandbox tells.
        paid: Whether it costs money.
        lasting: Whether it cannot be taken back.
    """

    step: tuple[str, str]
    begin: Callable[[World], object]
    act: Callable[[World], CarrierAct]
    is_done: Callable[[World], bool]
    paid: bool = False
    lasting: bool = False


def writes_of(sort: Sort) -> dict[str, Write]:
    """Each by a name: those of a number, of what is kept beside it, of the account, of ports."""
    return {
        **_of_numbers(sort),
        **dict(_of_others(sort)),
        **{
            f"{kind}-{name}": write
            for kind, thing in sort.objects.items()
            for name, write in _of_account(kind, thing)
        },
        **(_of_ports(sort) if sort.port else {}),
    }


def _nothing(world: World) -> None:
    world.carrier.observe()


def _holds(world: World) -> bool:
    return world.e164 in world.again().observe().holdings


def _of_numbers(sort: Sort) -> dict[str, Write]:
    goal = {"connector": NAME, "handoff": sort.second["handoff"]}

    def handed(world: World) -> bool:
        there = world.again().observe().holdings.get(world.e164)
        return there is not None and there.spec.get("handoff") == goal["handoff"]

    made = {
        "order": Write(sort.steps["order"], _nothing, World.order, _holds, paid=True, lasting=True),
        "update": Write(
            sort.steps["update"], World.bought, lambda world: world.change(goal), handed
        ),
    }
    for way in sorted(sort.removals):
        made[way.value] = Write(
            sort.steps[way.value],
            World.bought,
            partial(_leaves, way=way),
            lambda world: not _holds(world),
            lasting=True,
        )
    return made


def _leaves(world: World, way: Action) -> CarrierAct:
    return world.leaves(way)


def _of_others(sort: Sort) -> Iterator[tuple[str, Write]]:
    for kind, (first, second) in sort.others.items():
        step = sort.steps[kind]

        def put(world: World, kind: str = kind, value=first) -> None:
            world.bought()
            act = world.other(Action.CREATE, kind, {"connector": NAME, **value})
            assert isinstance(world.do(act), Done | Waiting)
            world.clock.sleep(LATER)

        def is_there(world: World, kind: str = kind, value=None) -> bool:
            there = world.again().observe().others.get(kind, {}).get(world.e164)
            return (there and dict(there.spec)) == (value and {"connector": NAME, **value})

        def act(world: World, action: Action, kind: str = kind, value=None) -> CarrierAct:
            return world.other(action, kind, value and {"connector": NAME, **value})

        for name, begin, value in (
            (Action.CREATE, World.bought, first),
            (Action.UPDATE, put, second),
            (Action.DELETE, put, None),
        ):
            yield (
                f"{kind}-{name.value}",
                Write(
                    step,
                    begin,
                    partial(act, action=name, value=value),
                    partial(is_there, value=value),
                ),
            )


def _of_account(kind: str, thing: Thing) -> Iterator[tuple[str, Write]]:
    def put(world: World, value: int = 0) -> None:
        action = Action.CREATE if thing.comes else Action.UPDATE
        assert isinstance(world.do(world.of_account(action, kind, thing.values[value])), Done)

    def is_there(world: World, value: int | None) -> bool:
        if thing.seen is not None:
            return thing.seen(world.app.store)  # type: ignore[attr-defined]
        there = world.visible(kind, thing.name)
        return there == (None if value is None else world.told(kind, thing.values[value]))

    def write(action: Action, begin: Callable[[World], object], value: int | None) -> Write:
        after = None if value is None else thing.values[value]
        return Write(
            thing.steps.get(action.value, thing.step),
            begin,
            lambda world: world.of_account(action, kind, after),
            partial(is_there, value=value),
        )

    if thing.comes:
        yield "create", write(Action.CREATE, _nothing, 0)
    if len(thing.values) > 1:
        yield "update", write(Action.UPDATE, put, 1)
    if thing.goes:
        yield "delete", write(Action.DELETE, put, None)


def _of_ports(sort: Sort) -> dict[str, Write]:
    return {
        "port": Write(
            sort.steps["port"],
            _nothing,
            World.submission,
            lambda world: bool(world.again().orders("port")),
            paid=True,
            lasting=True,
        )
    }
