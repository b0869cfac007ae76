"""What kind of text messages a brand sends, as registered through a carrier account."""

from __future__ import annotations

from typing import ClassVar

from reconciler.model.account_fields import CampaignFields
from reconciler.model.registration import Registration
from reconciler.model.spec import Spec


class Campaign(Registration, CampaignFields):
    """A messaging campaign (10DLC), which numbers are in. One that is registered is adopted."""

    kind: ClassVar[str] = "campaign"
    of_account: ClassVar[str] = "campaigns"

    @classmethod
    def as_it_runs(cls, before: Spec, after: Spec) -> Spec:
        """`after` without what was registered by others: its carrier never tells that."""
        known = {name: value for name, value in after.items() if name in before}
        return known if known != after else after
