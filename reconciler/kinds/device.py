"""A SIP device registered for an extension; in YAML it stands under its extension."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints

from reconciler.model.naming import Naming
from reconciler.model.reference import named
from reconciler.model.resource import Resource
from reconciler.model.secret import SecretReference
from reconciler.model.spec import Key, Spec
from reconciler.model.types import Label, Secret, Unique, Whole, mistake, seconds

_SEPARATORS = str.maketrans("", "", ":.-")
_TWELVE = re.compile(r"[0-9A-F]{12}")


def _mac(value: str) -> str:
    digits = value.translate(_SEPARATORS).upper()
    if not _TWELVE.fullmatch(digits):
        raise mistake(
            "E123",
            f'"{value}" is no MAC address',
            "Write twelve hexadecimal digits, as 00:00:5E:00:53:01.",
        )
    return ":".join([digits[at : at + 2] for at in range(0, 12, 2)])


Mac = Annotated[str, StringConstraints(max_length=17), AfterValidator(_mac)]
"""A hardware address; kept in upper case with colons."""


FEWEST_CHARACTERS = 16
"""Of a SIP password (domain rule TEL322)."""


class Device(Resource):
    """A telephone, softphone or adapter. Its SIP user name is its own name, ``4201-desk``."""

    kind: ClassVar[str] = "device"
    naming: ClassVar[Naming] = Naming.DEVICE
    loses: ClassVar[str] = "its SIP password"
    known_by: ClassVar[str] = (
        "the telephone registers by that name: provision it again, its password stays"
    )
    unfit_code: ClassVar[str] = "TEL322"

    kind_of: Annotated[Literal["desk", "softphone", "ata", "other"], Field(alias="kind")] = "desk"
    """What it is: desk, softphone, ata (adapter for an analogue telephone) or other."""

    model: Label | None = None
    """Maker and type, such as ``yealink-t54w``."""

    mac: Annotated[Mac | None, Unique("mac", everywhere=True)] = None
    """Its hardware address, for provisioning."""

    registration: seconds("60s", "3600s") = Decimal(300)  # type: ignore[valid-type]
    """How often it says where it is; calls find it no longer than that after it moved."""

    contacts: Annotated[Whole, Field(ge=1, le=10)] = 1
    """From how many places it may be registered at once."""

    location: named("location") | None = None  # type: ignore[valid-type]
    """Where it stands; left out: where its extension is."""

    sip_password: Secret = Field(default_factory=lambda: SecretReference(generate=True))
    """Its SIP password; left out: one is generated."""

    @classmethod
    def unfit(cls, name: str, field_name: str, value: str) -> str:
        """Say why a SIP password is weak, without it."""
        if field_name != "sip_password":
            return ""
        if len(value) < FEWEST_CHARACTERS:
            return f"it has fewer than {FEWEST_CHARACTERS} characters"
        return "it contains the extension" if name.partition("-")[0] in value else ""

    @classmethod
    def rests_on(cls, name: str, spec: Spec) -> frozenset[str]:
        """Rest on its extension."""
        del spec
        return frozenset({f"extension/{name.partition('-')[0]}"})

    @classmethod
    def follows(cls, name: str, renamed: Mapping[str, str]) -> str | None:
        """Keep the digits of its extension as the first part of its name."""
        digits, dash, rest = name.partition("-")
        now = renamed.get(f"extension/{digits}")
        return None if now is None else f"{now.partition('/')[2]}{dash}{rest}"

    @classmethod
    def keys(cls, name: str, spec: Spec) -> Iterator[Key]:
        """Claim its SIP user name in the tenant and its MAC address everywhere."""
        yield Key("device", name)
        yield from super().keys(name, spec)
