"""`numbers pick`: write a number that can be had into a tenant's YAML. Nothing is bought.

A number is somebody's before it is anywhere but in a file: every tenant's file, the pool and
the ledger are looked at before one byte is written.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.cli.asking import chosen_connectors
from reconciler.cli.authoring import Authoring, Veil
from reconciler.cli.preload import require_tenant
from reconciler.cli.session import Session
from reconciler.engine.cost import Price
from reconciler.errors import (
    Blocked,
    InvalidConfig,
    Problem,
    SetValue,
    Severity,
    Unavailable,
    WrongUsage,
)
from reconciler.kinds.number import Number
from reconciler.loader.edits import edited
from reconciler.loader.files import read_file
from reconciler.loader.project import SourceFile
from reconciler.model.supply import NumberState, PoolNumber, Stock
from reconciler.model.types import E164_PATTERN
from reconciler.planner import price_at
from reconciler.protocols import NUMBER
from reconciler.report.difference import Difference
from reconciler.report.pick import Origin, Picked

_SEPARATORS = r"[\s().\\/-]*"


@dataclass(frozen=True, slots=True)
class Wish:
    """What `numbers pick` was asked for.

    Attributes:
        e164: The number.
        tenant: For whom.
        to: Where its calls go.
        connector: The carrier account; "" for the one that there is.
        label: What people call it.
        location: Its emergency location.
        offline: Whether to write without asking the carrier.
        write: Whether to write, or only to show what would be written.
    """

    e164: str
    tenant: str
    to: str
    connector: str = ""
    label: str = ""
    location: str = ""
    offline: bool = False
    write: bool = True


def pick(authoring: Authoring, wish: Wish) -> Picked:
    """Write the number's entry, comments kept.

    Raises:
        WrongUsage: It is no number, or no connector is named and several could be meant.
        Blocked: Somebody has it, or its carrier does not offer it.
        InvalidConfig: The tenant's files cannot be used, or not with this entry.
        Unavailable: The carrier or the platform cannot be asked, or the file not written.
    """
    session = authoring.session
    if not re.fullmatch(E164_PATTERN, wish.e164):
        raise WrongUsage(f"{wish.e164!r} is no number in E.164.", "Write it as +16175550101.")
    require_tenant(session, wish.tenant)
    record = session.platform.numbers([wish.e164]).get(wish.e164)
    connector = _connector(session, wish, record)
    for refusal in (_in_files(authoring, wish), _in_pool(wish, record, connector)):
        if refusal is not None:
            raise refusal
    _in_ledger(session, wish)
    origin, price = _from_where(session, wish, connector, record)
    source, made = _edit(authoring, wish, connector)
    warnings = _checked(authoring, wish, {source.path: made})
    if wish.write:
        _write(authoring, source, made)
    shown, before = authoring.shown(source.path), source.document.text
    difference = Difference(shown, before, made.decode("utf-8", "replace"), Veil().hides)
    facts = (wish.e164, wish.tenant, connector)
    return Picked(*facts, origin, price, difference, warnings, written=wish.write)


def _connector(session: Session, wish: Wish, record: PoolNumber | None) -> str:
    """The account that it comes from; "" for a number of the pool that none holds."""
    if wish.connector:
        return chosen_connectors(session, wish.connector)[0]
    if record is not None and record.state is not NumberState.RELEASED:
        return record.connector
    names = chosen_connectors(session, "")
    if len(names) > 1:
        raise WrongUsage(
            f"{wish.e164} may come from several connectors: {', '.join(names)}.",
            f"Name one: --connector {names[0]}",
        )
    return names[0]


# Whose it is.


def _in_files(authoring: Authoring, wish: Wish) -> Blocked | None:
    """Find a tenant whose files ask for it, however it is spelled there.

    Raises:
        InvalidConfig: A file that names it has mistakes, so that nobody can tell.
    """
    session = authoring.session
    spelled = re.compile(_SEPARATORS.join(re.escape(c) for c in wish.e164.removeprefix("+")))
    for tenant in _naming(authoring, spelled):
        loaded = session.tenant_files([tenant]).load(tenant)
        problems = list(loaded.problems)
        for source in loaded.tenants:
            checked = session.check(source)
            claim = next((c for c in checked.claims if c.key.value == wish.e164), None)
            if claim is not None:
                return Blocked(
                    f"{wish.e164} is claimed by tenant {tenant} at {claim.location}.",
                    "Choose another one: reconciler numbers search",
                )
            problems += checked.problems
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        if errors:
            raise InvalidConfig(errors)
    return None


def _naming(authoring: Authoring, spelled: re.Pattern[str]) -> Iterator[str]:
    """The tenants whose files have its digits in whatever place."""
    session = authoring.session
    found: dict[str, None] = {}
    for path, tenant in authoring.tenants.items():
        raw = read_file(session.root, path, shown_as=session.shown_as)
        if spelled.search(raw.decode("utf-8", "replace")):
            found[tenant] = None
    yield from found


def _in_pool(wish: Wish, record: PoolNumber | None, connector: str) -> Blocked | None:
    if record is None or record.state is NumberState.RELEASED:
        return None
    mine = record.state is NumberState.RESERVED and record.tenant == wish.tenant
    if record.state is NumberState.AVAILABLE or mine:
        if record.connector == connector:
            return None
        return Blocked(
            f"{wish.e164} is at {record.connector or 'no connector'}, not at {connector}.",
            f"Leave --connector out; its record: reconciler numbers list {wish.e164}",
        )
    hint = "Choose another one: reconciler numbers search"
    if record.tenant == wish.tenant and record.state is NumberState.QUARANTINED:
        hint = "Put its line back as it was in git: that ends the quarantine."
    whose = f"tenant {record.tenant} has it" if record.tenant else "it is not free"
    return Blocked(f"{wish.e164} is claimed: {whose} ({record.state}).", hint)


def _in_ledger(session: Session, wish: Wish) -> None:
    """Refuse what an apply left with a tenant or has not finished, whatever the files say now.

    Raises:
        Blocked: There is such a thing.
    """
    for entry in session.ledger.open_operations():
        if entry.resource_key == wish.e164:
            raise Blocked(
                f"{wish.e164} is claimed: run {entry.run_id} has not finished its {entry.action}.",
                f"Look at it first: reconciler runs show {entry.run_id}",
            )
    for kind in (Number.kind, NUMBER):
        owner = session.ledger.owners(kind, [wish.e164]).get(wish.e164)
        if owner is not None:
            raise Blocked(
                f"{wish.e164} is claimed: the last apply left it with tenant {owner}.",
                f"See what is known of it: reconciler plan {owner}",
            )


# Where it comes from.


def _from_where(
    session: Session, wish: Wish, connector: str, record: PoolNumber | None
) -> tuple[Origin, Price | None]:
    """How an apply would get it, and what that would cost where it is known.

    Raises:
        Blocked: Its carrier neither holds nor offers it.
        Unavailable: The carrier cannot be asked.
    """
    pooled = record is not None and record.state is not NumberState.RELEASED
    if not connector:
        return "pool", None
    if wish.offline:
        return "pool" if pooled else "not asked", None
    held = session.accounts.listing(connector).holdings.get(wish.e164)
    if held is not None:
        if held.frozen:
            raise Blocked(f"{wish.e164} is frozen at {connector}: {held.frozen}.", "Wait for it.")
        return "pool" if pooled else "held", None
    if pooled:
        raise Blocked(
            f"{wish.e164} is in the pool, but {connector} does not hold it: the pool lies.",
            f"Check it at the carrier; its record: reconciler numbers list {wish.e164}",
        )
    carrier = session.carriers[connector]
    stock = carrier.stock([wish.e164])[wish.e164]
    if stock is Stock.ABSENT:
        raise Blocked(
            f"{connector} neither holds nor offers {wish.e164}.",
            f"See what it offers: reconciler numbers search --connector {connector}",
        )
    kept = session.accounts.facts.kept_rates(connector)
    listed = session.prices.get(connector, ())
    price = price_at(carrier, listed, wish.e164, rates=lambda: kept)
    return ("offered" if stock is Stock.OFFERED else "unsaid"), price


# The edit.


def _edit(authoring: Authoring, wish: Wish, connector: str) -> tuple[SourceFile, bytes]:
    """The file that has the tenant's numbers, and its new bytes."""
    session = authoring.session
    loaded = session.tenant_files([wish.tenant]).load(wish.tenant)
    if not loaded.tenants:
        raise InvalidConfig(loaded.problems)
    tenant = loaded.tenants[0]
    section = Number.section
    document = tenant.document((section,))
    source = next(each for each in tenant.sources if each.document is document)
    asked = {
        "label": wish.label,
        "connector": connector,
        "to": wish.to,
        "location": wish.location,
    }
    entry = {name: value for name, value in asked.items() if value}
    made = edited(document, [SetValue((section, wish.e164), entry)])
    return source, made.text.encode("utf-8", "surrogatepass")


