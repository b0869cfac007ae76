"""Every JSON Schema that is published, and what writes its text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from reconciler.engine.draft7 import AsWritten, draft7
from reconciler.engine.plan_file import plan_schema
from reconciler.engine.schema import flow_text, tenant_text
from reconciler.model.docs import describe
from reconciler.model.resource import Model
from reconciler.model.secret import SecretReference
from reconciler.settings import Settings
from reconciler.settings.policies import PolicyFile
from reconciler.settings.prices import Prices


def project_schema() -> dict[str, Any]:
    """Make the JSON Schema of the project file, `reconciler.yaml`."""
    return _of_file(Settings, "Project file of reconciler")


def policies_schema() -> dict[str, Any]:
    """Make the JSON Schema of the file of policies, `policies.yaml`."""
    return _of_file(PolicyFile, "Policies of a project of reconciler")


def prices_schema() -> dict[str, Any]:
    """Make the JSON Schema of the price file, `prices.yaml`."""
    return _of_file(Prices, "Price file of reconciler")


def _of_file(model: type[BaseModel], title: str) -> dict[str, Any]:
    describe(Model, SecretReference)
    made = draft7(model.model_json_schema(by_alias=True, schema_generator=AsWritten))
    made["title"] = title
    # YAML reads `schema: 1` as a number; here every scalar is text.
    made["properties"]["schema"] = {
        "description": made["properties"]["schema"]["description"],
        "enum": [1, "1"],
        "default": "1",
    }
    return made


def plan_text() -> str:
    """Write the text of ``schemas/plan.json``."""
    return _text(plan_schema())


def project_text() -> str:
    """Write the text of ``schemas/project.json``."""
    return _text(project_schema())


def policies_text() -> str:
    """Write the text of ``schemas/policies.json``."""
    return _text(policies_schema())


def prices_text() -> str:
    """Write the text of ``schemas/prices.json``."""
    return _text(prices_schema())


def _text(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


SCHEMAS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "tenant": tenant_text,
        "plan": plan_text,
        "flow": flow_text,
        "project": project_text,
        "policies": policies_text,
        "prices": prices_text,
    }
)
"""What `schema NAME` prints and ``schemas/NAME.json`` holds."""
