"""Where the value behind a reference is read: a variable, a file, a program.

Each answer is a value or a reason. A reason never holds any part of the value, and no
exception that met the value leaves this module.
"""

from __future__ import annotations

import errno
import os
import selectors
import signal
import stat
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.model.secret_rules import path_steps

MAX_BYTES = 64 * 1024
"""The longest value that is read from a file or a program."""

EXEC_SECONDS = 10.0
"""How long a program may take."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_OTHERS = stat.S_IROTH | stat.S_IWOTH
_PASSED_ON = ("PATH", "HOME", "LANG")


@dataclass(frozen=True, slots=True)
class Found:
    """A value that was read."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is none, as the end of a sentence."""

    reason: str


def from_variable(name: str, environment: Mapping[str, str]) -> Found | Missing:
    """Read an environment variable."""
    value = environment.get(name)
    if value is None:
        return Missing("the variable is not set")
    return Found(value) if value else Missing("the variable is empty")


def from_file(path: str, root: Path) -> Found | Missing:
    """Read a file, once, from one descriptor that was checked.

    A path inside the project is opened folder by folder without following any link. An
    absolute one, which only the project itself may use, is the operator's: links are followed.
    """
    try:
        descriptor = _opened(path, root)
    except (OSError, ValueError) as error:
        return Missing(_why(error))
    if descriptor is None:
        return Missing("the path is not inside the project")
    try:
        return _read(descriptor)
    except OSError as error:
        return Missing(_why(error))
    finally:
        os.close(descriptor)


def _opened(path: str, root: Path) -> int | None:
    if path.startswith("/"):
        return os.open(path, _FILE)
    steps = path_steps(path)
    if steps is None:
        return None
    folder = os.open(root, _FOLDER)
    try:
        for step in steps[:-1]:
            inner = os.open(step, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(steps[-1], _FILE | os.O_NOFOLLOW, dir_fd=folder)
    finally:
        os.close(folder)


def _read(descriptor: int) -> Found | Missing:
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        return Missing("it is not a regular file")
    if facts.st_mode & _OTHERS:
        return Missing("everybody on this machine may read or write it; chmod it to 0600")
    parts, size = [], 0
    while size <= MAX_BYTES and (part := os.read(descriptor, MAX_BYTES + 1 - size)):
        parts.append(part)
        size += len(part)
    return _text(b"".join(parts), "the file")


def _why(error: OSError | ValueError) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number in {errno.ELOOP, errno.EMLINK}:
        return "the path leads through a symbolic link"
    if number == errno.ENOTDIR:
        return "the path leads through something that is not a folder"
    return f"it cannot be read ({os.strerror(number)})" if number else "the path cannot be used"


def _text(raw: bytes, what: str) -> Found | Missing:
    if len(raw) > MAX_BYTES:
        return Missing(f"{what} holds more than {MAX_BYTES // 1024} KiB")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = None
    if text is None:
        return Missing(f"{what} is not UTF-8")
    text = text.removesuffix("\n").removesuffix("\r")
    return Found(text) if text else Missing(f"{what} is empty")


def from_input(raw: bytes) -> Found | Missing:
    """Read what was given on standard input, without the line end that `echo` adds."""
    return _text(raw, "standard input")


def from_program(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    root: Path,
    seconds: float = EXEC_SECONDS,
) -> Found | Missing:
    """Read what a program prints. No shell, no input, no environment but PATH, HOME, LANG.

    What it says on its error output is shown to nobody: it may repeat the secret.
    """
    try:
        # The program is on a list of the operator's, or in the project file itself.
        process = subprocess.Popen(  # noqa: S603
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=root,
            env=_clean(environment),
            start_new_session=True,
        )
    except (OSError, ValueError):
        return Missing("the program cannot be started")
    try:
        return _answer(process, time.monotonic() + seconds, seconds)
    finally:
        _end(process)


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    kept = {name: environment[name] for name in _PASSED_ON if name in environment}
    if "PATH" in kept:
        # A relative folder would find programs in the checkout, which anybody may propose.
        folders = kept["PATH"].split(os.pathsep)
        kept["PATH"] = os.pathsep.join(each for each in folders if each.startswith("/"))
    return kept


def _answer(process: subprocess.Popen[bytes], deadline: float, seconds: float) -> Found | Missing:
    late = Missing(f"the program took longer than {seconds:g} s")
    raw = _output(process, deadline)
    if raw is None:
        return late
    if len(raw) > MAX_BYTES:
        return _text(raw, "the program's output")
    try:
        status = process.wait(max(deadline - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        return late
    if status:
        return Missing(f"the program ended with status {status}")
    return _text(raw, "the program's output")


def _output(process: subprocess.Popen[bytes], deadline: float) -> bytes | None:
    """Read to the end, or to one byte too many; None when time is up first."""
    pipe = process.stdout
    if pipe is None:
        return b""
    raw = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while len(raw) <= MAX_BYTES:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                return None
            part = os.read(pipe.fileno(), MAX_BYTES + 1 - len(raw))
            if not part:
                break
            raw += part
    return raw


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what did not end by itself, with all that it started in its session."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.stdout is not None:
        process.stdout.close()
    process.wait()
