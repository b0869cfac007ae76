"""Dial 9, API v2: one unit, its numbers, and what they lead to inside Dial 9.

E.164 inside, national digits on the wire; nothing of the wire leaves this folder. Both
documented editions: `telcom` acquires by number and saves, `connect` acquires by the token of
a search result and updates. Where they are silent the careful reading holds: what is not said
is unknown. Sources: voice-api-docs.telcom.uk, connectapi.dial9.co.uk/api/docs/v2, and the
source of Moonrope 2.0.3, on which the API is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from reconciler.carriers.dial9.internal import Own
from reconciler.carriers.dial9.promises import (
    CURRENCY,
    EDITIONS,
    RETRIES,
    allowance_of,
    capabilities_of,
)
from reconciler.carriers.dial9.section import (
    credential_faults,
    faults_of,
    host_faults,
    problem,
    section_of,
)
from reconciler.carriers.dial9.subscriber import word_faults
from reconciler.carriers.dial9.unit import Dial9
from reconciler.carriers.dial9.wire import money_of
from reconciler.carriers.transport import (
    IN_PROCESS,
    Chance,
    Transport,
    address_fault,
    is_local,
    midway,
)
from reconciler.errors import InvalidConfig
from reconciler.protocols import Budgets, Clock, SecretValue

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["CURRENCY", "EDITIONS", "KIND", "Dial9", "allowance_of", "capabilities_of", "connect"]

KIND: Final = "dial9"


def connect(
    settings: Mapping[str, Any],
    *,
    connector: str,
    credentials: Mapping[str, SecretValue],
    clock: Clock,
    wsgi_app: WSGIApplication | None = None,
    budgets: Budgets | None = None,
    chance: Chance = midway,
) -> Dial9:
    """Make the connector that a section of the project file describes.

    Args:
        settings: `edition`, `url`, `sandbox`, `unit`, `numbers.handoff`, `validated_as`,
            `did_rate` (GBP a month), and `location` as the place of problems. Of internal numbers:
            those that are declared (`internal_numbers`), what the last apply left (`left`), and
            the ids of what was made and is not over (`made`), by kind and name.
        connector: Its name there.
        credentials: `token` and `secret`; a sandbox needs none.
        clock: Time.
        wsgi_app: A carrier inside this process, used for a sandbox without a `url`.
        budgets: Not asked: Dial 9 limits nothing yet.
        chance: What pauses before another try of a read are drawn from.

    Raises:
        InvalidConfig: The section cannot be used as written.
    """
    del budgets
    section = section_of(settings)
    open_ones = dict.fromkeys(("token", "secret"), SecretValue("sandbox"))
    known = {**(open_ones if section.sandbox else {}), **credentials}
    app = wsgi_app if section.sandbox and not section.url else None
    good = tuple(map(str, settings.get("validated_as") or ()))
    faults = [*faults_of(section), *credential_faults(known), *word_faults(good)]
    if app is None:
        fault = address_fault(section.url, sandbox=section.sandbox) if section.url else ""
        faults += host_faults(section, fault, local=is_local(section.url))
    if faults:
        raise InvalidConfig(problem(connector, settings, fault) for fault in faults)
    transport = Transport(
        section.url or f"{IN_PROCESS}/api/v2",
        headers={"X-Auth-Token": known["token"], "X-Auth-Secret": known["secret"]},
        clock=clock,
        wsgi_app=app,
        sandbox=section.sandbox,
        retries=replace(RETRIES, chance=chance),
    )
    return Dial9(
        connector,
        transport,
        clock=clock,
        edition=section.edition,
        unit=section.unit,
        handoff=section.handoff,
        own=Own.of(settings),
        monthly=money_of(settings.get("did_rate")),
        validated_as=good,
    )
