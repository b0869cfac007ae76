"""Compare what git says, what is there and what the last apply wrote, field by field.

Objects are compared by address, by plain inequality; `fields` says which fields differ and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from reconciler.engine.fields import (
    LIVE,
    RECORD,
    WHOLE,
    FieldChange,
    field_changes,
    fields_of_new,
    overall,
)
from reconciler.model.act import Act, Action, Cause, Refusal
from reconciler.model.address import Address
from reconciler.model.canonical import digest
from reconciler.model.resource import Resource
from reconciler.model.spec import Spec
from reconciler.model.state import Applied, Observed, Wanted
from reconciler.model.supply import Supply


class Change(NamedTuple):
    """What is to be done to one address.

    Attributes:
        address: Where.
        cls: Its kind.
        act: The act, as the kind named it.
        before: Its spec as it is; None when it is not there.
        after: Its spec as it will be; None when it goes.
        fields: The fields that differ.
        wanted: What git says; None when git has it no more.
        have: What is there.
        cause: Why, over all its fields.
        remember: What counts as applied afterwards where that is not `after`: drift that is
            left as it is stays drift.
    """

    address: Address
    cls: type[Resource]
    act: Act
    before: Spec | None
    after: Spec | None
    fields: tuple[FieldChange, ...]
    wanted: Wanted | None
    have: Observed | None
    cause: Cause
    remember: Spec | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An address that will not be brought about, and why."""

    address: Address
    refusal: Refusal
    wanted: Wanted | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs in one tenant.

    Attributes:
        changes: What is to be done.
        reported: Drift that is left as it is, because only git's changes were asked for.
        refused: What will not be done, as gates.
        unmanaged: What is there, is not ours and is not in git.
        gone: Addresses that were applied once and are nowhere any more.
        unchanged: How many wanted objects are as they should be.
    """

    changes: tuple[Change, ...]
    reported: tuple[Change, ...]
    refused: tuple[Refused, ...]
    unmanaged: tuple[Observed, ...]
    gone: tuple[Address, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class Scene:
    """The three states of one tenant, and what decides between them.

    Attributes:
        kinds: Every kind, by name.
        desired: What git says, by address.
        observed: What is there, at the platform and at carriers.
        applied: What the last apply left.
        supply: What is known of each number, by E.164, and of each order, by `kind/name`.
        frozen: Addresses with an operation that is not over: nothing is planned for them.
        reverts_drift: Whether a field of an object that only drifted is put back.
        graphs: What is live of objects where that is not what their settings make; read only
            where something is renamed.
    """

    kinds: Mapping[str, type[Resource]]
    desired: Mapping[Address, Wanted]
    observed: Mapping[Address, Observed]
    applied: Mapping[Address, Applied]
    supply: Mapping[str, Supply]
    frozen: frozenset[Address]
    reverts_drift: Callable[[Address], bool]
    graphs: Mapping[Address, Mapping[str, Any]] = field(default_factory=dict)

    def supply_of(self, address: Address) -> Supply | None:
        """What is known of the number, or of the order of numbers, at an address."""
        return self.supply.get(address.name) or self.supply.get(address.reference)


def diff(scene: Scene) -> Difference:
    """List what turns the observed state into the desired one, by address.

    What is observed, unwanted and not ours is left alone. Nothing in here releases a
    number: a kind says how it leaves, and a number leaves through quarantine.
    """
    changes: list[Change] = []
    reported: list[Change] = []
    refused: list[Refused] = []
    unmanaged: list[Observed] = []
    unchanged = 0
    for address in sorted(scene.desired.keys() | scene.observed.keys()):
        if address in scene.frozen or address.kind not in scene.kinds:
            continue
        want, have = scene.desired.get(address), scene.observed.get(address)
        if want is None and have is not None and not _ours(scene, have):
            unmanaged.append(have)
            continue
        found = _compare(scene, address, want, have)
        match found:
            case Refused():
                refused.append(found)
            case Change():
                kept, left = _split_drift(scene, found)
                changes.extend(kept)
                reported.extend(left)
            case None:
                unchanged += want is not None
    for alone in _left_alone(scene):
        if isinstance(alone, Refused):
            refused.append(alone)
        else:
            changes.append(alone)
    gone = tuple(
        sorted(scene.applied.keys() - scene.desired.keys() - scene.observed.keys() - scene.frozen)
    )
    return Difference(
        tuple(changes), tuple(reported), tuple(refused), tuple(unmanaged), gone, unchanged
    )


def _ours(scene: Scene, have: Observed) -> bool:
    return have.managed and have.address in scene.applied


def _compare(
    scene: Scene, address: Address, want: Wanted | None, have: Observed | None
) -> Change | Refused | None:
    cls = scene.kinds[address.kind]
    supply = scene.supply_of(address)
    if want is not None and have is None:
        return _arriving(scene, address, cls, want, supply)
    if want is not None and have is not None:
        return _staying(scene, cls, want, have, supply)
    if have is not None:
        return _leaving(scene, cls, have, supply)
    return None


def _arriving(
    scene: Scene, address: Address, cls: type[Resource], want: Wanted, supply: Supply | None
) -> Change | Refused | None:
    verdict = cls.arrives(address.name, want.spec, supply)
    if isinstance(verdict, Refusal):
        return Refused(address, verdict, want)
    if verdict is None:
        return None
    before = scene.applied.get(address)
    cause = Cause.DRIFT if before is not None and before.spec == want.spec else Cause.CONFIG
    fields = fields_of_new(want.spec, cause)
    return Change(address, cls, verdict, None, want.spec, fields, want, None, cause)


def _staying(
    scene: Scene, cls: type[Resource], want: Wanted, have: Observed, supply: Supply | None
) -> Change | Refused | None:
    address = have.address
    applied = scene.applied.get(address)
    left = cls.as_it_runs(have.spec, want.spec)
    fields = field_changes(cls, have.spec, left, applied.spec if applied else None)
    before, after = have.spec, left
    remember = None if left is want.spec else want.spec
    wrong = cls.stays(address.name, want.spec, supply) if applied is not None else None
    if wrong is not None:
        return Refused(address, wrong, want)
    if applied is None or not have.managed:
        verdict: Act | Refusal | None = (
            cls.arrives(address.name, want.spec, supply) if supply else None
        )
        if isinstance(verdict, Refusal):
            return Refused(address, verdict, want)
        # What the home already holds is taken over, whatever its arrival would have been.
        act = replace(cls.joins(before, after), remote=bool(fields))
        return Change(address, cls, act, before, after, fields, want, have, Cause.CONFIG, remember)
    fields += _strays(cls, applied, supply) + _live(applied, have)
    if not fields and not _unpublished(cls, address.name, want.spec, have):
        return None
    verdict = cls.changes(address.name, applied.spec, want.spec, supply)
    if isinstance(verdict, Refusal):
        return Refused(address, verdict, want)
    cause = overall(fields)
    return Change(address, cls, verdict, before, after, fields, want, have, cause, remember)


def _leaving(
    scene: Scene, cls: type[Resource], have: Observed, supply: Supply | None
) -> Change | Refused | None:
    applied = scene.applied[have.address]
    verdict = cls.leaves(have.address.name, applied.spec, supply)
    if verdict is None:
        return None
    if isinstance(verdict, Refusal):
        return Refused(have.address, verdict, None)
    act, left = verdict
    fields = field_changes(cls, have.spec, left or {}, applied.spec)
    cause = Cause.CONFIG
    if act.action is Action.UPDATE:
        fields += _strays(cls, applied, supply)
        cause = overall(fields)
        if not fields:
            return None
    return Change(have.address, cls, act, dict(have.spec), left, fields, None, have, cause)


def _strays(
    cls: type[Resource], applied: Applied, supply: Supply | None
) -> tuple[FieldChange, ...]:
    """The fields of a number's record that somebody changed behind our back."""
    found = cls.strays(applied.address.name, applied.spec, supply)
    return tuple(
        FieldChange(f"/{RECORD}/{name}", is_now, left, Cause.DRIFT)
        for name, (is_now, left) in found.items()
    )


