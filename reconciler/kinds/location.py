"""A dispatchable address: where an ambulance goes when somebody dials 911, 999 or 112."""

from __future__ import annotations

from typing import ClassVar

from reconciler.model.place import Line, Postcode
from reconciler.model.resource import Resource
from reconciler.model.types import Country, DisplayName


class Location(Resource):
    """An emergency location (RAY BAUM's Act section 506; UK General Condition A3)."""

    kind: ClassVar[str] = "location"
    section: ClassVar[str] = "locations"
    protected: ClassVar[bool] = True

    caller_name: DisplayName
    """Who is shown to the emergency call centre."""

    street: Line
    """House number and street."""

    unit: Line | None = None
    """Floor, suite or room, where there is more than one."""

    city: Line
    """City or town."""

    region: Line | None = None
    """State or province; two letters in the US and Canada."""

    postcode: Postcode
    """Post or ZIP code, in upper case."""

    country: Country
    """Two letters, such as US or GB."""
