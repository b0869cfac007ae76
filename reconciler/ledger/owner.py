"""Who holds a lease, in words that prove its death: ``host/boot_id/pid/start_ticks``.

A pid alone is used again after the process is gone, so its start time stands beside it, and
the boot beside that (Linux: proc(5), `/proc/[pid]/stat` fields 3, 20 and 22, and
`/proc/sys/kernel/random/boot_id`). Where a fact cannot be read it is left empty and proves
nothing: such a lease is waited for until it runs out.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
PARTS = 4

FIRST_PID_NAMESPACE = "4026531836"
"""The namespace of the machine itself (Linux include/linux/proc_ns.h, PROC_PID_INIT_INO)."""

UNNAMED = frozenset({"", "localhost", "localhost.localdomain", "(none)"})
"""Names that many machines share; they name no host."""


class _Process(NamedTuple):
    """What `/proc/[pid]/stat` says of one process."""

    state: str
    threads: int
    start_ticks: str


def this_owner() -> str:
    """Name this process."""
    pid = os.getpid()
    process = _read(pid)
    return f"{_host()}/{_boot_id()}/{pid}/{process.start_ticks if process else ''}"


def provably_dead(owner: str) -> bool:
    """Tell whether the process that `this_owner` named is gone for certain.

    True only on the same host, and only when the host has been started anew since, or no
    process has that pid, or another one has it, or it is a zombie. A stopped process lives.
    """
    parts = owner.split("/")
    if len(parts) != PARTS or not re.fullmatch(r"[1-9][0-9]{0,9}", parts[2]):
        return False
    host, boot_id, pid, start_ticks = parts
    if host != _host() or host in UNNAMED:
        return False
    if boot_id != _boot_id():
        return bool(boot_id and _boot_id())
    return _is_gone(int(pid), start_ticks)


def _is_gone(pid: int, start_ticks: str) -> bool:
    try:
        os.kill(pid, 0)  # a look, not a signal; /proc may hide the processes of other users
    except ProcessLookupError:
        return True
    except OSError:
        pass
    process = _read(pid)
    if process is None:
        return False
    if start_ticks and process.start_ticks != start_ticks:
        return True
    # The first thread of a living process may be a zombie by itself; then others are counted.
    return process.state in {"Z", "X"} and process.threads <= 1


def _read(pid: int) -> _Process | None:
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The second field is the program's name and may hold anything, blanks and brackets too.
    fields = text.rpartition(")")[2].split()
    if len(fields) < 20:  # noqa: PLR2004 - field 22 of proc(5), the first two cut off
        return None
    return _Process(state=fields[0], threads=int(fields[17]), start_ticks=fields[19])


def _host() -> str:
    """Name the machine, and in a container its pid namespace too: a pid means nothing outside."""
    name = os.uname().nodename.replace("/", "_") if hasattr(os, "uname") else ""
    try:
        namespace = re.sub(r"[^0-9]", "", str((PROC / "self" / "ns" / "pid").readlink()))
    except OSError:
        namespace = FIRST_PID_NAMESPACE
    return name if namespace == FIRST_PID_NAMESPACE else f"{name}+{namespace}"


def _boot_id() -> str:
    try:
        path = PROC / "sys" / "kernel" / "random" / "boot_id"
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