def _write(authoring: Authoring, source: SourceFile, made: bytes) -> None:
    """Put the new bytes in place of exactly those that were read.

    Raises:
        Unavailable: The file is another one by now, or cannot be written.
    """
    session = authoring.session
    old = read_file(session.root, source.path, shown_as=session.shown_as)
    if hashlib.sha256(old).hexdigest() != source.digest:
        shown = authoring.shown(source.path)
        raise Unavailable(f"{shown} was changed meanwhile.", "Run the command again.")
    authoring.write(source.path, old, made)


def _checked(authoring: Authoring, wish: Wish, texts: dict[str, bytes]) -> tuple[Problem, ...]:
    """Check the tenant as it would be; what is told of the new entry.

    Raises:
        InvalidConfig: The entry brings a mistake that was not there.
    """
    before = _problems(authoring, wish.tenant, {})
    after = _problems(authoring, wish.tenant, texts)
    new = tuple(_more(before, after))
    errors = [problem for problem in new if problem.severity is Severity.ERROR]
    if errors:
        raise InvalidConfig(errors)
    return new


def _problems(authoring: Authoring, tenant: str, texts: dict[str, bytes]) -> tuple[Problem, ...]:
    session = authoring.with_texts(texts)
    return session.desired([tenant], files_only=True).problems


def _more(before: Iterable[Problem], after: Iterable[Problem]) -> Iterator[Problem]:
    """The problems that were not there, or not as often; an edit moves the others."""
    had = Counter((one.code, one.address, one.detail) for one in before)
    for one in after:
        same = (one.code, one.address, one.detail)
        if had[same] > 0:
            had[same] -= 1
        else:
            yield one
