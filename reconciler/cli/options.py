"""Options that several commands share. Loads nothing but click."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

FORMATS = ("text", "json")
"""What every command speaks."""

PROJECT_FILE = "reconciler.yaml"
_LARGEST_PROJECT = 5 * 1024 * 1024
_SAYS_OUTPUT = re.compile(rb"^output[ \t]*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Output:
    """One report that was asked for: its format, and a file or nothing for stdout."""

    form: str
    file: Path | None = None


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `-o FORMAT[=FILE]` for text and JSON, and `--plain`."""
    return output_formats()(command)


def output_formats(*more: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command `-o FORMAT[=FILE]`, which may be given several times, and `--plain`.

    Args:
        more: Formats that the command speaks beside text and JSON.
    """
    forms = (*FORMATS, *more)

    def decorated(command: Callable[..., Any]) -> Callable[..., Any]:
        option = click.option(
            "-o",
            "--output",
            "outputs",
            multiple=True,
            metavar="FORMAT[=FILE]",
            callback=_Parser(forms),
            help=f"{_listed(forms)}, to stdout or to a file; may be given several times.",
        )
        return option(_plain_option(command))

    return decorated


def _plain_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--plain",
        is_flag=True,
        expose_value=False,
        callback=_plain,
        help="ASCII only: no colour, no signs, no moving lines.",
    )(command)


def _plain(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    """Have everything that looks at the environment see it: a flag wins over a variable."""
    del parameter
    if value and ctx.obj is not None:
        ctx.obj.environment = {**ctx.obj.environment, "RECONCILER_PLAIN": "1"}


def _listed(forms: tuple[str, ...]) -> str:
    return f"{', '.join(forms[:-1])} or {forms[-1]}"


@dataclass(frozen=True, slots=True)
class _Parser:
    """Reads the values of `-o` for a command that speaks `forms`."""

    forms: tuple[str, ...]

    def __call__(
        self, ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]
    ) -> tuple[Output, ...]:
        del parameter
        if ctx.obj is None:
            return (Output("text"),)
        origin = ""
        if not values:
            usual, origin = _usual(ctx.obj.environment, ctx.obj.directory)
            values = (usual,)
        asked = tuple(_one(value, self.forms, ctx, origin) for value in values)
        if sum(output.file is None for output in asked) > 1:
            raise click.BadParameter("only one format can go to stdout; give the others a =FILE.")
        ctx.obj.outputs = asked
        return asked


def _one(value: str, forms: tuple[str, ...], ctx: click.Context, origin: str) -> Output:
    form, _, file = value.partition("=")
    if form not in forms:
        said = f" ({origin} says so)" if origin else ""
        raise click.BadParameter(
            f'"{ctx.command_path}" has no format {form!r}{said}; it has {_listed(forms)}.'
        )
    if not file or file == "-":
        return Output(form)
    path = Path(ctx.obj.directory) / file
    fault = _fault(path)
    if fault:
        raise click.BadParameter(f"{file!r} cannot be written: {fault}.")
    return Output(form, path)


def _fault(path: Path) -> str:
    """Say why a file could not be written, before anything is done; "" when it may be."""
    if path.is_dir():
        return "it is a folder"
    folder = path.resolve().parent
    if not folder.is_dir():
        return "there is no such folder"
    target = path if path.exists() else folder
    return "" if os.access(target, os.W_OK) else "that is not allowed"


def _usual(environment: Mapping[str, str], directory: Path) -> tuple[str, str]:
    """The format where none is asked for, and who says so: variable, project file, nobody."""
    if environment.get("RECONCILER_OUTPUT"):
        return environment["RECONCILER_OUTPUT"], "RECONCILER_OUTPUT"
    said = _project_says(directory)
    return (said, f"output in {PROJECT_FILE}") if said else ("text", "")


def _project_says(directory: Path) -> str:
    """`output` of the project file, "" where it says nothing or cannot be read.

    Whatever is wrong with the file is told by the command that uses it.
    """
    for folder in (directory, *directory.parents):
        path = folder / PROJECT_FILE
        if path.is_file() and path.stat().st_size <= _LARGEST_PROJECT:
            try:
                raw = path.read_bytes()
            except OSError:
                return ""
            return _value_of_output(raw) if _SAYS_OUTPUT.search(raw) else ""
        if (folder / ".git").exists():
            break
    return ""


def _value_of_output(raw: bytes) -> str:
    from reconciler.loader.yaml_text import parse_yaml  # noqa: PLC0415 - where it says anything

    document = parse_yaml(raw, PROJECT_FILE).document
    said = document.value.get("output", "") if document is not None else ""
    return said if isinstance(said, str) else ""
