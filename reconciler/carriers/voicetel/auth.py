"""Authentication at VoiceTel: a number, and words that say what it means.

Two of the four numbers mean the opposite in the vendor's two documents, so the words decide:
they are what is compared, and what tells which number means what here. What they leave open is
never written. The password is never touched: a new one ends the API key.
Source: VoiceTel OpenAPI 2.2.10, tag Authentication; the vendor's SDK from 2.2.14 on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from reconciler.carriers.voicetel.wire import canonical, rows_of, text_of, whole_of
from reconciler.model.act import Action
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Refused, Request

KIND: Final = "auth"
FIELDS: Final = frozenset({"connector", "mode"})
PATH: Final = "/v2.2/auth"

DIGEST, ACL, EITHER, BOTH = "digest", "acl", "digest_or_acl", "digest_and_acl"
OPENAPI: Final[Mapping[str, int]] = {DIGEST: 0, ACL: 1, EITHER: 2, BOTH: 3}
SDK: Final[Mapping[str, int]] = {DIGEST: 0, EITHER: 1, ACL: 2, BOTH: 3}
WORDS: Final[Mapping[str, tuple[str, tuple[Mapping[str, int], ...]]]] = {
    "digest": (DIGEST, (OPENAPI, SDK)),
    "ip auth": (ACL, (OPENAPI,)),
    "digest || ip auth": (EITHER, (OPENAPI,)),
    "digest && ip auth": (BOTH, (OPENAPI,)),
    "ip": (ACL, (SDK,)),
    "lax (digest or ip)": (EITHER, (SDK,)),
    "strict (digest and ip)": (BOTH, (SDK,)),
}
"""The mode that each description means, and what its numbers can mean where it is used."""

Shown = Callable[[object], str]


class Authentication:
    """How calls to one account authenticate."""

    def __init__(self, connector: str, shown: Shown) -> None:
        self._connector = connector
        self._shown = shown
        self._said = "nothing"
        self._numberings: tuple[Mapping[str, int], ...] = ()

    def holdings(self, data: Mapping[str, Any]) -> dict[str, Holding]:
        """The one that there is, by our name of the account."""
        words, number = text_of(data.get("authTypeDescription")), whole_of(data.get("authType"))
        mode, numberings = WORDS.get(" ".join(words.lower().split()), ("", ()))
        self._said = self._shown(f"{words} ({number})")
        # A number that its own words contradict says nothing of the other numbers.
        self._numberings = tuple(each for each in numberings if each.get(mode) == number)
        shown = mode or f"unknown: {self._said}"
        spec = {"connector": self._connector, "mode": shown}
        return {self._connector: Holding(self._connector, spec=spec)}

    def cannot(self, name: str, spec: Mapping[str, object]) -> str:
        """Say why a mode cannot be set, as a clause; "" when it can."""
        del name
        mode = str(spec.get("mode"))
        if self._number(mode) is not None:
            return ""
        known = [each for each in OPENAPI if self._number(each) is not None]
        way = f", or write one of {', '.join(known)} first, which tells" if known else ""
        return (
            f"VoiceTel says that calls authenticate by {self._said}, and that does not tell which"
            f" number means {mode} there: set it once in VoiceTel's portal{way}"
        )

    def requests_for(self, act: CarrierAct) -> tuple[Request, ...] | Refused:
        """Make the request ready that an act asks for."""
        if act.action is not Action.UPDATE:
            return Refused(f"VoiceTel's connector has no way to {act.action} authentication.")
        number = self._number(str((act.after or {}).get("mode")))
        if number is None:
            return Refused(f"{self.cannot(act.e164, act.after or {})}.")
        return (Request("PUT", PATH, canonical({"authType": number}).encode()),)

    def _number(self, mode: str) -> int | None:
        """The number that certainly means a mode; None where there is none."""
        meant = {each[mode] for each in self._numberings if mode in each}
        return meant.pop() if len(meant) == 1 else None


def is_set(data: Mapping[str, Any]) -> bool:
    """Whether an answer says that the mode was taken; what it means is read afterwards."""
    fields = (row.get("field") for row in rows_of(data.get("updated")) if isinstance(row, dict))
    return "authType" in set(fields)