def _live(applied: Applied, have: Observed) -> tuple[FieldChange, ...]:
    """The live version, where it is not the one that an apply published."""
    if not applied.published or applied.published == have.published:
        return ()
    is_now = have.published or None
    return (FieldChange(f"/{LIVE}", is_now, applied.published, Cause.DRIFT),)


def _left_alone(scene: Scene) -> Iterator[Change | Refused]:
    """What only the part of an entry at its carrier is left of, as its order was withdrawn."""
    for below in sorted(scene.applied.keys() & scene.observed.keys() - scene.desired.keys()):
        cls = scene.kinds.get(below.kind)
        if cls is None or not cls.under or below in scene.frozen:
            continue
        address = below._replace(kind=cls.under)
        if address in scene.desired or address in scene.observed or address in scene.frozen:
            continue
        above, supply = scene.kinds[cls.under], scene.supply.get(below.name)
        spec = above.left_alone(below.name, scene.applied[below].spec, supply)
        verdict = above.arrives(below.name, spec, supply) if spec is not None else None
        if isinstance(verdict, Refusal):
            yield Refused(address, verdict, None)
        elif verdict is not None and spec is not None:
            fields = fields_of_new(spec, Cause.CONFIG)
            yield Change(address, above, verdict, None, spec, fields, None, None, Cause.CONFIG)


def _unpublished(cls: type[Resource], name: str, spec: Spec, have: Observed) -> bool:
    graph = cls.compiled(name, spec) if cls.published else None
    return graph is not None and digest(graph) != have.published


def _split_drift(scene: Scene, change: Change) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Part what git changed from what only drifted, where drift is only to be reported."""
    if change.have is None:
        return (change,), ()  # there is nothing that could be left as it is
    if change.wanted is None and change.act.action is not Action.UPDATE:
        return (change,), ()  # drift hides no delete
    drifted = {item.field for item in change.fields if item.cause is Cause.DRIFT}
    if not drifted or scene.reverts_drift(change.address):
        return (change,), ()
    if any(item.field == LIVE and item.before is None for item in change.fields):
        return (change,), ()  # live no more: made again, as any object that is missing
    kept_fields = tuple(item for item in change.fields if item.field not in drifted)
    if not kept_fields or change.after is None:
        return (), (_with(change, change.after, change.fields),)
    # A number's record is written whole with whatever is done to it, and what is published is
    # published whole: their drift goes along.
    kept_fields += tuple(item for item in change.fields if item.field in WHOLE)
    drifted -= WHOLE
    left_fields = tuple(item for item in change.fields if item.field in drifted)
    if not left_fields:
        return (change,), ()
    left = _with(change, change.after, left_fields)
    after = dict(change.after)
    for name in drifted:
        if name in change.have.spec:
            after[name] = change.have.spec[name]
        else:
            after.pop(name, None)
    kept = _with(change, after, kept_fields)._replace(remember=change.remember or change.after)
    return (kept,), (left,)


def _with(change: Change, after: Spec | None, fields: tuple[FieldChange, ...]) -> Change:
    return change._replace(after=after, fields=fields, cause=overall(fields), remember=None)
