"""One space for all that is dialled: what colleagues dial, and what the world around them has.

Extensions, pilots, rooms and codes meet emergency numbers, service codes, codes that platforms
have built in, and public numbers. Each sort is a trie, asked once for each string.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reconciler.engine.draft import Draft, Finding, Path
from reconciler.engine.trie import Trie
from reconciler.errors import Severity
from reconciler.kinds.auto_attendant import AutoAttendant
from reconciler.kinds.extension import Extension
from reconciler.kinds.location import Location
from reconciler.kinds.number import Number
from reconciler.model.address import Address
from reconciler.model.numbering import EMERGENCY, SERVICE_CODES, local_forms
from reconciler.model.reference import EXTERNAL, Reference
from reconciler.model.spec import DIAL

EXPLAIN = {
    "TEL101": (
        "Dialled twice",
        (
            "Extensions, pilots of groups and menus, rooms and codes share one space in a tenant: "
            "what is dialled must reach one thing. FusionPBX #2369 shows what happens otherwise."
        ),
    ),
    "TEL102": (
        "One dialled string begins another",
        (
            "After the shorter string the telephone waits whether more digits come, or the longer "
            "one cannot be reached at all, as with *8 and *800 (FusionPBX #1039)."
        ),
    ),
    "TEL105": (
        "In the way of an emergency number",
        (
            "An extension that equals, begins or continues an emergency number of a country that "
            "the tenant is in (911 and 933, 999 and 112, 000, 111) delays or shadows emergency "
            "calls. A range of such digits is refused; one that only touches them is a warning."
        ),
    ),
    "TEL106": (
        "Looks like a service code",
        (
            "N11 codes and 988 are short public numbers in North America; 0, 8 and 9 as first "
            "digits are commonly the operator, the inter-site and the outside-line prefix."
        ),
    ),
    "TEL107": (
        "A code changes an emergency number",
        (
            "A code is taken off what is dialled, or starts its function once it is complete. "
            "Where it equals, begins or continues an emergency number, that number does not arrive "
            "as it was dialled: with an outside-line digit 9, 911 becomes 11. Emergency numbers "
            "are dialled without any prefix (47 CFR 9.16)."
        ),
    ),
    "TEL108": (
        "A menu key begins an extension",
        (
            "While callers may dial extensions in a menu, a key that is the first digit of one "
            "makes the menu wait for more digits before it acts."
        ),
    ),
    "TEL109": (
        "An extension hides a public number",
        (
            "What colleagues dial inside wins over the same digits outside: the public number "
            "cannot be dialled in its local form any more."
        ),
    ),
    "TEL110": (
        "Awkward code",
        (
            "Two-digit extensions leave no room; a feature code that equals or continues one that "
            "platforms have built in for something else hides it, as *80 after *8."
        ),
    ),
}

FIXED = {
    "TEL101": "the platform holds each dialled string once",
    "TEL105": "it keeps emergency calls free",
    "TEL107": "it keeps emergency calls free",
}

_BUILT_IN = {"*97": "voicemail", "*98": "voicemail_remote", "*8": "pickup"}
_CONTINUED = frozenset({"*8", "*98"})
"""Built-in codes after which an extension or a box is dialled."""

_PREFIXES = {"0": "the operator", "8": "other sites", "9": "outside lines"}
_SHORTEST_LOCAL = 5
"""Fewer digits than this are no public number in local form."""


class _Dialled(NamedTuple):
    """One string that is dialled: what for, and where that is written."""

    digits: str
    what: str
    path: Path = ()
    address: Address | None = None
    key: bool = False


def _trie(found: Iterable[_Dialled]) -> Trie[_Dialled]:
    made: Trie[_Dialled] = Trie()
    for one in found:
        made.add(one.digits, one)
    return made


_SERVICES = _trie(
    _Dialled(code, "a public service code in North America") for code in sorted(SERVICE_CODES)
)
_OTHERS = _trie(_Dialled(digit, use) for digit, use in _PREFIXES.items())
_FUNCTIONS = _trie(_Dialled(code, use) for code, use in _BUILT_IN.items())


class _Space:
    """What a tenant has of its own, and what stands in its way; each sort in a trie."""

    def __init__(self, draft: Draft) -> None:
        self.objects = list(_objects(draft))
        self.codes = list(_codes(draft))
        self.own = _trie(self.objects), _trie(self.codes)
        self.extensions = [
            one for one in self.objects if one.address and one.address.kind == Extension.kind
        ]
        self.emergency = list(_emergency(draft))
        self.in_emergency = _trie(self.emergency)
        local = any(len(one.digits) >= _SHORTEST_LOCAL for one in self.objects)
        self.public = _trie(_public(draft) if local else ())


def _objects(draft: Draft) -> Iterator[_Dialled]:
    for address, key, field in draft.claims:
        if key.scope == DIAL:
            path = draft.path(address, field) if field else draft.path(address)
            yield _Dialled(key.value, address.reference, path, address, not field)


def _codes(draft: Draft) -> Iterator[_Dialled]:
    for name, code in draft.header.dialplan.feature_codes.items():
        yield _Dialled(code, f"feature code {name}", ("dialplan", "feature_codes", name))


def _emergency(draft: Draft) -> Iterator[_Dialled]:
    """Emergency numbers of every country that the tenant is in."""
    countries = {draft.header.country} if draft.header.country else set()
    countries |= {place.country for _, place in draft.of(Location)}
    countries |= {number.country for _, number in draft.of(Number) if number.country}
    where: dict[str, list[str]] = defaultdict(list)
    for country in sorted(countries):
        for code in EMERGENCY.get(country, ()):
            where[code].append(country)
    for code, places in where.items():
        yield _Dialled(code, f"an emergency number in {', '.join(places)}")


def _public(draft: Draft) -> Iterator[_Dialled]:
    """Public numbers that the tenant has or calls, as they are dialled nearby."""
    numbers = dict.fromkeys(address.name for address, _ in draft.of(Number))
    numbers.update({ref.name: None for _, _, ref in draft.uses(EXTERNAL)})
    for e164 in numbers:
        for form in local_forms(e164):
            yield _Dialled(form, e164)


def dialled(draft: Draft) -> Iterator[Finding]:
    """Ask the tries once for each string that is dialled (TEL101, 102, 105 to 110)."""
    space = _Space(draft)
    yield from _one_owner(space)
    yield from _begins(space)
    yield from _emergency_shadowed(space)
    yield from _masks(space)
    for one in space.extensions:
        yield from _service(one)
    yield from _short(space)
    yield from _ranges(draft, space)
    for one in space.codes:
        yield from _emergency_changed(space, one)
        yield from _built_in(one)
    yield from _menu_keys(draft, space)


def _one_owner(space: _Space) -> Iterator[Finding]:
    first: dict[str, _Dialled] = {}
    for one in (*space.objects, *space.codes):
        had = first.setdefault(one.digits, one)
        if had is one:
            continue
        yield Finding(
            "TEL101",
            one.path,
            f"{one.digits} is dialled for {one.what} and for {had.what}.",
            "Give one of them other digits.",
            address=one.address,
            related=((had.path, f"{had.what} has it too"),),
            key=one.key,
        )


def _begins(space: _Space) -> Iterator[Finding]:
    objects, codes = space.own
    for one in (*space.objects, *space.codes):
        longer = objects.longer(one.digits) or codes.longer(one.digits)
        if longer is None:
            continue
        yield Finding(
            "TEL102",
            one.path,
            f"{one.digits} ({one.what}) begins {longer.digits} ({longer.what}): dialling it "
            "waits for more digits.",
            "Give one of them other digits.",
            Severity.WARNING,
            one.address,
            ((longer.path, "the longer one"),),
            key=one.key,
        )


def _emergency_shadowed(space: _Space) -> Iterator[Finding]:
    met = [(one, code) for one in space.objects for code in space.in_emergency.met(one.digits)]
    for one, code in met:
        how = "equals" if code.digits == one.digits else "gets in the way of"
        yield Finding(
            "TEL105",
            one.path,
            f"{one.digits} ({one.what}) {how} {code.digits}, {code.what}.",
            "Give it other digits.",
            address=one.address,
            key=one.key,
        )


def _ranges(draft: Draft, space: _Space) -> Iterator[Finding]:
    """Find ranges of digits that nobody may have, for the sake of emergency numbers."""
    for section, text in draft.header.dialplan.ranges.items():
        low, _, high = text.partition("-")
        for code in space.emergency:
            within = code.digits[: len(low)]
            least, most = within.ljust(len(low), "0"), within.ljust(len(low), "9")
            if most < low or high < least:
                continue
            whole = least <= low and high <= most
            yield Finding(
                "TEL105",
                ("dialplan", "ranges", section),
                f"The range of {section}, {text}, {'is all' if whole else 'has digits'} in the "
                f"way of {code.digits}, {code.what}.",
                f"Leave out what begins with {within}.",
                Severity.ERROR if whole else Severity.WARNING,
            )


def _emergency_changed(space: _Space, one: _Dialled) -> Iterator[Finding]:
    for code in space.in_emergency.met(one.digits):
        rest = code.digits.removeprefix(one.digits)
        begins = code.digits.startswith(one.digits) and rest
        then = f"what is left of it is {rest}" if begins else "its function starts instead"
        yield Finding(
            "TEL107",
            one.path,
            f"{one.digits} ({one.what}) gets in the way of {code.digits}, {code.what}: {then}.",
            "Use a code with * or #, or let people dial outside lines without one.",
        )


def _service(one: _Dialled) -> Iterator[Finding]:
    digits = one.digits
    codes, uses = _SERVICES.same(digits), [*_OTHERS.shorter(digits)]
    if codes:
        why = f"{digits} is {codes[0].what}"
    elif uses:
        use = uses[0]
        why = f"{digits} starts with {use.digits}, which is commonly dialled for {use.what}"
    else:
        return
    yield Finding(
        "TEL106",
        one.path,
        f"{why}.",
        "Choose digits that start with 1 to 7, if your telephones use such prefixes.",
        Severity.WARNING,
        one.address,
        key=True,
    )


def _masks(space: _Space) -> Iterator[Finding]:
    met = [(one, public) for one in space.objects for public in space.public.same(one.digits)]
    for one, public in met:
        yield Finding(
            "TEL109",
            one.path,
            f"{one.digits} ({one.what}) is how {public.what} is dialled nearby, which it hides.",
            "Give it fewer or other digits.",
            Severity.WARNING,
            one.address,
            key=one.key,
        )


def _short(space: _Space) -> Iterator[Finding]:
    for one in space.extensions:
        if len(one.digits) != 2:  # noqa: PLR2004 - the rule says two digits
            continue
        yield Finding(
            "TEL110",
            one.path,
            f"Extension {one.digits} has two digits only.",
            "Use three or more.",
            Severity.WARNING,
            one.address,
            key=True,
        )


def _built_in(one: _Dialled) -> Iterator[Finding]:
    name = str(one.path[-1])
    same = _FUNCTIONS.same(one.digits)
    before = [
        each for each in _FUNCTIONS.shorter(one.digits) if each.digits in _CONTINUED and not same
    ]
    for built in (*same, *before):
        if built.what != name:
            how = "is" if built in same else f"continues {built.digits}, which is"
            yield Finding(
                "TEL110",
                one.path,
                f"{one.digits} {how} built in for {built.what}, and here it is {name}.",
                "Use another code.",
                Severity.WARNING,
            )


def _menu_keys(draft: Draft, space: _Space) -> Iterator[Finding]:
    extensions = _trie(space.extensions)
    for address, menu in draft.of(AutoAttendant):
        if menu.dial_extension is None:
            continue
        allowed: tuple[str, ...] = menu.dial_extension.allow
        begun = {ref.name[0]: ref.name for ref in reversed(allowed) if isinstance(ref, Reference)}
        for key in menu.options:
            one = extensions.longer(key) if "all" in allowed else None
            name = one.digits if one else begun.get(key)
            if name:
                yield Finding(
                    "TEL108",
                    draft.path(address, "options", key),
                    f"Key {key} of {address.reference} is the first digit of {name}, which "
                    "callers may dial there.",
                    "Use another key, or allow fewer extensions.",
                    Severity.WARNING,
                    address,
                    key=True,
                )


RULES = (dialled,)
