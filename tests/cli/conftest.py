"""The project that commands are tried in."""

import pytest

from reconciler.secrets import keygen
from tests.cli.projects import PROJECT, TENANT, Project

KEYS = keygen()
"""The same for all projects here, so that what one apply left can be put into the next folder."""


@pytest.fixture
def project(tmp_path, monkeypatch, capsys):
    root = tmp_path / "project"
    (root / "tenants").mkdir(parents=True)
    (root / "reconciler.yaml").write_text(PROJECT, encoding="utf-8")
    key, mac_key = KEYS
    environment = {
        "RECONCILER_KEY": key,
        "RECONCILER_MAC_KEY": mac_key,
        "CARRIER_KEY": "canary-carrier-key-5f81",
        "VM_PIN": "73915082",
        "NO_COLOR": "1",
    }
    monkeypatch.chdir(root)
    made = Project(root, environment, capsys, patches=monkeypatch)
    made.write(TENANT)
    return made
