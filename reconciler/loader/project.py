"""The project file and those beside it: finding them, reading them, telling whether they changed.

Codes: E150, in `CODES`, and those of reading and parsing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from reconciler.errors import InvalidConfig, Location
from reconciler.loader.codes import printable, quoted, told
from reconciler.loader.document import Document
from reconciler.loader.files import read_file
from reconciler.loader.yaml_text import parse_yaml

PROJECT_FILE = "reconciler.yaml"


SIDE_FILES = ("policies", "prices")
"""Settings that name a file which decides about a plan, beside the project file."""


class SourceFile(NamedTuple):
    """One file as it was read."""

    path: str
    """Relative to the project folder; `document.file` is the name for messages."""

    digest: str
    """SHA-256 of its bytes, 64 hexadecimal digits."""

    document: Document


def find_project(start: Path) -> Path:
    """Find the nearest project file, in the folder `start` or above it.

    The search ends at the root of the git repository, or of the file system outside of one.

    Raises:
        InvalidConfig: There is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if os.path.lexists(folder / PROJECT_FILE):
            return folder / PROJECT_FILE
        if (folder / ".git").exists():
            break
    detail = f"There is no {PROJECT_FILE} in {quoted(str(start))} or above it."
    hint = "Change to the folder of your project, or name it with --project."
    raise InvalidConfig([told("E150", Location(PROJECT_FILE), detail, hint)])


def load_file(
    root: Path,
    relative: str,
    *,
    shown_as: str = "",
    instead: Mapping[str, bytes] = MappingProxyType({}),
) -> SourceFile:
    """Read and parse one file of a project, such as `reconciler.yaml` or `prices.yaml`.

    Args:
        root: The project folder.
        relative: Path from there, with `/`.
        shown_as: What to put before it in messages, such as `examples/`.
        instead: Bytes to take for those of files on disk, by path: what an edit would write.

    Raises:
        InvalidConfig: It cannot be read, or has mistakes; all of them are in it.
    """
    raw = instead.get(relative)
    raw = read_file(root, relative, shown_as=shown_as) if raw is None else raw
    parsed = parse_yaml(raw, printable(shown_as + relative))
    if parsed.document is None:
        raise InvalidConfig(parsed.problems)
    return SourceFile(relative, hashlib.sha256(raw).hexdigest(), parsed.document)


def file_digest(root: Path, relative: str) -> str:
    """SHA-256 of one file of the project, without parsing it.

    Raises:
        InvalidConfig: It cannot be read.
    """
    return hashlib.sha256(read_file(root, relative)).hexdigest()


def side_digests(root: Path, project: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of each file that the project file names beside itself, without parsing any.

    Raises:
        InvalidConfig: One cannot be read.
    """
    paths = {name: project.get(name) for name in SIDE_FILES}
    return {name: file_digest(root, path) for name, path in paths.items() if isinstance(path, str)}
