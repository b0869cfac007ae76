"""`connectors test` and `connectors sync`: one read of each account, and what it says."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from operator import itemgetter

from reconciler.cli.holdings import AT_CARRIERS, Ours, coming, ours_by_connector
from reconciler.cli.purses import purse_of
from reconciler.cli.session import Session
from reconciler.errors import Exit, InvalidConfig, ReconcilerError, WrongUsage
from reconciler.loader.files import read_file
from reconciler.loader.tenants import tenant_files
from reconciler.model.supply import Holding
from reconciler.protocols import NUMBER, Listing
from reconciler.report.account_reads import AccountRead, Stray, Synced
from reconciler.report.text import number_of

_NUMBERS = re.compile(rb"\+[1-9][0-9]{6,14}")
Notes = Mapping[str, tuple[str, ...]]
"""What is known of a name beside, each as a clause."""


def tested(session: Session, names: Collection[str]) -> Iterator[AccountRead]:
    """Read each account once, by the clock."""
    for name in _chosen(session, names):
        began = session.clock.monotonic()
        try:
            listing = session.accounts.refresh(name)
        except ReconcilerError as error:
            took = session.clock.monotonic() - began
            yield AccountRead(name, "failed", took, error.message, error.hint, error.exit_code)
            continue
        took = session.clock.monotonic() - began
        purse = purse_of(session, session.carriers[name])
        yield AccountRead(name, "ok", took, _says(listing), purse=purse)


def _says(listing: Listing) -> str:
    told = [number_of(len(listing.holdings), "number")]
    told += [f"{len(held)} {kind}" for kind, held in sorted(listing.others.items())]
    told += doubts(listing)
    return f"account {listing.account}, {', '.join(told)}."


def doubts(listing: Listing) -> Iterator[str]:
    """Count what of an account is not as it should be, each as a clause."""
    if listing.odd:
        yield f"{number_of(len(listing.odd), 'row')} not understood"
    if listing.troubles:
        yield f"{len(listing.troubles)} in trouble"
    if waiting := sum(1 for one in listing.everything if one.waiting):
        yield f"{waiting} waiting"


def synced(session: Session, names: Collection[str]) -> Iterator[Synced]:
    """Read each account, and hold it against what is ours.

    Raises:
        Unavailable: The platform or the ledger cannot be read.
    """
    ours, on_their_way = ours_by_connector(session), coming(session)
    notes = _notes(session)
    for name in _chosen(session, names):
        try:
            listing = session.accounts.refresh(name)
        except ReconcilerError as error:
            trouble, hint = error.message, error.hint
            yield Synced(name, trouble=trouble, hint=hint, status=error.exit_code)
            continue
        carrier = session.carriers[name]
        kinds = carrier.capabilities.listed & {NUMBER, *AT_CARRIERS}
        mine = {
            (kind, each): tenant
            for (kind, each), tenant in ours.get(name, {}).items()
            if each not in on_their_way or each in listing.holdings
        }
        made = _compared(name, listing, mine, kinds, notes)
        yield replace(made, purse=purse_of(session, carrier))


def _compared(
    name: str, listing: Listing, ours: Ours, kinds: Collection[str], notes: Notes
) -> Synced:
    """Hold what is there against what is ours, of the kinds that the carrier tells."""
    there = {(kind, each): holding for kind, each, holding in _holdings(listing)}
    unowned = tuple(
        Stray(kind, each, "", "; ".join((*notes.get(each, ()), *_frozen(holding))))
        for (kind, each), holding in sorted(there.items(), key=itemgetter(0))
        if (kind, each) not in ours
    )
    missing = tuple(
        Stray(kind, each, tenant, "; ".join(notes.get(each, ())))
        for (kind, each), tenant in sorted(ours.items())
        if kind in kinds and (kind, each) not in there
    )
    kept = len(there) - len(unowned)
    status = Exit.PENDING if missing else Exit.DONE
    odd = (*listing.odd, *listing.troubles)
    return Synced(name, listing.account, kept, unowned, missing, odd, status=status)


def _holdings(listing: Listing) -> Iterator[tuple[str, str, Holding]]:
    for kind, held in ((NUMBER, listing.holdings), *listing.others.items()):
        for name, holding in held.items():
            yield kind, name, holding


def _frozen(holding: Holding) -> tuple[str, ...]:
    return (f"frozen: {holding.frozen}",) if holding.frozen else ()


def _notes(session: Session) -> Notes:
    """What is known of numbers beside: who names them, and which run is not over with them."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for path, tenant in tenant_files(session.root, session.project.settings.tenants).items():
        try:
            raw = read_file(session.root, path)
        except InvalidConfig:
            continue  # validate tells why
        for number in _NUMBERS.findall(raw):
            found[number.decode("ascii")][f"named in {tenant}'s files"] = None
    for entry in session.ledger.open_operations():
        found[entry.resource_key][f"run {entry.run_id} is not over with it"] = None
    return {name: tuple(told) for name, told in found.items()}


def _chosen(session: Session, names: Collection[str]) -> tuple[str, ...]:
    """The connectors that are named, or all.

    Raises:
        WrongUsage: There is none of such a name.
    """
    known = session.project.settings.connectors
    for name in names:
        if name not in known:
            raise WrongUsage(
                f"The project file has no connector {name!r}.",
                f"Its connectors: {', '.join(known) or 'none'}.",
            )
    return tuple(dict.fromkeys(names)) or tuple(known)
