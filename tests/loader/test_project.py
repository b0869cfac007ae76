"""Which files make a project and its tenants."""

import hashlib
from pathlib import Path

import pytest

from reconciler.errors import InvalidConfig
from reconciler.loader.project import find_project, load_file
from reconciler.loader.tenants import Tenants, load_tenants


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


def told(loaded: Tenants) -> list[str]:
    return [f"{p.location} {p.code}" for p in loaded.problems]


# The project file


def test_the_project_is_found_upward(tmp_path: Path) -> None:
    write(tmp_path, {"reconciler.yaml": "schema: 1\n", "tenants/acme/x.yaml": ""})

    assert find_project(tmp_path / "tenants" / "acme") == tmp_path / "reconciler.yaml"


def test_the_nearest_project_counts(tmp_path: Path) -> None:
    write(tmp_path, {"reconciler.yaml": "", "examples/reconciler.yaml": ""})

    assert find_project(tmp_path / "examples") == tmp_path / "examples" / "reconciler.yaml"


@pytest.mark.parametrize("git", [".git/HEAD", ".git"])
def test_the_search_ends_at_the_root_of_the_repository(tmp_path: Path, git: str) -> None:
    write(tmp_path, {"reconciler.yaml": "", f"repo/{git}": "", "repo/tenants/acme.yaml": ""})

    with pytest.raises(InvalidConfig) as caught:
        find_project(tmp_path / "repo" / "tenants")
    (problem,) = caught.value.problems
    assert problem.code == "E150"
    assert "--project" in problem.hint


def test_a_project_file_of_another_name_is_loaded_with_its_digest(tmp_path: Path) -> None:
    write(tmp_path, {"prices.yaml": "a: 1\n"})
    loaded = load_file(tmp_path, "prices.yaml", shown_as="../")

    assert loaded.document.value == {"a": "1"}
    assert loaded.document.file == "../prices.yaml"
    assert loaded.digest == hashlib.sha256(b"a: 1\n").hexdigest()


# Tenants


def test_a_tenant_is_a_file(tmp_path: Path) -> None:
    text = "tenant: acme\nnumbers:\n  '100': {to: x}\n"
    loaded = load_tenants(write(tmp_path, {"tenants/acme.yaml": text}), "tenants/*.yaml")

    (tenant,) = loaded.tenants
    assert loaded.problems == ()
    assert tenant.tenant == "acme"
    assert tenant.value == {"tenant": "acme", "numbers": {"100": {"to": "x"}}}
    assert tenant.files == ("tenants/acme.yaml",)
    assert tenant.digests == {"tenants/acme.yaml": hashlib.sha256(text.encode()).hexdigest()}
    assert str(tenant.place(("numbers", "100", "to"))) == "tenants/acme.yaml:3:15"


FOLDER = {
    "tenants/acme/tenant.yaml": "tenant: acme\ndefaults: {a: 1}\nnumbers:\n  '100': {to: x}\n",
    "tenants/acme/routing.yaml": "# routing\nnumbers:\n  '200': {to: y}\nring_groups: {g: {}}\n",
    "tenants/acme/.hidden.yaml": "a: [",
    "tenants/acme/routing.yaml~": "a: [",
    "tenants/acme/prompts/hello.txt": "hello",
}


def test_a_tenant_is_a_folder_merged_by_section(tmp_path: Path) -> None:
    loaded = load_tenants(write(tmp_path, FOLDER), "tenants/*/", shown_as="examples/")

    (tenant,) = loaded.tenants
    assert loaded.problems == ()
    assert tenant.value == {
        "tenant": "acme",
        "defaults": {"a": "1"},
        "numbers": {"100": {"to": "x"}, "200": {"to": "y"}},
        "ring_groups": {"g": {}},
    }
    assert tenant.files == ("tenants/acme/routing.yaml", "tenants/acme/tenant.yaml")
    assert loaded.skipped == (
        "tenants/acme/.hidden.yaml",
        "tenants/acme/prompts",
        "tenants/acme/routing.yaml~",
    )


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("numbers", "100"), "tenants/acme/tenant.yaml:4:10"),
        (("numbers", "200", "to"), "tenants/acme/routing.yaml:3:15"),
        (("numbers", "200", "label"), "tenants/acme/routing.yaml:3:3"),
        (("ring_groups", "g"), "tenants/acme/routing.yaml:4:18"),
        (("timezone",), "tenants/acme/tenant.yaml:1:1"),
    ],
)
def test_a_place_is_in_the_right_file(tmp_path: Path, path: tuple, place: str) -> None:
    (tenant,) = load_tenants(write(tmp_path, FOLDER), "tenants/*/").tenants

    assert str(tenant.place(path)) == place


