"""The project file as a model, top to bottom."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from reconciler.model.resource import Model
from reconciler.model.types import Flag, Name, Whole, seconds
from reconciler.settings.connectors import Connector
from reconciler.settings.limits import Limits
from reconciler.settings.references import SecretSettings

SAME = "same"
Answer = Literal["revert", "report"]
PathText = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2048)]


class PlatformSettings(Model):
    """Where calls are handled."""

    kind: Literal["sql", "ucaas"] = "sql"
    """`sql` for a database; `ucaas` for the platform over HTTP."""

    url: Url = Field(default="sqlite:///.reconciler/reconciler.db", repr=False)
    """`sqlite:///PATH`, relative to the project, or `postgresql://USER@HOST/DATABASE`."""

    allow_own_carriers: Flag = False
    """Whether a tenant may declare connectors of its own."""


class Ledger(Model):
    """Where the reconciler keeps its own records."""

    url: Url = Field(default=SAME, repr=False)
    """`same` for the platform's database, or a database URL."""


class Drift(Model):
    """What becomes of fields that only drifted: reverted, or left and reported."""

    default: Answer = "revert"
    """For all that nothing else is said of."""

    tenants: Mapping[Name, Answer] = Field(default_factory=dict, max_length=10_000)
    """Per tenant."""

    kinds: Mapping[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,62}$")], Answer] = (
        Field(default_factory=dict, max_length=100)
    )
    """Per kind."""

    def of(self, tenant: str, kind: str) -> Answer:
        """Tell what to do for a tenant's objects of a kind.

        Where tenant and kind disagree it is `report`: what is left alone can be reverted later.
        """
        said = {self.tenants.get(tenant), self.kinds.get(kind)} - {None}
        if not said:
            return self.default
        return "report" if "report" in said else "revert"


def _drift(value: object) -> object:
    if isinstance(value, Drift | Mapping):
        return value
    if value not in {"revert", "report"}:
        raise ValueError("write revert, report, or a mapping with default, tenants and kinds")
    return {"default": value}


class Settings(Model):
    """The project file: everything that is not about one tenant."""

    schema_version: Annotated[str, Field(pattern=r"^1$", alias="schema")] = "1"
    """The version of this form: 1."""

    tenants: PathText = "tenants/*.yaml"
    """Which files or folders are tenants."""

    platform: PlatformSettings = Field(default_factory=PlatformSettings)
    """Where calls are handled."""

    ledger: Ledger = Field(default_factory=Ledger)
    """Where the reconciler keeps its own records."""

    connectors: Mapping[Name, Connector] = Field(default_factory=dict, max_length=100)
    """Carrier accounts, by name."""

    drift: Annotated[
        Drift,
        BeforeValidator(_drift),
        WithJsonSchema(
            {
                "anyOf": [
                    {"enum": ["revert", "report"]},
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "default": {"enum": ["revert", "report"]},
                            "tenants": {"additionalProperties": {"enum": ["revert", "report"]}},
                            "kinds": {"additionalProperties": {"enum": ["revert", "report"]}},
                        },
                    },
                ]
            }
        ),
    ] = Field(default_factory=Drift)
    """`revert`, or `report` to leave what only drifted; or a mapping per tenant and kind."""

    secrets: SecretSettings = Field(default_factory=SecretSettings)
    """How secrets are kept."""

    prices: PathText | None = None
    """A file of prices, relative to the project."""

    policies: PathText | None = None
    """A file of policies, relative to the project."""

    limits: Limits = Field(default_factory=Limits)
    """What an apply may do without being asked again."""

    quarantine_days: Annotated[Whole, Field(ge=1, le=3650)] = 45
    """How long a number stays ours after its line went (47 CFR 52.15(f)(1)(ii): 45 to 365)."""

    lock_timeout: seconds("0s", "24h") = Decimal(90)  # type: ignore[valid-type]
    """How long to wait for somebody else's lease: longer than one of 60 s that nobody renews."""

    output: Annotated[str, StringConstraints(max_length=4096)] = ""
    """The output format where no `-o` is given; left out: text."""
