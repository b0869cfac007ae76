"""Draws whole tenants, and pairs of them with the edits that telephone engineers make.

A tenant is a mapping of `kind/name` to the fields as they would stand in YAML; every
reference in it resolves, and no digits are dialled twice. `pointed_at` finds references by
itself, so that the tests do not ask the code under test what it ought to have done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from reconciler.engine.diff import Scene
from reconciler.kinds import KINDS
from reconciler.model.address import Address
from reconciler.model.canonical import digest
from reconciler.model.state import Applied, Observed
from reconciler.model.supply import Holding, NumberState, PoolNumber, Stock, Supply
from tests.crash.scripts import TENANT, desired

Entries = dict[str, dict[str, Any]]

AT = "2026-01-01T00:00:00Z"
EXTENSIONS = ("4200", "4201", "4202", "4203")
GROUPS = ("east", "north", "south", "west")
ATTENDANTS = ("main", "night", "sales")
LOCATIONS = ("boston", "leeds")
AUDIO = ("closed", "hello", "holiday")
ROOMS = {"board": "630", "staff": "631"}
SCHEDULES = ("office", "shop")
SHARED = ("640", "641")
CARRIED = ("+12015550150", "+12015550151", "+12015550152")
POOLED = ("+12015550160", "+12015550161")
PILOTS = ("600", "601", "602", "603", "604", "605", "606")
NEW_NAMES = ("n1", "n2", "n3", "n4", "n5", "n6")

_CALLED = re.compile(r"^(extension|ring_group|auto_attendant|voicemail_box|conference|audio)/.+$")
_PILOTED = ("ring_group/", "auto_attendant/")
_OTHERS = (
    "extension/", "location/", "number/", "voicemail_box/", "conference/", "audio/", "schedule/",
)  # fmt: skip


def pointed_at(reference: str, values: Mapping[str, Any]) -> set[str]:
    """What an object of the tenant needs to be there, as `kind/name`."""
    kind, name = reference.split("/")
    found = {text for text in _texts(values) if _CALLED.match(text)}
    if values.get("caller_id", "anonymous") != "anonymous":
        found.add(f"number/{values['caller_id']}")
    found |= {f"{field}/{values[field]}" for field in ("location", "schedule") if field in values}
    if "play" in values.get("greeting", {}):
        found.add(f"audio/{values['greeting']['play']}")
    if kind == "device":
        found.add(f"extension/{name.split('-')[0]}")
    if kind == "number" and "connector" in values and values.get("state") != "quarantined":
        found.add(f"carrier_number/{name}")
    return found


def led_to(graph: Mapping[str, Any]) -> set[str]:
    """Where callers can come from a published graph."""
    return {text for text in _texts(graph) if _CALLED.match(text)}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


# A tenant.


@st.composite
def tenants(draw) -> Entries:
    made: Entries = {}
    for name in draw(_some(LOCATIONS, 0)):
        made[f"location/{name}"] = location(name)
    numbers = draw(_some(CARRIED + POOLED, 1))
    extensions = draw(_some(EXTENSIONS, 1))
    groups = draw(_some(GROUPS, 1))
    attendants = draw(_some(ATTENDANTS, 0))
    boxes = [digits for digits in extensions if draw(st.booleans())]
    callable_ = [f"extension/{digits}" for digits in extensions]
    callable_ += [f"voicemail_box/{digits}" for digits in boxes]
    callable_ += [f"ring_group/{name}" for name in groups]
    callable_ += [f"auto_attendant/{name}" for name in attendants]
    sounds, schedules = draw(_some(AUDIO, 0)), draw(_some(SCHEDULES, 0))
    callable_ += [f"audio/{name}" for name in sounds]
    for name in schedules:
        made[f"schedule/{name}"] = schedule(draw(st.sampled_from(("08:00", "09:00"))))
    for name in draw(_some(tuple(ROOMS), 0)):
        made[f"conference/{name}"] = {"room": ROOMS[name]}
        callable_.append(f"conference/{name}")
    for digits in draw(_some(SHARED, 0)):
        owners = draw(_some(extensions, 0))
        values = {"shared": True, "owners": [f"extension/{owner}" for owner in owners]}
        made[f"voicemail_box/{digits}"] = values
        callable_.append(f"voicemail_box/{digits}")
    for name in sounds:
        made[f"audio/{name}"] = {"say": "Hello", **draw(_then(callable_))}
    pilots = list(draw(st.permutations(PILOTS)))
    for digits in extensions:
        made[f"extension/{digits}"] = draw(extension(callable_, numbers, made))
        if draw(st.booleans()):
            made[f"device/{digits}-desk"] = {"kind": "desk"}
    for digits in boxes:
        made[f"voicemail_box/{digits}"] = {"owners": [f"extension/{digits}"]}
    for name in groups:
        made[f"ring_group/{name}"] = draw(group(callable_, f"ring_group/{name}", pilots.pop()))
    for name in attendants:
        made[f"auto_attendant/{name}"] = {
            **draw(attendant(callable_, pilots.pop())),
            **draw(_hours(schedules, callable_)),
            **draw(_played(sounds)),
        }
    for e164 in numbers:
        made |= number(e164, draw(st.sampled_from(callable_)))
        made[f"number/{e164}"] |= draw(_hours(schedules, callable_))
    return made


def schedule(opens: str) -> dict[str, Any]:
    hours = {"days": "mon-fri", "hours": f"{opens}-18:00"}
    return {"timezone": "America/New_York", "open": [hours]}


def _then(callable_):
    return st.sampled_from((None, "hangup", *callable_)).map(lambda to: {"then": to} if to else {})


@st.composite
def _hours(draw, schedules, callable_) -> dict[str, Any]:
    if not schedules or draw(st.booleans()):
        return {}
    return {
        "schedule": draw(st.sampled_from(schedules)),
        "closed": draw(st.sampled_from(("hangup", *callable_))),
    }


@st.composite
def _played(draw, sounds) -> dict[str, Any]:
    if not sounds or draw(st.booleans()):
        return {}
    return {"greeting": {"play": draw(st.sampled_from(sounds))}}


def _some(of, least):
    return st.lists(st.sampled_from(of), min_size=least, unique=True).map(sorted)


def location(name: str) -> dict[str, Any]:
    return {
        "caller_name": "Acme", "street": "1 Main St", "city": name, "postcode": "02101",
        "country": "US",
    }  # fmt: skip


def number(e164: str, to: str) -> Entries:
    if e164 in POOLED:
        return {f"number/{e164}": {"to": to}}
    return {
        f"carrier_number/{e164}": {"connector": "carrier", "handoff": "pbx"},
        f"number/{e164}": {"to": to, "connector": "carrier"},
    }


@st.composite
def extension(draw, callable_, numbers, made) -> dict[str, Any]:
    values: dict[str, Any] = {"name": draw(st.sampled_from(("Ann", "Bob")))}
    caller_id = draw(st.sampled_from((None, "anonymous", *numbers)))
    if caller_id:
        values["caller_id"] = caller_id
    places = [reference.split("/")[1] for reference in made if reference.startswith("location/")]
    if places and draw(st.booleans()):
        values["location"] = draw(st.sampled_from(places))
    if draw(st.integers(0, 2)) == 0:
        values["forward"] = {"no_answer": {"to": draw(st.sampled_from(callable_))}}
    return values


@st.composite
def group(draw, callable_, itself, pilot) -> dict[str, Any]:
    rung = [to for to in callable_ if to.startswith(("extension/", "ring_group/")) and to != itself]
    members = draw(st.lists(st.sampled_from(rung), unique=True, max_size=3)) if rung else []
    values: dict[str, Any] = {"members": [{"to": to} for to in members]}
    if draw(st.integers(0, 3)):
        values["pilot"] = pilot
    if draw(st.booleans()):
        values["overflow"] = {"after": "60s", "to": draw(st.sampled_from((*callable_, "busy")))}
    if draw(st.booleans()):
        values["ring"] = draw(st.sampled_from(("15s", "20s", "25s")))
    return values


@st.composite
def attendant(draw, callable_, pilot) -> dict[str, Any]:
    words = ("operator", "back", "repeat", "hangup")
    keys = draw(st.lists(st.sampled_from("0129*"), unique=True, max_size=4))
    options = {key: draw(st.sampled_from((*callable_, *words))) for key in keys}
    values: dict[str, Any] = {
        "greeting": {"say": draw(st.sampled_from(("Hello", "Welcome")))},
        "options": options,
        "operator": draw(st.sampled_from(callable_)),
        "timeout": {"to": draw(st.sampled_from(("operator", *callable_)))},
        "invalid": {"to": draw(st.sampled_from(("hangup", *callable_)))},
    }
    if draw(st.integers(0, 3)):
        values["pilot"] = pilot
    return values


# Pairs of tenants: before and after.


@st.composite
def pairs(draw) -> tuple[Entries, Entries]:
    """A tenant as it was applied, and as git says it now."""
    before = draw(tenants())
    if draw(st.integers(0, 4)) == 0:
        return before, draw(tenants())
    after = deepcopy(before)
    for edit in draw(st.lists(st.sampled_from(EDITS), min_size=1, max_size=3)):
        after = edit(draw, after)
    return before, after


def swap_pilots(draw, entries: Entries) -> Entries:
    return _rotated(draw, entries, 2)


def rotate_pilots(draw, entries: Entries) -> Entries:
    return _rotated(draw, entries, 3)


def _rotated(draw, entries: Entries, count: int) -> Entries:
    having = [reference for reference, values in entries.items() if "pilot" in values]
    if len(having) < count:
        return entries
    chosen = draw(st.permutations(having))[:count]
    pilots = [entries[reference]["pilot"] for reference in chosen]
    for reference, pilot in zip(chosen, pilots[1:] + pilots[:1], strict=True):
        entries[reference]["pilot"] = pilot
    return entries


def hand_pilot_to_new(draw, entries: Entries) -> Entries:
    """A group or attendant makes place for a new attendant, which takes its digits and callers."""
    gone = _one(draw, entries, _PILOTED)
    name = _free(entries, "auto_attendant")
    if gone is None or name is None:
        return entries
    pilot = entries[gone].get("pilot")
    entries[name] = {
        "greeting": {"say": "New"}, "timeout": {"to": "hangup"}, "invalid": {"to": "hangup"},
        "options": {"1": draw(st.sampled_from(_callable(entries, gone) or ["hangup"]))},
    }  # fmt: skip
    if pilot:
        entries[name]["pilot"] = pilot
    return without(entries, gone, name)


def extension_becomes_group(draw, entries: Entries) -> Entries:
    gone = _one(draw, entries, ("extension/",))
    name = _free(entries, "ring_group")
    if gone is None or name is None:
        return entries
    entries = without(entries, gone, name)
    entries[name] = {"pilot": gone.split("/")[1], "members": []}
    return entries


def group_becomes_extension(draw, entries: Entries) -> Entries:
    gone = _one(draw, entries, _PILOTED)
    if gone is None or "pilot" not in entries[gone]:
        return entries
    name = f"extension/{entries[gone]['pilot']}"
    entries = without(entries, gone, name)
    entries[name] = {"name": "New"}
    return entries


def rename(draw, entries: Entries) -> Entries:
    old = _one(draw, entries, _PILOTED)
    new = _free(entries, old.split("/")[0]) if old else None
    if old is None or new is None:
        return entries
    entries[new] = entries.pop(old)
    return {reference: _replaced(values, old, new) for reference, values in entries.items()}


def delete(draw, entries: Entries) -> Entries:
    gone = _one(draw, entries, (*_PILOTED, *_OTHERS))
    if gone is None:
        return entries
    stand_in = draw(st.sampled_from([*_callable(entries, gone), "hangup"]))
    return without(entries, gone, stand_in)


def delete_several(draw, entries: Entries) -> Entries:
    for _ in range(3):
        entries = delete(draw, entries)
    return entries


def new_knot(draw, entries: Entries) -> Entries:
    """New attendants and groups that lead to each other, and a number that leads to them."""
    kinds = draw(
        st.lists(st.sampled_from(("auto_attendant", "ring_group")), min_size=2, max_size=3)
    )
    made: list[str] = []
    for kind in kinds:
        name = _free(entries, kind)
        if name is None:  # more of them than there are names: none of this knot
            return {reference: v for reference, v in entries.items() if reference not in made}
        entries[name] = {}
        made.append(name)
    for reference, leads_to in zip(made, made[1:] + made[:1], strict=True):
        entries[reference] = _leading(reference, leads_to)
    numbers = [reference for reference in entries if reference.startswith("number/")]
    if numbers and draw(st.booleans()):
        entries[draw(st.sampled_from(numbers))]["to"] = draw(st.sampled_from(made))
    return entries


def _leading(reference: str, to: str) -> dict[str, Any]:
    if reference.startswith("ring_group/"):
        return {"members": [], "overflow": {"after": "30s", "to": to}}
    return {
        "greeting": {"say": "Hello"}, "options": {"1": to, "2": "back"},
        "timeout": {"to": to}, "invalid": {"to": "hangup"},
    }  # fmt: skip


def relink(draw, entries: Entries) -> Entries:
    numbers = [reference for reference in entries if reference.startswith("number/")]
    callable_ = _callable(entries, "")
    for reference in numbers:
        if callable_ and draw(st.booleans()):
            entries[reference]["to"] = draw(st.sampled_from(callable_))
    return entries


def reword(draw, entries: Entries) -> Entries:
    for reference, values in entries.items():
        if reference.startswith(("extension/", *_PILOTED)) and draw(st.booleans()):
            values["name"] = draw(st.sampled_from(("Front", "Back")))
    return entries


Edit = Callable[[Any, Entries], Entries]

EDITS: tuple[Edit, ...] = (
    swap_pilots, rotate_pilots, hand_pilot_to_new, extension_becomes_group,
    group_becomes_extension, rename, delete, delete_several, new_knot, relink, reword,
)  # fmt: skip


def _one(draw, entries: Entries, kinds: tuple[str, ...]) -> str | None:
    found = sorted(reference for reference in entries if reference.startswith(kinds))
    return draw(st.sampled_from(found)) if found else None


def _free(entries: Entries, kind: str) -> str | None:
    names = (f"{kind}/{name}" for name in NEW_NAMES)
    return next((name for name in names if name not in entries), None)


def _callable(entries: Entries, but: str) -> list[str]:
    digits = but.rsplit("/", maxsplit=1)[-1]
    gone = {but, f"voicemail_box/{digits}"} if but.startswith("extension/") else {but}
    return sorted(r for r in entries if _CALLED.match(r) and r not in gone)


def without(entries: Entries, gone: str, stand_in: str) -> Entries:
    """Take an object out, with what stands under it; `stand_in` takes its callers."""
    kind, name = gone.split("/")
    leaving = {gone}
    if kind == "extension":
        leaving |= {
            r for r in entries if r.startswith((f"device/{name}-", f"voicemail_box/{name}"))
        }
    if kind == "number":
        leaving.add(f"carrier_number/{name}")
    left = {reference: values for reference, values in entries.items() if reference not in leaving}
    for one in sorted(leaving):
        left = {r: _unlinked(values, one, stand_in) for r, values in left.items()}
    return left


def _unlinked(values: dict[str, Any], gone: str, stand_in: str) -> dict[str, Any]:
    kind, name = gone.split("/")
    made = dict(values)
    if kind == "number" and made.get("caller_id") == name:
        del made["caller_id"]
    if kind == "location" and made.get("location") == name:
        del made["location"]
    if kind == "schedule" and made.get("schedule") == name:
        made = {key: value for key, value in made.items() if key not in {"schedule", "closed"}}
    if kind == "audio" and made.get("greeting") == {"play": name}:
        made["greeting"] = {"say": "Hello"}
    if "members" in made:
        rung = stand_in if stand_in.startswith(("extension/", "ring_group/")) else None
        there = [member["to"] for member in made["members"]]
        swapped = dict.fromkeys(rung if to == gone else to for to in there)
        made["members"] = [{"to": to} for to in swapped if to]
    if "owners" in made:
        made["owners"] = [owner for owner in made["owners"] if owner != gone]
    return _replaced(made, gone, stand_in)


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, old, new) for item in value]
    return new if value == old else value


# The three states of a tenant, as the engine is asked about them.


def scene(before: Entries, after: Entries, **changed: Any) -> Scene:
    """A tenant that was applied and has not been touched since, and what git says of it now."""
    applied, wanted = desired(before).objects, desired(after).objects
    made = Scene(
        kinds=KINDS,
        desired=dict(wanted),
        observed={address: seen(address, want.spec) for address, want in applied.items()},
        applied={a: Applied(a, want.spec, "run-1", AT) for a, want in applied.items()},
        supply={},
        frozen=frozenset(),
        reverts_drift=lambda address: True,
    )
    numbers = {a.name for a in (*applied, *wanted) if a.kind == "number"}
    supply = {e164: known(made, e164) for e164 in sorted(numbers)}
    return replace(made, **{"supply": supply, **changed})


def quarantined(scene: Scene, e164: str, *, due: bool) -> Scene:
    """The scene with a number in quarantine, just as the last apply left it there."""
    at = Address(TENANT, "number", e164)
    carried = {"connector": "carrier"} if e164 in CARRIED else {}
    left = {"to": "not_in_service", "state": "quarantined", **carried}
    spec = KINDS["number"].model_validate(left).spec()
    made = replace(
        scene,
        observed={**scene.observed, at: seen(at, spec)},
        applied={**scene.applied, at: Applied(at, spec, "run-1", AT)},
    )
    return replace(made, supply={**scene.supply, e164: known(made, e164, due=due)})


def seen(address: Address, spec: Mapping[str, Any], **changed: Any) -> Observed:
    """An object as it is after it was applied."""
    graph = KINDS[address.kind].compiled(address.name, spec)
    published = digest(graph) if KINDS[address.kind].published and graph is not None else ""
    made = Observed(address, dict(spec), 1, True, AT, "jo@host (run run-1)", published)
    return replace(made, **changed)


def known(scene: Scene, e164: str, **changed: Any) -> Supply:
    """What is known of a number: where it is, and that its carrier offers it otherwise."""
    here = Address(TENANT, "number", e164) in scene.observed
    carried = e164 in CARRIED
    at_carrier = scene.observed.get(Address(TENANT, "carrier_number", e164))
    left = scene.applied[Address(TENANT, "number", e164)].spec if here else {}
    resting = NumberState(left.get("state", "assigned")) if here else NumberState.AVAILABLE
    pool = PoolNumber(
        e164,
        resting,
        TENANT if here else "",
        "carrier" if carried else "",
        protect=left.get("protect") is True,
        release_after=left.get("release_after", ""),
    )
    made = Supply(
        tenant=TENANT,
        pool=pool if here or not carried else None,
        holding=Holding("carrier", "id-1", AT, at_carrier.spec) if at_carrier else None,
        managed=at_carrier is not None,
        stock=Stock.OFFERED,
        connector="carrier" if carried else "",
    )
    return replace(made, **changed)
