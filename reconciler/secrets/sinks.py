"""Where a generated secret goes, once: a file of JSON lines, or a terminal."""

from __future__ import annotations

import json
import os
import secrets as token_source
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from reconciler.errors import Unavailable
from reconciler.protocols import GeneratedSecret

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NEW = os.O_CREAT | os.O_EXCL
_ANYBODY_ELSE = 0o077
_PROBE_BYTES = 4096


class FileSink:
    """Appends JSON lines `{address, field, value}` to a file that only its owner may read.

    Inside the project no symbolic link is followed; an absolute path is the operator's.

    Raises:
        Unavailable: The file cannot be written, or somebody else could read or swap it.
    """

    def __init__(self, root: Path, path: str) -> None:
        self._root = root
        self._path = Path(path)
        self._lock = threading.Lock()

    def check(self) -> None:
        """Prove that a secret can be handed over, before one is made."""
        with self._told(), self._folder() as folder:
            self._probe(folder)
            os.close(self._opened(folder))

    def deliver(self, secrets: Sequence[GeneratedSecret]) -> None:
        """Append a line for each; they are on disk when this returns."""
        raw = b"".join(map(_line, secrets))
        with self._lock, self._told(), self._folder() as folder:
            descriptor = self._opened(folder)
            try:
                self._append(descriptor, raw)
            finally:
                os.close(descriptor)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise Unavailable(
                f"Generated secrets cannot be written to {self._path}: {reason}.",
                "Correct secrets.sink of the project file, or run at a terminal.",
            ) from None

    @contextmanager
    def _folder(self) -> Iterator[int]:
        """Open the folder step by step, making what is missing for its owner alone."""
        inside = not self._path.is_absolute()
        steps = self._path.parts[:-1]
        descriptor = os.open(self._root if inside else steps[0], _FOLDER)
        try:
            for step in steps if inside else steps[1:]:
                inner = _entered(step, descriptor, os.O_NOFOLLOW if inside else 0)
                os.close(descriptor)
                descriptor = inner
            yield descriptor
        finally:
            os.close(descriptor)

    def _opened(self, folder: int) -> int:
        name = self._path.name
        try:
            descriptor = os.open(name, _FILE | _NEW, 0o600, dir_fd=folder)
        except FileExistsError:
            descriptor = os.open(name, _FILE, dir_fd=folder)
        else:
            os.fchmod(descriptor, 0o600)  # whatever the umask took away
            os.fsync(folder)
        fault = _fault(os.fstat(descriptor))
        if fault:
            os.close(descriptor)
            raise Unavailable(
                f"Generated secrets cannot be written to {self._path}: {fault}.",
                "Move the file away; a new one is made with mode 0600.",
            )
        return descriptor

    def _probe(self, folder: int) -> None:
        """Write and throw away a page beside the file, to see that there is room."""
        name = f".{self._path.name}.{token_source.token_hex(4)}.probe"
        descriptor = os.open(name, _FILE | _NEW, 0o600, dir_fd=folder)
        try:
            os.unlink(name, dir_fd=folder)
            _write(descriptor, b"\0" * _PROBE_BYTES)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _append(self, descriptor: int, raw: bytes) -> None:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            raw = b"\n" + raw  # a line that was cut short stays a line of its own
        _write(descriptor, raw)
        os.fsync(descriptor)


class TerminalSink:
    """Shows each secret once, to the person at the terminal.

    The stream is the terminal itself, never one that is redacted, logged or kept.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def check(self) -> None:
        """Refuse a stream that is no terminal: a build log keeps what it is given."""
        if not self._stream.isatty():
            raise Unavailable(
                "There is no terminal to show generated secrets on.",
                "Set secrets.sink of the project file: {file: .reconciler/generated.ndjson}.",
            )

    def deliver(self, secrets: Sequence[GeneratedSecret]) -> None:
        """Show them."""
        self.check()
        with self._lock:
            for secret in secrets:
                text = secret.value.reveal()
                shown = text if text.isprintable() else json.dumps(text)
                self._stream.write(f"{secret.address} {secret.field_name}: {shown}\n")
            self._stream.flush()


def _line(secret: GeneratedSecret) -> bytes:
    told = {
        "address": str(secret.address),
        "field": secret.field_name,
        "value": secret.value.reveal(),
    }
    return json.dumps(told).encode() + b"\n"


def _entered(step: str, parent: int, follow: int) -> int:
    try:
        return os.open(step, _FOLDER | follow, dir_fd=parent)
    except FileNotFoundError:
        os.mkdir(step, 0o700, dir_fd=parent)
        return os.open(step, _FOLDER | follow, dir_fd=parent)


def _fault(facts: os.stat_result) -> str:
    if not stat.S_ISREG(facts.st_mode):
        return "it is not a regular file"
    if facts.st_mode & _ANYBODY_ELSE:
        return "others may read it"
    if facts.st_uid != os.geteuid():
        return "it belongs to somebody else"
    return "" if facts.st_nlink == 1 else "it has a second name"


def _write(descriptor: int, raw: bytes) -> None:
    while raw:
        raw = raw[os.write(descriptor, raw) :]
