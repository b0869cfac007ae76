"""The project that is measured with: the same each time, without a mistake, of nobody's numbers."""

import json
import subprocess
import sys

import pytest

from benchmarks.generate import Tenant, Wish, generate, main, number_of
from reconciler.cli.main import run
from reconciler.model.numbering import impossible


def wish(folder, **changes):
    usual = {"tenants": 12, "objects": 100, "seed": 1, "change": 0, "connector": "", "url": "x"}
    return Wish(folder, **{**usual, **changes})


def files(folder):
    return {p.name: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_seed_decides_every_byte(tmp_path):
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        generate(wish(tmp_path / name, seed=seed))

    assert files(tmp_path / "one") == files(tmp_path / "same")
    assert files(tmp_path / "one") != files(tmp_path / "other")


@pytest.mark.parametrize("connector", ["", "sandbox"])
def test_what_is_made_has_no_problem(tmp_path, capsys, connector):
    assert main([str(tmp_path), "--tenants", "12", "--connector", connector]) == 0
    capsys.readouterr()

    assert run(["validate"], {}, tmp_path) == 0

    assert capsys.readouterr().out.startswith("No problems in 12 files (12 tenants).\n")


def test_a_tenant_has_about_as_many_objects_as_were_asked_for(tmp_path):
    tenants, objects, size = generate(wish(tmp_path, tenants=200))

    assert tenants == 200
    assert 80 < objects / tenants < 120
    assert 10_000 < size / tenants < 30_000


def test_it_counts_what_there_will_be(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, objects, _ = generate(wish(tmp_path, tenants=3, url="sqlite:///.reconciler/reconciler.db"))
    assert run(["numbers", "preload", "numbers.csv"], {}) == 0
    assert run(["plan", "-o", "json=plan.json"], {}) == 0

    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    tenants = [part for part in plan["parts"] if part["kind"] == "tenant"]
    made = {op["address"] for part in tenants for op in part["operations"]}
    assert len(made) == objects


def test_a_change_writes_its_share_of_tenants_and_nothing_else(tmp_path):
    generate(wish(tmp_path, tenants=100))
    before = files(tmp_path)

    assert generate(wish(tmp_path, tenants=100, change=3))[0] == 3
    after = files(tmp_path)

    differing = [name for name in before if before[name] != after[name]]
    assert len(differing) == 3
    assert before.keys() == after.keys()
    for name in differing:
        old, new = before[name].splitlines(), after[name].splitlines()
        assert len([pair for pair in zip(old, new, strict=True) if pair[0] != pair[1]]) == 1
    generate(wish(tmp_path, tenants=100, change=3))
    assert files(tmp_path) == after


def test_every_number_stands_once_and_is_nobodys():
    every = [e164 for index in range(300) for e164 in Tenant(index, 1, 100).e164s()]

    assert len(every) == len(set(every))
    for e164 in (*every, number_of(0), number_of(60 * 800 * 10_000)):
        assert impossible(e164) == ""
        assert e164[3] == "9"  # N9X: kept by the numbering plan, given to nobody


def test_it_runs_as_the_file_says(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.generate", str(tmp_path), "--tenants", "2"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith("2 tenants, ")
