"""Which files make a tenant.

A tenant is `tenants/<name>.yaml`, or a folder `tenants/<name>/` whose files are merged by
section. A file with a mistake yields problems and no tenant; the problems of all files are
told together.

Codes: E151 to E157, in `CODES`, and those of reading and parsing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from reconciler.errors import InvalidConfig, Location, Problem, by_place
from reconciler.loader.codes import printable, quoted, told
from reconciler.loader.document import Document, Key
from reconciler.loader.files import Listing, list_folder, read_file
from reconciler.loader.project import PROJECT_FILE, SourceFile, file_digest, load_file

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


_DEVICES = frozenset(
    [
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{name}{digit}" for name in ("com", "lpt") for digit in range(10)),
    ]
)
"""Names that Windows keeps for devices: a file called so cannot be checked out there."""


@dataclass(frozen=True)
class TenantSource:
    """What git says about one tenant, with the place of everything."""

    tenant: str
    value: dict[str, Any] = field(repr=False)
    """Its sections, merged where it is a folder; as little to be changed as a document's."""

    sources: tuple[SourceFile, ...] = field(repr=False)

    @property
    def files(self) -> tuple[str, ...]:
        """Paths of its files, relative to the project folder."""
        return tuple(source.path for source in self.sources)

    @property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 of each file's bytes, by path."""
        return MappingProxyType({source.path: source.digest for source in self.sources})

    def place(self, path: Sequence[Key], *, key: bool = False) -> Location:
        """Tell where the value (or key) at `path` stands, in whichever file holds it.

        Where nothing stands there, its nearest existing ancestor is told.
        """
        return self.document(path).place(path, key=key)

    def document(self, path: Sequence[Key]) -> Document:
        """Pick the file that knows most of `path`; the one with `tenant` where none knows any."""
        if len(self.sources) == 1:
            return self.sources[0].document
        documents = [source.document for source in self.sources]
        return max(documents, key=lambda one: (one.depth(path), "tenant" in one.value))


