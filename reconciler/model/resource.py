"""The base of every kind: what a kind declares and what the engine asks of it.

A kind says its name, its section, its home, its fields with their marks, how its entry in
YAML is lowered to objects, and how an object of it arrives, changes and leaves. The engine
asks; it never looks which kind it has before it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from reconciler.model.act import PARTINGS, Act, Action, Refusal, Reversibility
from reconciler.model.address import Address
from reconciler.model.document import ProjectFacts
from reconciler.model.naming import Naming
from reconciler.model.pointing import references_in
from reconciler.model.reference import Reference
from reconciler.model.secret import marked_in
from reconciler.model.spec import DIAL, Key, Spec
from reconciler.model.supply import Holding, Parting, PoolNumber, Supply
from reconciler.model.types import (
    ProjectFile,
    Runtime,
    marked_fields,
    unique_fields,
)


class Home(enum.StrEnum):
    """Where objects of a kind live."""

    PLATFORM = "platform"
    CARRIER = "carrier"


class Model(BaseModel):
    """A group of fields: frozen, closed, its docstrings the schema's text."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        defer_build=True,
        serialize_by_alias=True,
    )


_NONE: Mapping[str, Any] = MappingProxyType({})


class Part(NamedTuple):
    """One object that an entry is lowered to, before its own kind has typed it.

    Attributes:
        kind: The kind of the object.
        name: Its name.
        values: Its fields as written (text scalars), or already typed ones.
        path: Where in the entry they stand, for places; () for the entry itself.
        defaults: Fields that the entry lends it where neither it nor the tenant sets them.

    """

    kind: str
    name: str
    values: Mapping[str, Any]
    path: tuple[str | int, ...] = ()
    defaults: Mapping[str, Any] = _NONE


@dataclass(frozen=True, slots=True)
class Held:
    """What stands inside an entry and becomes an object of another kind.

    Attributes:
        kind: That kind.
        form: `many` for a mapping of names to objects, `one` for an object or `false`,
            `field` for a single field of it.

    """

    kind: str
    form: Literal["many", "one", "field"]


_CREATED: Final = Act(Action.CREATE, "in YAML, not there yet")


