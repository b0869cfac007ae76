"""`secrets rotate`: what is sealed at rest and in YAML, sealed again with the newest key.

Safe at every moment: a token is replaced by another one of the same value, and the older keys
open both until somebody takes them out of the project file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from reconciler.cli.recorded import recorded
from reconciler.cli.session import Session
from reconciler.loader.document import Document, Key
from reconciler.loader.files import read_file
from reconciler.loader.project import PROJECT_FILE, load_file
from reconciler.loader.replace import replace_file
from reconciler.loader.tenants import tenant_digests
from reconciler.loader.yaml_text import parse_yaml
from reconciler.protocols import Done, SealedAt
from reconciler.report.rotate import InFile, Rotated, Unopened
from reconciler.secrets import Unusable, Vault

BATCH = 500
"""How many secrets are replaced as one unit."""

_IN_BODY = re.compile(r'"sealed":\s*"([^"\\]+)"')
_SEALED_KEYS = ({"sealed"}, {"sealed", "version"})


@dataclass
class _Count:
    """What has been done so far at the platform."""

    replaced: int = 0
    newest: int = 0
    moved: int = 0
    unopened: list[Unopened] = field(default_factory=list)


def rotate(session: Session, *, write: bool, dry_run: bool) -> Rotated:
    """Seal everything again.

    Args:
        session: The project.
        write: Whether tokens in YAML are replaced too.
        dry_run: Whether nothing at all is written.

    Raises:
        Unavailable: There is no key; nothing was changed.
        InvalidConfig: A file of the project cannot be read; nothing was changed.
    """
    vault = session.vault
    vault.require_keys()
    found = list(_in_files(session, vault))
    count = _at_rest(session, vault, dry_run=dry_run)
    if write and not dry_run:
        found = [each for path in _paths(found) for each in _written(session, path, found)]
    return Rotated(
        replaced=count.replaced,
        newest=count.newest,
        moved=count.moved,
        unopened=tuple(count.unopened),
        in_files=tuple(found),
        in_runs=_in_runs(session, vault),
        dry_run=dry_run,
    )


# At the platform.


def _at_rest(session: Session, vault: Vault, *, dry_run: bool) -> _Count:
    count = _Count()
    rest = iter(session.platform.all_sealed())
    while batch := list(islice(rest, BATCH)):
        changes = list(_changes(vault, batch, count))
        if dry_run or not changes:
            count.replaced += len(changes)
            continue
        done: list[int] = []
        facts = {"secrets": len(changes)}
        recorded(session, "rotate", facts, lambda: _replaced(session, changes, done))  # noqa: B023 - called at once
        count.replaced += done[0]
        count.moved += len(changes) - done[0]
    return count


def _changes(
    vault: Vault, batch: Iterable[SealedAt], count: _Count
) -> Iterator[tuple[SealedAt, str]]:
    for held in batch:
        try:
            token = vault.resealed(held.token, held.address, held.field_name)
        except Unusable as error:
            count.unopened.append(Unopened(f"{held.address} {held.field_name}", error.message))
            continue
        if token == held.token:
            count.newest += 1
        else:
            yield held, token


def _replaced(session: Session, changes: list[tuple[SealedAt, str]], done: list[int]) -> Done:
    done.append(session.platform.reseal(changes))
    return Done()


# In YAML.


def _in_files(session: Session, vault: Vault) -> Iterator[InFile]:
    """Find each token in YAML that is not sealed with the newest key, or that no key opens."""
    pattern = session.project.settings.tenants
    for path in (PROJECT_FILE, *sorted(tenant_digests(session.root, pattern))):
        if b"sealed" not in read_file(session.root, path):
            continue
        document = load_file(session.root, path).document
        for where, token in _tokens(document.value, ()):
            yield from _in_file(vault, path, document, where, token)


def _in_file(
    vault: Vault, path: str, document: Document, where: tuple[Key, ...], token: str
) -> Iterator[InFile]:
    place = document.place(where)
    at = f"{path}:{place.line}:{place.column}"
    try:
        new = vault.resealed(token)
    except Unusable as error:
        yield InFile(path, at, token, "", reason=error.message)
        return
    if new != token:
        yield InFile(path, at, token, new)


def _tokens(value: Any, path: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str]]:
    if isinstance(value, Mapping):
        if set(value) in _SEALED_KEYS and isinstance(value["sealed"], str):
            yield (*path, "sealed"), value["sealed"]
            return
        for key, inner in value.items():
            yield from _tokens(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _tokens(inner, (*path, index))


def _paths(found: Iterable[InFile]) -> Iterable[str]:
    return dict.fromkeys(each.path for each in found)


def _written(session: Session, path: str, found: Iterable[InFile]) -> Iterator[InFile]:
    """Replace the tokens of one file, and nothing else in it."""
    mine = [each for each in found if each.path == path]
    old = read_file(session.root, path)
    new = old
    for each in mine:
        if each.new:
            new = new.replace(each.token.encode(), each.new.encode())
    if new != old and _means_the_same(path, old, new, mine):
        replace_file(session.root, path, old, new)
    else:
        new = old
    for each in mine:
        done = bool(each.new) and each.token.encode() in old and each.token.encode() not in new
        yield InFile(each.path, each.place, each.token, each.new, each.reason, written=done)


def _means_the_same(path: str, old: bytes, new: bytes, found: Iterable[InFile]) -> bool:
    """Whether the file differs in tokens only."""
    before, after = parse_yaml(old, path).document, parse_yaml(new, path).document
    if before is None or after is None:
        return False
    tokens = {each.token: each.new for each in found if each.new}
    return bool(_with(before.value, tokens) == after.value)


def _with(value: Any, tokens: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _with(inner, tokens) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with(inner, tokens) for inner in value]
    return tokens.get(value, value) if isinstance(value, str) else value


# In runs that are not over.


def _in_runs(session: Session, vault: Vault) -> tuple[str, ...]:
    """Name the runs that may still have to open a token of an older key."""
    runs: dict[str, None] = {}
    for row in session.ledger.open_operations():
        for token in _IN_BODY.findall(row.body):
            try:
                stale = vault.resealed(token) != token
            except Unusable:
                stale = False  # no key of ours opens it, so none is kept for it
            if stale:
                runs[row.run_id] = None
    return tuple(runs)
