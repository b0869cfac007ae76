"""`init`: a project that works, in an empty folder or beside what is there."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit
from reconciler.cli.schemas import SCHEMAS
from reconciler.errors import Exit, WrongUsage
from reconciler.loader.codes import printable
from reconciler.loader.project import PROJECT_FILE
from reconciler.report.machine import document
from reconciler.report.text import BLANK, Line, Span, line

TENANT = "corner-bakery"
"""The tenant of `--example`."""

KEEPS = ".gitignore"
IGNORED = (".reconciler/", "plan.json", "*.plan.json")
"""What must never be in git: keys, databases, generated secrets, and plans that are used once."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_MODE = 0o666
_PRIVATE_FOLDER = 0o700
_OWN = ".reconciler"


@dataclass
class Made:
    """What was written, by path from the project's folder on."""

    files: list[str] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    """Lines that were added to .gitignore."""


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--example", is_flag=True, help="Add a small tenant, to try things on.")
@output_option
@click.pass_obj
def init(
    context: Context, directory: Path | None, outputs: tuple[Output, ...], *, example: bool
) -> int:
    """Make a project in this folder, or in DIRECTORY, which is made where it is not there.

    Writes reconciler.yaml with a sandbox connector (a stand-in for a carrier: nothing is
    bought), a tenants folder, schemas for editors, and the lines that .gitignore needs. Nothing
    that is there is overwritten: where one of these files is, it is named and nothing at all is
    written (exit 64).
    """
    root = context.directory / (directory or Path())
    texts = _texts(example=example)
    _refuse_what_is_there(root, texts)
    try:
        made = _write(root, texts)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise WrongUsage(
            f"{printable(str(error.filename or root))} cannot be written: {why}.",
            "Nothing is left of it. Name another folder, or make room.",
        ) from None
    emit(
        outputs,
        lambda: _told(made, directory, example=example),
        lambda: (_json(made, root),),
        context.environment,
    )
    return Exit.DONE


def _texts(*, example: bool) -> dict[str, str]:
    """Make the text of every file, by its path."""
    files = resources.files("reconciler.cli") / "templates"
    texts = {PROJECT_FILE: (files / PROJECT_FILE).read_text(encoding="utf-8")}
    if example:
        name = f"{TENANT}.yaml"
        texts[f"tenants/{name}"] = (files / name).read_text(encoding="utf-8")
    else:
        texts["tenants/.gitkeep"] = ""
    return texts


def _schemas() -> dict[str, str]:
    return {f"{_OWN}/{name}.schema.json": SCHEMAS[name]() for name in ("project", "tenant")}


def _refuse_what_is_there(root: Path, texts: Mapping[str, str]) -> None:
    """Stop where a file would have to be overwritten.

    Raises:
        WrongUsage: With every file that is in the way.
    """
    there = [path for path in texts if path and os.path.lexists(root / path)]
    there += [
        folder
        for folder in (".", "tenants", _OWN)
        if os.path.lexists(root / folder) and not (root / folder).is_dir()
    ]
    if (root / KEEPS).is_symlink():
        there.append(KEEPS)
    if there:
        shown = ", ".join(printable(path) for path in there)
        raise WrongUsage(
            f"{printable(str(root))} has {shown} already; nothing was written.",
            "Name an empty folder: reconciler init FOLDER --example",
        )


def _write(root: Path, texts: Mapping[str, str]) -> Made:
    """Write all files, or leave nothing behind."""
    made = Made()
    folders: list[Path] = []
    try:
        for folder in (root, root / "tenants", root / _OWN):
            folders += _make_folder(folder)
        for path, text in {**texts, **_schemas()}.items():
            if path.startswith(f"{_OWN}/") and os.path.lexists(root / path):
                continue
            _write_one(root / path, text)
            made.files.append(path)
        made.ignored = _ignore(root / KEEPS)
    except OSError:
        for path in made.files:
            (root / path).unlink()
        for folder in reversed(folders):
            with suppress(OSError):
                folder.rmdir()
        raise
    return made


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder with those above it, and list the ones that were not there."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    mode = _PRIVATE_FOLDER if folder.name == _OWN else 0o777
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    return missing[::-1]


def _write_one(path: Path, text: str) -> None:
    descriptor = os.open(path, _NEW, _FILE_MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        path.unlink()
        raise


def _ignore(path: Path) -> tuple[str, ...]:
    """Add the lines that .gitignore lacks at its end; what it says stays."""
    old = path.read_bytes() if path.exists() else b""
    said = {one.strip() for one in old.decode("utf-8", "replace").splitlines()}
    missing = tuple(one for one in IGNORED if one not in said)
    if missing:
        gap = "" if not old or old.endswith(b"\n") else "\n"
        with path.open("ab") as stream:
            stream.write((gap + "".join(f"{one}\n" for one in missing)).encode())
    return missing


# Telling.


def _told(made: Made, directory: Path | None, *, example: bool) -> Iterator[Line]:
    for path in made.files:
        if not path.startswith(f"{_OWN}/") and not path.endswith(".gitkeep"):
            yield line(Span("wrote  ", "add"), path)
    if made.ignored:
        yield line(Span("added  ", "add"), f"{', '.join(made.ignored)} to {KEEPS}")
    if not example:
        yield line("Write a tenant into tenants/NAME.yaml; `init --example` shows one.")
    yield BLANK
    yield line("Next:")
    if directory is not None:
        yield line(f"  cd {shlex.quote(str(directory))}")
    for command in _next(example=example):
        yield line(f"  {command}")


def _next(*, example: bool) -> tuple[str, str, str]:
    """The three commands that come next."""
    keys = f"reconciler secrets keygen --into {_OWN}/keys"
    if example:
        return keys, "reconciler plan", "reconciler apply"
    return keys, "reconciler explain number", "reconciler validate"


def _json(made: Made, root: Path) -> str:
    return document(
        "init", {"folder": str(root), "files": made.files, "gitignore": list(made.ignored)}
    )
