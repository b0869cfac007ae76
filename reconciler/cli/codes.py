"""Every code that `explain` knows, gathered from where each is used."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.engine.codes import CODES as FIELDS
from reconciler.engine.rules import DECIDED_BY as RULES_DECIDED_BY
from reconciler.engine.rules import EXPLAINED, FIXED
from reconciler.errors import Location, Problem
from reconciler.loader.yaml_text import CODES as LOADER
from reconciler.settings import CODES as SETTINGS

REFUSALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "C101": (
            "Connector not usable",
            (
                "What the project file says of a carrier account does not hang together: an "
                "address that is not the carrier's, two gateways at one host, a hand-off to a "
                "gateway that is not declared, or a key that is missing."
            ),
        ),
        "E160": (
            "Tenant without a file",
            (
                "The platform has objects or numbers of a tenant that no file describes any more. "
                "A file that is gone never means 'delete all': nothing is planned for the tenant, "
                "and its callers go on as before. To give a tenant up, take the entries out of its "
                "file and apply that; its numbers are then quarantined, with a date."
            ),
        ),
        "E401": (
            "No safe order",
            (
                "Whatever comes first, something would point at nothing until the rest is done. "
                "An apply that is killed halfway would leave callers there, so nothing is done. "
                "Make the change in two steps, the first of which lets go of one of the two."
            ),
        ),
        "E402": (
            "Taken by something not in git",
            (
                "A number that colleagues dial, or another value that only one object may have, "
                "belongs to an object that is there and that git does not know. It is not "
                "overwritten: write it into YAML, or choose another value."
            ),
        ),
        "E403": (
            "A rename that would lose something",
            (
                "`was: old-name` renames in place, with mailbox, passwords and versions. Where "
                "both names are there, where the old one is not ours, or where its new digits are "
                "still what another object is called, one of the two would be lost: nothing is "
                "done until the file says which."
            ),
        ),
        "E412": (
            "Changing carrier is a port",
            (
                "A number is at one carrier. Naming another one does not move it: releasing and "
                "ordering again would lose it. Moving it is a port order between the carriers."
            ),
        ),
        "E413": (
            "Number from nowhere",
            ("The number is not in the platform's pool, and no connector is named to get it from."),
        ),
        "E414": (
            "The pool lies",
            (
                "The platform's pool has the number, but the carrier that it is said to be at "
                "does not hold it. Calls would never arrive."
            ),
        ),
        "E415": (
            "Number on its way",
            "The number is ordered or being ported, and has not arrived yet.",
        ),
        "E416": (
            "Number not to be had",
            (
                "The carrier neither holds the number nor offers it for sale. Another number "
                "would be another number: none is put in its place."
            ),
        ),
        "E417": (
            "A port that is complete",
            (
                "The numbers of a port order are on the account, in service and billed, and no "
                "entry of their own says what they are to have. `reconciler fix` writes the "
                "entries and takes the port out: the numbers are adopted then, and nothing is "
                "bought. Until that is done the port cannot go."
            ),
        ),
        "E418": (
            "Nothing to port",
            (
                "A port order cannot be submitted, or was and came to nothing: its numbers are on "
                "the account already, its carrier called it off, or lists it no more. A port is "
                "never submitted a second time by itself, as each submission is paid for."
            ),
        ),
        "E419": (
            "Registered for good",
            (
                "A brand or campaign is registered once, for a fee. What it was registered with "
                "can be neither changed nor taken back through a carrier."
            ),
        ),
        "not-checked": (
            "Not checked",
            (
                "What the decision depends on could not be read: a carrier that does not answer, "
                "or a list that cannot be believed. `Could not be read` is never `is not there`."
            ),
        ),
    }
)
"""Why a plan refuses something, and what is wrong with a carrier's section."""

CODES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {**LOADER, **FIELDS, **SETTINGS, **EXPLAINED, **REFUSALS}
)
"""Code -> (summary, explanation)."""

DECIDED_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {**{code: ("plan",) for code in REFUSALS if code != "C101"}, **RULES_DECIDED_BY}
)
"""Code -> the commands that find it, where that is not `validate` alone."""

__all__ = ["CODES", "DECIDED_BY", "FIXED", "REFUSALS", "left_behind"]


def left_behind(tenant: str, objects: int, numbers: int, place: Location) -> Problem:
    """Tell of a tenant that the platform has and no file describes."""
    kept = f" and keeps {numbers} number{'s' * (numbers != 1)} for it" if numbers else ""
    return Problem(
        "E160",
        REFUSALS["E160"][0],
        f"The platform has {objects} object{'s' * (objects != 1)} of the tenant"
        f' "{tenant}"{kept}; no file describes it any more.',
        "Put its file back. To give the tenant up, take the entries out of its file and apply "
        "that first. To plan the others alone, name them: reconciler plan NAME.",
        place,
    )
