"""A tenant's desired state while it is checked: typed objects and where each was written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from reconciler.errors import Fix, RenameKey, SetValue, Severity
from reconciler.model.address import Address
from reconciler.model.document import ProjectFacts
from reconciler.model.pointing import pointed_at
from reconciler.model.reference import EXTERNAL, Reference
from reconciler.model.resource import Resource
from reconciler.model.spec import Key
from reconciler.model.tenant import TenantHeader

Path = tuple[str | int, ...]
Kind = TypeVar("Kind", bound=Resource)


_NOTHING: frozenset[str] = frozenset()
_NOWHERE: Mapping[str, Path] = MappingProxyType({})


class Origin(NamedTuple):
    """Where an object was written.

    Attributes:
        path: The way to its mapping in the tenant's file.
        entry: The address of the entry that it was lowered from.
        borrowed: Fields that the tenant's `defaults` gave it, with the way to them there.
        was: The name that it had before, by its own `was:` or its entry's; "" for none.
        was_path: The way to that `was:`.

    """

    path: Path
    entry: Address
    borrowed: Mapping[str, Path] = _NOWHERE
    was: str = ""
    was_path: Path = ()

    def to(self, path: Sequence[str | int]) -> Path:
        """Tell the way to a field of it, or into one."""
        if path and path[0] in self.borrowed:
            return (*self.borrowed[str(path[0])], *path[1:])
        return (*self.path, *path)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken.

    Attributes:
        code: As in `reconciler explain`.
        path: The way to the YAML node at fault.
        detail: A full sentence with names and values.
        hint: The next step.
        severity: How bad it is.
        address: The object concerned; None for the tenant itself.
        related: Other nodes that belong to it, each with a few words.
        key: Whether the key at `path` is at fault rather than its value.
        secret: Whether the line may hold a secret and is not to be shown.
        fix: What mends it for certain, its edits by the way in the tenant's file.

    """

    code: str
    path: Path
    detail: str
    hint: str
    severity: Severity = Severity.ERROR
    address: Address | None = None
    related: tuple[tuple[Path, str], ...] = ()
    key: bool = False
    secret: bool = False
    fix: Fix | None = field(default=None, compare=False)


def called(path: Path, name: str) -> Fix:
    """Make the fix that lets the key at `path` be called `name`."""
    return Fix(f'Call it "{name}".', (RenameKey(path, name),))


def written(paths: Iterable[Path], value: str | bool) -> Fix:  # noqa: FBT001 - a value of YAML
    """Make the fix that writes `value` at each of `paths`."""
    said = f'"{value}"' if isinstance(value, str) else str(value).lower()
    return Fix(f"Write {said}.", tuple(SetValue(path, value) for path in dict.fromkeys(paths)))


Use = tuple[Address, Path, Reference]
"""A reference, and before it where it stands: an object, and the path of its field."""


@dataclass(frozen=True)
class Draft:
    """What the rules look at: one tenant, typed, with the facts of its project.

    Attributes:
        tenant: Its name.
        header: The top of its file.
        objects: Every object, by address.
        origins: Where each was written.
        facts: The project around it.
        undecided: References (`kind/name`) to things that stand in the file and could not be
            read: whoever points at them is not to blame. Fields of the file's top that could
            not be read are among them, by their names.

    """

    tenant: str
    header: TenantHeader
    objects: Mapping[Address, Resource]
    origins: Mapping[Address, Origin]
    facts: ProjectFacts
    undecided: frozenset[str] = frozenset()

    def of(self, cls: type[Kind]) -> Collection[tuple[Address, Kind]]:
        """Every object of a kind."""
        return self._by_kind.get(cls.kind, {}).values()

    def find(self, cls: type[Kind], name: str) -> Kind | None:
        """One object of a kind, by its name."""
        _, found = self._by_kind.get(cls.kind, {}).get(name, (None, None))
        return found if isinstance(found, cls) else None

    def named(self, reference: str) -> Resource | None:
        """One object, by `kind/name`."""
        return self.objects.get(Address(self.tenant, *reference.split("/", 1)))

    def path(self, address: Address, *steps: str | int) -> Path:
        """Tell the way to an object in the file, or to a field of it."""
        return self.origins[address].to(steps)

    def has(self, reference: str) -> bool:
        """Whether something in the file has that name, readable or not."""
        return reference in self._references or reference in self.undecided

    @cached_property
    def references(self) -> Mapping[Address, tuple[tuple[Path, Reference], ...]]:
        """Every reference of every object, with the path of its field; found once."""
        return {address: tuple(made.references()) for address, made in self.objects.items()}

    @cached_property
    def points_at(self) -> Mapping[Address, frozenset[str]]:
        """What each object points at in the tenant, as `kind/name`."""
        return {
            address: pointed_at([ref for _, ref in found]) if found else _NOTHING
            for address, found in self.references.items()
        }

    @cached_property
    def targets(self) -> Mapping[str, frozenset[str]]:
        """The same, by the `kind/name` of what points."""
        return dict(zip(self._references, self.points_at.values(), strict=True))

    @cached_property
    def dangling(self) -> tuple[Use, ...]:
        """Every reference of an object to what is not in the file."""
        known = self._references.keys() | self.undecided
        return tuple(
            (address, steps, ref)
            for address, found in self.references.items()
            for steps, ref in found
            if ref.reference not in known and ref.kind != EXTERNAL
        )

    def uses(self, kind: str) -> Sequence[Use]:
        """Every reference of an object to one of a kind, in the order of the file."""
        return self._uses.get(kind, ())

    @cached_property
    def keys(self) -> Mapping[Address, tuple[Key, ...]]:
        """Every unique value, by who claims it."""
        specs = self.specs
        return {
            address: tuple(type(made).keys(address.name, specs[address]))
            for address, made in self.objects.items()
        }

    @cached_property
    def claims(self) -> tuple[tuple[Address, Key, str], ...]:
        """Every unique value, with who claims it and the field; "" for its name."""
        return tuple(
            (address, key, _field_of(self.specs[address], address, key))
            for address, keys in self.keys.items()
            for key in keys
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """`kind/name` of every object."""
        return tuple(self._references)

    @cached_property
    def specs(self) -> Mapping[Address, dict[str, Any]]:
        """The spec of every object, made once."""
        return {address: made.spec() for address, made in self.objects.items()}

    @cached_property
    def _references(self) -> Mapping[str, Address]:
        return {address.reference: address for address in self.objects}

    @cached_property
    def _uses(self) -> Mapping[str, list[Use]]:
        found: dict[str, list[Use]] = {}
        for address, each in self.references.items():
            for steps, ref in each:
                found.setdefault(ref.kind, []).append((address, steps, ref))
        return found

    @cached_property
    def _by_kind(self) -> Mapping[str, dict[str, tuple[Address, Any]]]:
        found: dict[str, dict[str, tuple[Address, Any]]] = {}
        for address, made in self.objects.items():
            found.setdefault(address.kind, {})[address.name] = address, made
        return found


def _field_of(spec: Mapping[str, Any], address: Address, key: Key) -> str:
    if key.value == address.name:
        return ""
    for name, value in spec.items():
        if value == key.value:
            return name
    return ""
