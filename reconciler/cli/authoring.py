"""What `fmt` and `fix` work on: the files of a project, or those that are named."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reconciler.cli.main import Context
from reconciler.cli.session import Desired, Session, session_of
from reconciler.engine.reading import looks_secret
from reconciler.errors import InvalidConfig, Problem, WrongUsage
from reconciler.loader.codes import printable
from reconciler.loader.files import read_file
from reconciler.loader.project import (
    PROJECT_FILE,
    SIDE_FILES,
    SourceFile,
    load_file,
)
from reconciler.loader.replace import replace_file
from reconciler.loader.tenants import tenant_files

_PLAIN_VALUE = re.compile(r"""([\w-]+)["']?[ \t]*:[ \t]+(?![{#\s])""")
"""A key, and a value on its line that is not a reference in braces."""

_LINE = re.compile(r"^(.+?):([1-9][0-9]{0,8})(?::[0-9]+)?$")


@dataclass(frozen=True)
class Named:
    """A file or folder that the command line names, from the project's folder on.

    Attributes:
        path: With `/`; "" for the project's folder itself.
        line: The line that is meant; 0 for all.
        given: As it was typed.
    """

    path: str
    line: int
    given: str

    def covers(self, path: str, line: int = 0) -> bool:
        """Tell whether a file of the project, or a line of it, is meant."""
        inside = not self.path or path == self.path or path.startswith(f"{self.path}/")
        return inside and (not self.line or not line or self.line == line)


class Authoring:
    """A project whose files are edited.

    Args:
        context: The command.
        paths: Files and folders that it names; none for the whole project.
        lines: Whether a path may end in `:LINE`.
        sides: Whether the files that the project file names beside itself belong to it.
    """

    def __init__(
        self,
        context: Context,
        paths: Iterable[str],
        *,
        lines: bool = False,
        sides: bool = False,
    ) -> None:
        self._context = context
        self._with_sides = sides
        self._read: tuple[Desired, Mapping[str, SourceFile]] | None = None
        self.session = session_of(context)
        self.session.keeps_sources = True
        self.named = tuple(self._named(path, lines=lines) for path in paths)

    def _named(self, given: str, *, lines: bool) -> Named:
        folder = self._context.directory.resolve()
        match = _LINE.match(given) if lines and not os.path.lexists(folder / given) else None
        path, row = (match[1], int(match[2])) if match else (given, 0)
        found = Path(os.path.abspath(folder / path))  # noqa: PTH100 - a link stays a link
        if not found.is_relative_to(self.session.root):
            raise WrongUsage(
                f"{printable(given)} is not in the project {printable(str(self.session.root))}.",
                "Name files of this project, or another one with --project.",
            )
        inside = found.relative_to(self.session.root).as_posix()
        return Named("" if inside == "." else inside, row, given)

    def covers(self, path: str, line: int = 0) -> bool:
        """Tell whether a file of the project, or a line of it, is to be worked on."""
        return not self.named or any(named.covers(path, line) for named in self.named)

    @cached_property
    def tenants(self) -> Mapping[str, str]:
        """Every tenant file, by its path: the name of its tenant."""
        return tenant_files(self.session.root, self.session.project.settings.tenants)

    @cached_property
    def sides(self) -> Mapping[str, str]:
        """The files beside the project file, by path: the setting that names each."""
        settings = self.session.project.settings
        named = {name: getattr(settings, name) for name in SIDE_FILES if self._with_sides}
        return {path: name for name, path in named.items() if path is not None}

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Paths of the files to work on.

        Raises:
            WrongUsage: One that is named is no file of the project.
            InvalidConfig: It is a link.
        """
        known = [PROJECT_FILE, *self.sides, *self.tenants]
        for named in self.named:
            if not any(named.covers(path) for path in known):
                if (self.session.root / named.path).is_symlink():
                    read_file(self.session.root, named.path, shown_as=self.session.shown_as)
                raise WrongUsage(
                    f"{printable(named.given)} is no file of this project.",
                    f"Its files are {', '.join([PROJECT_FILE, *self.sides])} and what `tenants` in "
                    "it finds.",
                )
        return tuple(path for path in known if self.covers(path))

    def shown(self, path: str) -> str:
        """Name a file as messages do."""
        return printable(self.session.shown_as + path)

    def with_texts(self, instead: Mapping[str, bytes]) -> Session:
        """Open the project as it would be with other bytes in some files."""
        session = session_of(self._context)
        session.instead = instead
        return session

    def desired(self, session: Session) -> Desired:
        """Load and check the tenants that have files to work on."""
        if not self.named:
            return session.desired(files_only=True)
        names = {self.tenants[path] for path in self.files if path in self.tenants}
        if names:
            return session.desired(names, files_only=True)
        return Desired((), (*session.project_problems, *session.side_problems))

    def source(self, desired: Desired, path: str) -> SourceFile | None:
        """Find a file as it was read; None where it cannot be."""
        if self._read is None or self._read[0] is not desired:
            self._read = desired, {s.path: s for one in desired.sources for s in one.sources}
        if path in self._read[1]:
            return self._read[1][path]
        try:
            return load_file(self.session.root, path, shown_as=self.session.shown_as)
        except InvalidConfig:
            return None

    def write(self, path: str, old: bytes, new: bytes) -> None:
        """Put a new text into a file.

        Raises:
            InvalidConfig: It may not be written any more.
            Unavailable: It cannot be written; it is as it was.
        """
        replace_file(self.session.root, path, old, new, shown_as=self.session.shown_as)


class Veil:
    """Lines that no message may show: those of problems inside a secret, and any that look so."""

    def __init__(self) -> None:
        self._texts: set[str] = set()

    def note(self, problems: Iterable[Problem], text_of: Callable[[str], str]) -> None:
        """Keep the lines that problems do not show.

        Args:
            problems: What was found.
            text_of: Gives the text of a file by its name in messages.
        """
        veiled: dict[str, set[int]] = {}
        for at in (problem.location for problem in problems):
            if not at.text and at.end_column:
                veiled.setdefault(at.file, set()).add(at.line)
        for file, rows in veiled.items():
            lines = text_of(file).split("\n")
            self._texts.update(lines[row - 1].strip() for row in rows if row <= len(lines))

    def hides(self, line: str) -> bool:
        """Tell whether a line is not to be shown."""
        if line.strip() in self._texts:
            return True
        return any(looks_secret(match[1]) for match in _PLAIN_VALUE.finditer(line))
