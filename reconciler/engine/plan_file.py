"""The bytes of a saved plan: one JSON document, in one form only.

The keys of the document are sorted, each part stands on a line of its own, and everything
between is canonical (sorted keys, no blanks, ASCII, money as text, no floats)::

    {"accounts":{},...,"partial":false,"parts":[
    {"calls":{...},...},
    {"calls":{...},...}
    ],"plan_id":"...",...,"waiting":[],"written_digest":"<64 hex digits>"}

`written_digest` is always the last key: the SHA-256 of every byte before the comma in front of
it. It can so be written after parts that are long gone. A reader writes what it parsed once more
and compares the bytes. It notices damage and edits made by accident; it is no signature, as
whoever edits the file can compute it anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from reconciler.engine.draft7 import draft7
from reconciler.engine.plan import Envelope, Part, Record
from reconciler.model.canonical import canonical
from reconciler.model.docs import describe

PARTS = "parts"
DIGEST = "written_digest"


class PlanFile(Envelope):
    """A saved plan as it stands in a file: what `plan --out` and `plan -o json` write."""

    parts: tuple[Part, ...]
    """One part per tenant, each with its own digest; each is consumed by itself."""
    written_digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of every byte of the file before the comma in front of this key."""


def plan_schema() -> dict[str, Any]:
    """The JSON Schema (draft-07) of a saved plan."""
    describe(Record)
    return draft7(PlanFile.model_json_schema(mode="serialization"))


def plan_chunks(head: Mapping[str, Any], parts: Iterable[str]) -> Iterator[str]:
    """Write a plan piece by piece, so that no whole fleet is ever in memory.

    Args:
        head: The envelope as JSON values.
        parts: The parts in canonical JSON, in their order.

    Raises:
        ValueError: Something in it has no canonical form, such as a float.
    """
    running = hashlib.sha256()
    for chunk in _chunks(head, parts):
        running.update(chunk.encode("ascii"))
        yield chunk
    yield f',"{DIGEST}":"{running.hexdigest()}"}}\n'


def _chunks(head: Mapping[str, Any], parts: Iterable[str]) -> Iterator[str]:
    before = {key: value for key, value in head.items() if key < PARTS}
    after = {key: value for key, value in head.items() if key > PARTS and key != DIGEST}
    yield canonical(before).decode()[:-1] + ("," if before else "") + f'"{PARTS}":[\n'
    between = ""
    for part in parts:
        yield between + part
        between = ",\n"
    yield ("\n" if between else "") + ("]," if after else "]") + canonical(after).decode()[1:-1]
