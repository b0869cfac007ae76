"""Where calls go: to something that exists, and in the end to somebody."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.engine.draft import Draft, Finding, Path, Use
from reconciler.engine.rounds import circles
from reconciler.errors import Severity
from reconciler.kinds.audio import Audio
from reconciler.kinds.auto_attendant import AutoAttendant
from reconciler.kinds.carrier_number import CarrierNumber
from reconciler.kinds.extension import Extension
from reconciler.kinds.number import Number
from reconciler.kinds.ring_group import RingGroup
from reconciler.kinds.voicemail_box import VoicemailBox
from reconciler.model.address import Address
from reconciler.model.pointing import references_in
from reconciler.model.reference import EXTERNAL, Reference
from reconciler.model.supply import NOT_IN_SERVICE

EXPLAIN = {
    "TEL201": (
        "Unknown reference",
        (
            "A field points at something that the tenant does not declare: callers sent there "
            "would reach nobody."
        ),
    ),
    "TEL202": (
        "Calls go round for ever",
        (
            "Forwards and overflows lead in a circle that nobody can leave; FusionPBX #2746 shows "
            "it stopping a switch. A number that its carrier forwards to itself, or to another "
            "number of the tenant that leads back to it, is such a circle: the carrier's forward "
            "comes before all else, and every call takes it. Circles over several tenants are "
            "not looked for."
        ),
    ),
    "TEL214": (
        "A number that is translated to itself",
        (
            "`translation` says what the carrier hands over in the place of the dialled number. "
            "The number itself in its own place is no translation, and carriers show none."
        ),
    ),
    "TEL203": (
        "A number that reaches nobody",
        "Its calls are hung up at once. Where that is meant, put `retired` into its label or tags.",
    ),
    "TEL204": (
        "A menu without a way out",
        (
            "Callers who press nothing, or a wrong key, hear the menu again for ever. `to` says "
            "where they go after the retries, and it must not be the menu itself."
        ),
    ),
    "TEL205": (
        "A dead end",
        (
            "A menu without any key and without a way on plays to callers until they give up; an "
            "announcement that calls are sent to and that has no `then` leaves them in silence."
        ),
    ),
    "TEL207": (
        "A menu that is hard to use",
        (
            "More than three menus in a row, more than five keys, or no way to a person. Beyond "
            "twelve levels FreeSWITCH ends the call with an error."
        ),
    ),
    "TEL212": (
        "Somebody else's mailbox",
        "An extension sends calls that nobody takes to a box that it does not own.",
    ),
}

FIXED = {
    "TEL201": "the platform could not hold it",
    "TEL202": "callers would reach nobody",
    "TEL214": "its carrier could never show it",
    "TEL204": "callers would reach nobody",
    "TEL205": "callers would reach nobody",
}

_DEEP, _TOO_DEEP, _KEYS = 3, 12, 5


def forwards_end(draft: Draft) -> Iterator[Finding]:
    """Find circles of forwards and overflows (TEL202), for each way a call may find extensions."""
    told: set[frozenset[str]] = set()
    always = {use[0].reference: use for use in _onward(draft)}
    always |= {f"{Number.kind}/{use[0].name}": use for use in _from_numbers(draft)}
    for state in ("no_answer", "busy", "unregistered"):
        forwards = {use[0].reference: use for use in _forwards(draft, state)}
        onward = {**forwards, **always}
        for circle in circles({name: [_met(draft, use[2])] for name, use in onward.items()}):
            if frozenset(circle) in told:
                continue
            told.add(frozenset(circle))
            address = onward[circle[0]][0]
            only_menus = all(name.startswith(f"{AutoAttendant.kind}/") for name in circle)
            chain = " to ".join((*circle, circle[0]))
            every = all(name.startswith(f"{Number.kind}/") for name in circle)
            which = "Every call to it" if every else "A call that nobody takes"
            yield Finding(
                "TEL204" if only_menus else "TEL202",
                _place(draft, onward[circle[0]]),
                f"{which} goes round for ever: {chain}.",
                "Send one of them to a voicemail box or a person.",
                address=address,
                related=tuple((_place(draft, onward[n]), "and on here") for n in circle[1:]),
            )


def _forwards(draft: Draft, state: str) -> Iterator[Use]:
    """Where each extension sends a call that it does not take, with the field that says so."""
    for address, extension in draft.of(Extension):
        for name in ("always", state):
            forward = getattr(extension.forward, name)
            if forward is not None:
                if isinstance(forward.to, Reference):
                    yield (address, ("forward", name), forward.to)
                break


def _onward(draft: Draft) -> Iterator[Use]:
    """Where everything else sends a call that nobody takes, with the field that says so."""
    for address, group in draft.of(RingGroup):
        if group.overflow is not None and isinstance(group.overflow.to, Reference):
            yield (address, ("overflow", "to"), group.overflow.to)
    for address, menu in draft.of(AutoAttendant):
        to = menu.operator if menu.timeout.to == "operator" else menu.timeout.to
        if isinstance(to, Reference):
            yield (address, ("timeout", "to"), to)
    for address, sound in draft.of(Audio):
        if isinstance(sound.then, Reference):
            yield (address, ("then",), sound.then)


def _from_numbers(draft: Draft) -> Iterator[Use]:
    """Where each number's own callers go, with the field that says so.

    A carrier's forward comes before all else; a translation has the platform take the call for
    one to another number, and never passes that one's carrier.
    """
    leads = {at.name: use for at, _ in draft.of(Number) for use in _uses(draft, at, "to")[:1]}
    yield from leads.values()
    for address, carried in draft.of(CarrierNumber):
        forward = _uses(draft, address, "forward")
        if forward:
            yield forward[0]
        elif carried.translation in leads:
            yield (address, ("translation",), leads[carried.translation][2])


def _uses(draft: Draft, address: Address, name: str) -> list[Use]:
    """The references in one field of an object."""
    return [(address, steps, ref) for steps, ref in draft.references[address] if steps[0] == name]


def _met(draft: Draft, reference: Reference) -> str:
    """What a call meets there: a number that is dialled outside may be one of the tenant's."""
    own = reference.kind == EXTERNAL and draft.find(Number, reference.name) is not None
    return f"{Number.kind}/{reference.name}" if own else reference.reference


