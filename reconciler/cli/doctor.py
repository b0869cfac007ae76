"""`doctor`: what a support engineer would ask for, looked at in one go."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import click

from reconciler.cli.account_reads import doubts
from reconciler.cli.commit import commit_of
from reconciler.cli.config import unknown_variables
from reconciler.cli.findings import Finding, Status, failed, findings_json, findings_text, status_of
from reconciler.cli.holdings import without_connector
from reconciler.cli.machine import machine
from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit, width_of
from reconciler.cli.purses import spent_of
from reconciler.cli.session import Session, session_of
from reconciler.cli.store_checks import is_readable, records, store
from reconciler.errors import Exit, InvalidConfig, ReconcilerError, Severity
from reconciler.loader.files import list_folder
from reconciler.model.secret import SecretReference
from reconciler.report.text import number_of
from reconciler.settings import Connector
from reconciler.settings.references import named

PROJECT = "project"
SECRETS = "secrets"
CONNECTORS = "connectors"

_MOST_NAMED = 5
"""How many things are told by name where there may be thousands."""


@click.command()
@click.option("--online", is_flag=True, help="Ask carriers too, and run programs for secrets.")
@output_option
@click.pass_obj
def doctor(context: Context, online: bool, outputs: tuple[Output, ...]) -> int:
    """Check this machine, the project, its secrets and its store. Changes nothing.

    Without --online no carrier is asked and no program is run. No secret is shown.
    """
    session = session_of(context)
    try:
        found = tuple(_all(session, online=online))
    finally:
        session.close()
    status = status_of(found)
    emit(
        outputs,
        lambda: findings_text(found, width_of(context.environment)),
        lambda: (findings_json(found),),
        context.environment,
        status=status,
    )
    return status


def _all(session: Session, *, online: bool) -> Iterator[Finding]:
    yield from machine(session.clock.now())
    try:
        project = session.project
    except InvalidConfig as error:
        yield from _faults(error)
        return
    yield Finding(PROJECT, "project", "ok", f"{project.root}/reconciler.yaml")
    for problem in session.project_problems:
        yield Finding(PROJECT, problem.code, "warn", problem.detail, problem.hint)
    for name, hint in unknown_variables(session).items():
        yield Finding(PROJECT, "variable", "warn", f"{name} is not read by anything.", hint)
    yield _git(session)
    yield _tenants(session)
    yield from _keys(session, online=online)
    yield _allowed(session)
    yield _sink(session)
    yield from store(session)
    yield from records(session)
    yield from _connectors(session, online=online)


# The project.


def _faults(error: InvalidConfig) -> Iterator[Finding]:
    for problem in error.problems:
        fault = problem.severity is Severity.ERROR
        text = f"{problem.location}: {problem.detail}"
        status = Exit.INVALID if fault else Exit.DONE
        yield Finding(
            PROJECT, problem.code, "fail" if fault else "warn", text, problem.hint, status
        )


def _git(session: Session) -> Finding:
    if shutil.which("git", path=session.environment.get("PATH")) is None:
        return Finding(
            PROJECT, "git", "warn", "There is no git: a plan cannot say which commit it is from.",
            "Install git.",
        )  # fmt: skip
    root = next((p for p in (session.root, *session.root.parents) if (p / ".git").exists()), None)
    if root is None:
        return Finding(
            PROJECT, "git", "warn", "The project is in no git repository.", "git init; git add ."
        )
    commit, dirty = commit_of(session.root, session.environment)
    changed = ", with changes that are not committed" if dirty else ""
    return Finding(PROJECT, "git", "ok", f"{root}, commit {commit[:7] or 'none'}{changed}")


def _tenants(session: Session) -> Finding:
    pattern = session.project.settings.tenants
    try:
        found = list_folder(session.root, pattern)
    except InvalidConfig as error:
        return failed(PROJECT, "tenants", error)
    count = len(found.files) + len(found.folders)
    if not count:
        return Finding(
            PROJECT, "tenants", "fail", f"{pattern} finds no file.",
            "Add a tenant, or correct `tenants` in reconciler.yaml.", Exit.INVALID,
        )  # fmt: skip
    return Finding(PROJECT, "tenants", "ok", f"{count} found by {pattern}")


# Secrets: whether they can be had, never what they are.


def _keys(session: Session, *, online: bool) -> Iterator[Finding]:
    settings = session.project.settings.secrets
    asked = (*settings.keys, *((settings.mac_key,) if settings.mac_key else ()))
    told = ", ".join(map(named, asked))
    if not online and any(reference.exec for reference in asked):
        yield Finding(
            SECRETS, "keys", "skipped", f"{told}: a program is not run.", "--online runs it."
        )
        return
    try:
        session.vault.require_keys()
    except ReconcilerError as error:
        yield failed(SECRETS, "keys", error)
        return
    yield Finding(SECRETS, "keys", "ok", f"{told}: present and usable")


def _allowed(session: Session) -> Finding:
    allow = session.project.settings.secrets.allow
    told = f"env {_names(allow.env)}; files {_names(allow.files)}; programs {_names(allow.exec)}"
    if allow.exec or "*" in allow.env:
        return Finding(
            SECRETS, "allow-list", "warn", f"{told}: a change of a tenant's file can use them.",
            "Name variables and folders that hold tenants' secrets alone.",
        )  # fmt: skip
    return Finding(SECRETS, "allow-list", "ok", told)


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"


def _sink(session: Session) -> Finding:
    sink = session.project.settings.secrets.sink
    if sink is None:
        return Finding(
            SECRETS, "sink", "warn", "There is none: generated passwords need a terminal.",
            "Set secrets.sink: {file: .reconciler/generated.ndjson}",
        )  # fmt: skip
    path = Path(session.root, sink.file)
    folder = next((each for each in path.parents if each.is_dir()), session.root)
    try:
        if path.exists():
            session.sink(None)
        elif not os.access(folder, os.W_OK | os.X_OK):
            return Finding(
                SECRETS, "sink", "fail", f"{folder} cannot be written.",
                "Change its mode, or secrets.sink.", Exit.UNAVAILABLE,
            )  # fmt: skip
    except ReconcilerError as error:
        return failed(SECRETS, "sink", error)
    made = "" if path.exists() else ", made when it is needed"
    return Finding(SECRETS, "sink", "ok", f"{sink.file}{made}")


# Connectors.


def _connectors(session: Session, *, online: bool) -> Iterator[Finding]:
    counted = is_readable(session)
    for name, connector in session.project.settings.connectors.items():
        yield from _requests(session, name, connector, counted=counted)
        found = _credentials(session, name, connector, online=online)
        yield found
        if found.status == "fail":
            continue
        if not online:
            yield Finding(CONNECTORS, name, "skipped", "Not asked.", "reconciler doctor --online")
            continue
        yield _asked(session, name)
    if counted:
        yield from _withdrawn(session)


def _withdrawn(session: Session) -> Iterator[Finding]:
    """What is ours at accounts that the project file has no more."""
    try:
        left = without_connector(session)
    except ReconcilerError as error:
        yield failed(CONNECTORS, "left behind", error)
        return
    for name, held in left.items():
        objects = [f"{kind}/{each}" for kind, each in sorted(held)]
        more = f" and {len(objects) - _MOST_NAMED} more" if len(objects) > _MOST_NAMED else ""
        yield Finding(
            CONNECTORS, name, "warn",
            f"reconciler.yaml has no such connector any more; ours there: "
            f"{', '.join(objects[:_MOST_NAMED])}{more}",
            f"Put connectors.{name} back: only then can any of it be checked, moved or taken away;"
            " reconciler plan tells more.",
        )  # fmt: skip


def _requests(
    session: Session, name: str, connector: Connector, *, counted: bool
) -> Iterator[Finding]:
    """How many of the few requests about the account are used; none is sent to find out."""
    from reconciler import carriers  # noqa: PLC0415 - HTTP is needed only where numbers are

    what = f"{name} requests"
    module = carriers.find(connector.kind)
    allowed = module.allowance_of(connector.options(), name) if module is not None else None
    if allowed is None:
        return
    if not counted:
        yield Finding(CONNECTORS, what, "skipped", "Not checked: there is no ledger to count them.")
        return
    try:
        used, next_at = spent_of(session, allowed)
    except ReconcilerError as error:
        yield failed(CONNECTORS, what, error)
        return
    free = f", next at {next_at[11:16]} UTC" if next_at else ""
    minutes = allowed.window_seconds // 60
    told = f"{used} of {allowed.limit} about the account used in {minutes} minutes{free}"
    if used < allowed.ours:
        yield Finding(CONNECTORS, what, "ok", told)
        return
    yield Finding(
        CONNECTORS, what, "warn", f"{told}: balance, rates and calls are not checked until then.",
        "Wait, or plan without them: a plan says what it could not check.",
    )  # fmt: skip


def _credentials(session: Session, name: str, connector: Connector, *, online: bool) -> Finding:
    what = f"{name} credentials"
    if not connector.credentials:
        return Finding(CONNECTORS, what, "ok", "none needed")
    told = ", ".join(f"{field} {named(ref)}" for field, ref in connector.credentials.items())
    if not online and any(_runs_a_program(ref) for ref in connector.credentials.values()):
        return Finding(CONNECTORS, what, "skipped", f"{told}: a program is not run.")
    try:
        for field, reference in connector.credentials.items():
            session.vault.resolve_project(reference, f"connectors.{name}.{field}")
    except ReconcilerError as error:
        return failed(CONNECTORS, what, error)
    return Finding(CONNECTORS, what, "ok", f"{told}: present")


def _runs_a_program(reference: SecretReference) -> bool:
    return reference.exec is not None


def _asked(session: Session, name: str) -> Finding:
    try:
        listing = session.carriers[name].observe()
    except ReconcilerError as error:
        return failed(CONNECTORS, name, error)
    wrong = (*listing.troubles, *listing.odd)
    status: Status = "warn" if wrong else "ok"
    told = ", ".join((number_of(len(listing.holdings), "number"), *doubts(listing)))
    detail = f"answers: account {listing.account}, {told}"
    return Finding(CONNECTORS, name, status, detail, "; ".join(wrong[:3]))
