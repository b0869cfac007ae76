"""`fmt`: files in their form, with the least change, meaning what they meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import click

from reconciler.cli.authoring import Authoring, Veil
from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit, show_problems
from reconciler.cli.schemas import policies_schema, prices_schema, project_schema
from reconciler.engine.schema import tenant_schema
from reconciler.engine.spelling import respelled, texts
from reconciler.errors import Exit, InvalidConfig, Problem, Severity, Unavailable, worst
from reconciler.loader.document import Document
from reconciler.loader.edits import NotEditable, edited
from reconciler.loader.project import PROJECT_FILE
from reconciler.loader.scalar import is_read_otherwise
from reconciler.loader.tenants import TenantSource
from reconciler.loader.tidy import tidied
from reconciler.model.state import DesiredTenant
from reconciler.report.difference import Difference
from reconciler.report.machine import document
from reconciler.report.problems import Checked, problem_record
from reconciler.report.text import Line, Span, line, listed, number_of


@dataclass
class Formatted:
    """One file, and what became of it.

    Attributes:
        path: From the project's folder on.
        before: What it says; None where it has errors and is left alone.
        after: The same in its form.
        failure: Why it could not be written.
    """

    path: str
    before: Document | None
    after: Document | None
    failure: Unavailable | None = None

    @property
    def differs(self) -> bool:
        """Whether it needs anything."""
        return self.before is not self.after


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--check", is_flag=True, help="Write nothing; exit 2 when a file needs formatting.")
@click.option(
    "--diff", is_flag=True, help="Show what would change; write nothing, exit as --check."
)
@output_option
@click.pass_obj
def fmt(
    context: Context,
    paths: tuple[str, ...],
    outputs: tuple[Output, ...],
    *,
    check: bool,
    diff: bool,
) -> int:
    """Give files their form: all of the project, or the files and folders named.

    Numbers, digits, dates and words such as NO get the quotes without which other readers of
    YAML take them for something else; references and durations are written as plans show them
    (4201 as extension/4201, 2m as 120s); blanks at line ends, tabs and the end of the file are
    put right. Order, comments, blank lines and the rest stay as they are, and so does the
    meaning: it is checked before anything is written. A file with errors is left alone and
    told (exit 3); a file that needs nothing is not written at all.
    """
    authoring = Authoring(context, paths, sides=True)
    made = _Formatting(authoring)
    files = made.files()
    if not (check or diff):
        _write(authoring, files)
    faults = made.faults(files)
    if faults:
        show_problems(faults, Checked(len({p.location.file for p in faults}), 0))
    emit(
        outputs,
        lambda: _text(authoring, files, made.problems, check=check, diff=diff),
        lambda: (_json(authoring, files, faults, written=not (check or diff)),),
        context.environment,
    )
    statuses = _statuses(files, written=not (check or diff))
    return worst([*statuses, *([Exit.INVALID] if faults else [])])


class _Formatting:
    """Formats the files of one project; reads only."""

    def __init__(self, authoring: Authoring) -> None:
        self.authoring = authoring
        self.desired = authoring.desired(authoring.session)
        self.problems = self.desired.problems
        self._faulty = {p.location.file for p in self.problems if p.severity is Severity.ERROR}

    def files(self) -> list[Formatted]:
        """Format every file to work on."""
        before = {path: self._readable(path) for path in self.authoring.files}
        spelled = {path: doc for path, doc in before.items() if doc is not None}
        spelled |= self._spelled(spelled)
        schemas = _Schemas(self.authoring.sides)
        return [
            Formatted(path, doc, schemas.tidied(path, spelled[path]) if doc else None)
            for path, doc in before.items()
        ]

    def faults(self, files: Iterable[Formatted]) -> list[Problem]:
        """Collect the errors of files that are left alone, and of what was not to be read."""
        well = {self.authoring.shown(one.path) for one in files if one.before is not None}
        meant = {self.authoring.shown(one.path) for one in files} if self.authoring.named else None
        return [
            problem
            for problem in self.problems
            if problem.severity is Severity.ERROR
            and problem.location.file not in well
            and (meant is None or problem.location.file in meant)
        ]

    def _readable(self, path: str) -> Document | None:
        if self.authoring.shown(path) in self._faulty:
            return None
        source = self.authoring.source(self.desired, path)
        return source.document if source else None

    def _spelled(self, before: Mapping[str, Document]) -> dict[str, Document]:
        """Spell values as plans do, in every tenant that means the same afterwards."""
        built = {one.tenant: one for one in self.desired.tenants}
        made: dict[str, dict[str, Document]] = {}
        for source in self.desired.sources:
            tenant = built.get(source.tenant)
            found = _respelled(source, tenant, before) if tenant else {}
            if found:
                made[source.tenant] = found
        if not made:
            return {}
        instead = {
            path: doc.text.encode() for found in made.values() for path, doc in found.items()
        }
        after = self.authoring.with_texts(instead).desired(made, files_only=True)
        kept = {one.tenant for one in after.tenants if _meaning(one) == _meaning(built[one.tenant])}
        return {p: doc for name in made.keys() & kept for p, doc in made[name].items()}


def _respelled(
    source: TenantSource, tenant: DesiredTenant, before: Mapping[str, Document]
) -> dict[str, Document]:
    edits = respelled(source.value, tenant)
    found: dict[str, list[Any]] = {}
    by_file = {one.document.file: one.path for one in source.sources}
    for edit in edits:
        document = source.document(edit.path)
        path = by_file[document.file]
        if path in before and document.depth(edit.path) == len(edit.path):
            found.setdefault(path, []).append(edit)
    made = {}
    for path, edits_of_file in found.items():
        try:
            made[path] = edited(before[path], edits_of_file)
        except NotEditable:
            continue
    return made


def _meaning(tenant: DesiredTenant) -> object:
    """What a tenant says, without places and spelling."""
    header = tenant.header.model_dump(exclude={"defaults"})
    specs = {address: want.spec for address, want in tenant.objects.items()}
    return header, specs, sorted((p.code, p.detail) for p in tenant.problems)


_SCHEMAS: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "project": project_schema,
    "tenant": tenant_schema,
    "policies": policies_schema,
    "prices": prices_schema,
}


class _Schemas:
    """The schemas of files, each made when it is needed."""

    def __init__(self, sides: Mapping[str, str]) -> None:
        self._sides = sides
        self._made: dict[str, Mapping[str, Any]] = {}

    def tidied(self, path: str, document: Document) -> Document:
        """Quote what its fields take as text only, and put blanks right."""
        kind = "project" if path == PROJECT_FILE else self._sides.get(path, "tenant")
        if kind not in self._made:
            self._made[kind] = _SCHEMAS[kind]()
        return tidied(document, texts(document.value, self._made[kind], is_read_otherwise))


def _write(authoring: Authoring, files: Iterable[Formatted]) -> None:
    for one in files:
        if one.before is None or one.after is None or not one.differs:
            continue
        try:
            authoring.write(one.path, one.before.text.encode(), one.after.text.encode())
        except Unavailable as error:
            one.failure = error
        except InvalidConfig as error:
            one.failure = Unavailable(str(error))


def _statuses(files: Iterable[Formatted], *, written: bool) -> Iterator[Exit]:
    for one in files:
        if one.before is None:
            yield Exit.INVALID
        elif one.failure is not None:
            yield Exit.UNAVAILABLE
        elif one.differs and not written:
            yield Exit.PENDING


# Telling.


def _text(
    authoring: Authoring,
    files: Iterable[Formatted],
    problems: Iterable[Problem],
    *,
    check: bool,
    diff: bool,
) -> Iterator[Line]:
    found = list(files)
    word = "needs formatting" if check or diff else "formatted"
    veil = Veil()
    texts_of = {authoring.shown(one.path): one.before.text for one in found if one.before}
    veil.note(problems, lambda file: texts_of.get(file, ""))
    for one in found:
        shown = authoring.shown(one.path)
        if one.before is None:
            yield line(Span(f"{'left alone':<18}", "error"), f"{shown}: it has errors")
        elif one.failure is not None:
            yield line(Span(f"{'not written':<18}", "error"), str(one.failure))
        elif one.after is not None and one.differs:
            yield line(Span(f"{word:<18}", "change"), shown)
            if diff:
                yield from Difference(shown, one.before.text, one.after.text, veil.hides).lines()
    yield line(_sentence(found, word))


def _sentence(files: list[Formatted], word: str) -> str:
    differing = sum(one.differs and one.failure is None for one in files)
    alone = sum(one.before is None for one in files)
    failed = sum(one.failure is not None for one in files)
    same = len(files) - differing - alone - failed
    done = "formatted" if word == "formatted" else "to format"
    said = listed(
        [(differing, done), (same, "in their form"), (alone, "left alone"), (failed, "not written")]
    )
    after = "  reconciler fmt" if differing and word != "formatted" else "  reconciler validate"
    return f"{number_of(len(files), 'file')}: {said or 'nothing to do'}.   Next:{after}"


def _json(
    authoring: Authoring, files: Iterable[Formatted], faults: Iterable[Problem], *, written: bool
) -> str:
    records = [
        {"file": authoring.shown(one.path), "state": _state(one, written=written)} for one in files
    ]
    return document(
        "formatting", {"files": records, "problems": [problem_record(p) for p in faults]}
    )


def _state(one: Formatted, *, written: bool) -> str:
    if one.before is None:
        return "left_alone"
    if one.failure is not None:
        return "not_written"
    if not one.differs:
        return "unchanged"
    return "formatted" if written else "needs_formatting"
