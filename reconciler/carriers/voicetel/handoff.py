"""Where numbers are to be handed to: from a gateway's name in git to its id on the account."""

from __future__ import annotations

from reconciler.carriers.voicetel import gateways
from reconciler.carriers.voicetel.reading import Reader
from reconciler.carriers.voicetel.section import Section
from reconciler.carriers.voicetel.wire import Gateway
from reconciler.protocols import CarrierAct, Refused


class Handoffs:
    """The gateways that a section declares, looked up among those that are there."""

    def __init__(self, connector: str, section: Section, reader: Reader) -> None:
        self._connector = connector
        self._hosts = dict(section.hosts)
        self._usual = section.handoff
        self._reader = reader
        self._rows: tuple[Gateway, ...] | None = None

    def read(self) -> tuple[Gateway, ...]:
        """Read the gateways, and keep them for what is prepared next.

        Raises:
            Unavailable: They cannot be read.
        """
        self._rows = self._reader.gateways()
        return self._rows

    def route(self, act: CarrierAct, fields: frozenset[str]) -> int | Refused | None:
        """Find the wanted gateway's id on the account; None when none is wanted.

        Reads the gateways once if nothing has yet.

        Raises:
            Unavailable: They cannot be read.
        """
        host = self.host(act, fields)
        if isinstance(host, Refused) or host is None:
            return host
        rows = self._rows if self._rows is not None else self.read()
        return gateways.route_to(host, rows, act.e164, self._connector)

    def host(self, act: CarrierAct, fields: frozenset[str]) -> str | Refused | None:
        """The host of the wanted gateway, as it is declared; None when none is wanted.

        Refused where settings are wanted that are not among `fields`.
        """
        after = act.after or {}
        foreign = sorted(name for name in after if name not in fields and after[name] is not None)
        if foreign:
            return Refused(f"VoiceTel cannot hold {', '.join(foreign)} of {act.e164}.")
        if after.get("connector", self._connector) != self._connector:
            return Refused(f"{act.e164} would change its carrier, and that is a port.")
        name = str(after.get("handoff") or self._usual)
        if name and name not in self._hosts:
            return Refused(
                f"No gateway {name!r} is declared: add it to connectors.{self._connector}.gateways."
            )
        return self._hosts.get(name)