def translations_translate(draft: Draft) -> Iterator[Finding]:
    """Find numbers that are translated to themselves (TEL214)."""
    for address, carried in draft.of(CarrierNumber):
        if carried.translation == address.name:
            yield Finding(
                "TEL214",
                draft.path(address, "translation"),
                f"{address.name} is translated to itself, which is no translation.",
                "Take `translation` out, or write the number that is to be handed over.",
                address=address,
            )


def _place(draft: Draft, use: Use) -> Path:
    address, steps, _ = use
    return draft.path(address, *steps)


def announcements_go_on(draft: Draft) -> Iterator[Finding]:
    """Find announcements that calls are sent to and that lead nowhere (TEL205)."""
    uses: dict[str, list[Path]] = {}
    for at, steps, ref in draft.uses(Audio.kind):
        if steps[-1] != "play":
            uses.setdefault(ref.name, []).append(draft.path(at, *steps))
    for _, ref in references_in(draft.header.fallback):
        if ref.kind == Audio.kind:
            uses.setdefault(ref.name, []).append(("fallback",))
    for address, sound in draft.of(Audio):
        if sound.then is None and address.name in uses:
            yield Finding(
                "TEL205",
                draft.path(address),
                f"Calls are sent to {address.reference}, and it does not say where they go then.",
                "Add `then`, such as `then: hangup`.",
                address=address,
                related=tuple((path, "calls come from here") for path in uses[address.name][:20]),
                key=True,
            )


TO_NOBODY: Final = {
    "hangup": "hangs up on its callers",
    "busy": "is always busy",
    NOT_IN_SERVICE: "tells its callers that it is not in service",
}


def reaches_somebody(draft: Draft) -> Iterator[Finding]:
    """Find numbers that hang up on their callers and are not said to be retired (TEL203)."""
    for address, number in draft.of(Number):
        words = " ".join((number.label or "", *number.tags)).lower()
        if number.to in TO_NOBODY and "retired" not in words:
            yield Finding(
                "TEL203",
                draft.path(address, "to"),
                f"{address.name} {TO_NOBODY[number.to]}.",
                "Send it somewhere, or put `retired` into its label.",
                Severity.WARNING,
                address,
            )


