"""What colleagues dial: one space for extensions, pilots, feature codes and emergency numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from reconciler.engine.draft import Draft, Finding, Path
from reconciler.errors import Severity
from reconciler.kinds import SECTIONS
from reconciler.kinds.auto_attendant import AutoAttendant
from reconciler.kinds.extension import Extension
from reconciler.kinds.location import Location
from reconciler.kinds.number import Number
from reconciler.model.address import Address
from reconciler.model.numbering import EMERGENCY
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
            "one "
            "cannot be reached at all, as with *8 and *800 (FusionPBX #1039)."
        ),
    ),
    "TEL103": (
        "Outside its range",
        (
            "`dialplan.ranges` says from where to where the digits of each section go. Ranges do "
            "not "
            "overlap, and what is declared lies in its own."
        ),
    ),
    "TEL104": (
        "Extension lengths differ",
        (
            "With extensions of one length the telephone knows when dialling is over; otherwise it "
            "waits, or cuts long ones short."
        ),
    ),
    "TEL105": (
        "In the way of an emergency number",
        (
            "An extension that equals, begins or continues an emergency number of a country that "
            "the "
            "tenant is in (911 and 933, 999 and 112, 000, 111) delays or shadows emergency calls."
        ),
    ),
    "TEL106": (
        "Looks like a service code",
        (
            "N11 codes and 988 are short public numbers in North America; 0, 8 and 9 as first "
            "digits "
            "are commonly the operator, the inter-site and the outside-line prefix."
        ),
    ),
    "TEL108": (
        "A menu key begins an extension",
        (
            "While callers may dial extensions in a menu, a key that is the first digit of one "
            "makes "
            "the menu wait for more digits before it acts."
        ),
    ),
    "TEL110": (
        "Awkward code",
        (
            "Two-digit extensions leave no room; a feature code that the platform has built in for "
            "something else hides it."
        ),
    ),
}

_BUILT_IN = {"*97": "voicemail", "*98": "voicemail_remote", "*8": "pickup"}
_SERVICE_CODES = frozenset({*(f"{n}11" for n in range(2, 10)), "988"})


@dataclass(frozen=True, slots=True)
class _Dialled:
    """One string that is dialled: who has it, and where that is written."""

    digits: str
    what: str
    path: Path
    address: Address | None
    key: bool


def _objects(draft: Draft) -> Iterator[_Dialled]:
    for address, key, field in draft.claims:
        if key.scope == DIAL:
            path = draft.path(address, field) if field else draft.path(address)
            yield _Dialled(key.value, address.reference, path, address, not field)


def _all(draft: Draft) -> Iterator[_Dialled]:
    yield from _objects(draft)
    for name, code in draft.header.dialplan.feature_codes.items():
        path = ("dialplan", "feature_codes", name)
        yield _Dialled(code, f"feature code {name}", path, None, key=False)


def one_owner(draft: Draft) -> Iterator[Finding]:
    """Find strings that two things are dialled by (TEL101)."""
    first: dict[str, _Dialled] = {}
    for one in _all(draft):
        had = first.setdefault(one.digits, one)
        if had is not one:
            yield Finding(
                "TEL101",
                one.path,
                f"{one.digits} is dialled for {one.what} and for {had.what}.",
                "Give one of them other digits.",
                address=one.address,
                related=((had.path, f"{had.what} has it too"),),
                key=one.key,
            )


def prefixes(draft: Draft) -> Iterator[Finding]:
    """Find strings that begin another one (TEL102), by one trie over all of them."""
    trie = _Trie()
    dialled = list(_all(draft))
    for one in dialled:
        trie.add(one.digits, one)
    for one in dialled:
        longer = trie.longer(one.digits)
        if longer is not None:
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


class _Trie:
    """Strings by their characters, so that "begins" needs no comparison of pairs."""

    def __init__(self) -> None:
        self._root: dict[str, Any] = {}

    def add(self, digits: str, value: _Dialled) -> None:
        node = self._root
        for digit in digits:
            node = node.setdefault(digit, {})
        node.setdefault("", value)

    def longer(self, digits: str) -> _Dialled | None:
        """Find some string that starts with `digits` and goes on."""
        node = self._root
        for digit in digits:
            node = node[digit]
        step = next((key for key in node if key), None)
        while step is not None:
            node = node[step]
            if "" in node:
                found: _Dialled = node[""]
                return found
            step = next(iter(node), None)
        return None


def ranges(draft: Draft) -> Iterator[Finding]:
    """Find digits outside their section's range, and ranges that overlap (TEL103)."""
    declared = draft.header.dialplan.ranges
    yield from _overlapping(declared)
    for one in _objects(draft):
        section = _section(one.address.kind) if one.address else ""
        low, _, high = declared.get(section, "").partition("-")
        inside = len(one.digits) == len(low) and low <= one.digits <= high
        if low and not inside:
            yield Finding(
                "TEL103",
                one.path,
                f"{one.digits} ({one.what}) lies outside the range of {section}, {low}-{high}.",
                "Give it digits in that range, or widen the range.",
                address=one.address,
                related=((("dialplan", "ranges", section), "the range"),),
                key=one.key,
            )


