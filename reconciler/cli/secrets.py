"""`secrets`: make the keys that seal and fingerprint secrets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit, say
from reconciler.errors import Exit, ReconcilerError, WrongUsage
from reconciler.report.machine import document
from reconciler.report.text import Line, line

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@click.group()
def secrets() -> None:
    """Make keys."""


@secrets.command("keygen")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write them to FOLDER/fernet and FOLDER/mac instead of printing them.",
)
@output_option
@click.pass_obj
def make_keys(context: Context, into: Path | None, outputs: tuple[Output, ...]) -> int:
    """Make a key that seals secrets and one that fingerprints them.

    Keep both for good: without the first no sealed secret opens again. The second never changes.
    """
    from reconciler.secrets import keygen  # noqa: PLC0415 - cryptography, for this command only

    fernet, mac = keygen()
    if into is None:
        say("Two keys. Keep them where secrets are kept; they are not shown again.")
        emit(
            outputs,
            lambda: (
                line(f"export RECONCILER_KEY={fernet}"),
                line(f"export RECONCILER_MAC_KEY={mac}"),
            ),
            lambda: (document("keys", {"key": fernet, "mac_key": mac}),),
            context.environment,
        )
        return Exit.DONE
    folder = context.directory / into
    _write(folder, {"fernet": fernet, "mac": mac})
    shown = _from_project(folder, context.directory)
    emit(
        outputs,
        lambda: _next(shown),
        lambda: (document("keys", {"files": [f"{shown}/fernet", f"{shown}/mac"]}),),
        context.environment,
    )
    return Exit.DONE


def _next(folder: str) -> Iterator[Line]:
    yield line(f"Wrote {folder}/fernet and {folder}/mac. Keep a copy, and keep them out of git.")
    yield line("reconciler.yaml then says:")
    yield line("  secrets:")
    yield line(f"    keys: [{{file: {folder}/fernet}}]")
    yield line(f"    mac_key: {{file: {folder}/mac}}")
    yield line("Next:  reconciler plan")


def _from_project(folder: Path, directory: Path) -> str:
    """How the project file names the folder: from its own folder where that is possible."""
    from reconciler.loader.project import find_project  # noqa: PLC0415 - where one is asked for

    root = directory
    with suppress(ReconcilerError):
        root = find_project(directory).parent
    found = Path(os.path.abspath(folder))  # noqa: PTH100 - a link in it stays as it was written
    return str(found.relative_to(root)) if found.is_relative_to(root) else str(found)


def _write(folder: Path, keys: dict[str, str]) -> None:
    """Write each key to a file of its own, all or none; one that is there is never touched."""
    made: list[Path] = []
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        for name, key in keys.items():
            _write_one(folder / name, key)
            made.append(folder / name)
        _sync(folder)
    except OSError as error:
        for path in made:
            path.unlink()
        raise WrongUsage(_why(error, folder), "Nothing was written; name another folder.") from None


def _write_one(path: Path, key: str) -> None:
    descriptor = os.open(path, _CREATE, FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(f"{key}\n")
        stream.flush()
        os.fsync(stream.fileno())


def _sync(folder: Path) -> None:
    """Have the names of new files on disk as well."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _why(error: OSError, folder: Path) -> str:
    if isinstance(error, FileExistsError):
        return f"{error.filename or folder} exists already, and a key is never overwritten."
    return f"The keys cannot be written to {folder}: {os.strerror(error.errno or 0)}."
