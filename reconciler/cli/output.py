"""Where output goes: reports to stdout or a file, talk to stderr, colour only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import click

from reconciler.errors import Problem, WrongUsage
from reconciler.report.problems import Checked, problems_json, problems_text
from reconciler.report.terminal import show
from reconciler.report.text import Line

FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True)
class Output:
    """One report that was asked for: its format, and a file or nothing for stdout."""

    form: str
    file: Path | None = None


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `-o FORMAT[=FILE]`, which may be given several times."""
    return click.option(
        "-o",
        "--output",
        "outputs",
        multiple=True,
        metavar="FORMAT[=FILE]",
        callback=_parsed,
        help="text or json, to stdout or to a file; may be given several times.",
    )(command)


def _parsed(
    ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Output, ...]:
    del parameter
    if not values:
        usual = ctx.obj.environment.get("RECONCILER_OUTPUT", "") if ctx.obj else ""
        values = (usual or "text",)
    return tuple(_one(value) for value in values)


def _one(value: str) -> Output:
    form, _, file = value.partition("=")
    if form not in FORMATS:
        raise click.BadParameter(f"{form!r} is not a format; choose {' or '.join(FORMATS)}.")
    return Output(form, Path(file) if file else None)


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
