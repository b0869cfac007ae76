"""`numbers preload`: put a carrier's list of numbers into the pool, each once, nobody else's."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.main import Context
from reconciler.cli.recorded import recorded
from reconciler.cli.session import Session
from reconciler.errors import InvalidConfig, WrongUsage
from reconciler.loader.supply import MOST_BYTES, Listed, read_supply
from reconciler.loader.tenants import load_tenants
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.protocols import Done
from reconciler.report.preload import Preloaded, There

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Wish:
    """What `numbers preload` was asked for."""

    file: str
    connector: str
    tenant: str
    dry_run: bool


def preload(context: Context, session: Session, wish: Wish) -> Preloaded:
    """Load what can be loaded of a list; a number that is in the pool stays as it is.

    Raises:
        InvalidConfig: The list cannot be read at all, or there is no such tenant.
        WrongUsage: There is no such file or connector.
    """
    in_service = _is_real(session, wish.connector)
    if wish.tenant:
        require_tenant(session, wish.tenant)
    raw = _read(context, wish.file)
    listed = read_supply(raw, _shown(wish.file), in_service=in_service)
    known = session.platform.numbers([number.e164 for number in listed.numbers])
    by = f"{session.who} (preload)"
    added = tuple(_record(each, wish, by) for each in listed.numbers if each.e164 not in known)
    if added and not wish.dry_run:
        told = {"sha256": hashlib.sha256(raw).hexdigest(), "numbers": len(added)}
        who_for = {"connector": wish.connector, "tenant": wish.tenant}
        facts = {**told, **who_for, "refused": len(listed.refused)}
        recorded(session, "preload", facts, lambda: _loaded(session, added))
    there = tuple(
        There(each.line, known[each.e164], _differs(known[each.e164], each, wish))
        for each in listed.numbers
        if each.e164 in known
    )
    return Preloaded(
        added, there, listed.refused, listed.repeated, listed.header, listed.unread, wish.dry_run
    )


def _loaded(session: Session, added: tuple[PoolNumber, ...]) -> Done:
    session.platform.load_numbers(added, at=f"{session.clock.now():%Y-%m-%dT%H:%M:%SZ}")
    return Done()


def _record(number: Listed, wish: Wish, by: str) -> PoolNumber:
    return PoolNumber(
        e164=number.e164,
        state=NumberState.RESERVED if wish.tenant else NumberState.AVAILABLE,
        tenant=wish.tenant,
        connector=wish.connector,
        country=number.country,
        type=number.type,
        updated_by=by,
    )


def _differs(record: PoolNumber, number: Listed, wish: Wish) -> bool:
    """Whether the pool says something else of a number than the list does."""
    facts = (record.connector, record.country, record.type)
    others = wish.tenant not in {"", record.tenant}
    return others or facts != (wish.connector, number.country, number.type)


def require_tenant(session: Session, tenant: str) -> None:
    """Refuse a tenant that no file describes: a typing mistake would reserve for nobody.

    Raises:
        InvalidConfig: There is none.
    """
    pattern = session.project.settings.tenants
    loaded = load_tenants(session.root, pattern, only=frozenset({tenant}))
    missing = [problem for problem in loaded.problems if problem.code == "E151"]
    if missing:
        raise InvalidConfig(missing)


def _is_real(session: Session, connector: str) -> bool:
    """Whether a connector is a carrier that has real numbers.

    Raises:
        WrongUsage: There is no such connector.
    """
    connectors = session.project.settings.connectors
    if not connector:
        return False
    if connector not in connectors:
        known = ", ".join(connectors) or "none"
        raise WrongUsage(
            f"The project file has no connector {connector!r}.", f"Its connectors: {known}."
        )
    return not connectors[connector].sandbox


# The list.


def _shown(file: str) -> str:
    return "<stdin>" if file == STANDARD_INPUT else file


def _read(context: Context, file: str) -> bytes:
    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        with Path(context.directory / file).open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise WrongUsage(f"{file} cannot be read: {error.strerror}.", "Name a file.") from None
