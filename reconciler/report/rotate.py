"""What was sealed again with the newest key, and what still needs an older one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from reconciler.errors import Exit
from reconciler.report.machine import document
from reconciler.report.text import Line, Span, line, number_of


@dataclass(frozen=True, slots=True)
class Unopened:
    """A secret at rest that no key opens, or that belongs elsewhere."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class InFile:
    """A token in YAML that is not sealed with the newest key.

    Attributes:
        path: The file.
        place: File, line and column.
        token: As it stands there.
        new: The same value sealed with the newest key; "" where no key opens it.
        reason: Why no key opens it, "" where one does.
        written: Whether the new one stands in the file now.
    """

    path: str
    place: str
    token: str = field(repr=False)
    new: str = field(repr=False)
    reason: str = ""
    written: bool = False


@dataclass(frozen=True, slots=True)
class Rotated:
    """What became of everything that is sealed.

    Attributes:
        replaced: Secrets at rest that were sealed again, or would be.
        newest: Secrets at rest that were sealed with the newest key already.
        moved: Secrets at rest that somebody else replaced meanwhile.
        unopened: Secrets at rest that stay as they are, as no key opens them.
        in_files: Tokens in YAML.
        in_runs: Runs that are not over and hold a token of an older key.
        dry_run: Whether nothing was written.
    """

    replaced: int
    newest: int
    moved: int
    unopened: tuple[Unopened, ...]
    in_files: tuple[InFile, ...]
    in_runs: tuple[str, ...]
    dry_run: bool

    @property
    def needs_older_keys(self) -> bool:
        """Whether an older key may not be taken out of the project file yet."""
        stale = any(each.new and not each.written for each in self.in_files)
        return bool(stale or self.moved or self.in_runs or (self.dry_run and self.replaced))

    @property
    def exit_code(self) -> Exit:
        """Invalid where something cannot be opened at all."""
        lost = self.unopened or any(each.reason for each in self.in_files)
        return Exit.INVALID if lost else Exit.DONE


def rotate_text(done: Rotated) -> Iterator[Line]:
    """Say how many of each, and whether the older keys may go."""
    would = "would be sealed again" if done.dry_run else "sealed again"
    secrets = number_of(done.replaced, "secret")
    yield line(f"{secrets} at the platform {would}; {done.newest} had the newest key already.")
    if done.moved:
        yield line(f"{number_of(done.moved, 'secret')} changed meanwhile: run this once more.")
    for lost in done.unopened:
        yield line(Span(f"not opened: {lost.where}", "error"))
        yield line(f"    {lost.reason}")
    yield from _files(done)
    for run in done.in_runs:
        yield line(f"Run {run} is not over and holds an older token: reconciler resume {run}")
    yield from _verdict(done)


def rotate_json(done: Rotated) -> str:
    """The same for machines; no token of an older key."""
    return document(
        "rotate",
        {
            "replaced": done.replaced,
            "newest": done.newest,
            "moved": done.moved,
            "unopened": [{"where": u.where, "reason": u.reason} for u in done.unopened],
            "files": [
                {"place": f.place, "sealed": f.new, "reason": f.reason, "written": f.written}
                for f in done.in_files
            ],
            "runs": list(done.in_runs),
            "needs_older_keys": done.needs_older_keys,
            "dry_run": done.dry_run,
        },
    )


def _files(done: Rotated) -> Iterator[Line]:
    for each in done.in_files:
        if each.reason:
            yield line(Span(f"not opened: {each.place}", "error"))
            yield line(f"    {each.reason}")
        elif each.written:
            yield line(f"{each.place}  written: the same value, sealed with the newest key")
        else:
            yield line(f"{each.place}  still needs an older key; the same value with the newest:")
            yield line(f"    {{sealed: {each.new}}}")
    if any(each.new and not each.written for each in done.in_files):
        yield line("Put these into YAML:  reconciler secrets rotate --write")
    if any(each.written for each in done.in_files):
        yield line("The next plan shows these secrets as changed: new tokens, same values.")


def _verdict(done: Rotated) -> Iterator[Line]:
    if done.exit_code is not Exit.DONE:
        yield line("What is not opened stays as it is. Add the key that it was sealed with.")
    elif done.needs_older_keys:
        yield line("Keep the older keys in secrets.keys until then.")
    else:
        yield line("Nothing needs the older keys: take them out of secrets.keys.")
