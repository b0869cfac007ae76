"""Entries of a tenant's sections: lowered to objects, typed by their kinds, errors placed."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from reconciler.engine.draft import Finding, Origin, Path, called
from reconciler.engine.last_resort import asked_by, contested, lent_in
from reconciler.engine.reading import (
    Mistake,
    dialled_by,
    fields_of,
    from_tenant,
    looks_secret,
    mistakes,
    remedy,
    unusable_of,
)
from reconciler.engine.unbuilt import later
from reconciler.engine.was import Former, former
from reconciler.kinds import KINDS, SECTIONS
from reconciler.model.address import Address
from reconciler.model.document import ProjectFacts
from reconciler.model.naming import Naming
from reconciler.model.near import one_near
from reconciler.model.numbering import canonical
from reconciler.model.reference import Dialled
from reconciler.model.resource import Part, Resource
from reconciler.model.types import TenantWide

_DRESSED = re.compile(r"[-() ./]")
"""What people write between the digits of a number."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})

Report = Callable[[Finding], None]
"""Takes a finding."""


@dataclass
class Entries:
    """Reads all sections of one tenant.

    Attributes:
        tenant: Its name.
        value: Its file's sections.
        facts: The project around it.
        report: Where findings go.
        objects: What was read.
        origins: Where that was written.
        undecided: `kind/name` of what could not be read.

    """

    tenant: str
    value: Mapping[str, Any]
    facts: ProjectFacts
    report: Report
    objects: dict[Address, Resource] = field(default_factory=dict)
    origins: dict[Address, Origin] = field(default_factory=dict)
    undecided: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.dialled = Dialled(_dialled(self.value))
        self._defaults: dict[str, dict[str, tuple[Path, Any]]] = {}
        self._wrong_defaults: set[tuple[str, str]] = set()
        self._lent = lent_in(self.value)
        self._all_have: dict[str, Mapping[str, Any]] = {}

    def read(self) -> None:
        """Read the defaults, then every section, in the order of the file."""
        self._read_defaults()
        for finding in contested(self.tenant, self._lent):
            self.report(finding)
        for section, entries in self.value.items():
            cls = SECTIONS.get(section)
            if cls is None:
                continue
            if isinstance(entries, dict):
                for name, entry in entries.items():
                    self._entry(section, cls, name, entry)
            elif entries is not None:
                self._shape((section,), f"{section} is a mapping of names to objects")

    # Defaults.

    def _read_defaults(self) -> None:
        given = self.value.get("defaults")
        if not isinstance(given, Mapping):
            return
        wide = _tenant_wide()
        for name, value in given.items():
            path = ("defaults", name)
            if name in wide:
                self._keep_default(wide[name], {name: value}, ("defaults",))
            elif name in KINDS and isinstance(value, dict):
                self._keep_default(name, value, path)
            elif name in KINDS:
                self._shape(path, f"the defaults of {name} are a mapping of fields")
            else:
                near = get_close_matches(name, [*KINDS, *wide], 1)
                hint = f'Did you mean "{near[0]}"?' if near else f"Known are {', '.join(KINDS)}."
                detail = f'There is no default "{name}".'
                meant = one_near(name, [*KINDS, *wide])
                fix = called(path, meant) if meant and meant not in given else None
                self.report(Finding("E134", path, detail, hint, key=True, fix=fix))

    def _keep_default(self, kind: str, values: Mapping[str, Any], path: Path) -> None:
        """Check defaults by themselves, so that a wrong one is told once and where it stands."""
        cls = KINDS[kind]
        for name in cls.holds.keys() & values.keys():
            held = cls.holds[name]
            if held.form == "field":
                self._keep_default(held.kind, {name: values[name]}, path)
                values = {key: value for key, value in values.items() if key != name}
        usable = {**self._without_unusable(cls, values, path, None)}
        for wrong in _errors(cls, usable, self.dialled):
            if wrong.path and wrong.path[0] in usable and wrong.code != "E122":
                self._mistake(wrong, path, None)
                self._wrong_defaults.add((kind, str(wrong.path[0])))
        kept = self._defaults.setdefault(kind, {})
        kept.update({name: ((*path, name), value) for name, value in usable.items()})

    # Entries.

    def _entry(self, section: str, cls: type[Resource], name: str, entry: object) -> None:
        path: Path = (section, name)
        named_well = self._named(cls, name, path, entry)
        if entry is None:
            entry = {}
        if not isinstance(entry, dict):
            self._shape(path, f"{cls.kind} {name} is a mapping of fields")
            self.undecided.add(f"{cls.kind}/{name}")
            return
        owner = Address(self.tenant, cls.kind, name)
        had = former(cls, name, entry)
        if had is not None:
            for at, detail, hint in had.wrong:
                self._tell("E139", (*path, *at), detail, hint)
            entry = had.entry
        usual = self._defaults.get(cls.kind)
        first = (
            {k: usual[k][1] for k in cls.spread if k in usual and k not in entry} if usual else {}
        )
        entry = {**entry, **first} if first else entry
        for part in cls.lower(name, entry):
            if first and part.kind == cls.kind:
                part = _without(part, first)  # noqa: PLW2901 - they stand among the defaults
            good = named_well
            if good and part.path and part.name != name:
                good = self._named(KINDS[part.kind], part.name, (*path, *part.path), part.values)
            own = part.kind == cls.kind and part.name == name
            address = owner if own else Address(self.tenant, part.kind, part.name)
            self._part(part, path, address, owner, good)
            if had is not None:
                self._renamed(part, path, address, had)

    def _renamed(self, part: Part, entry_path: Path, address: Address, had: Former) -> None:
        """Keep the former name of an object beside where it was written."""
        at = part.kind, part.path
        if at in had.names and address in self.origins:
            place = (*entry_path, *had.places[at])
            self.origins[address] = self.origins[address]._replace(
                was=had.names[at], was_path=place
            )

    def _part(
        self,
        part: Part,
        entry_path: Path,
        address: Address,
        owner: Address,
        named_well: bool,  # noqa: FBT001
    ) -> None:
        path = (*entry_path, *part.path) if part.path else entry_path
        if address in self.origins:
            self._twice(address, path)
            return
        made = self._typed(part, path, address, owner)
        if made is None or not named_well:
            self.undecided.add(address.reference)
            return
        self.objects[address] = made

    def _twice(self, address: Address, path: Path) -> None:
        """Tell of an object that two entries make: the box of an extension, and a shared one."""
        self.report(
            Finding(
                "E137",
                path,
                f"{address.reference} is written in two places.",
                "Take one of them out.",
                address=address,
                related=((self.origins[address].path, "and here"),),
                key=True,
            )
        )

    def _typed(self, part: Part, path: Path, address: Address, owner: Address) -> Resource | None:
        cls = KINDS[part.kind]
        if not isinstance(part.values, dict):
            self._shape(path, f"{path[-1]} is a mapping of fields, such as {{}}")
            return None
        values = self._without_unusable(cls, part.values, path, address)
        borrowed, usual = self._borrowed(cls, values)
        merged = {
            **self._lent_to_all(cls),
            **cls.lent(values, self.facts),
            **part.defaults,
            **usual,
            **values,
        }
        self.origins[address] = Origin(path, owner, borrowed)
        try:
            return cls.model_validate(merged, context=self.dialled)
        except ValidationError as error:
            self._told(list(mistakes(cls, merged, error)), part, path, address, values)
            return None

    def _borrowed(
        self, cls: type[Resource], values: Mapping[str, Any]
    ) -> tuple[Mapping[str, Path], Mapping[str, Any]]:
        """The tenant's defaults for what an entry leaves out: where each stands, and its value."""
        given = self._defaults.get(cls.kind)
        if not given:
            return _NOTHING, _NOTHING
        names = [name for name in given if name not in values and cls.borrows(name, values)]
        return {name: given[name][0] for name in names}, {name: given[name][1] for name in names}

    def _lent_to_all(self, cls: type[Resource]) -> Mapping[str, Any]:
        """What every object of a kind has that neither its entry nor `defaults` says."""
        if cls.kind not in self._all_have:
            self._all_have[cls.kind] = {**self._last_resorts(cls), **self._from_tenant(cls)}
        return self._all_have[cls.kind]

    def _last_resorts(self, cls: type[Resource]) -> Mapping[str, Any]:
        """What one object lends to all that ask for it; of two nobody knows which."""
        asked = ((name, self._lent.get(key, ())) for name, key in asked_by(cls))
        return {name: listed[0][0] for name, listed in asked if len(listed) == 1}

    def _from_tenant(self, cls: type[Resource]) -> Mapping[str, Any]:
        """What the top of the file says for all its objects."""
        names = (name for name in from_tenant(cls) if isinstance(self.value.get(name), str))
        return {name: self.value[name] for name in names}

    def _told(
        self,
        wrongs: list[Mistake],
        part: Part,
        path: Path,
        address: Address,
        values: Mapping[str, Any],
    ) -> None:
        """Report what is wrong, but for what stands elsewhere and is told there."""
        for wrong in wrongs:
            first = wrong.path[0] if wrong.path else ""
            lent = (
                first in part.defaults
                or first in from_tenant(KINDS[part.kind])
                or (part.kind, first) in self._wrong_defaults
            )
            if first in values or not lent:
                self._mistake(wrong, path, address)

    def _without_unusable(
        self, cls: type[Resource], values: Mapping[str, Any], path: Path, address: Address | None
    ) -> Mapping[str, Any]:
        """Report fields that are not built or not for YAML, and go on without them."""
        if unusable_of(cls).isdisjoint(values):
            return values
        unusable = [name for name in values if name in unusable_of(cls)]
        for name in unusable:
            secret = looks_secret(name)
            if name in cls.later:
                detail, hint = later(f"The field `{name}`")
                found = Finding("E130", (*path, name), detail, hint, address=address, key=True)
            else:
                hint = "Take it out."
                detail = f"`{name}` is filled by reconciler."
                found = Finding("E135", (*path, name), detail, hint, address=address, key=True)
            self.report(replace(found, secret=secret))
        return {name: value for name, value in values.items() if name not in unusable}

    # Names.

    def _named(self, cls: type[Resource], name: str, path: Path, entry: object) -> bool:
        if cls.naming.fits(name):
            return True
        if cls.naming is Naming.E164:
            meant = canonical(name, self._country(entry))
            form = "Write E.164, with country and area code, such as +12015550144, in quotes."
            hint = f'Write "{meant}".' if meant else form
            # Certain only where the author gave every digit, and blanks or signs between them.
            fix = called(path, meant) if meant and _DRESSED.sub("", name) == meant else None
            detail = f'"{name}" is not a number in E.164.'
            self.report(Finding("E112", path, detail, hint, key=True, fix=fix))
        else:
            key = str(path[-1])
            shown = f"{key[:60]}..." if len(key) > 60 else key  # noqa: PLR2004 - a line's worth
            article = "an" if cls.kind[0] in "aeiou" else "a"
            self._tell(
                "E124",
                path,
                f'"{shown}" is no name of {article} {cls.kind}.',
                f"Write {cls.naming.key_words}.",
                key=True,
            )
        return False

    def _country(self, entry: object) -> str:
        """Find the country that an entry is in, by itself, its location or its tenant."""
        said = [entry.get("country")] if isinstance(entry, dict) else []
        places = self.value.get("locations")
        if isinstance(entry, dict) and isinstance(places, Mapping):
            place = places.get(str(entry.get("location")))
            said.append(place.get("country") if isinstance(place, Mapping) else None)
        said.append(self.value.get("country"))
        return next(
            (one for one in said if isinstance(one, str) and re.match("^[A-Z]{2}$", one)), ""
        )

    # Telling.

    def _mistake(self, wrong: Mistake, path: Path, address: Address | None) -> None:
        found = Finding(
            wrong.code,
            (*path, *wrong.path),
            wrong.detail,
            wrong.hint,
            address=address,
            key=wrong.key,
            fix=remedy(wrong, path),
        )
        self.report(replace(found, secret=wrong.secret))

    def _shape(self, path: Path, said: str) -> None:
        secret = any(looks_secret(step) for step in path)
        detail = f"{said[:1].upper()}{said[1:]}."
        found = Finding("E133", path, detail, "Write {name: value}, or `name: value` lines.")
        self.report(replace(found, secret=secret))

    def _tell(self, code: str, path: Path, detail: str, hint: str, *, key: bool = False) -> None:
        self.report(Finding(code, path, detail, hint, key=key))


