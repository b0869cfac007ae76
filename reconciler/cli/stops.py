"""How writing a report ends early: a reader that went away, a disk that is full."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from reconciler.errors import Exit, ReconcilerError, worst

PIPE_CLOSED = 141
"""What a shell sees of a command whose reader went away: 128 and SIGPIPE (13)."""


class Unwritten(ReconcilerError):
    """A report could not be written. What the command found or did stands all the same."""

    def __init__(self, message: str, hint: str, status: Exit) -> None:
        super().__init__(message, hint)
        self.exit_code = worst((status, Exit.UNAVAILABLE))


class PipeClosed(Exception):
    """Whoever read stdout has gone: no more is told, and nobody is told of that."""

    def __init__(self, status: Exit) -> None:
        self.status = int(status) or PIPE_CLOSED
        super().__init__(self.status)


def reason(error: OSError) -> str:
    """Why a file could not be used, in a few words."""
    return (error.strerror or type(error).__name__).lower()


def forget_stdout() -> None:
    """Have nothing more go to stdout, and nothing be said of it when the process ends."""
    with suppress(OSError, ValueError, AttributeError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)
