"""The project file and the environment, read once into one frozen object.

`parse_settings` turns the project file's values (text, as the loader gives them) into
`Settings`, or into problems with their places. Precedence: flag > `RECONCILER_*` > file.
Nothing in here reads a file, the environment or a clock: they are passed in.
"""

from reconciler.settings.codes import CODES, Place
from reconciler.settings.connectors import Connector, NamedDestination
from reconciler.settings.limits import Limits, Share
from reconciler.settings.model import Ledger, PlatformSettings, Settings
from reconciler.settings.parse import parse_settings
from reconciler.settings.project import OVERRIDES, Override, Project, origins
from reconciler.settings.references import Allow, SecretSettings, not_allowed
from reconciler.settings.urls import connector_fault, database_fault, database_url, shown_url

__all__ = [
    "CODES",
    "OVERRIDES",
    "Allow",
    "Connector",
    "Ledger",
    "Limits",
    "NamedDestination",
    "Override",
    "Place",
    "PlatformSettings",
    "Project",
    "SecretSettings",
    "Settings",
    "Share",
    "connector_fault",
    "database_fault",
    "database_url",
    "not_allowed",
    "origins",
    "parse_settings",
    "shown_url",
]
