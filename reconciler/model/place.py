"""What addresses of streets are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

Line = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")
]
"""One line of an address."""

POSTCODE_PATTERN = r"^[A-Z0-9][A-Z0-9 -]{2,9}$"
Postcode = Annotated[str, StringConstraints(pattern=POSTCODE_PATTERN)]
"""A post or ZIP code, in upper case."""
