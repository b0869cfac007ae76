"""`secrets`: make keys, seal a value, seal everything again with a new key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit, say
from reconciler.cli.session import session_of
from reconciler.errors import Exit, ReconcilerError, WrongUsage
from reconciler.report.machine import document
from reconciler.report.text import Line, line

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@click.group()
def secrets() -> None:
    """Make keys, seal a value, seal everything again with a new key."""


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


@secrets.command("seal")
@click.argument("what", metavar="ADDRESS|SETTING")
@click.argument("field", required=False, default="")
@click.argument("more", nargs=-1, metavar="")
@output_option
@click.pass_obj
def seal_value(
    context: Context, what: str, field: str, more: tuple[str, ...], outputs: tuple[Output, ...]
) -> int:
    """Seal a value for one field of one object, such as acme/voicemail_box/4201 pin.

    The value is asked for without echo, or read from standard input; never from an argument,
    where everybody on the machine could read it. What is printed may stand in YAML: it opens at
    that field only. A credential of the project file is connectors.NAME.credentials.FIELD.
    """
    if more:
        raise WrongUsage(
            "A value is never given as an argument: others can read it there.",
            "Choose another value, and let it be asked for or read from standard input.",
        )
    from reconciler.cli.seal import place_of, sealed, warn_if_unknown  # noqa: PLC0415 - as above

    session = session_of(context)
    try:
        address, name = place_of(session, what, field)
        token = sealed(session, address, name)
        warn_if_unknown(session, address)
    finally:
        session.close()
    body = {"address": str(address), "field": name, "reference": {"sealed": token}}
    emit(
        outputs,
        lambda: (line(f"{{sealed: {token}}}"),),
        lambda: (document("sealed", body),),
        context.environment,
    )
    return Exit.DONE


@secrets.command("rotate")
@click.option(
    "--write", is_flag=True, help="Put new tokens into YAML too, and change nothing else."
)
@click.option("--dry-run", is_flag=True, help="Write nothing; say what needs an older key.")
@output_option
@click.pass_obj
def rotate_secrets(
    context: Context, write: bool, dry_run: bool, outputs: tuple[Output, ...]
) -> int:
    """Seal everything again with the newest of secrets.keys; values stay as they are.

    Put the new key first, keep the old ones, run this, then take the old ones out. It may be
    cut off and run again at any time.
    """
    from reconciler.cli.rotate import rotate  # noqa: PLC0415 - as above
    from reconciler.report.rotate import rotate_json, rotate_text  # noqa: PLC0415 - as above

    session = session_of(context)
    try:
        done = rotate(session, write=write, dry_run=dry_run)
    finally:
        session.close()
    emit(outputs, lambda: rotate_text(done), lambda: (rotate_json(done),), context.environment)
    return done.exit_code


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
