"""Numbers that can be bought: those that Ofcom keeps for drama, so that nobody has them.

Source: Ofcom, "Telephone numbers for use in TV and radio drama programmes".
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from reconciler.sandbox.dial9.protocol import Param, Params
from reconciler.sandbox.dial9.store import ACTIVE, CONNECT, Account

SHOWN: Final = 10
LINES: Final = 1000
FIRST_LINE: Final = 100


class Area(NamedTuple):
    """A prefix with the start of its numbers, three digits short."""

    prefix: str
    description: str
    start: str


AREAS: Final = (
    Area("020", "London (020)", "02079460"),
    Area("01632", "Drama (01632)", "01632960"),
    Area("0306", "UK-wide (0306)", "03069990"),
    Area("0808", "Freephone (0808)", "08081570"),
)


def prefix_of(number: str) -> str:
    """The prefix that a number belongs to; "" for one that is never for sale."""
    return next((area.prefix for area in AREAS if _is_in(area, number)), "")


def _is_in(area: Area, number: str) -> bool:
    return number.startswith(area.start) and number.isdigit() and len(number) == len(area.start) + 3


def is_free(account: Account, number: str) -> bool:
    """Whether a number can be bought now."""
    holders = account.holders(number)
    if not account.setting("natural_key"):
        holders = tuple(holder for holder in holders if holder.state != ACTIVE)
    return bool(prefix_of(number)) and not holders


def _shelf(account: Account, start: str) -> Iterator[str]:
    for area in AREAS:
        if start == area.prefix or account.setting("any_prefix"):
            lines = [*range(FIRST_LINE, LINES), *range(FIRST_LINE)]
            every = (f"{area.start}{line:03d}" for line in lines)
            fitting = (n for n in every if n.startswith(start) and not account.holders(n))
            yield from islice(fitting, int(account.setting("shelf")))


def prefixes(account: Account, params: Params) -> list[dict[str, str]]:
    """All prefixes under which numbers are sold."""
    del account, params
    return [{"description": area.description, "prefix": area.prefix} for area in AREAS]


def acquirable(account: Account, params: Params) -> list[Any]:
    """Ten numbers of a prefix, others each time."""
    shelf = list(_shelf(account, params["prefix"]))
    looks = account.count(f"look {params['prefix']}")
    chance = random.Random(f"{account.setting('seed')}:{params['prefix']}:{looks}")  # noqa: S311 - no secret
    shown = chance.sample(shelf, min(SHOWN, len(shelf)))
    if account.edition != CONNECT:
        return shown
    return [
        {"number": number, "prefix": prefix_of(number), "token": account.offer(number)}
        for number in shown
    ]


PREFIX: Final = Param("prefix", "String", required=True)
