"""Amounts of money as YAML writes them: text, exact, each of one currency."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

_AMOUNT = r"^[0-9]{1,9}(\.[0-9]{1,4})?$"


def parse_amount(value: object) -> Decimal:
    """Read an amount such as ``250.00``, never a float.

    Raises:
        ValueError: It is none.
    """
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not re.match(_AMOUNT, value):
        raise ValueError('write an amount such as "250.00"')
    return Decimal(value)


Amount = Annotated[
    Decimal,
    BeforeValidator(parse_amount),
    WithJsonSchema({"type": "string", "pattern": _AMOUNT, "description": "An amount of money."}),
]

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""Three capital letters (ISO 4217)."""
