"""Reading files that others may have put there: no links, no pipes, no surprises in size.

A path is opened folder by folder, each from the descriptor of the one above, so that nothing
can be swapped for a symbolic link between looking and opening. Each refusal is a problem.

Codes: E109, E140 to E144, E156, E158, in `CODES`.
"""

from __future__ import annotations

import errno
import fnmatch
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn

from reconciler.errors import InvalidConfig, Location, Problem
from reconciler.loader.codes import printable, quoted, told
from reconciler.loader.yaml_text import MAX_BYTES

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_WILDCARDS = frozenset("*?[")
_ENDING = ".yaml"
_OTHER_ENDINGS = (".yml", ".yaml")

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Listing(NamedTuple):
    """What one folder holds, by what becomes of it; names sorted, paths relative to the root."""

    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    """Hidden files, backups, and what the pattern does not ask for: not read, named with -v."""
    problems: tuple[Problem, ...] = ()


def read_file(root: Path, relative: str, *, shown_as: str = "") -> bytes:
    """Read a file of the project, once, from one descriptor that was checked.

    Args:
        root: The project folder; may itself be reached through a link.
        relative: Path from there, with `/`.
        shown_as: What to put before `relative` in messages, such as `examples/`.

    Raises:
        InvalidConfig: The file is a link (hard or symbolic, dangling too), not regular, too
            large, unreadable, or not inside `root`.
    """
    shown = printable(shown_as + relative)
    parts = _parts(relative, shown)
    with _told_as_problems(shown), opened_folder(root, parts[:-1], shown) as folder:
        _check(os.stat(parts[-1], dir_fd=folder, follow_symlinks=False), shown)
        descriptor = os.open(parts[-1], _FILE, dir_fd=folder)
        with os.fdopen(descriptor, "rb") as file:
            _check(os.fstat(descriptor), shown)
            raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        _refuse("E109", shown, f"It has more than {MAX_BYTES:,} bytes.", "Split it.")
    return raw


GONE = "It is not there."
"""What `why_missing` says where nothing stands, rather than something that is no file."""


def why_missing(root: Path, relative: str) -> str:
    """Say why a path of the project leads to no regular file; "" when it does.

    Nothing is opened but folders, and no link is followed, whatever its size.
    """
    shown = printable(relative)
    try:
        parts = _parts(relative, shown)
        with _told_as_problems(shown), opened_folder(root, parts[:-1], shown) as folder:
            mode = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False).st_mode
    except InvalidConfig as error:
        problem = error.problems[0]
        return GONE if problem.code == "E143" else problem.detail
    if stat.S_ISLNK(mode):
        return "It is a symbolic link."
    return "" if stat.S_ISREG(mode) else "It is no regular file."


def list_folder(root: Path, pattern: str, *, shown_as: str = "") -> Listing:
    """List what a pattern such as `tenants/*.yaml`, `tenants/*/` or `tenants/*` finds.

    A pattern that ends with a slash finds folders, one that ends with `.yaml` files, another
    one both. Links are refused, never followed.

    Raises:
        InvalidConfig: The pattern cannot be used, or its folder cannot be read.
    """
    shown = printable(shown_as + pattern)
    parts = _parts(pattern.removesuffix("/"), shown)
    fixed, last = parts[:-1], parts[-1]
    if any(_WILDCARDS & set(part) for part in fixed) or last == "**":
        detail = f"The pattern {quoted(pattern)} has a wildcard before its last part."
        _refuse("E158", shown, detail, "Write it like `tenants/*.yaml` or `tenants/*/`.")
    with (
        _told_as_problems(shown),
        opened_folder(root, fixed, shown) as folder,
        os.scandir(folder) as entries,
    ):
        found = sorted((entry.name, _mode(entry)) for entry in entries)
    wanted = _Wanted(last, files=not pattern.endswith("/"), folders=not last.endswith(_ENDING))
    return wanted.sort("".join(f"{part}/" for part in fixed), found, shown_as)


