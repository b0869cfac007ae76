"""Connectors and hand-offs: what a number's carrier must know."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from reconciler.engine.draft import Draft, Finding
from reconciler.errors import Severity
from reconciler.kinds.carrier_number import CarrierNumber
from reconciler.kinds.port import Port
from reconciler.model.address import Address

EXPLAIN: dict[str, tuple[str, str]] = {}


def known_connector(draft: Draft) -> Iterator[Finding]:
    """Find carrier accounts that the project does not have (E127)."""
    known = draft.facts.connectors
    wanted: list[tuple[Address, CarrierNumber | Port]] = [*draft.of(CarrierNumber)]
    for address, made in (*wanted, *draft.of(Port)):
        if made.connector in known:
            continue
        near = get_close_matches(made.connector, known, 1)
        some = f"The project has {', '.join(known)}." if known else "The project has none."
        yield Finding(
            "E127",
            draft.path(address, "connector"),
            f'There is no connector "{made.connector}" in the project.',
            f'Did you mean "{near[0]}"?' if near else some,
            address=address,
        )


def known_handoff(draft: Draft) -> Iterator[Finding]:
    """Find hand-offs to gateways that the connector does not have (E128), or to nowhere (E138)."""
    for address, number in draft.of(CarrierNumber):
        facts = draft.facts.connectors.get(number.connector)
        if facts is None:
            continue
        if number.handoff is None and not facts.sandbox:
            yield Finding(
                "E138",
                draft.path(address, "connector"),
                f"Nothing says where {number.connector} hands calls of {address.name} over.",
                f"Give connector {number.connector} `numbers: {{handoff: ...}}` in the project.",
                Severity.WARNING,
                address,
            )
        handoff, gateways = number.handoff, facts.gateways
        if handoff is not None and isinstance(handoff, str) is facts.objects:
            yield _other_form(draft, address, number.connector, objects=facts.objects)
        elif isinstance(handoff, str) and gateways is not None and handoff not in gateways:
            near = get_close_matches(handoff, gateways, 1)
            yield Finding(
                "E128",
                draft.path(address, "handoff"),
                f'Connector {number.connector} has no gateway "{handoff}".',
                f'Did you mean "{near[0]}"?' if near else f"It has {', '.join(sorted(gateways))}.",
                address=address,
            )


def _other_form(draft: Draft, address: Address, connector: str, *, objects: bool) -> Finding:
    """A gateway where an object of the carrier's own system is needed, or the reverse."""
    gateway, thing = "a gateway's name", "type and name of what is there"
    return Finding(
        "E128",
        draft.path(address, "handoff"),
        f"Connector {connector} takes {thing if objects else gateway} as a hand-off, not"
        f" {gateway if objects else thing}.",
        "Write it as {type: Extension, name: pbx-trunk}."
        if objects
        else f"Give one of connectors.{connector}.gateways.",
        address=address,
    )


RULES = (known_connector, known_handoff)
