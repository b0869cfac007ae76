"""Options that several commands share. Loads nothing but click."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

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
