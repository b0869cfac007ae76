"""What all documents and records share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reconciler.engine.plan import Record

Version = Annotated[str, Field(pattern=r"^1\.[0-9]+$")]


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


Instant = Annotated[str, Field(pattern=r"^[0-9-]{10}T[0-9:.]+Z$")]


class Documented(Record):
    """What every document and every record has."""

    format_version: Version
    """Major: readers of another one refuse. Minor: something was added."""


class Place(Record):
    """A place in a file; columns count characters from 1."""

    file: str
    """The file, as it was named to the command."""
    line: int
    """From 1."""
    column: int
    """From 1."""
    end_column: int
    """The first column after it; 0 when only its start is known."""
