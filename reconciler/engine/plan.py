"""The plan: what is saved, shown, digested and applied as it is.

One file is an envelope and one part per tenant, with two for a carrier account around them. It
holds no secrets and no fingerprints of secrets. `content_digest` covers what will be done and
what it relies on, and nothing else: two plans of one state have the same one, whoever made them,
wherever, on which database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from reconciler.engine.operation import (
    Because,
    Beside,
    Cost,
    FieldDifference,
    Money,
    Operation,
    Precondition,
    Record,
    Source,
    fingerprint,
)
from reconciler.engine.part import (
    Calls,
    Drifted,
    Gate,
    Held,
    Note,
    Part,
    Total,
    stage_of,
    tenant_of,
)
from reconciler.engine.part_facts import Draw, PartFacts, Rise, by_entry, counts, facts_of
from reconciler.model.canonical import digest

__all__ = [
    "FORMAT_VERSION",
    "Because",
    "Beside",
    "Calls",
    "Cost",
    "Draw",
    "Drifted",
    "Envelope",
    "FieldDifference",
    "Gate",
    "Held",
    "Money",
    "Note",
    "ObservedSource",
    "Operation",
    "Part",
    "PartFacts",
    "Plan",
    "Precondition",
    "Record",
    "Rise",
    "Source",
    "Total",
    "by_entry",
    "counts",
    "facts_of",
    "fingerprint",
    "short",
    "stage_of",
    "tenant_of",
    "whole_digest",
]
"""All that a plan is made of, under one name."""

FORMAT_VERSION = "1.0"
"""Major: readers of another one refuse. Minor: something was added."""


class ObservedSource(Record):
    """What was read for a plan, when, and whether all of it."""

    name: str
    """The platform or a connector."""
    at: str
    """UTC instant with Z."""
    complete: bool
    """Whether all of it was read; if not, nothing is concluded from it."""
    detail: str = ""
    """Why it was not, or what was odd in it."""


class Envelope(Record):
    """Everything of a plan but its parts."""

    format_version: str = FORMAT_VERSION
    """Major: readers of another one refuse. Minor: something was added."""
    kind: Literal["plan"] = "plan"
    tool: dict[str, str] = Field(default_factory=dict)
    """What made it, and its version."""
    plan_id: str
    """128 random bits: what is consumed."""
    content_digest: str = ""
    """Digest of its parts and scope; its first eight digits name it: `9f2c-71ab`."""
    lineage: str
    """The ledger it was made for."""
    serial: int = 0
    """How far the ledger was."""
    accounts: dict[str, str] = Field(default_factory=dict)
    """The carrier account behind each connector."""
    created: str
    """UTC instant with Z."""
    expires: str
    """UTC instant with Z from which it is not applied."""
    scope: dict[str, Any] = Field(default_factory=dict)
    """What it is about: `tenants` is a list of names, or all."""
    partial: bool = False
    """Whether only a part of what was in scope was planned."""
    inputs: dict[str, Any] = Field(default_factory=dict)
    """Commit and digests of the files."""
    observed: tuple[ObservedSource, ...] = ()
    """What was read, when, and whether all of it."""
    has_changes: bool = False
    """Whether an apply would change anything by itself."""
    summary: dict[str, int] = Field(default_factory=dict)
    """How many operations of each action, as people count."""
    cost: dict[str, Any] = Field(default_factory=dict)
    """`totals` by currency; `unknown` lists what has no known price; `balances` tells for each
    account that is drawn on what it has, what this needs, and what more would be needed with all
    that waits for an approval."""
    gates: tuple[Gate, ...] = ()
    """What stops an apply of every part that raises the bill: limits on all parts together."""
    approvals: dict[str, Any] = Field(default_factory=dict)
    """Approvals that it requires, and limits that it passes."""
    problems: tuple[dict[str, Any], ...] = ()
    """Warnings of the files."""
    waiting: tuple[str, ...] = ()
    """Addresses of what a home has not finished."""
    due: tuple[str, ...] = ()
    """Approvals of what is due and is not a pending change."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An envelope and its parts: a tuple of them, or what makes each when it is looked at."""

    envelope: Envelope
    parts: Sequence[Part]
    counted: Sequence[PartFacts] = ()
    """What is counted of each part, where that is known already; see `facts`."""

    def facts(self) -> Sequence[PartFacts]:
        """What is counted of each part; none is made for it where that is known."""
        return self.counted or tuple(map(facts_of, self.parts))

    def part(self, name: str) -> Part | None:
        """One part by its name."""
        names: Callable[[], Sequence[str]] | None = getattr(self.parts, "names", None)
        if names is None:
            return next((part for part in self.parts if part.part == name), None)
        known = names()
        return self.parts[known.index(name)] if name in known else None

    def names(self) -> Sequence[str]:
        """The names of all parts; none of them is made for it."""
        known: Callable[[], Sequence[str]] | None = getattr(self.parts, "names", None)
        return known() if known is not None else [part.part for part in self.parts]

    def count(self) -> int:
        """How many operations there are."""
        return sum(facts.operations for facts in self.facts())

    def texts(self) -> Iterator[str]:
        """Each part in canonical JSON."""
        written: Callable[[], Iterator[str]] | None = getattr(self.parts, "texts", None)
        return written() if written is not None else (part.text for part in self.parts)


def short(content_digest: str) -> str:
    """The form of a digest that people read and type: `9f2c-71ab`."""
    return f"{content_digest[:4]}-{content_digest[4:8]}"


def whole_digest(parts: Iterable[Part | PartFacts], scope: Mapping[str, Any]) -> str:
    """The content digest of a plan, from those of its parts."""
    return digest(
        {"parts": [[part.part, part.content_digest] for part in parts], "scope": dict(scope)}
    )
