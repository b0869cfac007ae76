"""What addresses of streets are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

Line = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")
]
"""One line of an address."""

Postcode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9 -]{2,9}$")]
"""A post or ZIP code, in upper case."""