class _Wanted(NamedTuple):
    """Which names of a folder a pattern asks for."""

    pattern: str
    files: bool
    folders: bool

    def sort(self, inside: str, found: Sequence[tuple[str, int]], shown_as: str) -> Listing:
        """Sort names and modes of the folder `inside` by what becomes of them."""
        files, folders, skipped = [], [], []
        problems: list[Problem] = []
        for name, mode in found:
            path = inside + name
            place = Location(printable(shown_as + path))
            if name.startswith(".") or name.endswith("~"):
                skipped.append(path)
            elif stat.S_ISLNK(mode) and fnmatch.fnmatchcase(name, self.pattern):
                problems.append(_symlink(place))
            elif stat.S_ISDIR(mode) and self.folders and fnmatch.fnmatchcase(name, self.pattern):
                folders.append(path)
            elif self.files and self._is_file(name):
                files.append(path)
            elif self.files and name.lower().endswith(_OTHER_ENDINGS):
                problems.append(_other_ending(place, name))
            else:
                skipped.append(path)
        return Listing(tuple(files), tuple(folders), tuple(skipped), tuple(problems))

    def _is_file(self, name: str) -> bool:
        return name.endswith(_ENDING) and fnmatch.fnmatchcase(name, self.pattern)


def _parts(relative: str, shown: str) -> list[str]:
    parts = relative.split("/")
    if "\0" in relative or any(part in ("", ".", "..") for part in parts):
        detail = f"The path {quoted(relative)} does not lead to a place inside the project."
        _refuse("E144", shown, detail, "Write it relative to the project folder, without `..`.")
    return parts


@contextmanager
def opened_folder(root: Path, parts: Sequence[str], shown: str) -> Iterator[int]:
    """Open a folder below `root` and give its descriptor, following no link on the way."""
    descriptor = os.open(root, _FOLDER)
    try:
        for part in parts:
            if stat.S_ISLNK(os.stat(part, dir_fd=descriptor, follow_symlinks=False).st_mode):
                raise InvalidConfig([_symlink(Location(shown), part)])
            below = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        yield descriptor
    finally:
        os.close(descriptor)


def _check(status: os.stat_result, shown: str) -> None:
    """Refuse what is not one regular file of a fair size."""
    if stat.S_ISLNK(status.st_mode):
        raise InvalidConfig([_symlink(Location(shown))])
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for test, name in _KINDS if test(status.st_mode)), "something else")
        _refuse("E141", shown, f"It is {kind}.", "Put a regular file there.")
    if status.st_nlink > 1:
        detail = f"The file has {status.st_nlink} names (hard links)."
        _refuse("E142", shown, detail, "Copy it: `cp FILE FILE.new && mv FILE.new FILE`.")
    if status.st_size > MAX_BYTES:
        detail = f"It has {status.st_size:,} bytes; {MAX_BYTES:,} are allowed."
        _refuse("E109", shown, detail, "Split it by section into a tenant's folder.")


@contextmanager
def _told_as_problems(shown: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidConfig([_unreadable(error, Location(shown))]) from None


def _unreadable(error: OSError, place: Location) -> Problem:
    match error.errno:
        case errno.ELOOP:
            return _symlink(place)
        case errno.ENOTDIR:
            detail, hint = "A part of the path is not a folder.", "Check the path."
            return told("E141", place, detail, hint)
        case errno.ENXIO:
            return told("E141", place, "It is a socket or a device.", "Put a regular file there.")
        case errno.ENOENT:
            return told("E143", place, "It does not exist (any more).", "Check the path.")
        case errno.EACCES | errno.EPERM:
            detail = "This user may not read it."
            return told("E143", place, detail, "Give read permission to whoever runs this.")
        case _:
            detail = f"Reading it failed: {error.strerror}."
            return told("E143", place, detail, "Check the disk, then run this again.")


def _symlink(place: Location, part: str = "") -> Problem:
    what = f"The folder {quoted(part)} on the way" if part else "It"
    detail = f"{what} is a symbolic link."
    return told("E140", place, detail, "Put a copy of what it points at in its place.")


def _other_ending(place: Location, name: str) -> Problem:
    detail = f"The file {quoted(name)} would not be read."
    return told("E156", place, detail, "Let its name end in `.yaml`, or move it elsewhere.")


def _mode(entry: os.DirEntry[str]) -> int:
    return entry.stat(follow_symlinks=False).st_mode


def _refuse(code: str, shown: str, detail: str, hint: str) -> NoReturn:
    raise InvalidConfig([told(code, Location(shown), detail, hint)])
