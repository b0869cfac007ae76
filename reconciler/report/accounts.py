"""Numbers on carrier accounts that nobody has: in no tenant's YAML and not in the pool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.report.text import WIDTH, Line, Span, labelled, line, number_of, padded

MOST_LISTED = 20
"""How many are named in text; machines get all."""


@dataclass(frozen=True, slots=True)
class AccountNumbers:
    """What an account has.

    Attributes:
        connector: The connector.
        numbers: How many numbers are on it.
        unmanaged: Those of them that nobody has, sorted.
        unchecked: Why it could not be read; "" where it was.
    """

    connector: str
    numbers: int = 0
    unmanaged: tuple[str, ...] = ()
    unchecked: str = ""


def accounts_text(accounts: Iterable[AccountNumbers], width: int = WIDTH) -> Iterator[Line]:
    """Tell of each account with numbers that nobody has, or that was not read."""
    for account in accounts:
        head = Span(padded(f"@{account.connector}", 8), "bold")
        if account.unchecked:
            yield line(head, " ", Span("NOT CHECKED", "warning"))
            yield from labelled("", account.unchecked, width, 2)
        elif account.unmanaged:
            count = number_of(len(account.unmanaged), "number")
            yield line(head, f" {count} that nobody has: in no YAML and not in the pool")
            yield from _listed(account)


def _listed(account: AccountNumbers) -> Iterator[Line]:
    for e164 in account.unmanaged[:MOST_LISTED]:
        yield line(f"  {padded('unmanaged', 10)} {e164}")
    more = len(account.unmanaged) - MOST_LISTED
    if more > 0:
        yield line(f"  … {more} more: -o json has all")


def account_record(account: AccountNumbers) -> dict[str, Any]:
    """The same for machines."""
    return {
        "connector": account.connector,
        "checked": not account.unchecked,
        "detail": account.unchecked,
        "numbers": account.numbers,
        "unmanaged": list(account.unmanaged),
        "unmanaged_count": len(account.unmanaged),
    }


def account_records(accounts: Sequence[AccountNumbers]) -> list[dict[str, Any]]:
    """All of them."""
    return [account_record(account) for account in accounts]
