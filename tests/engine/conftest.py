"""A tenant's YAML as text, read by the real loader and built."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from reconciler.engine.desired import build
from reconciler.engine.diff import Scene
from reconciler.kinds import KINDS
from reconciler.loader.yaml_text import parse_yaml
from reconciler.model.document import ConnectorFacts, ProjectFacts
from reconciler.model.secret_rules import SecretRules

FACTS = ProjectFacts(
    connectors={
        "voicetel": ConnectorFacts("voicetel", "pbx", frozenset({"pbx", "backup"}), objects=False),
        "dial9": ConnectorFacts("dial9", {"type": "Extension", "name": "trunk"}, objects=True),
        "bare": ConnectorFacts("voicetel"),
        "sandbox": ConnectorFacts("voicetel", sandbox=True),
    },
    secrets=SecretRules(("VM_*", "SIP_*"), ("secrets/tenants/",), ("pass",)),
    zones=frozenset({"America/New_York", "Europe/London"}),
)


@dataclass
class OneFile:
    """A tenant source of one file, with the loader's places."""

    tenant: str
    document: Any
    files: tuple[str, ...] = ("t.yaml",)
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def value(self):
        return self.document.value

    def place(self, path, *, key=False):
        return self.document.place(path, key=key)


@pytest.fixture
def check():
    """Build a tenant from YAML text: (desired or None, problems)."""

    def checked(text, facts=FACTS):
        parsed = parse_yaml(text.encode(), "t.yaml")
        assert parsed.problems == ()
        source = OneFile(parsed.document.value.get("tenant", "acme"), parsed.document)
        return build(source, facts)

    return checked


@pytest.fixture
def scene_of():
    """The three states of a tenant: git's, and what is given; else nothing is there yet."""

    def made(desired, **given):
        states = {"observed": {}, "applied": {}, "supply": {}, "frozen": frozenset(), **given}
        return Scene(
            kinds=KINDS, desired=desired.objects, reverts_drift=lambda address: True, **states
        )

    return made
