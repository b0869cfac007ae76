"""`init`, through the command line."""

import json
import re
import shlex
import subprocess

import jsonschema
import pytest
import yaml

from reconciler.cli.init import IGNORED, TENANT
from reconciler.cli.main import run
from reconciler.model.numbering import is_reserved

ENVIRONMENT = {"NO_COLOR": "1"}


def init(folder, *arguments):
    return run(["init", *arguments], ENVIRONMENT, folder)


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


EXAMPLE = [
    ".gitignore",
    ".reconciler/project.schema.json",
    ".reconciler/tenant.schema.json",
    "reconciler.yaml",
    f"tenants/{TENANT}.yaml",
]


def test_the_example_does_what_is_said_next(tmp_path, capsys):
    """In a folder with blanks, umlauts and quotes in its name, from the printed commands."""
    name = "Müller & Söhne's phones"
    assert init(tmp_path, name, "--example") == 0
    said = capsys.readouterr().out
    folder = tmp_path / name
    assert files(folder) == EXAMPLE
    typed = [shlex.split(line) for line in said.split("Next:\n")[1].splitlines()]
    assert typed[0] == ["cd", name]
    assert len(typed) == 4

    for command in ("validate", *(words[1:] for words in typed[1:3])):
        arguments = [command] if isinstance(command, str) else command
        assert run(arguments, ENVIRONMENT, folder) == 0
        told = capsys.readouterr()
    assert "warning" not in told.out.lower()
    assert typed[3] == ["reconciler", "apply"]
    assert run(["apply", "--yes"], ENVIRONMENT, folder) == 0
    assert run(["plan", "--detailed-exitcode"], ENVIRONMENT, folder) == 0
    assert run(["fmt", "--check"], ENVIRONMENT, folder) == 0


def test_the_example_has_no_problems(tmp_path, capsys):
    init(tmp_path, "--example")
    capsys.readouterr()
    assert run(["validate"], ENVIRONMENT, tmp_path) == 0
    assert capsys.readouterr().out.startswith("No problems in 1 file (1 tenant).\n")


def test_the_example_uses_numbers_that_belong_to_nobody(tmp_path):
    init(tmp_path, "--example")
    found = re.findall(r"\+[0-9]+", (tmp_path / "tenants" / f"{TENANT}.yaml").read_text())
    assert found
    assert all(map(is_reserved, found))


@pytest.mark.parametrize("name", ["reconciler.yaml", f"tenants/{TENANT}.yaml"])
def test_editors_find_the_schema_and_it_fits(tmp_path, name):
    init(tmp_path, "--example")
    path = tmp_path / name
    first = path.read_text().splitlines()[0]
    schema = path.parent / first.removeprefix("# yaml-language-server: $schema=")
    jsonschema.Draft7Validator(json.loads(schema.read_text())).validate(
        yaml.safe_load(path.read_text())
    )


def test_without_the_example_there_is_no_tenant(tmp_path, capsys):
    assert init(tmp_path) == 0
    assert files(tmp_path) == [*EXAMPLE[:4], "tenants/.gitkeep"]
    capsys.readouterr()
    assert run(["validate"], ENVIRONMENT, tmp_path) == 3
    assert "E151" in capsys.readouterr().out


def test_a_git_folder_keeps_what_it_has(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "README.md").write_text("Ours.\n")
    (tmp_path / ".gitignore").write_bytes(b"*.log\r\n.reconciler/\r\nend")

    assert init(tmp_path, "--example") == 0

    assert (tmp_path / "README.md").read_text() == "Ours.\n"
    added = "".join(f"{line}\n" for line in IGNORED if line != ".reconciler/")
    assert (tmp_path / ".gitignore").read_bytes() == (
        b"*.log\r\n.reconciler/\r\nend\n" + added.encode()
    )
    seen = subprocess.run(
        ["git", "-C", tmp_path, "status", "--short", "-uall"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert ".reconciler" not in seen


IN_THE_WAY = {
    "the project file": "reconciler.yaml",
    "the tenant": f"tenants/{TENANT}.yaml",
    "a file where a folder belongs": "tenants",
    "our folder is a file": ".reconciler",
}


@pytest.mark.parametrize("name", IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_nothing_is_overwritten(tmp_path, capsys, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine\n")

    assert init(tmp_path, "--example") == 64

    assert f"has {name} already; nothing was written." in capsys.readouterr().err
    assert files(tmp_path) == [name]
    assert path.read_text() == "mine\n"


def test_twice_is_once(tmp_path, capsys):
    assert init(tmp_path, "--example") == 0
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in files(tmp_path)}
    assert init(tmp_path, "--example") == 64
    assert before == {name: (tmp_path / name).stat().st_mtime_ns for name in files(tmp_path)}
    assert f"reconciler.yaml, tenants/{TENANT}.yaml" in capsys.readouterr().err


def test_a_link_is_not_written_through(tmp_path):
    target = tmp_path / "elsewhere"
    target.write_text("theirs\n")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / ".gitignore").symlink_to(target)

    assert init(folder) == 64

    assert target.read_text() == "theirs\n"


def test_what_cannot_be_made_leaves_nothing(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert init(tmp_path, "file/below") == 64
    assert "cannot be written" in capsys.readouterr().err
    assert files(tmp_path) == ["file"]


def test_machines_are_told_the_same(tmp_path, capsys):
    assert init(tmp_path, "--example", "-o", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert f"tenants/{TENANT}.yaml" in told["files"]
    assert told["gitignore"] == list(IGNORED)
