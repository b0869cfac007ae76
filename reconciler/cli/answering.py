"""A command that asks one thing of a project, and tells the answer in the forms asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import TypeVar

from reconciler.cli.main import Context
from reconciler.cli.options import Output
from reconciler.cli.output import emit
from reconciler.cli.session import Session, session_of
from reconciler.errors import Exit
from reconciler.report.text import Line

_T = TypeVar("_T")


def answer(
    context: Context,
    outputs: Sequence[Output],
    ask: Callable[[Session], _T],
    status_of: Callable[[_T], Exit],
    as_text: Callable[[_T], Iterable[Line]],
    as_json: Callable[[_T, Exit], str],
) -> Exit:
    """Open the project, ask, close it whatever happens, and tell; how that ends the command.

    Nothing is told before the project is closed, so that a reader who is slow holds nothing.
    """
    with closing(session_of(context)) as session:
        found = ask(session)
    status = status_of(found)
    emit(
        outputs,
        lambda: as_text(found),
        lambda: (as_json(found, status),),
        context.environment,
        status=status,
    )
    return status
