"""`numbers search` and `numbers coverage`: each connector asked for what it offers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from reconciler.cli.session import Session
from reconciler.errors import Exit, ReconcilerError, WrongUsage, worst
from reconciler.planner import price_at
from reconciler.protocols import Carrier, Found, Refused, Search
from reconciler.report.search import Answer, Asked

Ask = Callable[[Carrier], Answer]


def sought(prefix: str, npa: str, contains: str, region: str, limit: int) -> Search:
    """Put together what the options ask for.

    Raises:
        WrongUsage: They contradict each other, or are no digits.
    """
    if prefix and npa:
        raise WrongUsage("--prefix and --npa both say how a number begins.", "Give one of them.")
    if npa and not re.fullmatch(r"[2-9][0-9]{2}", npa):
        raise WrongUsage(f"{npa!r} is no area code of North America.", "Three digits: --npa 617.")
    if prefix and not re.fullmatch(r"\+[1-9][0-9]{0,14}", prefix):
        raise WrongUsage(
            f"{prefix!r} is not how a number in E.164 begins.",
            "Begin with + and the country: --prefix +44161.",
        )
    if contains and not re.fullmatch(r"[0-9]{1,15}", contains):
        raise WrongUsage(f"{contains!r} are no digits.", "Digits only: --contains 2255.")
    if region and not re.fullmatch(r"[A-Za-z]{2}", region):
        raise WrongUsage(f"{region!r} is no state or province.", "Two letters: --region MA.")
    return Search(prefix or (f"+1{npa}" if npa else ""), contains, region.upper(), limit)


def searched(session: Session, connector: str, wanted: Search) -> tuple[Asked, ...]:
    """Ask for numbers, and put what is known of their price beside them."""
    asked = _each(session, connector, lambda carrier: carrier.search(wanted))
    return tuple(_priced(session, one) for one in asked)


def covered(session: Session, connector: str, wanted: Search) -> tuple[Asked, ...]:
    """Ask where there are numbers."""
    return tuple(_each(session, connector, lambda carrier: carrier.coverage(wanted)))


def status_of(asked: Iterable[Asked]) -> Exit:
    """The status of all: wrong usage where nobody had a way to make such a search."""
    found = tuple(asked)
    if found and all(isinstance(one.answer, Refused) for one in found):
        return Exit.USAGE
    return worst(one.status for one in found)


def chosen_connectors(session: Session, connector: str) -> tuple[str, ...]:
    """The connector that is named, or all of those that can be spoken to.

    Raises:
        WrongUsage: There is none of that name, or none at all.
    """
    known = session.project.settings.connectors
    if connector and connector not in known:
        raise WrongUsage(
            f"The project file has no connector {connector!r}.",
            f"Its connectors: {', '.join(known) or 'none'}.",
        )
    names = (connector,) if connector else tuple(known)
    if not names:
        raise WrongUsage(
            "The project file has no connector that can be asked.",
            "Add one to `connectors` of reconciler.yaml.",
        )
    return names


def _each(session: Session, connector: str, ask: Ask) -> Iterator[Asked]:
    for name in chosen_connectors(session, connector):
        try:
            yield Asked(name, ask(session.carriers[name]))
        except ReconcilerError as error:
            trouble, status = error.message, error.exit_code
            yield Asked(name, trouble=trouble, hint=error.hint, status=status)


def _priced(session: Session, one: Asked) -> Asked:
    if not isinstance(one.answer, Found):
        return one
    carrier, listed = session.carriers[one.connector], session.prices.get(one.connector, ())
    kept = session.accounts.facts.kept_rates(one.connector)
    prices = {
        offer.e164: price_at(carrier, listed, offer.e164, rates=lambda: kept)
        for offer in one.answer.offers
    }
    return Asked(one.connector, one.answer, prices)
