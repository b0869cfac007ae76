"""What git says of carriers' objects, as the carriers write it: that is compared and planned."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from reconciler.engine.plan import Held
from reconciler.forms import Forms, topic_of
from reconciler.model.address import Address
from reconciler.model.resource import Resource
from reconciler.model.spec import Spec
from reconciler.model.state import DesiredTenant, Observed
from reconciler.planner.sources import Sources
from reconciler.protocols import NotChecked


@dataclass(frozen=True, slots=True)
class Written:
    """A tenant as carriers write what it asks of them.

    Attributes:
        desired: What git says, in their form.
        unknown: What cannot be planned, as nobody knows how its carrier writes it.
        held: The lines that tell it.
        told: How a carrier writes what git writes otherwise, as a sentence, by address.
    """

    desired: DesiredTenant
    unknown: frozenset[Address] = frozenset()
    held: tuple[Held, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)


class _Group(NamedTuple):
    """The same settings, wanted at one carrier, with all that are to have them."""

    connector: str
    kind: str
    spec: Spec
    addresses: list[Address]


def as_written(
    sources: Sources,
    desired: DesiredTenant,
    objects: Mapping[Address, Observed],
    forms: Forms,
    connectors: Collection[str],
) -> Written:
    """Find how carriers write what they do not hold just as git says.

    What is there in the form that is kept is as it should be, and nobody is asked. Of all else
    the carrier is asked now, once for the same settings: what it says today is what is planned.

    Args:
        sources: Where plans are made from.
        desired: What git says.
        objects: What is there.
        forms: What carriers said before, and say now.
        connectors: Those that were read.
    """
    groups = _differing(sources, desired, objects, connectors)
    if not groups:
        return Written(desired)
    kept = _kept(forms, groups)
    written = dict(desired.objects)
    unknown: dict[Address, str] = {}
    told: dict[str, str] = {}
    for topic, group in groups.items():
        known = kept.get((group.connector, topic))
        form = _form(group, known, objects, forms)
        if isinstance(form, NotChecked):
            why = f"not checked: how {group.connector} writes it is not known: {form.reason}"
            unknown |= dict.fromkeys(group.addresses, why)
        elif form != group.spec:
            text = _sentence(sources.kinds[group.kind], group, form)
            for address in group.addresses:
                written[address] = replace(written[address], spec=form)
                told[str(address)] = text
    held = (Held(address=str(at), what="unchecked", detail=why) for at, why in unknown.items())
    return Written(replace(desired, objects=written), frozenset(unknown), tuple(held), told)


def _differing(
    sources: Sources,
    desired: DesiredTenant,
    objects: Mapping[Address, Observed],
    connectors: Collection[str],
) -> dict[str, _Group]:
    """What a carrier may write otherwise and does not hold just so, by its topic."""
    rewrites = {
        name: sources.carriers[name].capabilities.rewrites
        for name in connectors
        if name in sources.carriers
    }
    kinds = frozenset[str]().union(*rewrites.values())
    groups: dict[str, _Group] = {}
    for address in sorted(at for at in desired.objects if at.kind in kinds):
        want, have = desired.objects[address], objects.get(address)
        connector = str(want.spec.get("connector", ""))
        if address.kind not in rewrites.get(connector, ()):
            continue
        if have is None or have.spec != want.spec:
            topic = topic_of(address.kind, want.spec)
            made = _Group(connector, address.kind, want.spec, [])
            groups.setdefault(topic, made).addresses.append(address)
    return groups


def _kept(forms: Forms, groups: Mapping[str, _Group]) -> dict[tuple[str, str], Spec]:
    """What is kept of all of them, read once for each carrier."""
    topics: dict[str, list[str]] = {}
    for topic, group in groups.items():
        topics.setdefault(group.connector, []).append(topic)
    return {
        (connector, topic): form
        for connector, listed in topics.items()
        for topic, form in forms.kept(connector, listed).items()
    }


def _form(
    group: _Group, known: Spec | None, objects: Mapping[Address, Observed], forms: Forms
) -> Spec | NotChecked:
    if known is not None:
        there = (objects.get(address) for address in group.addresses)
        if all(have is not None and have.spec == known for have in there):
            return known
    return forms.asked(group.connector, group.kind, group.spec)


def _sentence(cls: type[Resource], group: _Group, form: Spec) -> str:
    """Say how a carrier writes the fields that it writes otherwise, in the kind's own sequence."""
    names = [name for name in cls.model_fields if group.spec.get(name) != form.get(name)]
    ours = ", ".join(str(group.spec[name]) for name in names if name in group.spec)
    theirs = ", ".join(str(form.get(name) or f"no {name}") for name in names)
    return f"{group.connector} writes {ours} in its own way: registered as {theirs}."