@cache
def _section(kind: str) -> str:
    return next((name for name, cls in SECTIONS.items() if cls.kind == kind), "")


def _overlapping(declared: Mapping[str, str]) -> Iterator[Finding]:
    spans = sorted(
        (len(low), low, high, section)
        for section, text in declared.items()
        for low, _, high in (text.partition("-"),)
    )
    for before, after in pairwise(spans):
        if before[0] == after[0] and after[1] <= before[2]:
            yield Finding(
                "TEL103",
                ("dialplan", "ranges", after[3]),
                f"The ranges of {before[3]} and {after[3]} overlap.",
                "Give each section digits of its own.",
                related=((("dialplan", "ranges", before[3]), "the other range"),),
            )


def uniform_length(draft: Draft) -> Iterator[Finding]:
    """Find extensions of another length than the tenant's (TEL104), told together."""
    lengths = Counter(len(address.name) for address, _ in draft.of(Extension))
    if not lengths:
        return
    plan = draft.header.dialplan
    declared = "extension_length" in plan.model_fields_set
    usual = plan.extension_length if declared else lengths.most_common(1)[0][0]
    odd = [address for address, _ in draft.of(Extension) if len(address.name) != usual]
    if odd:
        yield Finding(
            "TEL104",
            draft.path(odd[0]),
            f"{odd[0].name} has {len(odd[0].name)} digits; extensions of this tenant have {usual}.",
            "Give all extensions one length, or set dialplan.extension_length.",
            Severity.WARNING,
            odd[0],
            tuple((draft.path(other), "this one too") for other in odd[1:20]),
            key=True,
        )


def emergency(draft: Draft) -> Iterator[Finding]:
    """Find what is in the way of an emergency number (TEL105)."""
    countries = {draft.header.country} if draft.header.country else set()
    countries |= {place.country for _, place in draft.of(Location)}
    countries |= {number.country for _, number in draft.of(Number) if number.country}
    codes: dict[str, list[str]] = defaultdict(list)
    for country in sorted(countries):
        for code in EMERGENCY.get(country, ()):
            codes[code].append(country)
    for one in _objects(draft):
        for code, where in codes.items():
            if code.startswith(one.digits) or one.digits.startswith(code):
                how = "equals" if code == one.digits else "gets in the way of"
                yield Finding(
                    "TEL105",
                    one.path,
                    f"{one.digits} ({one.what}) {how} {code}, an emergency number in "
                    f"{', '.join(where)}.",
                    "Give it other digits.",
                    address=one.address,
                    key=one.key,
                )


def service_codes(draft: Draft) -> Iterator[Finding]:
    """Find extensions that look like public service codes or prefixes (TEL106)."""
    for address, _ in draft.of(Extension):
        digits = address.name
        if digits in _SERVICE_CODES:
            why = f"{digits} is a public service code in North America"
        elif digits[0] in "089":
            use = {"0": "the operator", "8": "other sites", "9": "outside lines"}[digits[0]]
            why = f"{digits} starts with {digits[0]}, which is commonly dialled for {use}"
        else:
            continue
        yield Finding(
            "TEL106",
            draft.path(address),
            f"{why}.",
            "Choose digits that start with 1 to 7, if your telephones use such prefixes.",
            Severity.WARNING,
            address,
            key=True,
        )


def menu_keys(draft: Draft) -> Iterator[Finding]:
    """Find menu keys that begin an extension which callers may dial there (TEL108)."""
    every = [address.name for address, _ in draft.of(Extension)]
    for address, menu in draft.of(AutoAttendant):
        if menu.dial_extension is None:
            continue
        allowed = [getattr(ref, "name", ref) for ref in menu.dial_extension.allow]
        names = every if "all" in allowed else allowed
        begun = {name[0]: name for name in reversed(names)}
        for key in menu.options:
            if key in begun:
                yield Finding(
                    "TEL108",
                    draft.path(address, "options", key),
                    f"Key {key} of {address.reference} is the first digit of {begun[key]}, which "
                    "callers may dial there.",
                    "Use another key, or allow fewer extensions.",
                    Severity.WARNING,
                    address,
                    key=True,
                )


def awkward_codes(draft: Draft) -> Iterator[Finding]:
    """Find two-digit extensions and feature codes that hide a built-in one (TEL110)."""
    for address, _ in draft.of(Extension):
        if len(address.name) == 2:  # noqa: PLR2004 - the rule says two digits
            yield Finding(
                "TEL110",
                draft.path(address),
                f"Extension {address.name} has two digits only.",
                "Use three or more.",
                Severity.WARNING,
                address,
                key=True,
            )
    for name, code in draft.header.dialplan.feature_codes.items():
        use = _BUILT_IN.get(code, name)
        if use != name:
            yield Finding(
                "TEL110",
                ("dialplan", "feature_codes", name),
                f"{code} is built in for {use}, and here it is {name}.",
                "Use another code.",
                Severity.WARNING,
            )


RULES = (
    one_owner,
    prefixes,
    ranges,
    uniform_length,
    emergency,
    service_codes,
    menu_keys,
    awkward_codes,
)
