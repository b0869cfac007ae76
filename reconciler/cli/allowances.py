"""What lets a limit pass once: `--allow` and `--max-monthly-increase`, as they are typed.

An amount of money is of one currency. Where a project has only one, that one is meant by an
amount alone; where it has several, an amount alone would let another one pass as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from reconciler.cli.session import Session
from reconciler.engine.guard import MONEY, NAMES, in_currency
from reconciler.errors import WrongUsage
from reconciler.model.money import parse_amount
from reconciler.observe import EMPTY_ACCOUNT

LIMITS = (*NAMES, EMPTY_ACCOUNT)
"""What `--allow` of an apply lets pass once."""

_CURRENCY = re.compile(r"[A-Z]{3}")


def parse_allowed(values: Iterable[str], known: tuple[str, ...] = LIMITS) -> dict[str, Decimal]:
    """Read `LIMIT=N`, and `LIMIT:USD=AMOUNT` of one about money.

    Args:
        values: As they were typed.
        known: The limits that may be let pass here.

    Raises:
        WrongUsage: There is no such limit, N is no number, or what is no money has a currency.
    """
    found: dict[str, Decimal] = {}
    for value in values:
        name, _, amount = value.partition("=")
        limit, colon, currency = name.partition(":")
        if limit not in known and limit in LIMITS:
            hint = f"Say it to `apply`; here it is {', '.join(known)}."
            raise WrongUsage(f"A plan is stopped by no limit {limit!r}.", hint)
        if limit not in known:
            raise WrongUsage(f"There is no limit {limit!r}.", f"The limits are {', '.join(known)}.")
        if colon:
            _check_currency(limit, currency)
        if not amount.replace(".", "", 1).isdecimal() or not amount.isascii():
            raise WrongUsage(f"{value!r} gives no number.", f"Write --allow {name}=N.")
        found[name] = Decimal(amount)
    return found


def _check_currency(limit: str, currency: str) -> None:
    if limit not in MONEY:
        raise WrongUsage(f"{limit} is no money.", f"Write --allow {limit}=N.")
    if not _CURRENCY.fullmatch(currency):
        hint = f"Write three capitals: --allow {limit}:USD=250."
        raise WrongUsage(f"{currency!r} is no currency.", hint)


def named_allowed(session: Session, allowed: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The same with a currency for each amount of money.

    Raises:
        WrongUsage: An amount has none, and the project has several or none.
    """
    found = dict(allowed)
    for limit in MONEY:
        if limit in found:
            currency = _meant(session, f"--allow {limit}:USD=250")
            found.setdefault(in_currency(limit, currency), found.pop(limit))
    return found


def parse_increase(values: Iterable[str]) -> dict[str, Decimal]:
    """Read `USD=250`, or `250` for the one currency that there is; "" stands for that one.

    Raises:
        WrongUsage: It is no amount, or one currency has two.
    """
    found: dict[str, Decimal] = {}
    for value in values:
        currency, equals, amount = value.rpartition("=")
        if equals and not _CURRENCY.fullmatch(currency):
            raise WrongUsage(f"{currency!r} is no currency.", "Write three capitals: USD=250.")
        try:
            known = parse_amount(amount)
        except ValueError:
            hint = "Write --max-monthly-increase USD=250.00."
            raise WrongUsage(f"{value!r} gives no amount.", hint) from None
        if currency in found:
            raise WrongUsage(f"{currency or 'The amount'} is given twice.", "Give it once.")
        found[currency] = known
    return found


def named_increase(session: Session, increase: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The same with a currency for each, where the project leaves no doubt which one is meant.

    Raises:
        WrongUsage: An amount has none, and the project has several or none.
    """
    if "" not in increase:
        return dict(increase)
    form = "--max-monthly-increase USD=250"
    currency = _meant(session, form)
    if len(increase) > 1:
        raise WrongUsage("Of several amounts one has no currency.", f"Name it: {form}.")
    return {currency: increase[""]}


def _meant(session: Session, form: str) -> str:
    """The one currency of a project: of its limits, its prices and its accounts."""
    from reconciler import carriers  # noqa: PLC0415 - brings HTTP, needed where an amount is bare

    settings = session.project.settings
    known = {*settings.limits.monthly_increase}
    known |= {rate.currency for rates in session.prices.values() for rate in rates}
    modules = map(carriers.find, {one.kind for one in settings.connectors.values()})
    known |= {module.CURRENCY for module in modules if module is not None}
    if len(known) == 1:
        return known.pop()
    told = f"The project has {', '.join(sorted(known)) or 'no currency'}"
    raise WrongUsage(
        f"{told}, so that an amount alone says too little.", f"Name the currency: {form}."
    )
