"""The settings of Dial 9's sandbox: its switches, and what each starts as."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from reconciler.sandbox.sorts import (
    Setting,
    flag,
    ids,
    kept,
    key,
    money,
    span,
    text,
    texts,
    whole,
    word,
)

SETTINGS: Final[Mapping[str, Setting]] = MappingProxyType(
    {
        "edition": word(
            "whose documents it follows; empty: its section's", "", "telcom", "connect"
        ),
        "token": key("opens the account; empty: any token does"),
        "secret": key("opens the account; empty: any secret does"),
        "cash": money("1000.00", "what the account started with, in GBP"),
        "number_rate": money("1.00", "what a number costs, in GBP"),
        "seed": whole(1, "another one shows other numbers first", least=1, most=10_000),
        "clock_offset_seconds": span("how far its clock is ahead"),
        "unit_id": whole(1, "the unit that the credentials open", least=1),
        "reseller": flag("the credentials are a reseller's", start=False),
        "odd_rows": flag("the number list has rows beyond the documents", start=False),
        "stale": kept("an old number list, and until when it is shown"),
        # Defences: what it refuses to keep its customers from harm.
        "natural_key": flag("a number that somebody has cannot be acquired", start=True),
        "funds_checked": flag("a number that cannot be paid is refused", start=True),
        "destination_checked": flag("a destination that there is not is refused", start=True),
        "second_delete_refused": flag("a number is deleted once, then unknown", start=True),
        # What Dial 9's documents leave open.
        "denial": word("how it denies; empty: as the edition does", "", "access-denied", "error"),
        "unknown_id": word(
            "how it says that it knows no such id; empty: error", "", "not-found", "error"
        ),
        "paged": flag("the number list has pages (connect)", start=True),
        "short_list": flag("the number list has base fields unless asked (connect)", start=False),
        "without": texts("actions that it does not have", "[a-z0-9_]+/[a-z0-9_]+", "menus/list"),
        "shelf": whole(30, "how many numbers of a prefix are on offer at a time", most=1000),
        "any_prefix": flag("a search takes the start of any number", start=False),
        "token_seconds": whole(300, "how long a search result can be acquired"),
        "validation_seconds": whole(5, "how long an address is pending"),
        "validated": text("validated", "the word for a good address; none is documented"),
        "refused_ids": ids("numbers whose next address ends badly"),
        "utility_listed": flag("utility numbers stand in the number list, too", start=False),
        "utility_twice": flag("the digits of a utility number may stand twice", start=False),
        "no_destination": word("how a list shows a number without one", "null", "absent"),
    }
)
"""What a sandbox starts with; each can be changed while it runs."""