def test_what_two_files_give_is_told_with_both_places(tmp_path: Path) -> None:
    files = {
        "tenants/acme/a.yaml": "tenant: acme\nname: A\nnumbers:\n  '1': {}\n  '2': {}\nl: [a]\n",
        "tenants/acme/b.yaml": "name: B\nnumbers:\n  '2': {}\nl: [b]\nm: {}\n",
        "tenants/acme/c.yaml": "m: text\nnumbers: {'2': {}}\n",
    }
    loaded = load_tenants(write(tmp_path, files), "tenants/*/")

    assert loaded.tenants == ()
    assert told(loaded) == [
        "tenants/acme/b.yaml:1:1 E155",
        "tenants/acme/b.yaml:3:3 E155",
        "tenants/acme/b.yaml:4:1 E155",
        "tenants/acme/c.yaml:1:1 E155",
        "tenants/acme/c.yaml:2:11 E155",
    ]
    assert [str(p.related[0][0]) for p in loaded.problems] == [
        "tenants/acme/a.yaml:2:1",
        "tenants/acme/a.yaml:5:3",
        "tenants/acme/a.yaml:6:1",
        "tenants/acme/b.yaml:5:1",
        "tenants/acme/a.yaml:5:3",
    ]


def test_files_and_folders_may_stand_side_by_side(tmp_path: Path) -> None:
    root = write(tmp_path, FOLDER | {"tenants/zeta.yaml": "tenant: zeta\n"})

    assert [t.tenant for t in load_tenants(root, "tenants/*").tenants] == ["acme", "zeta"]


def test_the_problems_of_all_files_are_told(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "tenants/a.yaml": "tenant: a\ntenant: a\nx: *97\n",
            "tenants/b.yaml": "",
            "tenants/c.yaml": "tenant: c\n",
            "tenants/d/x.yaml": "tenant: d\nx: !y z\n",
            "tenants/d/y.yaml": "- a\n",
        },
    )
    (root / "tenants" / "e.yaml").symlink_to("c.yaml")
    loaded = load_tenants(root, "tenants/*")

    assert [t.tenant for t in loaded.tenants] == ["c"]
    assert told(loaded) == [
        "tenants/a.yaml:2:1 E103",
        "tenants/a.yaml:3:4 E117",
        "tenants/b.yaml:1:1 E102",
        "tenants/d/x.yaml:2:4 E105",
        "tenants/d/y.yaml:1:1 E101",
        "tenants/e.yaml:1:1 E140",
    ]


DECLARED = {
    "another name": ("tenant: globex\n", "2:9 E153"),
    "no name": ("name: Acme\n", "2:1 E153"),
    "an empty name": ("tenant:\n", "2:8 E153"),
    "a name that is no text": ("tenant: {a: b}\n", "2:9 E153"),
    "a hostile name": ('tenant: "../x"\n', "2:9 E153"),
}


@pytest.mark.parametrize(("text", "expected"), DECLARED.values(), ids=DECLARED)
def test_the_name_in_the_file_equals_the_files_name(
    tmp_path: Path, text: str, expected: str
) -> None:
    loaded = load_tenants(write(tmp_path, {"tenants/acme.yaml": "# x\n" + text}), "tenants/*.yaml")

    assert loaded.tenants == ()
    assert told(loaded) == [f"tenants/acme.yaml:{expected}"]
    assert "`tenant: acme`" in loaded.problems[0].hint


def test_a_name_may_be_all_digits(tmp_path: Path) -> None:
    loaded = load_tenants(write(tmp_path, {"tenants/007.yaml": "tenant: 007\n"}), "tenants/*.yaml")

    assert [t.tenant for t in loaded.tenants] == ["007"]


