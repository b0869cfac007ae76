import json
import subprocess
import time

import pytest

from tests.e2e.hostile import (
    CANARIES,
    checked_out,
    clean,
    plant_git,
    plant_surroundings,
    plant_tenants,
    program,
)

UNTOUCHED = ("keys/fernet", "keys/mac", "/proc/", "passwd", "outside.yaml", "pyproject.toml",
             "evil-link", "evil-pipe", "evil-out")  # fmt: skip
"""Parts of paths that nothing may be opened by."""

EXPECTED = {
    ("E131", "tenants/evil-exec.yaml"),
    ("E131", "tenants/evil-env.yaml"),
    ("E131", "tenants/evil-aws.yaml"),
    ("E131", "tenants/evil-file.yaml"),
    ("E131", "tenants/evil-proc.yaml"),
    ("E131", "tenants/evil-mark.yaml"),
    ("TEL410", "tenants/evil-own.yaml"),
    ("E114", "tenants/evil-screen.yaml"),
    ("E114", "tenants/evil-escape.yaml"),
    ("E153", "tenants/evil-name.yaml"),
    ("E106", "tenants/evil-bomb.yaml"),
    ("E105", "tenants/evil-tag.yaml"),
    ("E140", "tenants/evil-link.yaml"),
    ("E140", "tenants/evil-out.yaml"),
    ("E141", "tenants/evil-pipe.yaml"),
}

needs_script = pytest.mark.skipif(not program().exists(), reason="the command is not installed")
pytestmark = needs_script


@pytest.fixture
def checkout(tmp_path):
    return checked_out(tmp_path)


def assert_nothing_ran(checkout, said):
    assert not checkout.pwned.exists(), checkout.pwned.read_text(encoding="utf-8")
    assert not list(checkout.base.rglob("pwned"))
    assert not [path for path in said.opened for part in UNTOUCHED if part in path]
    assert not said.contacted
    for canary in (*CANARIES, "\x1b", "\x07", "root:x:"):
        assert canary not in said.text
    assert "Traceback" not in said.text
    assert "should not have happened" not in said.text


@pytest.mark.parametrize(
    ("command", "secrets"),
    [
        pytest.param("validate", True, marks=pytest.mark.slow),
        ("plan", True),
        pytest.param("drift", True, marks=pytest.mark.slow),
        ("plan", False),
        pytest.param("validate", False, marks=pytest.mark.slow),
        pytest.param("drift", False, marks=pytest.mark.slow),
    ],
    ids=lambda value: value if isinstance(value, str) else "with secrets" if value else "without",
)
def test_a_hostile_tenant_is_told_and_nothing_is_done(checkout, command, secrets):
    plant_tenants(checkout)
    plant_surroundings(checkout)
    plant_git(checkout)
    before = time.monotonic()

    said = checkout.run(command, secrets=secrets)

    assert said.exit == 3, said.text
    assert time.monotonic() - before < 10
    assert_nothing_ran(checkout, said)
    assert not said.programs
    assert not [path for path in said.opened if ".env" in path]


def test_every_trick_is_told_at_its_place(checkout):
    plant_tenants(checkout)

    status, text = checkout.run_plainly("validate", "-o", "json", secrets=True)

    told = {(found["code"], found["file"]) for found in json.loads(text)["problems"]}
    assert status == 3
    assert told >= EXPECTED, EXPECTED - told
    assert not [canary for canary in CANARIES if canary in text]


def test_git_runs_nothing_of_the_repository(checkout):
    checkout.write("tenants/acme.yaml", clean("acme"))
    plant_git(checkout)

    said = checkout.run("plan", "-o", "json", secrets=False)

    assert said.exit == 7
    assert_nothing_ran(checkout, said)
    assert said.programs
    assert all("/git'" in started.split(" ", 1)[0] for started in said.programs)
    document, _ = json.JSONDecoder().raw_decode(said.text)
    assert len(document["inputs"]["commit"]) == 40
    assert document["inputs"]["dirty"] is True


def test_the_traps_of_the_repository_do_go_off(checkout):
    checkout.write("tenants/acme.yaml", clean("acme"))
    plant_git(checkout)

    subprocess.run(
        ["git", "-C", checkout.root, "status"], env=checkout.environment(secrets=False),
        capture_output=True, check=False,
    )  # fmt: skip

    assert checkout.pwned.exists()  # else the test above proves nothing


def test_no_module_of_the_folder_is_imported(checkout):
    checkout.write("tenants/acme.yaml", clean("acme"))
    plant_surroundings(checkout)

    status, text = checkout.run_plainly("validate", secrets=False)

    assert status == 0, text
    assert not checkout.pwned.exists()
    said = checkout.run("validate", secrets=False)
    assert not [event for event in said.of("import") if str(checkout.root) in event[2]]
    assert not [path for path in said.opened if "pyproject.toml" in path or ".env" in path]


def test_a_clean_tenant_is_planned_without_credentials_as_far_as_that_goes(checkout):
    checkout.write("tenants/acme.yaml", clean("acme"))

    said = checkout.run("plan", secrets=False)

    assert said.exit == 7
    assert "not checked" in said.text
    assert "VOICETEL_API_KEY" in said.text  # which variable is missing, not what it holds
    assert "create      extension/4201" in said.text
    assert "order" not in said.text.split("Not checked")[0]
    assert_nothing_ran(checkout, said)


def test_validate_needs_neither_credentials_nor_a_platform(checkout):
    checkout.write("tenants/acme.yaml", clean("acme"))

    said = checkout.run("validate", secrets=True)

    assert said.exit == 0, said.text
    assert_nothing_ran(checkout, said)
    assert not said.programs
    assert not (checkout.root / ".reconciler").exists()
