"""What a number has beside its route: fax, text messages, campaign, outbound name, PIN."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from reconciler.sandbox.store import Store

KIND: Final = "feature"
JOB: Final = "job"
STEPS: Final = ("queued", "hosting", "assigning", "routing", "done")
CARRIERS: Final = {"A": 17, "B": 19, "C": 1}
"""The outbound carrier of each messaging path."""


@dataclass(frozen=True, slots=True)
class Features:
    """What a number has.

    Attributes:
        fax: The address that faxes go to, "" for none.
        sms: Where text messages go: `email`, `webhook`, `sip` or `unknown`, "" for nowhere.
        resource: The address of that.
        row: The carrier's own id of that routing, 0 for none.
        campaign: The campaign that it is in, "" for none.
        network: The messaging path of that campaign.
        name: The outbound name as the carrier keeps it.
        name_status: What the network said to it.
        pin: The port-out PIN.
        pin_at: When that was set, in seconds.
    """

    fax: str = ""
    sms: str = ""
    resource: str = ""
    row: int = 0
    campaign: str = ""
    network: str = ""
    name: str = ""
    name_status: str = ""
    pin: str = ""
    pin_at: float = 0.0

    @property
    def carrier(self) -> int:
        """The outbound messaging carrier, 0 for none."""
        return CARRIERS.get(self.network, 0)


NONE: Final = Features()


def features(store: Store, tn: str) -> Features:
    """What one number has."""
    return Features(**store.records.get(KIND, tn))


def every(store: Store) -> dict[str, Features]:
    """What each number has; those that have nothing are left out."""
    return {tn: Features(**body) for tn, body in store.records.all(KIND).items()}


def save(store: Store, tn: str, changed: Features, what: str) -> None:
    """Write what a number has, and the event that changed it."""
    given = {name: value for name, value in asdict(changed).items() if value}
    store.records.put(KIND, tn, given)
    store.tell(what, tn)


def drop(store: Store, tn: str) -> None:
    """Forget what a number had that left the account."""
    for kind in (KIND, JOB, "e911"):
        store.records.drop(kind, tn)


# Jobs: bindings that take a while.


def start_job(store: Store, tn: str, campaign: str, network: str) -> None:
    """Begin to bind a number."""
    store.records.put(
        JOB,
        tn,
        {"campaignId": campaign, "network": network, "at": store.seconds(), "state": "queued"},
    )
    store.tell("campaign asked for", tn, campaign)


def job(store: Store, tn: str) -> dict[str, Any] | None:
    """The binding under way or failed, in the carrier's words; None when there is none."""
    found = store.records.get(JOB, tn)
    return as_job(found) if found else None


def as_job(found: dict[str, Any]) -> dict[str, Any]:
    """A job in the carrier's words."""
    return {
        "campaignId": found["campaignId"],
        "state": found["state"],
        "message": found.get("message") or found["state"],
        "createdAt": stamp(found["at"]),
        "updatedAt": stamp(found.get("moved") or found["at"]),
    }


def advance_jobs(store: Store) -> None:
    """Bring every binding as far as the clock has come."""
    for tn, found in store.records.all(JOB).items():
        if found["state"] not in {"done", "failed"}:
            _advance(store, tn, found)


def _advance(store: Store, tn: str, found: dict[str, Any]) -> None:
    step = float(store.setting("campaign_step_seconds"))
    passed = len(STEPS) if step <= 0 else int((store.seconds() - found["at"]) / step)
    if not passed or STEPS[min(passed, len(STEPS) - 1)] == found["state"]:
        return
    failure = str(store.setting("campaign_fails"))
    if failure and passed > 1:
        state = {"state": "failed", "message": failure, "moved": found["at"] + 2 * step}
        store.records.put(JOB, tn, found | state)
        return
    if passed < len(STEPS) - 1:
        state = {"state": STEPS[passed], "moved": found["at"] + passed * step}
        store.records.put(JOB, tn, found | state)
        return
    store.records.drop(JOB, tn)
    bound = replace(features(store, tn), campaign=found["campaignId"], network=found["network"])
    save(store, tn, bound, "campaign bound")


def stamp(seconds: float) -> str:
    """An instant as the carrier writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