NAMES = [
    "Acme", "con", "aux", "com1", "lpt9", "nul", "-x", "a.b", "a b", "acme.", "acme ", "acmé",
    "\u0430cme", "x" * 64, "a_b", "a\x1bb",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_that_is_no_safe_file_name_is_refused(tmp_path: Path, name: str) -> None:
    root = write(tmp_path, {f"tenants/{name}.yaml": f'tenant: "{name}"\n'})
    loaded = load_tenants(root, "tenants/*.yaml")

    assert loaded.tenants == ()
    assert loaded.problems[0].code in ("E152", "E114")
    assert "E152" in {p.code for p in loaded.problems}
    assert "\x1b" not in str(loaded.problems[0])


@pytest.mark.parametrize("name", ["a", "0", "a-b", "x" * 63, "console", "com10"])
def test_a_safe_name_is_accepted(tmp_path: Path, name: str) -> None:
    root = write(tmp_path, {f"tenants/{name}.yaml": f"tenant: {name}\n"})

    assert [t.tenant for t in load_tenants(root, "tenants/*.yaml").tenants] == [name]


def test_names_that_differ_in_case_only_are_told_with_both_places(tmp_path: Path) -> None:
    files = {"tenants/Acme.yaml": "tenant: Acme\n", "tenants/acme.yaml": "tenant: acme\n"}
    loaded = load_tenants(write(tmp_path, files), "tenants/*.yaml")

    assert loaded.tenants == ()
    assert told(loaded) == ["tenants/Acme.yaml:1:1 E152", "tenants/acme.yaml:1:1 E154"]
    assert str(loaded.problems[1].related[0][0]) == "tenants/Acme.yaml:1:1"


def test_names_that_differ_in_unicode_form_only_are_one(tmp_path: Path) -> None:
    files = {"tenants/caf\u00e9.yaml": "a: 1\n", "tenants/cafe\u0301.yaml": "a: 1\n"}
    loaded = load_tenants(write(tmp_path, files), "tenants/*.yaml")

    assert "E154" in {p.code for p in loaded.problems}


def test_a_file_and_a_folder_of_one_name_clash(tmp_path: Path) -> None:
    root = write(tmp_path, FOLDER | {"tenants/acme.yaml": "tenant: acme\n"})
    loaded = load_tenants(root, "tenants/*")

    assert loaded.tenants == ()
    assert [p.code for p in loaded.problems] == ["E154"]


def test_a_folder_without_files_is_not_an_empty_tenant(tmp_path: Path) -> None:
    root = write(tmp_path, {"tenants/acme/notes.txt": "", "tenants/acme/.x.yaml": "a: 1\n"})

    assert told(load_tenants(root, "tenants/*/")) == ["tenants/acme:1:1 E157"]


def test_a_file_of_a_folder_that_would_be_left_out_is_a_problem(tmp_path: Path) -> None:
    root = write(tmp_path, FOLDER | {"tenants/acme/numbers.yml": "numbers: {}\n"})
    loaded = load_tenants(root, "tenants/*/")

    assert loaded.tenants == ()
    assert told(loaded) == ["tenants/acme/numbers.yml:1:1 E156"]


def test_finding_no_tenant_at_all_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "tenants").mkdir()

    assert told(load_tenants(tmp_path, "tenants/*.yaml")) == ["tenants/*.yaml:1:1 E151"]


def test_a_missing_folder_is_a_problem(tmp_path: Path) -> None:
    assert told(load_tenants(tmp_path, "tenants/*.yaml")) == ["tenants/*.yaml:1:1 E143"]


# Some tenants only

THREE = {
    "tenants/acme.yaml": "tenant: acme\n",
    "tenants/broken.yaml": "a: [\n",
    "tenants/globex.yaml": "tenant: globex\n",
}


def test_only_what_is_asked_for_is_read(tmp_path: Path) -> None:
    root = write(tmp_path, THREE)
    (root / "tenants" / "evil.yaml").symlink_to("/etc/passwd")
    loaded = load_tenants(root, "tenants/*.yaml", only=frozenset({"acme"}))

    assert [t.tenant for t in loaded.tenants] == ["acme"]
    assert loaded.problems == ()


def test_asking_for_what_is_not_there_suggests_what_is(tmp_path: Path) -> None:
    loaded = load_tenants(write(tmp_path, THREE), "tenants/*.yaml", only=frozenset({"glbex"}))

    assert [p.code for p in loaded.problems] == ["E151"]
    assert loaded.problems[0].hint == 'Did you mean "globex"?'
