"""What a shell offers after Tab: commands, options, tenants, addresses, codes, runs.

The shell starts the program for each Tab, so nothing of the commands is loaded: their form is
in `generated/commands.json`, names come from file names, one tenant's file and the database.
Whatever fails offers nothing, and says nothing.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from reconciler.cli.generated import load

MOST = 200
"""Names that are offered at once."""

LARGEST_BYTES = 1024 * 1024
"""Tenant files above this are not read: an answer is wanted at once."""

_SQLITE = "sqlite:///"
_USUAL_URL = f"{_SQLITE}.reconciler/reconciler.db"
_SECONDS = 0.2

_HARMLESS = re.compile(r"[A-Za-z0-9@+_./:-]+")
"""What a shell takes as it stands: bash puts a completion on the line without quoting it."""

Names = Callable[[Path, Mapping[str, str], str], Iterable[str]]


def command_of(name: str) -> click.Command | None:
    """The form of a command, for completion only: calling it does nothing."""
    made = load("commands.json")["commands"].get(name)
    return _command(name, made) if made is not None else None


def _command(name: str, facts: Mapping[str, Any]) -> click.Command:
    parameters = [_parameter(name, each) for each in facts["params"]]
    if "commands" not in facts:
        return click.Command(name, params=parameters, short_help=facts["help"])
    inner = {each: _command(each, more) for each, more in facts["commands"].items()}
    return click.Group(name, commands=inner, params=parameters, short_help=facts["help"])


def _parameter(command: str, facts: Mapping[str, Any]) -> click.Parameter:
    common: dict[str, Any] = {"type": _type(facts)}
    if facts["nargs"] != 1:
        common["nargs"] = facts["nargs"]
    complete = _completer(command, facts)
    if complete is not None:
        common["shell_complete"] = complete
    if "opts" not in facts:
        return click.Argument([facts["name"]], required=False, **common)
    if facts["flag"]:
        return click.Option(facts["opts"], is_flag=True, help=facts["help"])
    return click.Option(
        [*facts["opts"], facts["name"]], multiple=facts["multiple"], help=facts["help"], **common
    )


def _type(facts: Mapping[str, Any]) -> click.ParamType[Any] | None:
    if "path" in facts:
        return click.Path(file_okay=facts["path"] == "file", dir_okay=facts["path"] == "dir")
    return click.Choice(facts["choices"]) if "choices" in facts else None


def _completer(command: str, facts: Mapping[str, Any]) -> Callable[..., Any] | None:
    words = {facts["name"], *str(facts.get("metavar", "")).strip("[].").split("|")}
    names = next((found for word, found in _NAMES.items() if word in words), None)
    if names is None and command == "schema":
        names = _schemas
    return _safely(names) if names is not None else None


def _safely(
    names: Names,
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]:
    def complete(
        ctx: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        del parameter
        context = ctx.find_root().obj
        chosen = ctx.find_root().params.get("project")
        folder = Path(context.directory) / (chosen or "")
        try:
            found = sorted(set(names(folder, context.environment, incomplete)))
        except Exception:  # noqa: BLE001 - a completion that fails says nothing
            return []
        fitting = [n for n in found if n.startswith(incomplete) and _HARMLESS.fullmatch(n)]
        return [CompletionItem(name) for name in fitting[:MOST]]

    return complete


# Names.


def _tenants(folder: Path, environment: Mapping[str, str], incomplete: str) -> Iterator[str]:
    del environment, incomplete
    from reconciler.loader.files import list_folder  # noqa: PLC0415 - where names are asked for

    root, project = _project(folder)
    found = list_folder(root, str(project.get("tenants", "tenants/*.yaml")))
    for path in (*found.files, *found.folders):
        yield Path(path).name.removesuffix(".yaml")


def _addresses(folder: Path, environment: Mapping[str, str], incomplete: str) -> Iterator[str]:
    """Tenants first; then what one tenant's file declares, and what the database has of it."""
    tenant, slash, _ = incomplete.partition("/")
    if not slash:
        yield from (f"{name}/" for name in _tenants(folder, environment, incomplete))
        return
    root, project = _project(folder)
    yield from _declared(root, project, tenant)
    rows = _rows(
        root,
        project,
        environment,
        "SELECT tenant || '/' || kind || '/' || name FROM object WHERE tenant = ?",
        tenant,
    )
    yield from (str(row[0]) for row in rows)


def _declared(root: Path, project: Mapping[str, Any], tenant: str) -> Iterator[str]:
    from reconciler.loader.project import load_file  # noqa: PLC0415 - as above

    pattern = str(project.get("tenants", "tenants/*.yaml"))
    path = Path(pattern).parent / f"{tenant}.yaml"
    if not (root / path).is_file() or (root / path).stat().st_size > LARGEST_BYTES:
        return
    value = load_file(root, str(path)).document.value
    for section, kind in load("commands.json")["sections"].items():
        for name in value.get(section) or {}:
            yield f"{tenant}/{kind}/{name}"


def _runs(folder: Path, environment: Mapping[str, str], incomplete: str) -> Iterator[str]:
    del incomplete
    root, project = _project(folder)
    sql = "SELECT run_id FROM run ORDER BY started_at DESC LIMIT 50"
    yield from (str(row[0]) for row in _rows(root, project, environment, sql))


def _locks(folder: Path, environment: Mapping[str, str], incomplete: str) -> Iterator[str]:
    del incomplete
    root, project = _project(folder)
    sql = "SELECT nonce FROM lease WHERE expires_at > 0"
    yield from (str(row[0]) for row in _rows(root, project, environment, sql))


def _connectors(folder: Path, environment: Mapping[str, str], incomplete: str) -> Iterator[str]:
    del environment, incomplete
    yield from _project(folder)[1].get("connectors") or ()


def _codes(folder: Path, environment: Mapping[str, str], incomplete: str) -> Iterator[str]:
    del folder, environment, incomplete
    yield from load("codes.json")


def _schemas(folder: Path, environment: Mapping[str, str], incomplete: str) -> Iterator[str]:
    del folder, environment, incomplete
    yield from load("commands.json")["schemas"]


_NAMES: Mapping[str, Names] = {
    "tenants": _tenants,
    "named": _tenants,
    "tenant": _tenants,
    "ADDRESS": _addresses,
    "connector": _connectors,
    "CONNECTOR": _connectors,
    "CODE": _codes,
    "RUN": _runs,
    "run": _runs,
    "nonce": _locks,
}
"""What completes a parameter, by its name or by a word of its metavar."""


def _project(folder: Path) -> tuple[Path, Mapping[str, Any]]:
    from reconciler.loader.project import find_project, load_file  # noqa: PLC0415 - as above

    root = find_project(folder).parent
    return root, load_file(root, "reconciler.yaml").document.value


def _rows(
    root: Path,
    project: Mapping[str, Any],
    environment: Mapping[str, str],
    sql: str,
    *values: str,
) -> list[tuple[Any, ...]]:
    """Ask an SQLite database that is there, without making, migrating or waiting for it."""
    platform = project.get("platform") or {}
    url = environment.get("RECONCILER_PLATFORM_URL") or platform.get("url", _USUAL_URL)
    path = root / str(url).removeprefix(_SQLITE)
    if not str(url).startswith(_SQLITE) or not path.is_file():
        return []
    uri = f"{path.as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=_SECONDS)) as there:
        return there.execute(sql, values).fetchmany(MOST * 50)
