"""What the documents say of the code is held against the code."""

import re
import shutil
import sqlite3
import tomllib
from pathlib import Path

import click
import pytest

from reconciler.cli.main import commands, run
from reconciler.database import open_database
from reconciler.kinds import KINDS, SECTIONS
from reconciler.model.numbering import is_reserved
from reconciler.platform.sql import SqlPlatform

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def section(path, title):
    return re.split(r"^## ", text(path).split(f"\n## {title}\n", 1)[1], flags=re.MULTILINE)[0]


def first_cells(table):
    """The words in backquotes in the first column of a table, but its head."""
    rows = [row for row in table.splitlines() if row.startswith("|")][2:]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]


def command_names(group, before=()):
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group) and command.list_commands(click.Context(command)):
            yield from command_names(command, (*before, name))
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield " ".join((*before, name))


# The glossary.


def test_the_glossary_has_every_kind_and_no_other():
    assert sorted(first_cells(section("docs/glossary.md", "Kinds"))) == sorted(KINDS)


def test_the_glossary_has_every_command_and_no_other():
    told = first_cells(section("docs/glossary.md", "Commands"))
    assert sorted(told) == sorted(command_names(commands))


# The architecture.


def layers():
    contracts = tomllib.loads(text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    return next(contract["layers"] for contract in contracts if "layers" in contract)


def test_contributing_draws_the_floors_as_they_are_kept():
    drawn = [line.strip() for line in section("CONTRIBUTING.md", "Floors").splitlines()]
    assert [line for line in drawn if line in layers()] == layers()


def test_the_architecture_has_every_module_of_every_floor():
    told = first_cells(section("docs/architecture.md", "The floors"))
    floors = [name for layer in layers() for name in layer.split(" | ")]
    assert sorted(name for name in told if name in floors) == sorted(floors)


@pytest.fixture
def platform(tmp_path):
    url = f"sqlite:///{tmp_path}/reconciler.db"
    SqlPlatform(open_database(url)).close()
    connection = sqlite3.connect(tmp_path / "reconciler.db", isolation_level=None)
    connection.execute(
        "INSERT INTO object (tenant, kind, name, spec, updated_by)"
        """ VALUES ('oak-dental', 'ring_group', 'billing', '{"ring": "20s"}', 'a test')"""
    )
    yield connection
    connection.close()


def statements():
    fences = re.findall(
        r"^```sql\n(.*?)^```$", text("docs/architecture.md"), re.DOTALL | re.MULTILINE
    )
    return [one.strip() for fence in fences for one in fence.split(";") if one.strip()]


def test_the_shown_queries_find_what_they_say(platform):
    queries = [one for one in statements() if one.startswith("SELECT")]
    assert queries
    by_hand = platform.execute(queries[0]).fetchall()
    assert [row[:4] for row in by_hand] == [("oak-dental", "ring_group", "billing", "a test")]
    for query in queries[1:]:
        assert platform.execute(query).fetchall() == []


def test_the_shown_edit_is_signed_and_raises_the_revision(platform):
    (edit,) = [one for one in statements() if one.startswith("UPDATE")]
    before = platform.execute("SELECT revision FROM tenant").fetchone()
    platform.execute(edit)
    row = platform.execute("SELECT spec ->> '$.ring', version, updated_by FROM object").fetchone()
    assert row == ("40s", 2, "direct SQL")
    assert platform.execute("SELECT revision FROM tenant").fetchone() > before


@pytest.mark.parametrize("table", ["object", "number"])
def test_the_public_tables_are_described_whole(platform, table):
    described = section("docs/architecture.md", "Public tables").split(f"**`{table}`**", 1)[1]
    told = first_cells(described.split("\n\n")[1])
    columns = [row[1] for row in platform.execute(f"PRAGMA table_info({table})")]
    assert sorted(told) == sorted(columns)


# Formats.


def test_the_table_of_formats_is_what_the_commands_speak():
    table = text("docs/howto/output.md").split("\n\n")
    rows = next(each for each in table if each.startswith("| | text |")).splitlines()
    heads = [cell.strip() for cell in rows[0].split("|")[2:-1]]
    told = {}
    for row in rows[2:]:
        names = re.findall(r"`([a-z ]+)`", row.split("|")[1]) or ["all others"]
        cells = [cell.strip() for cell in row.split("|")[2:-1]]
        forms = {head for head, cell in zip(heads, cells, strict=True) if cell == "✓"}
        told |= dict.fromkeys(names, forms)
    for name, command in commands_by_name():
        option = next((each for each in command.params if each.name == "outputs"), None)
        if option is not None:
            assert set(option.callback.forms) == told.get(name, told["all others"]), name


def commands_by_name():
    for path in command_names(commands):
        group = commands
        for name in path.split():
            group = group.get_command(click.Context(group), name)
        yield path, group


# Decisions and links.


def test_decisions_are_numbered_without_a_gap():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_three_parts(path):
    written = path.read_text(encoding="utf-8")
    assert written.startswith(f"# {int(path.name[:4])}. ")
    assert re.findall(r"^## (.+)$", written, re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
    ]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if not link.startswith("https://"):
            assert (path.parent / link).exists(), link


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_codes_that_are_named_can_be_explained(path, capsys):
    for code in sorted(set(re.findall(r"\b(?:TEL|E)[0-9]{3}\b", path.read_text(encoding="utf-8")))):
        assert run(["explain", code], {}) == 0, capsys.readouterr().err


# The examples.


def test_the_examples_have_no_problems(tmp_path, capsys):
    copy = tmp_path / "examples"
    shutil.copytree(ROOT / "examples", copy, ignore=shutil.ignore_patterns(".reconciler"))
    assert run(["--project", str(copy), "validate"], {}) == 0
    said = capsys.readouterr().out
    assert re.match(r"No problems, [0-9]+ silenced in 6 files \(6 tenants\)\.", said), said


WITH_NUMBERS = [
    *sorted((ROOT / "examples" / "tenants").glob("*.yaml")),
    ROOT / "examples" / "numbers.csv",
    ROOT / "examples" / "policies.yaml",
]


@pytest.mark.parametrize("path", WITH_NUMBERS, ids=lambda path: path.name)
def test_the_examples_use_numbers_that_belong_to_nobody(path):
    found = re.findall(r"\+[0-9]+", path.read_text(encoding="utf-8"))
    assert found
    assert all(map(is_reserved, found))


def test_the_examples_show_every_section_that_is_built():
    shown = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("examples/tenants/*"))
    for name in SECTIONS:
        assert re.search(rf"^{name}:", shown, re.MULTILINE), name
