"""Replacing a file that was read, whole or not at all.

The new text goes to a file beside the old one, onto the disk, and then takes its name: whoever
reads meanwhile, and whatever fails, finds either text and never a part of one.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from reconciler.errors import Unavailable
from reconciler.loader.codes import printable
from reconciler.loader.files import opened_folder, read_file

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PRIVATE = 0o600


def replace_file(root: Path, relative: str, old: bytes, new: bytes, *, shown_as: str = "") -> None:
    """Put `new` in place of a file of the project that held `old` when it was read.

    Mode and owner stay. What `read_file` refuses (links, pipes, a second name) is refused here.

    Args:
        root: The project folder.
        relative: Path from there, with `/`.
        old: The bytes that the new ones were made from.
        new: The bytes to write.
        shown_as: What to put before `relative` in messages.

    Raises:
        InvalidConfig: It is not a file that may be read here any more.
        Unavailable: It changed meanwhile, or cannot be written; it is as it was.
    """
    shown = printable(shown_as + relative)
    if read_file(root, relative, shown_as=shown_as) != old:
        raise Unavailable(f"{shown} was changed meanwhile.", "Run the command again.")
    *folders, name = relative.split("/")
    try:
        with opened_folder(root, folders, shown) as folder:
            _replace(folder, name, new)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        hint = "The file is as it was. Make room or give write permission, then run this again."
        raise Unavailable(f"{shown} cannot be written: {why}.", hint) from None


def _replace(folder: int, name: str, new: bytes) -> None:
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    beside = f".{name}.{secrets.token_hex(4)}~"
    try:
        descriptor = os.open(beside, _NEW, _PRIVATE, dir_fd=folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(new)
            file.flush()
            _give_to(file.fileno(), status)
            os.fsync(file.fileno())
        os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside, dir_fd=folder)
        raise
    os.fsync(folder)


def _give_to(descriptor: int, status: os.stat_result) -> None:
    """Let the new file belong to whom the old one belongs, and be opened by the same people."""
    made = os.fstat(descriptor)
    if (made.st_uid, made.st_gid) != (status.st_uid, status.st_gid):
        os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, status.st_mode & 0o7777)