def _errors(cls: type[Resource], values: Mapping[str, Any], dialled: Dialled) -> Iterator[Mistake]:
    try:
        cls.model_validate(values, context=dialled)
    except ValidationError as error:
        yield from mistakes(cls, values, error)


def _dialled(value: Mapping[str, Any]) -> dict[str, list[str]]:
    """Find what each string of digits reaches, from the file as written."""
    found: dict[str, list[str]] = {}
    for section, cls in SECTIONS.items():
        entries, marks = value.get(section), dialled_by(cls)
        if not isinstance(entries, dict) or not (marks or cls.dialled):
            continue
        for name, entry in entries.items():
            digits = [entry.get(mark) for mark in marks] if isinstance(entry, dict) else []
            for one in (*digits, name) if cls.dialled else digits:
                if isinstance(one, str):
                    found.setdefault(one, []).append(f"{cls.kind}/{name}")
    return found


@functools.cache
def _tenant_wide() -> Mapping[str, str]:
    """Fields that stand at the top of `defaults`, with the kind that each is of."""
    return {
        name: cls.kind
        for cls in KINDS.values()
        for name, info in fields_of(cls).items()
        if any(isinstance(mark, TenantWide) for mark in info.metadata)
    }


def _without(part: Part, names: Collection[str]) -> Part:
    """The same part without fields that are among the tenant's defaults, where their place is."""
    if not isinstance(part.values, dict):
        return part
    values = {key: value for key, value in part.values.items() if key not in names}
    return part._replace(values=values)
