"""Help is there at once, and complete."""

import subprocess
import sys

import pytest

from reconciler.cli.examples import EXAMPLES
from reconciler.cli.main import SECTIONS, SHORT_HELP, Commands

HEAVY = ("pydantic", "httpx", "deepdiff", "jsonschema", "cryptography", "rich", "yaml")


def _imported(*arguments):
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "reconciler", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in ended.stderr.splitlines()}


@pytest.mark.parametrize("arguments", [(), ("--help",), ("--version",)], ids=str)
def test_it_imports_nothing_heavy(arguments):
    found = _imported(*arguments)

    assert "click" in found
    assert not found & set(HEAVY)


def test_without_a_command_the_short_help_is_printed(project):
    ended = project.ok()

    assert ended.out.startswith("Usage: reconciler")
    for command in SHORT_HELP:
        assert f"  {command} " in ended.out
    assert "reconciler apply plan.json" in ended.out


COMMANDS = [name for section in SECTIONS.values() for name in section]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_and_has_help(project, name):
    assert Commands().get_command(None, name).name == name
    ended = project.ok(name, "--help")
    assert ended.out.startswith(f"Usage: reconciler {name}")
    assert len(ended.out.splitlines()) > 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["runs", "list"],
        ["runs", "show"],
        ["runs", "settle"],
        ["numbers", "list"],
        ["numbers", "search"],
        ["numbers", "coverage"],
        ["numbers", "pick"],
        ["numbers", "preload"],
        ["numbers", "reserve"],
        ["connectors", "list"],
        ["connectors", "test"],
        ["connectors", "sync"],
        ["secrets", "keygen"],
        ["secrets", "seal"],
        ["secrets", "rotate"],
        ["sandbox", "serve"],
        ["sandbox", "ledger"],
        ["sandbox", "poke"],
        ["sandbox", "fault"],
        ["sandbox", "switch"],
        ["sandbox", "reset"],
        ["quarantine", "list"],
    ],
    ids=" ".join,
)
def test_every_command_of_a_group_speaks_json(project, arguments):
    assert "--output" in project.ok(*arguments, "--help").out


def inner(name, command):
    yield name, command
    for each, more in getattr(command, "commands", {}).items():
        yield from inner(f"{name} {each}", more)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_command_ends_with_an_example_of_it(project, name):
    for path, command in inner(name, Commands().get_command(None, name)):
        shown = project.ok(*path.split(), "--help").out
        assert f"reconciler {path}" in shown.partition("Examples:")[2], path
        assert command.epilog


def test_an_example_is_of_a_command_that_there_is():
    there = {
        path for name in COMMANDS for path, _ in inner(name, Commands().get_command(None, name))
    }
    assert set(EXAMPLES) <= there


def test_a_code_is_explained_without_loading_kinds():
    found = _imported("explain", "TEL201")

    assert not found & set(HEAVY)


def test_a_mistyped_command_is_guessed(project):
    assert 'Did you mean "drift"' in project.run("drfit").err
