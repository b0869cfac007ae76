"""`config`: the settings that hold, and who says so. Resolves no secret, opens nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import click
from pydantic import BaseModel

from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit
from reconciler.cli.session import Session, session_of
from reconciler.errors import Exit, WrongUsage
from reconciler.model.secret import SecretReference
from reconciler.report.machine import document
from reconciler.report.text import BLANK, Line, Span, line, table
from reconciler.report.values import value_text
from reconciler.settings import OVERRIDES, Project, shown_url
from reconciler.settings.checks import own_references
from reconciler.settings.codes import is_sensitive
from reconciler.settings.references import named

OURS = "RECONCILER_"
_ALSO_READ = ("RECONCILER_PLAIN",)
_HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its dotted key, its value as it may be shown, and where it was said."""

    key: str
    value: Any
    where: str

    @property
    def origin(self) -> str:
        """flag, environment, file or default."""
        if self.where.startswith("--"):
            return "flag"
        if self.where in {each.variable for each in OVERRIDES}:
            return "environment"
        return "default" if self.where == "default" else "file"


@click.command()
@click.argument("key", required=False)
@output_option
@click.pass_obj
def config(context: Context, key: str | None, outputs: tuple[Output, ...]) -> int:
    """Show every setting that holds, or KEY and what is under it, and who says so.

    A flag wins over a variable, which wins over the project file. Secrets are shown as
    references and are not looked up.
    """
    session = session_of(context)
    found = tuple(settings_of(session.project))
    chosen = tuple(each for each in found if key is None or _is_under(each.key, key))
    if not chosen:
        raise _unknown(key or "", found)
    strangers = {} if key else unknown_variables(session)
    emit(
        outputs,
        lambda: _text(session, chosen, strangers, whole=key is None),
        lambda: (_json(session, chosen, strangers),),
        context.environment,
    )
    return Exit.DONE


def settings_of(project: Project) -> Iterator[Setting]:
    """Every setting, in the order of the project file's form."""
    dumped = project.settings.model_dump(mode="json", by_alias=True)
    for path, value in _leaves(project.settings, dumped, ()):
        shown = "text" if path == ("output",) and not value else value
        yield Setting(".".join(map(str, path)), shown, project.where(path))


def unknown_variables(session: Session) -> Mapping[str, str]:
    """Variables that look like ours and that nothing reads, each with what may be meant."""
    settings = session.project.settings
    known = [each.variable for each in OVERRIDES] + list(_ALSO_READ)
    known += [reference.env for _, reference in own_references(settings) if reference.env]
    found = {}
    for name in sorted(session.environment):
        if not name.startswith(OURS) or name in known:
            continue
        if not settings.secrets.allow.refusal(SecretReference(env=name)):
            continue  # a tenant's secret may come from it
        # What all of them begin with would make any two look alike.
        ends = [each.removeprefix(OURS) for each in known]
        near = difflib.get_close_matches(name.removeprefix(OURS), ends, n=1)
        found[name] = f'Did you mean "{OURS}{near[0]}"?' if near else ""
    return found


def _leaves(
    value: Any, dumped: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Each setting by its path; `dumped` is the same as JSON values."""
    if isinstance(value, SecretReference):
        yield path, named(value)
    elif isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            step = info.alias or name
            yield from _leaves(getattr(value, name), dumped[step], (*path, step))
    elif isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _leaves(inner, dumped[name], (*path, name))
    elif isinstance(value, tuple) and any(isinstance(one, SecretReference) for one in value):
        for n, inner in enumerate(value):
            yield from _leaves(inner, dumped[n], (*path, n))
    else:
        yield path, _shown(path, dumped)


def _shown(path: tuple[str | int, ...], value: Any) -> Any:
    """A value as it may be shown: no password of a URL, nothing that is named like a secret."""
    if path[-1] == "url" and isinstance(value, str):
        return shown_url(value)
    return _veiled(str(path[-1]), value) if path[0] == "connectors" else value


def _veiled(name: str, value: Any) -> Any:
    """A carrier's own settings are free in form: what is named like a secret is not shown."""
    if isinstance(value, Mapping):
        return {inner: _veiled(str(inner), each) for inner, each in value.items()}
    if isinstance(value, list):
        return [_veiled(name, each) for each in value]
    return _HIDDEN if value and is_sensitive(name) else value


def _is_under(key: str, asked: str) -> bool:
    return key == asked or key.startswith(f"{asked}.")


def _unknown(key: str, found: tuple[Setting, ...]) -> WrongUsage:
    names = {each.key for each in found}
    names |= {key.rpartition(".")[0] for key in names} - {""}
    near = difflib.get_close_matches(key, sorted(names), n=1)
    hint = f'Did you mean "{near[0]}"?' if near else "List them: reconciler config"
    return WrongUsage(f"There is no setting {key!r}.", hint)


def _text(
    session: Session, found: tuple[Setting, ...], strangers: Mapping[str, str], *, whole: bool
) -> Iterator[Line]:
    if whole:
        yield line(Span("project", "bold"), f"  {session.root / 'reconciler.yaml'}")
        yield BLANK
    rows = [(each.key, _words(each.value), each.where) for each in found]
    yield from table(("setting", "value", "from"), rows)
    if strangers:
        yield BLANK
        yield line(Span("Variables that nothing reads", "warning"))
        for name, hint in strangers.items():
            yield line(f"  {name}{f'   {hint}' if hint else ''}")


def _words(value: Any) -> str:
    if value in (None, "", [], {}):
        return "(none)"
    return value if isinstance(value, str) else value_text(value, full=True)


def _json(session: Session, found: tuple[Setting, ...], strangers: Mapping[str, str]) -> str:
    body = {
        "project": str(session.root / "reconciler.yaml"),
        "settings": [
            {"key": each.key, "value": each.value, "origin": each.origin, "where": each.where}
            for each in found
        ],
        "unknown_variables": [{"name": n, "hint": hint} for n, hint in strangers.items()],
    }
    return document("config", body)
