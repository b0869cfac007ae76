"""How a good PIN is made."""

from __future__ import annotations

import secrets as token_source

from reconciler.model.pin import FEWEST_DIGITS, weak_pin


def made_pin(length: int, extension: str) -> str:
    """Make a PIN of `length` digits; a weak one is thrown away where the length allows."""
    while True:
        pin = "".join(token_source.choice("0123456789") for _ in range(length))
        if length < FEWEST_DIGITS or not weak_pin(pin, extension):
            return pin
