"""What Dial 9 says of the account itself: nothing to a unit's own token.

What a unit has left, and what it pays, stand in the extended form of `units`, which is for
resellers (connectapi.dial9.co.uk/api/docs/v2, units); the older edition has no such page.
"""

from __future__ import annotations

from reconciler.protocols import AccountFacts, Allowance, CallRecords, Charges, NotChecked


class Account:
    """Reads of one account. None of them raises: what cannot be had is `NotChecked`.

    Attributes:
        allowance: None: "API access is currently unrestricted" (voice-api-docs.telcom.uk).
    """

    allowance: Allowance | None = None

    def about(self) -> AccountFacts | NotChecked:
        """Say that it does not tell."""
        return NotChecked("Dial 9 does not tell a unit what it has left")

    def calls(self) -> CallRecords | NotChecked:
        """Say that it does not tell."""
        return NotChecked("this carrier does not say")

    def charges(self) -> Charges | NotChecked:
        """Say that it does not tell."""
        return NotChecked("Dial 9 does not tell a unit what it is billed")
