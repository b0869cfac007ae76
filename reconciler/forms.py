"""How carriers write what they are asked for, where that is not how git writes it.

An address comes back as its carrier's validation has it. What a carrier said of one is kept in
the ledger, so that a plan with nothing to do asks nobody; all of it may be thrown away at any
time, and is then asked for again, once for each distinct address.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from reconciler.errors import ReconcilerError, Unavailable
from reconciler.model.canonical import canonical, digest
from reconciler.model.spec import Spec
from reconciler.protocols import Carrier, Clock, KeptFact, Ledger, NotChecked

PATIENCE_SECONDS: Final = 60.0
"""For how long a carrier is not asked again that did not answer."""

FAILURES: Final = 3
"""After how many without an answer between them; one odd address hides no other."""


def topic_of(kind: str, spec: Spec) -> str:
    """What the ledger keeps the form of these settings under."""
    return f"form {digest([kind, dict(spec)])}"


@dataclass(slots=True)
class Forms:
    """What carriers said of how they write things.

    Attributes:
        carriers: Carrier accounts by connector.
        ledger: Keeps what was said, for all processes.
        clock: Time.
    """

    carriers: Mapping[str, Carrier]
    ledger: Ledger
    clock: Clock
    _failed: dict[str, tuple[int, float, str]] = field(default_factory=dict)

    def kept(self, connector: str, topics: Collection[str]) -> dict[str, Spec]:
        """What was last said of some settings, by topic; nobody is asked.

        Raises:
            Unavailable: The ledger cannot be read.
        """
        account = self.carriers[connector].account()
        found = {}
        for topic, fact in self.ledger.facts(connector, topics).items():
            form = _form(fact.value)
            if fact.account == account and form is not None:
                found[topic] = form
        return found

    def asked(self, connector: str, kind: str, spec: Spec) -> Spec | NotChecked:
        """What the carrier says now; it is kept, and not asked for by those who need no change."""
        times, since, why = self._failed.get(connector, (0, 0.0, ""))
        if times >= FAILURES and self.clock.monotonic() - since <= PATIENCE_SECONDS:
            return NotChecked(why)
        carrier = self.carriers[connector]
        try:
            form = carrier.form(kind, spec)
        except ReconcilerError as error:
            why = error.message.removesuffix(".")
            self._failed[connector] = times % FAILURES + 1, self.clock.monotonic(), why
            return NotChecked(why)
        self._failed.pop(connector, None)
        if form == spec:
            return form  # who holds it just so is not asked for
        at = f"{self.clock.now():%Y-%m-%dT%H:%M:%SZ}"
        value = canonical(dict(form)).decode()
        with suppress(Unavailable):  # it is known here, and the next process asks again
            topic = topic_of(kind, spec)
            self.ledger.keep_fact(KeptFact(connector, topic, carrier.account(), at, value))
        return form


def _form(value: str) -> Spec | None:
    """Read what is kept; None for what is no settings: anybody may edit that table."""
    try:
        form = json.loads(value)
    except ValueError:
        return None
    return form if isinstance(form, dict) and all(isinstance(n, str) for n in form) else None