def menus_end(draft: Draft) -> Iterator[Finding]:
    """Find menus that only replay when nothing or a wrong key is pressed (TEL204, TEL205)."""
    direct = entered_directly(draft)
    for address, menu in draft.of(AutoAttendant):
        for name in ("timeout", "invalid"):
            to = getattr(menu, name).to
            again = to == "repeat" or (
                isinstance(to, Reference) and to.reference == address.reference
            )
            # `back` in a menu that was entered directly plays it again.
            if again and name == "timeout" and not menu.options and menu.dial_extension is None:
                code, said = "TEL205", "has no key and no way on"
            elif again or (to == "back" and address.reference in direct):
                code, said = "TEL204", f"plays itself again for ever on {name}"
            else:
                continue
            if not isinstance(to, Reference) or name == "invalid":
                yield Finding(
                    code,
                    draft.path(address, name, "to"),
                    f"{address.reference} {said}.",
                    "Send callers to a person or a voicemail box instead.",
                    address=address,
                )


def entered_directly(draft: Draft) -> frozenset[str]:
    """Menus that a call can enter from anything but another menu."""
    entered = {address.reference for address, menu in draft.of(AutoAttendant) if menu.pilot}
    for address, _, ref in draft.uses(AutoAttendant.kind):
        if address.kind != AutoAttendant.kind:
            entered.add(ref.reference)
    return frozenset(entered)


def usable_menus(draft: Draft) -> Iterator[Finding]:
    """Find menus that are deep, crowded or without a way to a person (TEL207)."""
    depth = _depths(draft)
    for address, menu in draft.of(AutoAttendant):
        here = depth.get(address.reference, 1)
        ways = {"operator", *("0" for key in menu.options if key == "0")}
        person = "0" in ways or "operator" in {menu.timeout.to, *menu.options.values()}
        for wrong, said, hint in (
            (here > _DEEP, f"is menu number {here} in a row", "Bring it nearer to the first menu."),
            (len(menu.options) > _KEYS, f"has {len(menu.options)} keys", "Use five or fewer."),
            (not person, "has no way to a person", 'Add `"0": operator` and an `operator`.'),
        ):
            if wrong:
                severe = here > _TOO_DEEP and said.startswith("is menu")
                yield Finding(
                    "TEL207",
                    draft.path(address),
                    f"{address.reference} {said}.",
                    hint,
                    Severity.ERROR if severe else Severity.WARNING,
                    address,
                    key=True,
                )


def _depths(draft: Draft) -> Mapping[str, int]:
    """How many menus a caller has passed in each, at least; 1 for one entered directly."""
    leads = {
        address.reference: [
            ref.reference for _, ref in draft.references[address] if ref.kind == AutoAttendant.kind
        ]
        for address, _ in draft.of(AutoAttendant)
    }
    depth = {name: 1 for name in entered_directly(draft) if name in leads}
    todo = deque(sorted(depth))
    while todo:
        name = todo.popleft()
        for target in leads[name]:
            if target in leads and target not in depth:
                depth[target] = depth[name] + 1
                todo.append(target)
    return depth


def own_mailbox(draft: Draft) -> Iterator[Finding]:
    """Find extensions that send calls nobody took to a box of somebody else (TEL212)."""
    for address, extension in draft.of(Extension):
        forward = extension.forward.no_answer
        to = forward.to if forward is not None else None
        if not isinstance(to, Reference) or to.kind != VoicemailBox.kind:
            continue
        box = draft.find(VoicemailBox, to.name)
        if box is not None and address.reference not in set(box.owners):
            yield Finding(
                "TEL212",
                draft.path(address, "forward", "no_answer"),
                f"{address.reference} sends its calls to {to.reference}, which it does not own.",
                "Use its own box, or make it an owner.",
                Severity.WARNING,
                address,
            )


RULES = (
    forwards_end,
    translations_translate,
    announcements_go_on,
    reaches_somebody,
    menus_end,
    usable_menus,
    own_mailbox,
)
