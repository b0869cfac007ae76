"""Whether a number can still be bought: then nobody has it, and neither have we."""

from __future__ import annotations

from typing import Final

from reconciler.model.supply import Stock
from reconciler.protocols import Carrier

LOOKS: Final = 30
"""How often an inventory that shows a few random numbers at a time is looked at."""


def is_on_offer(carrier: Carrier, e164: str) -> bool:
    """Whether a carrier's inventory shows a number.

    A list that lags, and a carrier that sells again what it has sold, are two things that may
    both be so; what is on offer rules both out.

    Raises:
        Unavailable: The inventory cannot be read.
    """
    said = Stock.UNSAID
    for _ in range(LOOKS):
        said = carrier.stock([e164]).get(e164, Stock.UNSAID)
        if said is not Stock.UNSAID:
            break
    return said is Stock.OFFERED
