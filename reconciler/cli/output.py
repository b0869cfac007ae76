"""Where output goes: reports to stdout or a file, talk to stderr, colour only on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TextIO, TypeAlias

import click

from reconciler.cli.options import Output
from reconciler.cli.report_file import report_file
from reconciler.cli.stops import PipeClosed, Unwritten, forget_stdout, reason
from reconciler.errors import Exit, Problem
from reconciler.report.problems import Checked, problems_json, problems_text
from reconciler.report.terminal import Look, look_of, show
from reconciler.report.text import Line, Told

Lines: TypeAlias = Callable[[], Iterable[Told]]
Pieces: TypeAlias = Callable[[], Iterable[str]]


def emit(
    outputs: Iterable[Output],
    text: Lines,
    json_text: Pieces,
    environment: Mapping[str, str],
    *,
    lines: Mapping[str, Lines] | None = None,
    pieces: Mapping[str, Pieces] | None = None,
    status: Exit = Exit.DONE,
) -> None:
    """Write each report that was asked for, complete and flushed.

    Args:
        outputs: What was asked for.
        text: Lines for people.
        json_text: One JSON document.
        environment: The process environment.
        lines: Further formats of lines, by name.
        pieces: Further formats, by name.
        status: How the command ends; it is kept where a report cannot be written.

    Raises:
        Unwritten: A file or stdout would not take its report; the others were written.
        PipeClosed: Nobody reads stdout any more.
    """
    by_lines = {"text": text, **(lines or {})}
    by_pieces = {"json": json_text, **(pieces or {})}
    failed: list[str] = []
    closed = False
    for output in outputs:
        try:
            if output.file is not None:
                with report_file(output.file) as stream:
                    _write(output.form, by_lines, by_pieces, stream, Look())
            elif sys.stdout is not None:
                look = look_of(sys.stdout, environment, terminal_columns(sys.stdout))
                _write(output.form, by_lines, by_pieces, sys.stdout, look)
                sys.stdout.flush()
        except BrokenPipeError:
            closed = closed or output.file is None
        except OSError as error:
            if output.file is None:
                forget_stdout()
            name = f'"{output.file}"' if output.file else "Standard output"
            failed.append(f"{name} cannot be written: {reason(error)}.")
    if failed:
        raise Unwritten(" ".join(failed), "What was found or done stands; ask again.", status)
    if closed:
        raise PipeClosed(status)


def _write(
    form: str,
    lines: Mapping[str, Lines],
    pieces: Mapping[str, Pieces],
    stream: TextIO,
    look: Look,
) -> None:
    if form in lines:
        show(lines[form](), stream, look=look)
        return
    stream.writelines(pieces[form]())


def terminal_columns(stream: TextIO) -> int:
    """How wide the terminal of a stream is; 0 when it is none, or does not know."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError, AttributeError):
        return 0


def width_of(environment: Mapping[str, str]) -> int:
    """How wide reports on stdout are to be."""
    columns = terminal_columns(sys.stdout) if sys.stdout is not None else 0
    return look_of(sys.stdout, environment, columns).width


def is_plain(output: Output, environment: Mapping[str, str]) -> bool:
    """Whether a report goes where it is shown as it is: no colours, and all our signs."""
    if output.file is not None or sys.stdout is None:
        return True
    look = look_of(sys.stdout, environment)
    return not (look.colour or look.ascii)


def tell_report(lines: Iterable[Told], environment: Mapping[str, str]) -> None:
    """Show lines on stdout at once, before something is done.

    Raises:
        PipeClosed: Nobody reads it: what they would be asked about is not done.
    """
    if sys.stdout is None:
        return
    look = look_of(sys.stdout, environment, terminal_columns(sys.stdout))
    try:
        show(lines, sys.stdout, look=look)
        sys.stdout.flush()
    except BrokenPipeError:
        raise PipeClosed(Exit.DONE) from None


def tell_lines(lines: Iterable[Line], environment: Mapping[str, str]) -> None:
    """Show lines on stderr."""
    if sys.stderr is None:
        return
    with suppress(BrokenPipeError):
        show(lines, sys.stderr, look=look_of(sys.stderr, environment))
        sys.stderr.flush()


def show_problems(
    problems: Iterable[Problem],
    checked: Checked | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Tell problems on stderr, with carets."""
    found = tuple(problems)
    if checked is None:
        files = {problem.location.file for problem in found}
        checked = Checked(len(files), 0)
    tell_lines(problems_text(found, checked), environment or {})


def problems_document(problems: Iterable[Problem], checked: Checked) -> Iterable[str]:
    """Problems as JSON, in pieces."""
    yield problems_json(problems, checked)


def say(text: str) -> None:
    """Talk on stderr."""
    with suppress(BrokenPipeError):
        click.echo(text, err=True)
