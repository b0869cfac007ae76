"""The parts of a plan while there are more of them than memory should hold."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator, Sequence
from typing import overload

from reconciler.engine.plan import Part
from reconciler.errors import Unavailable

IN_MEMORY = 16 * 1024 * 1024
"""Bytes that are kept in memory before a file is made."""


class Pieces:
    """Pieces of bytes on disk, in their order.

    The file has no name and is gone with the process, however that ends.
    """

    def __init__(self) -> None:
        # It lives as long as the plan does, so no block can hold it.
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self._at: list[tuple[int, int]] = []
        self._end = 0

    def add(self, piece: bytes) -> None:
        """Take the next piece.

        Raises:
            Unavailable: There is no room for it.
        """
        self._at.append(self._write(piece))

    def replace(self, at: int, piece: bytes) -> None:
        """Take another one in a piece's place.

        Raises:
            Unavailable: There is no room for it.
        """
        self._at[at] = self._write(piece)

    def _write(self, piece: bytes) -> tuple[int, int]:
        try:
            self._file.seek(self._end)
            self._file.write(piece)
        except OSError as error:
            raise Unavailable(
                f"The plan is large, and there is no room for it: {error.strerror}.",
                "Free disk space, or name a folder that has some in TMPDIR.",
            ) from None
        start, self._end = self._end, self._file.tell()
        return start, self._end

    def __len__(self) -> int:
        return len(self._at)

    def __getitem__(self, at: int) -> bytes:
        start, end = self._at[at]
        self._file.seek(start)
        return self._file.read(end - start)


class Spool(Sequence[Part]):
    """Parts as text on disk, each typed when it is looked at."""

    def __init__(self) -> None:
        self._pieces = Pieces()
        self._names: list[str] = []

    def add(self, name: str, text: str) -> None:
        """Take a part; they come in the order of their names.

        Raises:
            Unavailable: There is no room for it.
        """
        self._pieces.add(text.encode("ascii"))
        self._names.append(name)

    def replace(self, at: int, text: str) -> None:
        """Take another text in a part's place.

        Raises:
            Unavailable: There is no room for it.
        """
        self._pieces.replace(at, text.encode("ascii"))

    def names(self) -> Sequence[str]:
        """The names of all parts, sorted."""
        return self._names

    def texts(self) -> Iterator[str]:
        """Each part in canonical JSON."""
        return (self._text(at) for at in range(len(self)))

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, at: int) -> Part: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Part]: ...

    def __getitem__(self, at: int | slice) -> Part | Sequence[Part]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        return Part.read(self._text(range(len(self))[at]))

    def _text(self, at: int) -> str:
        return self._pieces[at].decode("ascii")
