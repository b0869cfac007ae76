"""A project as the commands hold it: its settings, its folder, and where each was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from reconciler.settings.codes import Path, Place
from reconciler.settings.limits import Limits
from reconciler.settings.model import SAME, Settings
from reconciler.settings.urls import database_url


@dataclass(frozen=True, slots=True)
class Override:
    """A setting that a variable or a flag may say instead of the project file."""

    path: Path
    variable: str
    flag: str

    @property
    def key(self) -> str:
        """Its name among overrides: `platform.url`."""
        return ".".join(map(str, self.path))


OVERRIDES: tuple[Override, ...] = (
    Override(("platform", "url"), "RECONCILER_PLATFORM_URL", "--platform-url"),
    Override(("ledger", "url"), "RECONCILER_LEDGER_URL", "--ledger-url"),
    Override(("lock_timeout",), "RECONCILER_LOCK_TIMEOUT", "--lock-timeout"),
    Override(("output",), "RECONCILER_OUTPUT", "--output"),
)
"""All of them. A flag wins over the variable, which wins over the file."""


def overridden(
    environment: Mapping[str, str], overrides: Mapping[str, str]
) -> dict[Path, tuple[str, str]]:
    """Find which settings are overridden: path to (value, who says so).

    Args:
        environment: The process environment; an empty variable says nothing.
        overrides: Flags that were given, by the key of their override.
    """
    found: dict[Path, tuple[str, str]] = {}
    for each in OVERRIDES:
        if each.key in overrides:
            found[each.path] = (overrides[each.key], each.flag)
        elif environment.get(each.variable):
            found[each.path] = (environment[each.variable], each.variable)
    return found


@dataclass(frozen=True)
class Project:
    """Settings and where they come from.

    Attributes:
        settings: What holds.
        root: The project folder, absolute.
        place: Places in the project file.
        origins: Per overridden setting, the variable or flag: `{"platform.url": "..."}`.
    """

    settings: Settings
    root: str
    place: Place
    origins: Mapping[str, str] = field(default_factory=dict)

    def where(self, path: Sequence[str | int]) -> str:
        """Tell where a setting was said: `reconciler.yaml:52`, a variable, a flag or `default`."""
        for length in range(1, len(path) + 1):
            origin = self.origins.get(".".join(map(str, path[:length])))
            if origin:
                return origin
        if not _is_said(self.settings, path):
            return "default"
        location = self.place(path)
        return f"{location.file}:{location.line}"

    def limit_places(self) -> dict[str, str]:
        """Where each limit is set, by its name."""
        return {name: self.where(("limits", name)) for name in Limits.model_fields}

    @property
    def platform_url(self) -> str:
        """The platform's database, an SQLite path made absolute."""
        return database_url(self.settings.platform.url, self.root)

    @property
    def ledger_url(self) -> str:
        """The ledger's database, an SQLite path made absolute."""
        url = self.settings.ledger.url
        return self.platform_url if url == SAME else database_url(url, self.root)


def origins(environment: Mapping[str, str], overrides: Mapping[str, str]) -> dict[str, str]:
    """Name the variable or flag behind each overridden setting, for `Project.origins`."""
    found = overridden(environment, overrides)
    return {".".join(map(str, path)): origin for path, (_, origin) in found.items()}


def _is_said(value: object, path: Sequence[str | int]) -> bool:
    for step in path:
        if isinstance(value, BaseModel):
            name = "schema_version" if step == "schema" else str(step)
            if name not in value.model_fields_set:
                return False
            value = getattr(value, name)
        elif isinstance(value, Mapping) and step in value:
            value = value[str(step)]
        elif isinstance(value, tuple) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return False
    return True
