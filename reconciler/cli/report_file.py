"""Writing a report to a file: whole under its name, or not there at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

OWNER_ONLY = 0o600
"""Reports name customers and their numbers; a file that is there keeps its own mode."""

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def report_file(path: Path) -> Iterator[TextIO]:
    """Open `path` for a report that appears under its name when the block has ended well.

    What is no regular file, such as a pipe or a terminal, is written as it is. A link is
    followed, and the file behind it replaced.

    Raises:
        OSError: It cannot be written, or the disk is full; what was there is still there.
    """
    target = Path(os.path.realpath(path))
    mode = _mode(target)
    if mode is not None and not stat.S_ISREG(mode):
        with path.open("w", encoding="utf-8") as stream:
            yield stream
        return
    spare = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        with _created(spare, mode) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        spare.replace(target)
    finally:
        with suppress(OSError):
            spare.unlink()


def write_report(path: Path, pieces: Iterable[str]) -> None:
    """Write a whole report. Raises OSError as `report_file` does."""
    with report_file(path) as stream:
        stream.writelines(pieces)


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _created(spare: Path, mode: int | None) -> TextIO:
    descriptor = os.open(spare, _CREATE, OWNER_ONLY)
    if mode is not None:
        os.fchmod(descriptor, stat.S_IMODE(mode))
    return open(descriptor, "w", encoding="utf-8")  # noqa: PTH123 - from the descriptor just made