class Resource(Model):
    """One object of one kind at one home."""

    kind: ClassVar[str]
    section: ClassVar[str] = ""
    """Its section in a tenant file; "" for a kind that only other entries lower to."""
    home: ClassVar[Home] = Home.PLATFORM
    naming: ClassVar[Naming] = Naming.NAME
    dialled: ClassVar[bool] = False
    """Whether its name itself is what colleagues dial."""
    published: ClassVar[bool] = False
    """Whether writing it makes a draft that callers meet only once it is published."""
    under: ClassVar[str] = ""
    """The kind whose line in a plan it is folded under, by the same name; "" for its own."""
    loses: ClassVar[str] = ""
    """What deleting it throws away for good, such as "its messages"; "" for nothing."""
    known_by: ClassVar[str] = ""
    """Who outside uses its name and must be told a new one, as a sentence; "" for nobody."""
    protected: ClassVar[bool] = False
    """Whether the engine's limits count it among what must never vanish by accident."""

    supplies: ClassVar[bool] = False
    """Whether it is a number itself, by which a journal knows it, and not something about one."""

    brings: ClassVar[str] = ""
    """The field that lists the numbers that an order of this kind brings; "" for no order."""

    apart: ClassVar[frozenset[str]] = frozenset()
    """Fields that can stay as they are while all the rest of it is done: none of them decides
    where a call goes."""

    unfit_code: ClassVar[str] = "TEL311"
    """The rule that a secret of it breaks which does not fit."""

    holds: ClassVar[Mapping[str, Held]] = {}
    """Fields of its entry that become objects of other kinds: what `lower` does, for schemas."""
    spread: ClassVar[tuple[str, ...]] = ()
    """Fields of its entry that decide what it is lowered to, so that defaults come first."""
    later: ClassVar[frozenset[str]] = frozenset()
    """Fields of its entry that are named in the documents and not built yet."""

    # What an entry becomes.

    @classmethod
    def lent(cls, values: Mapping[str, Any], facts: ProjectFacts) -> Mapping[str, Any]:
        """Say what the project lends it where neither YAML nor the tenant says it."""
        del values, facts
        return {}

    @classmethod
    def lends(cls, entry: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        """Say what its name may fill in others, and which field of its entry says so.

        Fields that ask for it are marked `LastResort`. `entry` is as written, unchecked.
        """
        del entry
        return ()

    @classmethod
    def borrows(cls, name: str, values: Mapping[str, Any]) -> bool:
        """Whether a field that an entry leaves out is taken from the tenant's `defaults`."""
        del name, values
        return True

    @classmethod
    def lower(cls, name: str, entry: Mapping[str, Any]) -> Iterable[Part]:
        """Say which objects an entry of this section becomes; here, one of its own kind.

        `entry` is the mapping as written. Nothing in it has been checked yet, so a part
        that is not a mapping where one belongs is passed on as it is: its kind reports it.
        """
        yield Part(cls.kind, name, entry)

    def spec(self) -> dict[str, Any]:
        """Its settings as they are compared, planned and stored; unset ones left out."""
        return self.model_dump(mode="json", exclude_none=True)

    def completed(self, find: Callable[[str], Resource | None]) -> Self:
        """Make it with what it takes over from objects that it points at.

        `find` gives an object of the same tenant by `kind/name`. Asked once all are typed.
        """
        del find
        return self

    def alongside(self, name: str) -> Iterable[Part]:
        """Say what has to be there beside it, as typed values; here, nothing.

        Asked once all of the tenant is typed and checked.
        """
        del name
        return ()

    # What it points at and what it claims.

    def references(self) -> Iterable[tuple[tuple[str | int, ...], Reference]]:
        """Each reference it holds, with the path of the field that holds it."""
        return references_in(self)

    @classmethod
    def folded_under(cls, spec: Spec) -> str:
        """Tell the kind whose line in a plan stands for it, by the same name; "" for its own."""
        del spec
        return cls.under

    @classmethod
    def rests_on(cls, name: str, spec: Spec) -> frozenset[str]:
        """Say what must be there for it beyond what it points at, as `kind/name`."""
        del name, spec
        return frozenset()

    @classmethod
    def needs_of_account(cls, spec: Spec) -> frozenset[str]:
        """Say what its carrier account must have for it, as `kind/name` there."""
        del spec
        return frozenset()

    @classmethod
    def keys(cls, name: str, spec: Spec) -> Iterator[Key]:
        """Each value that only it may have, read from its spec."""
        if cls.dialled:
            yield Key(DIAL, name)
        for field_name, mark in unique_fields(cls):
            value = spec.get(field_name)
            if isinstance(value, str):
                yield Key(mark.scope, value, mark.everywhere)

    @classmethod
    def files(cls) -> tuple[str, ...]:
        """The fields of its entry that name a file of the project."""
        return marked_fields(cls, ProjectFile)

    @classmethod
    def as_it_runs(cls, before: Spec, after: Spec) -> Spec:
        """`after` with what people have set in `before` while calls run, which is theirs."""
        theirs = {name: before[name] for name in marked_fields(cls, Runtime) if name in before}
        return {**after, **theirs} if theirs else after

    @classmethod
    def secrets(cls, spec: Spec) -> dict[str, Mapping[str, Any]]:
        """Its secrets, by dotted path, as they are marked in its spec."""
        return dict(marked_in(spec))

    @classmethod
    def unfit(cls, name: str, field_name: str, value: str) -> str:
        """Say why a resolved secret does not fit its field, without it; "" when it does."""
        del name, field_name, value
        return ""

    @classmethod
    def alike(cls, values: Mapping[str, str]) -> tuple[str, str, str] | None:
        """Say which resolved secret must not be like another: its field, the code and why.

        `values` are those of one object, by dotted path. None: they may be as they are.
        """
        del values
        return None

    @classmethod
    def bare(cls, spec: Spec, paths: Collection[tuple[str | int, ...]]) -> dict[str, Any] | None:
        """Its spec without the references at `paths`, some of those that `references` tells.

        Used to cut a circle: created bare, linked afterwards. None when it cannot exist
        without them.
        """
        cut = {path[0] for path in paths}
        if any(cls.model_fields[str(name)].is_required() for name in cut):
            return None
        return {name: value for name, value in spec.items() if name not in cut}

    @classmethod
    def follows(cls, name: str, renamed: Mapping[str, str]) -> str | None:
        """Say what it is called once others are renamed, for a kind whose names hold others'.

        `renamed` gives the new `kind/name` by the old one. None: its name stays as it is.
        """
        del name, renamed
        return None

    @classmethod
    def compiled(cls, name: str, spec: Spec) -> dict[str, Any] | None:
        """Make what is published of it; None when it stays a draft."""
        del name, spec
        return None

    @classmethod
    def republished(
        cls, name: str, graph: Mapping[str, Any], renamed: Mapping[str, str]
    ) -> dict[str, Any]:
        """Let a published graph lead to the same objects under their new names.

        `name` is its own from now on; `renamed` gives the new `kind/name` by the old one.
        """
        del name, renamed
        return dict(graph)

    @classmethod
    def approvals(
        cls, address: Address, action: Action, after: Spec | None = None, to: str = ""
    ) -> frozenset[str]:
        """List the approvals of which an act on it needs one; none for what needs none.

        `after` is what the act leaves behind; `to` where a number's move takes it.
        """
        del after
        leaves = action in PARTINGS
        return frozenset({Parting(action, to).approval(address.name)} if leaves else ())

    @classmethod
    def held_as(cls, name: str, spec: Spec, held: Mapping[str, Holding]) -> Holding | None:
        """Find it among all of its kind that a carrier holds, by the carrier's names."""
        del spec
        return held.get(name)

    @classmethod
    def remembered(cls, spec: Spec, after: Spec, external_id: str, note: str) -> Spec:
        """Make what is kept of it: `spec`, with what only the answer to its making told.

        `after` is what an act left; `note` what its journal says of it.
        """
        del after, external_id, note
        return spec

    @classmethod
    def priced_as(cls, name: str, spec: Spec) -> tuple[str, ...]:
        """List the names whose prices are its cost; most often its own."""
        del spec
        return (name,)

    @classmethod
    def bills_for(cls, spec: Spec) -> tuple[tuple[str, str], ...]:
        """List what an order has billed by the month once it is carried out: kinds and names."""
        del spec
        return ()

    @classmethod
    def record(
        cls,
        name: str,
        action: Action,
        spec: Spec | None,
        record: PoolNumber | None,
        *,
        tenant: str,
        now: str,
        to: str = "",
    ) -> PoolNumber | None:
        """Make the number's record that an act leaves behind, for a kind that keeps one.

        `record` is the one there is, `to` where a move takes the number. None: this kind keeps
        none, or the act leaves it alone.
        """
        del name, action, spec, record, tenant, now, to
        return None

    # How it comes, changes and goes. `supply` is given for numbers, and for orders of them.

    @classmethod
    def arrives(cls, name: str, spec: Spec, supply: Supply | None) -> Act | Refusal | None:
        """Say how it is brought about where it is not. None: it needs nothing of its own."""
        del name, spec, supply
        return _CREATED

    @classmethod
    def joins(cls, before: Spec, after: Spec) -> Act:
        """Say how it becomes ours where it is there already."""
        del before, after
        return Act(Action.ADOPT, "already there, not ours yet")

    @classmethod
    def changes(cls, name: str, before: Spec, after: Spec, supply: Supply | None) -> Act | Refusal:
        """Say how it is changed in place. `before` is what the last apply left, never what is live.

        A live value may have been changed by anybody; what is done must not follow from it.
        """
        del name, before, after, supply
        return Act(Action.UPDATE, "differs from YAML")

    @classmethod
    def stays(cls, name: str, spec: Spec, supply: Supply | None) -> Refusal | None:
        """Say what is wrong whatever differs from YAML, as a number gone at its carrier."""
        del name, spec, supply
        return None

    @classmethod
    def strays(
        cls, name: str, spec: Spec, supply: Supply | None
    ) -> Mapping[str, tuple[object, object]]:
        """Say how the number's record is not what the last apply left: what it is, should be.

        `spec` is what the last apply left at this address.
        """
        del name, spec, supply
        return {}

    @classmethod
    def left_alone(cls, name: str, below: Spec, supply: Supply | None) -> dict[str, Any] | None:
        """Make what must stand where only an object folded under this kind is left.

        `below` is what the last apply left there; None where nothing has to stand above it.
        """
        del name, below, supply
        return None

    @classmethod
    def leaves(
        cls, name: str, spec: Spec, supply: Supply | None
    ) -> tuple[Act, dict[str, Any] | None] | Refusal | None:
        """Say how it goes when YAML has it no more: the act and what is left of it.

        `spec` is what the last apply left at this address.
        None: it stays as it is (a quarantined number that is not due).
        """
        del name, spec, supply
        kept = Reversibility.LOSSY if cls.loses else Reversibility.REVERSIBLE
        return Act(Action.DELETE, "gone from YAML", kept), None