class Tenants(NamedTuple):
    """All that could be loaded, and all that could not."""

    tenants: tuple[TenantSource, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: tuple[str, ...] = ()
    """Files not read: hidden, backups, or not asked for by the pattern."""


class _Candidate(NamedTuple):
    """A file or folder that has the name of a tenant."""

    name: str
    path: str
    is_folder: bool
    shown_as: str

    @property
    def place(self) -> Location:
        return Location(printable(self.shown_as + self.path))


@dataclass(frozen=True)
class TenantFiles:
    """The tenants of a project before any file is read; each is loaded by its name.

    Attributes:
        root: The project folder.
        problems: What is wrong with the folder itself: no tenants, two of one name.
        skipped: Files that are not read.
        instead: As for `load_file`.
    """

    root: Path
    candidates: Mapping[str, tuple[_Candidate, ...]] = field(repr=False)
    problems: tuple[Problem, ...] = ()
    skipped: tuple[str, ...] = ()
    instead: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all that are wanted, sorted."""
        return tuple(sorted(self.candidates))

    def load(self, name: str) -> Tenants:
        """Load one. Nothing is raised for what its files may hold."""
        problems: list[Problem] = []
        skipped: list[str] = []
        found: list[TenantSource] = []
        for candidate in self.candidates[name]:
            try:
                found.append(_load(self.root, candidate, skipped, self.instead))
            except InvalidConfig as error:
                problems += error.problems
        alone = found if len(self.candidates[name]) == 1 else []
        return Tenants(tuple(alone), tuple(problems), tuple(skipped))

    def mention(self, word: str) -> bool:
        """Whether any of their files holds a word, in whatever place."""
        sought = word.encode()
        for candidates in self.candidates.values():
            for candidate in candidates:
                for path in _files_of(self.root, candidate, [], []):
                    try:
                        if sought in read_file(self.root, path):
                            return True
                    except InvalidConfig:
                        continue  # told when it is loaded
        return False

    def digests(self, name: str) -> dict[str, str]:
        """SHA-256 of each of its files that `load` would read, without parsing any.

        Raises:
            InvalidConfig: A file or folder cannot be read or is not what it should be.
        """
        return _digests(self.root, self.candidates[name])


def find_tenants(
    root: Path,
    pattern: str,
    *,
    only: frozenset[str] | None = None,
    shown_as: str = "",
    instead: Mapping[str, bytes] = MappingProxyType({}),
) -> TenantFiles:
    """Find the tenants of `pattern`, reading folders only.

    Args:
        root: The project folder.
        pattern: `tenants` of the project file: `tenants/*.yaml`, `tenants/*/` or `tenants/*`.
        only: Names of the tenants wanted; others are not read. None for all.
        shown_as: What to put before paths in messages, such as `examples/`.
        instead: As for `load_file`.
    """
    try:
        listing = list_folder(root, pattern, shown_as=shown_as)
    except InvalidConfig as error:
        return TenantFiles(root, {}, error.problems)
    candidates = _candidates(listing, shown_as)
    wanted = [each for each in candidates if only is None or each.name in only]
    problems = [each for each in listing.problems if only is None or _stem(each) in only]
    problems += [*_clashes(wanted, candidates), *_not_found(pattern, only, candidates, shown_as)]
    same: dict[str, list[_Candidate]] = {}
    for candidate in candidates:
        same.setdefault(_folded(candidate.name), []).append(candidate)
    named = {candidate.name: tuple(same[_folded(candidate.name)]) for candidate in wanted}
    return TenantFiles(root, named, by_place(problems), tuple(listing.skipped), instead)


def load_tenants(
    root: Path,
    pattern: str,
    *,
    only: frozenset[str] | None = None,
    shown_as: str = "",
    instead: Mapping[str, bytes] = MappingProxyType({}),
) -> Tenants:
    """Load the tenants that `pattern` finds. Nothing is raised for what files may hold.

    The arguments are those of `find_tenants`.
    """
    files = find_tenants(root, pattern, only=only, shown_as=shown_as, instead=instead)
    loaded = [files.load(name) for name in files.names]
    problems = [*files.problems, *(each for one in loaded for each in one.problems)]
    skipped = [*files.skipped, *(each for one in loaded for each in one.skipped)]
    tenants = tuple(tenant for one in loaded for tenant in one.tenants)
    return Tenants(tenants, by_place(problems), tuple(skipped))


def tenant_files(root: Path, pattern: str) -> dict[str, str]:
    """Find every tenant file that `load_tenants` would read: its path and its tenant's name.

    A file or folder that cannot be listed is left out; `load_tenants` tells why.
    """
    try:
        listing = list_folder(root, pattern)
    except InvalidConfig:
        return {}
    return {
        path: candidate.name
        for candidate in _candidates(listing, "")
        for path in _files_of(root, candidate, [], [])
    }


def tenant_digests(root: Path, pattern: str, only: frozenset[str] | None = None) -> dict[str, str]:
    """SHA-256 of each tenant file that `load_tenants` would read, without parsing any.

    Raises:
        InvalidConfig: A file or folder cannot be read or is not what it should be.
    """
    found: dict[str, str] = {}
    for candidate in _candidates(list_folder(root, pattern), ""):
        if only is None or candidate.name in only:
            found |= _digests(root, (candidate,))
    return found


def _digests(root: Path, candidates: Iterable[_Candidate]) -> dict[str, str]:
    problems: list[Problem] = []
    found = {
        path: file_digest(root, path)
        for candidate in candidates
        for path in _files_of(root, candidate, [], problems)
    }
    if problems:
        raise InvalidConfig(problems)
    return found


def _candidates(listing: Listing, shown_as: str) -> list[_Candidate]:
    return [
        *(_Candidate(Path(path).stem, path, False, shown_as) for path in listing.files),
        *(_Candidate(Path(path).name, path, True, shown_as) for path in listing.folders),
    ]


def _stem(problem: Problem) -> str:
    return Path(problem.location.file).stem


def _load(
    root: Path, candidate: _Candidate, skipped: list[str], instead: Mapping[str, bytes]
) -> TenantSource:
    problems = list(_name_problems(candidate))
    paths = _files_of(root, candidate, skipped, problems)
    sources = []
    for path in paths:
        try:
            source = load_file(root, path, shown_as=candidate.shown_as, instead=instead)
            sources.append(source)
        except InvalidConfig as error:
            problems += error.problems
    value = _merged([source.document for source in sources], problems)
    if len(sources) == len(paths) and paths:
        problems += _declared_name_problems(candidate, value, sources)
    if problems:
        raise InvalidConfig(problems)
    return TenantSource(candidate.name, value, tuple(sources))


def _files_of(
    root: Path, candidate: _Candidate, skipped: list[str], problems: list[Problem]
) -> tuple[str, ...]:
    if not candidate.is_folder:
        return (candidate.path,)
    try:
        listing = list_folder(root, f"{candidate.path}/*.yaml", shown_as=candidate.shown_as)
    except InvalidConfig as error:
        problems += error.problems
        return ()
    skipped += listing.skipped
    problems += listing.problems
    if not listing.files and not listing.problems:
        detail = f"The folder {quoted(candidate.path)} has no `.yaml` file."
        hint = "Add one, or remove the folder from git."
        problems.append(told("E157", candidate.place, detail, hint))
    return listing.files


def _merged(documents: Sequence[Document], problems: list[Problem]) -> dict[str, Any]:
    """Merge files by section; what is given twice is a problem that names both places."""
    merged: dict[str, Any] = {}
    for number, document in enumerate(documents):
        for section, value in document.value.items():
            if section not in merged:
                merged[section] = value
                continue
            before = documents[:number]
            if not isinstance(value, dict) or not isinstance(merged[section], dict):
                problems.append(_given_twice(document, before, (section,)))
                continue
            twice = [name for name in value if name in merged[section]]
            problems += [_given_twice(document, before, (section, name)) for name in twice]
            merged[section] = merged[section] | value
    return merged


def _given_twice(again: Document, before: Sequence[Document], path: tuple[str, ...]) -> Problem:
    first = next(one for one in before if one.depth(path) == len(path))
    there = first.place(path, key=True)
    return told(
        "E155",
        again.place(path, key=True),
        f"{quoted('.'.join(path))} is given in {there.file} already, on line {there.line}.",
        "Keep one of the two.",
        related=((there, "first given here"),),
    )


def _name_problems(candidate: _Candidate) -> Iterator[Problem]:
    name = candidate.name
    if not _NAME.fullmatch(name):
        detail = f"{quoted(name)} cannot be the name of a tenant."
        hint = "Rename it: 1 to 63 of a-z, 0-9 and hyphens, the first not a hyphen."
    elif name in _DEVICES:
        detail = f"{quoted(name)} is the name of a device on Windows."
        hint = "Rename it."
    else:
        return
    yield told("E152", candidate.place, detail, hint)


def _declared_name_problems(
    candidate: _Candidate, value: Mapping[str, Any], sources: Sequence[SourceFile]
) -> Iterator[Problem]:
    declared = value.get("tenant")
    if declared == candidate.name:
        return
    documents = [source.document for source in sources]
    holder = next((one for one in documents if "tenant" in one.value), documents[0])
    what = "folder" if candidate.is_folder else "file"
    if "tenant" not in value:
        detail = f"The {what} {quoted(candidate.name)} does not say which tenant it is."
    else:
        shown = quoted(declared) if isinstance(declared, str) else "not text"
        detail = f"`tenant` is {shown}, the {what} is called {quoted(candidate.name)}."
    hint = f"Write `tenant: {printable(candidate.name)}`, or rename the {what}."
    yield told("E153", holder.place(("tenant",)), detail, hint)


def _clashes(wanted: Sequence[_Candidate], all_of_them: Sequence[_Candidate]) -> Iterator[Problem]:
    """Find names that are one name on a machine that ignores case or Unicode forms."""
    first: dict[str, _Candidate] = {}
    for candidate in all_of_them:
        before = first.setdefault(_folded(candidate.name), candidate)
        if before is not candidate and (candidate in wanted or before in wanted):
            problem = told(
                "E154",
                candidate.place,
                f"{quoted(candidate.path)} and {quoted(before.path)} name the same tenant.",
                "Keep one of the two.",
                related=((before.place, "the other one"),),
            )
            yield problem


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _not_found(
    pattern: str, only: frozenset[str] | None, candidates: Sequence[_Candidate], shown_as: str
) -> Iterator[Problem]:
    """Tell the tenants that were asked for and are not there, or that there is none at all."""
    place = Location(printable(shown_as + pattern))
    names = {candidate.name for candidate in candidates}
    if not names and not only:
        detail = f"The pattern {quoted(pattern)} finds no file."
        hint = f"Add a tenant, or correct `tenants` in {PROJECT_FILE}."
        yield told("E151", place, detail, hint)
    for name in sorted((only or frozenset()) - names):
        import difflib  # noqa: PLC0415 - for a typing mistake only

        close = difflib.get_close_matches(name, sorted(names), n=1)
        hint = f"Did you mean {quoted(close[0])}?" if close else "Check the name."
        yield told("E151", place, f"There is no tenant {quoted(name)}.", hint)
