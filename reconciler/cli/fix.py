"""`fix`: mend what has one certain remedy, show it, and look again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

import click

from reconciler.cli.arrived import Arrived
from reconciler.cli.authoring import Authoring, Veil
from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit, show_problems
from reconciler.errors import (
    Exit,
    InvalidConfig,
    Problem,
    ReconcilerError,
    ReplaceText,
    Severity,
    worst,
)
from reconciler.loader.codes import CODES as LOADING
from reconciler.loader.edits import NotEditable, edited, retexted
from reconciler.loader.files import read_file
from reconciler.loader.project import PROJECT_FILE
from reconciler.loader.yaml_text import parse_yaml
from reconciler.report.difference import Difference
from reconciler.report.machine import document
from reconciler.report.problems import problem_record
from reconciler.report.text import Line, Span, line, listed, number_of

ROUNDS = 10
"""How often the files are looked at again: a remedy may bring to light what it hid."""

MOST_ALONE = 50
"""Remedies that are tried one by one where all of them at once are refused."""

_OF_SECTIONS = frozenset({"E120", "E134"})

Texts = Mapping[str, bytes]
"""New bytes of files, by path."""


@dataclass
class Found:
    """What the files say, and what is wrong with them."""

    texts: Texts
    problems: tuple[Problem, ...]

    @cached_property
    def counts(self) -> Counter[tuple[str, str, str]]:
        """How often each problem is there."""
        return Counter(map(_same, self.problems))

    def new(self, before: Found) -> Iterator[Problem]:
        """Find the problems that were not there, or not as often."""
        more = self.counts - before.counts
        for one in self.problems:
            if more[_same(one)] > 0:
                more[_same(one)] -= 1
                yield one


@dataclass
class Mended:
    """What was mended, and what is left.

    Attributes:
        first: What there was.
        last: What there is with the new texts.
        fixed: The problems that were mended, with their fixes.
        failures: Why a file could not be written.
    """

    first: Found
    last: Found
    fixed: list[Problem] = field(default_factory=list)
    failures: list[ReconcilerError] = field(default_factory=list)


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH[:LINE]]...")
@click.option("--diff", is_flag=True, help="Show what would change; write nothing, exit 2.")
@output_option
@click.pass_obj
def fix(
    context: Context, paths: tuple[str, ...], outputs: tuple[Output, ...], *, diff: bool
) -> int:
    """Mend problems that have one certain remedy, in all files or in those named.

    A bare * or # gets its quotes, a slip of the keyboard in a field, a word or a reference is
    put right where one known word only can be meant, "yes" becomes true. Digits are never
    guessed. The files are checked again with the edits before anything is written: each
    problem must be gone and none may have come that could be seen before, else that edit is
    left out. What is left is told, and exits 3. The numbers of a port that is complete move to
    `numbers`: for that alone the ledger and the carrier's list are read.
    """
    fixing = _Fixing(Authoring(context, paths, lines=True))
    mended = fixing.mend()
    if not diff:
        fixing.write(mended)
    left = [one for one in mended.last.problems if one.severity is Severity.ERROR]
    if left:
        show_problems(left)
    emit(
        outputs,
        lambda: fixing.text(mended, written=not diff),
        lambda: (fixing.json(mended, written=not diff),),
        context.environment,
    )
    return worst(_statuses(mended, left, written=not diff))


class _Fixing:
    """Mends the files of one project; nothing is written before `write`."""

    def __init__(self, authoring: Authoring) -> None:
        self.authoring = authoring
        self.originals: dict[str, bytes] = {}
        self.veil = Veil()
        self._paths: dict[str, str] = {}
        self._arrived = Arrived(authoring.session)
        with suppress(InvalidConfig):  # a project file that is to be mended itself
            self.files = authoring.files

    def mend(self) -> Mended:
        """Apply remedies until none is left that holds."""
        first = self._look({})
        mended = Mended(first, first)
        refused: list[Problem] = []
        for _ in range(ROUNDS):
            remedies = [
                one
                for one in mended.last.problems
                if one.fix and one not in refused and self._is_meant(one)
            ]
            if not remedies:
                break
            first_stage = min(map(_stage, remedies))
            remedies = [one for one in remedies if _stage(one) == first_stage]
            done, after = self._together(mended.last, remedies)
            mended.fixed += done
            mended.last = after
            refused += [one for one in remedies if one not in done]
        return mended

    def _look(self, texts: Texts) -> Found:
        """Check the whole project as it is with new texts."""
        session = self.authoring.with_texts(texts)
        session.keeps_sources = True
        try:
            desired = session.desired(files_only=True)
            problems = (*desired.problems, *self._arrived.problems(desired))
        except InvalidConfig as error:
            problems = error.problems
        self.veil.note(problems, lambda file: self._text(texts, self._path(file)))
        return Found(texts, problems)

    def _text(self, texts: Texts, path: str) -> str:
        with suppress(InvalidConfig):
            return (texts.get(path) or self._read(path)).decode("utf-8", "replace")
        return ""

    def _is_meant(self, problem: Problem) -> bool:
        if not self.authoring.named:
            return True
        path = self._path(problem.location.file)
        return self.authoring.covers(path, problem.location.line)

    def _path(self, shown: str) -> str:
        """Find the path of a file by its name in messages."""
        if shown not in self._paths:
            self._paths[self.authoring.shown(PROJECT_FILE)] = PROJECT_FILE
            try:
                known = list(self.authoring.tenants)
            except InvalidConfig:
                known = []
            self._paths.update((self.authoring.shown(path), path) for path in known)
        return self._paths.get(shown, shown)

    def _together(self, before: Found, remedies: list[Problem]) -> tuple[list[Problem], Found]:
        """Apply all remedies at once; where that is refused, one after the other."""
        after = self._applied(before, remedies)
        if after is not None:
            return remedies, after
        done = []
        for one in remedies[:MOST_ALONE]:
            alike = [other for other in before.problems if _same(other) == _same(one)]
            current = next((other for other in alike if other == one), next(iter(alike), None))
            after = self._applied(before, [current]) if current else None
            if current and after:
                done.append(one)
                before = after
        return done, before

    def _applied(self, before: Found, remedies: Sequence[Problem]) -> Found | None:
        """Look at the files with these remedies; None where they do not mend.

        Every problem must be gone, and none may have come that could be seen before: what a
        file that cannot be read hides is no harm of the edit that makes it readable.
        """
        try:
            texts = self._edited(before.texts, remedies)
        except NotEditable:
            return None
        after = self._look({**before.texts, **texts})
        wanted = Counter(map(_same, remedies))
        gone = all(after.counts[one] <= before.counts[one] - n for one, n in wanted.items())
        harmed = any(_is_harm(one, remedies) for one in after.new(before))
        return after if gone and not harmed else None

    def _edited(self, texts: Texts, remedies: Iterable[Problem]) -> dict[str, bytes]:
        edits = [edit for one in remedies if one.fix for edit in one.fix.edits]
        made = {}
        for shown in dict.fromkeys(edit.file for edit in edits):
            path = self._path(shown)
            here = [edit for edit in edits if edit.file == shown]
            raw = texts.get(path) or self._read(path)
            characters = [edit for edit in here if isinstance(edit, ReplaceText)]
            if characters:
                made[path] = retexted(raw.decode(), characters).encode()
                continue
            parsed = parse_yaml(raw, shown).document
            if parsed is None:
                raise NotEditable(f"{shown} cannot be read.", "Mend that first.")
            made[path] = edited(parsed, here).text.encode()
        return made

    def _read(self, path: str) -> bytes:
        if path not in self.originals:
            session = self.authoring.session
            self.originals[path] = read_file(session.root, path, shown_as=session.shown_as)
        return self.originals[path]

    def write(self, mended: Mended) -> None:
        """Write every new text, each file whole or not at all."""
        for path, new in mended.last.texts.items():
            try:
                self.authoring.write(path, self._read(path), new)
            except ReconcilerError as error:
                mended.failures.append(error)

    # Telling.

    def text(self, mended: Mended, *, written: bool) -> Iterator[Line]:
        """Tell what was mended, with the lines, and what is left."""
        word = "fixed" if written else "would fix"
        for one in mended.fixed:
            said = f" {one.location} {one.code} {one.fix.title if one.fix else ''}"
            yield line(Span(word, "good"), said)
        for path, new in mended.last.texts.items():
            shown = self.authoring.shown(path)
            yield from Difference(
                shown,
                self.originals[path].decode(),
                new.decode(),
                self.veil.hides,
            ).lines()
        for failure in mended.failures:
            yield line(Span("not written", "error"), f" {failure.message} {failure.hint}")
        yield line(self._sentence(mended, written=written))

    def _sentence(self, mended: Mended, *, written: bool) -> str:
        left = len(mended.last.problems)
        fixed = len(mended.fixed)
        word = "fixed" if written else "to fix"
        said = listed([(fixed, word), (left, "left")]) or "nothing to fix"
        after = "fix" if fixed and not written else "validate"
        return f"{number_of(fixed + left, 'problem')}: {said}.   Next:  reconciler {after}"

    def json(self, mended: Mended, *, written: bool) -> str:
        """The same for machines."""
        return document(
            "fixes",
            {
                "written": written and not mended.failures,
                "files": [self.authoring.shown(path) for path in mended.last.texts],
                "fixed": [problem_record(one) for one in mended.fixed],
                "problems": [problem_record(one) for one in mended.last.problems],
            },
        )


def _stage(problem: Problem) -> int:
    """Tell how far reading must get before a problem can be seen.

    Text comes before sections, these before fields, and fields before what rules look at.
    """
    if problem.code in LOADING:
        return 0
    if problem.code in _OF_SECTIONS:
        return 1
    return 3 if problem.code.startswith("TEL") else 2


def _is_harm(new: Problem, remedies: Iterable[Problem]) -> bool:
    """Tell whether a new problem may come from the remedies, rather than be brought to light."""
    # Warnings speak of what errors kept from being looked at.
    if new.severity is not Severity.ERROR:
        return False
    if not any(_stage(new) <= _stage(one) for one in remedies):
        return False
    edited_lines = {(one.location.file, one.location.line) for one in remedies}
    was_unreadable = new.location.file in {file for file, _ in edited_lines}
    here = (new.location.file, new.location.line) in edited_lines
    return here or _stage(new) > 0 or not was_unreadable


def _same(problem: Problem) -> tuple[str, str, str]:
    """Tell a problem from others wherever edits above it have moved it to."""
    return problem.code, problem.location.file, problem.detail


def _statuses(mended: Mended, left: Iterable[Problem], *, written: bool) -> Iterator[Exit]:
    if any(left):
        yield Exit.INVALID
    if mended.failures:
        yield Exit.UNAVAILABLE
    if mended.fixed and not written:
        yield Exit.PENDING
