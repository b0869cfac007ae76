"""Tab: commands, options, tenants and addresses, without loading what the commands load."""

import os
import subprocess
import sys

import pytest

from reconciler.cli.complete import command_of
from reconciler.cli.main import Commands

HEAVY = {"pydantic", "httpx", "deepdiff", "jsonschema", "cryptography", "rich"}


def typed(words):
    """What bash says of a line whose last word is being typed."""
    return {
        "_RECONCILER_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }


def tab(project, words, *python):
    """A process of its own, as bash starts it."""
    return subprocess.run(
        [sys.executable, *python, "-m", "reconciler"],
        cwd=project.root,
        env={**os.environ, **project.environment, **typed(words)},  # noqa: TID251 - passed on
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def offered(project, words):
    """What is offered, asked in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in typed(words).items():
            patch.setenv(name, value)  # click reads them there
        patch.chdir(project.root)
        project.environment |= typed(words)
        ended = project.ok()
    assert ended.err == ""
    return shown(ended.out)


def shown(out):
    return [line.partition(",")[2] for line in out.splitlines()]


@pytest.fixture
def two(project):
    project.applied()
    text = (project.root / "tenants" / "acme.yaml").read_text(encoding="utf-8")
    other = text.replace("tenant: acme", "tenant: globex").replace("5550144", "5550145")
    (project.root / "tenants" / "globex.yaml").write_text(other, encoding="utf-8")
    return project


def test_names_are_offered(two):
    assert offered(two, "reconciler pl") == ["plan"]
    assert offered(two, "reconciler plan ") == ["acme", "globex"]
    assert offered(two, "reconciler plan g") == ["globex"]
    assert offered(two, "reconciler apply --tenant ") == ["acme", "globex"]
    assert offered(two, "reconciler sandbox poke acme/ring") == ["acme/ring_group/sales"]
    assert offered(two, "reconciler sandbox poke globex/ring") == ["globex/ring_group/sales"]
    # In no file of its own, but in the database:
    assert offered(two, "reconciler sandbox poke acme/dev") == [
        "acme/device/101-desk",
        "acme/device/102-desk",
    ]
    assert "TEL201" in offered(two, "reconciler explain TEL20")
    assert offered(two, "reconciler plan -o n") == ["ndjson"]
    assert offered(two, "reconciler runs sh") == ["show"]
    assert offered(two, "reconciler connectors test ") == ["sandbox"]
    assert offered(two, "reconciler numbers search --connector s") == ["sandbox"]
    assert offered(two, "reconciler runs show ") == [
        row[0] for row in two.sql("SELECT run_id FROM run ORDER BY started_at DESC LIMIT 1")
    ]


def test_bash_is_offered_the_same_by_a_process(two):
    ended = tab(two, "reconciler plan ")

    assert ended.stderr == ""
    assert shown(ended.stdout) == ["acme", "globex"]


def test_a_project_elsewhere_is_completed_there(two, tmp_path):
    two.root = tmp_path

    assert offered(two, "reconciler --project project plan g") == ["globex"]


@pytest.mark.parametrize(
    "words",
    [
        "reconciler plan ",
        "reconciler apply --tenant ",
        "reconciler sandbox poke acme/",
        "reconciler drift ",
    ],
)
def test_nothing_heavy_is_loaded(two, words):
    ended = tab(two, words, "-X", "importtime")

    loaded = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in ended.stderr.splitlines()
    }
    assert ended.stdout
    assert not loaded & HEAVY


@pytest.mark.parametrize("broken", ["reconciler.yaml", "tenants/acme.yaml"])
def test_what_cannot_be_read_offers_less_and_says_nothing(two, broken):
    (two.root / broken).write_text("{{{ :", encoding="utf-8")

    offered(two, "reconciler sandbox poke acme/ring")


def test_the_forms_are_those_of_the_commands():
    for name in Commands().list_commands(None):
        form, command = command_of(name), Commands().get_command(None, name)
        assert [p.name for p in form.params] == [p.name for p in command.params], name


@pytest.mark.parametrize("name", ["$(touch ran)", "x;ls", "a\nb", "`id`", "a b"])
def test_a_name_that_a_shell_would_run_is_not_offered(two, name):
    (two.root / "tenants" / f"{name}.yaml").write_text("tenant: x", encoding="utf-8")
    two.sql("UPDATE object SET name = ? WHERE kind = 'location'", name)

    assert offered(two, "reconciler plan ") == ["acme", "globex"]
    assert offered(two, "reconciler sandbox poke acme/location/") == ["acme/location/hq"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed(project, shell):
    text = project.ok("completion", shell).out

    assert "_RECONCILER_COMPLETE" in text
    assert "reconciler" in text


def test_bash_takes_it(project):
    script = project.ok("completion", "bash").out
    ended = subprocess.run(
        ["bash", "--norc", "-c", f"{script}\ncomplete -p reconciler"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "_reconciler_completion" in ended.stdout


def test_another_shell_is_wrong_usage(project):
    assert project.run("completion", "tcsh").status == 64
