"""Every JSON Schema that is published, and what writes its text."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, TypeAdapter

from reconciler.engine.draft7 import AsWritten, draft7
from reconciler.engine.plan import Record
from reconciler.engine.plan_file import plan_schema
from reconciler.engine.quoted import with_quoted
from reconciler.engine.schema import tenant_schema
from reconciler.model.docs import describe
from reconciler.model.flow import FLOW_SCHEMA
from reconciler.model.resource import Model
from reconciler.model.secret import SecretReference
from reconciler.report.shapes import Document, JournalRecord, Line
from reconciler.report.shapes.supply import SupplyDocument
from reconciler.settings import Settings
from reconciler.settings.policies import PolicyFile
from reconciler.settings.prices import Prices

VERSION = 1
"""The major version of what they describe."""


def project_schema() -> dict[str, Any]:
    """Make the JSON Schema of the project file, `reconciler.yaml`."""
    return _of_file(Settings)


def policies_schema() -> dict[str, Any]:
    """Make the JSON Schema of the file of policies, `policies.yaml`."""
    return _of_file(PolicyFile)


def prices_schema() -> dict[str, Any]:
    """Make the JSON Schema of the price file, `prices.yaml`."""
    return _of_file(Prices)


def _of_file(model: type[BaseModel]) -> dict[str, Any]:
    describe(Model, SecretReference)
    made: dict[str, Any] = with_quoted(
        draft7(model.model_json_schema(by_alias=True, schema_generator=AsWritten))
    )
    # YAML reads `schema: 1` as a number; here every scalar is text.
    made["properties"]["schema"] = {
        "description": made["properties"]["schema"]["description"],
        "enum": [1, "1"],
        "default": "1",
    }
    return made


def _written(form: Any) -> dict[str, Any]:
    """Make the JSON Schema of something that is written for machines."""
    describe(Record)
    return draft7(TypeAdapter(form).json_schema())


_MADE: Mapping[str, tuple[str, str, Callable[[], Mapping[str, Any]]]] = MappingProxyType(
    {
        "tenant": ("Tenant file", "One customer's telephony.", tenant_schema),
        "project": (
            "Project file",
            "What is not about one tenant: reconciler.yaml.",
            project_schema,
        ),
        "policies": (
            "Policies of a project",
            "How severe each rule is, and what is silenced until when: policies.yaml.",
            policies_schema,
        ),
        "prices": (
            "Prices of a project",
            "What numbers cost at a carrier that does not say so itself: prices.yaml.",
            prices_schema,
        ),
        "flow": (
            "Flow graph of an auto-attendant",
            "What a menu becomes at the platform.",
            lambda: FLOW_SCHEMA,
        ),
        "plan": ("Saved plan", "What plan --out and plan -o json write.", plan_schema),
        "reports": (
            "Reports as JSON",
            (
                "What validate, apply, resume, drift, runs, locks, quarantine, config, doctor,"
                " connectors, billing preview, numbers list, search, coverage and pick write for"
                " -o json, and what any command writes that could not begin. `kind` says which it"
                " is."
            ),
            lambda: _written(Document | SupplyDocument),
        ),
        "records": (
            "Reports as lines of JSON",
            (
                "What plan, show, apply, resume, drift and validate write for -o ndjson, one a"
                " line. `record` says which it is."
            ),
            lambda: _written(Line),
        ),
        "journal": (
            "Audit chain",
            "The records of everything that was done, each bound to all before it.",
            lambda: _written(JournalRecord),
        ),
    }
)
"""Name -> title, description, and what makes the rest."""


@functools.cache
def schema_text(name: str) -> str:
    """Write the text of ``schemas/NAME.json``."""
    title, description, make = _MADE[name]
    made = dict(make())
    head = {
        "$schema": made.pop("$schema"),
        "$id": f"urn:reconciler:schema:{name}:{VERSION}",
        "title": f"reconciler: {title}",
        "description": description,
    }
    rest = {keyword: value for keyword, value in made.items() if keyword not in head}
    return json.dumps(head | rest, indent=2, ensure_ascii=False) + "\n"


SCHEMAS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {name: (lambda name=name: schema_text(name)) for name in _MADE}  # type: ignore[misc]
)
"""What `schema NAME` prints and ``schemas/NAME.json`` holds."""
