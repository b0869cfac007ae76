"""Where output goes: reports to stdout or a file, talk to stderr, colour only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TextIO

import click

from reconciler.cli.options import Output
from reconciler.errors import Problem, WrongUsage
from reconciler.report.problems import Checked, problems_json, problems_text
from reconciler.report.terminal import show
from reconciler.report.text import Line


def emit(
    outputs: Iterable[Output],
    text: Callable[[], Iterable[Line]],
    json_text: Callable[[], Iterable[str]],
    environment: Mapping[str, str],
) -> None:
    """Write each report that was asked for, complete and flushed."""
    for output in outputs:
        if output.file is not None:
            _to_file(output, text, json_text)
        elif output.form == "json":
            for piece in json_text():
                sys.stdout.write(piece)
            sys.stdout.flush()
        else:
            show(text(), sys.stdout, colour=wants_colour(sys.stdout, environment))
            sys.stdout.flush()


def _to_file(
    output: Output, text: Callable[[], Iterable[Line]], json_text: Callable[[], Iterable[str]]
) -> None:
    if output.file is None:
        return
    try:
        with output.file.open("w", encoding="utf-8") as stream:
            if output.form == "json":
                stream.writelines(json_text())
            else:
                show(text(), stream, colour=False)
    except OSError as error:
        raise WrongUsage(
            f"{output.file} cannot be written: {error.strerror}.", "Name another file."
        ) from None


def wants_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR or TERM=dumb says otherwise."""
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return stream.isatty()


def show_problems(problems: Iterable[Problem], checked: Checked | None = None) -> None:
    """Tell problems on stderr, with carets."""
    found = tuple(problems)
    if checked is None:
        files = {problem.location.file for problem in found}
        checked = Checked(len(files), 0)
    show(problems_text(found, checked), sys.stderr, colour=sys.stderr.isatty())
    sys.stderr.flush()


def problems_document(problems: Iterable[Problem], checked: Checked) -> Iterable[str]:
    """Problems as JSON, in pieces."""
    yield problems_json(problems, checked)


def say(text: str) -> None:
    """Talk on stderr."""
    click.echo(text, err=True)
