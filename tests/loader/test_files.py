"""Files that are not what they seem, and how they are refused."""

import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from reconciler.errors import InvalidConfig
from reconciler.loader.files import list_folder, read_file
from reconciler.loader.yaml_text import MAX_BYTES


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "tenants").mkdir()
    (tmp_path / "tenants" / "acme.yaml").write_bytes(b"a: 1\n")
    return tmp_path


def refused(root: Path, relative: str) -> tuple[str, str]:
    """Read in a thread, so that a hang is a failure of this test only."""
    found: list[InvalidConfig] = []

    def read() -> None:
        try:
            read_file(root, relative)
        except InvalidConfig as error:
            found.append(error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(timeout=5)
    assert not reader.is_alive(), "reading hangs"
    assert len(found) == 1, "the file was read"
    (problem,) = found[0].problems
    assert problem.detail.endswith(".")
    assert problem.hint
    return problem.code, problem.detail


def test_a_regular_file_is_read(root: Path) -> None:
    assert read_file(root, "tenants/acme.yaml") == b"a: 1\n"


def test_the_project_folder_itself_may_be_a_link(root: Path, tmp_path_factory) -> None:
    link = tmp_path_factory.mktemp("elsewhere") / "project"
    link.symlink_to(root)

    assert read_file(link, "tenants/acme.yaml") == b"a: 1\n"


def _symlink_out(root: Path) -> str:
    (root / "tenants" / "x.yaml").symlink_to("/etc/passwd")
    return "tenants/x.yaml"


def _symlink_inside(root: Path) -> str:
    (root / "tenants" / "x.yaml").symlink_to("acme.yaml")
    return "tenants/x.yaml"


def _dangling_symlink(root: Path) -> str:
    (root / "tenants" / "x.yaml").symlink_to("nowhere.yaml")
    return "tenants/x.yaml"


def _loop(root: Path) -> str:
    (root / "tenants" / "x.yaml").symlink_to("x.yaml")
    return "tenants/x.yaml"


def _folder_symlink(root: Path) -> str:
    (root / "other").symlink_to("tenants")
    return "other/acme.yaml"


def _hard_link(root: Path) -> str:
    os.link(root / "tenants" / "acme.yaml", root / "tenants" / "x.yaml")
    return "tenants/x.yaml"


def _pipe(root: Path) -> str:
    os.mkfifo(root / "tenants" / "x.yaml")
    return "tenants/x.yaml"


def _folder(root: Path) -> str:
    (root / "tenants" / "x.yaml").mkdir()
    return "tenants/x.yaml"


def _too_large(root: Path) -> str:
    with (root / "tenants" / "x.yaml").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    return "tenants/x.yaml"


REFUSED = {
    "a symlink out of the project": (_symlink_out, "E140", "symbolic link"),
    "a symlink inside the project": (_symlink_inside, "E140", "symbolic link"),
    "a dangling symlink, as a symlink": (_dangling_symlink, "E140", "symbolic link"),
    "a symlink to itself": (_loop, "E140", "symbolic link"),
    "a symlink on the way": (_folder_symlink, "E140", "symbolic link"),
    "a hard link": (_hard_link, "E142", "2 names"),
    "a named pipe, without hanging": (_pipe, "E141", "named pipe"),
    "a folder": (_folder, "E141", "a folder"),
    "a file over 5 MiB": (_too_large, "E109", "5,242,881 bytes"),
    "a file that is not there": (lambda _: "tenants/x.yaml", "E143", "does not exist"),
    "a folder that is not there": (lambda _: "x/acme.yaml", "E143", "does not exist"),
    "a file used as a folder": (lambda _: "tenants/acme.yaml/x", "E141", "not a folder"),
    "a path upward": (lambda _: "tenants/../../x", "E144", "inside the project"),
    "an absolute path": (lambda _: "/etc/passwd", "E144", "inside the project"),
    "a path with NUL": (lambda _: "a\0b", "E144", '"a\\x00b"'),
    "an empty path": (lambda _: "", "E144", "inside the project"),
    "a path of 300 characters": (lambda _: "x" * 300, "E143", "name too long"),
}


@pytest.mark.parametrize(("make", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_plain_file_is_refused(root: Path, make, code: str, words: str) -> None:
    found, detail = refused(root, make(root))

    assert found == code
    assert words.lower() in detail.lower()


def test_a_socket_is_refused(root: Path, monkeypatch) -> None:
    monkeypatch.chdir(root / "tenants")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("x.yaml")

        assert refused(root, "tenants/x.yaml")[0] == "E141"


def test_a_device_is_refused(root: Path) -> None:
    try:
        os.mknod(root / "tenants" / "x.yaml", stat.S_IFCHR | 0o600, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root makes devices")

    code, detail = refused(root, "tenants/x.yaml")

    assert (code, detail) == ("E141", "It is a device.")


def test_an_unreadable_file_is_refused(root: Path) -> None:
    (root / "tenants" / "acme.yaml").chmod(0)
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(65534)
    try:
        code, detail = refused(root, "tenants/acme.yaml")
    finally:
        if was_root:
            os.seteuid(0)

    assert (code, detail) == ("E143", "This user may not read it.")


def test_a_link_put_there_after_the_look_is_not_opened_through(root: Path, monkeypatch) -> None:
    """Swap the file between the check by name and the opening: the descriptor decides."""
    opened = os.open
    secret = root / "secret"
    secret.write_text("top secret")
    path = root / "tenants" / "acme.yaml"

    def swap_then_open(name, *arguments, **options):
        if name == "acme.yaml":
            path.unlink()
            path.symlink_to(secret)
        return opened(name, *arguments, **options)

    monkeypatch.setattr(os, "open", swap_then_open)

    with pytest.raises(InvalidConfig) as caught:
        read_file(root, "tenants/acme.yaml")
    assert caught.value.problems[0].code == "E140"


def test_a_pipe_put_there_after_the_look_does_not_hang(root: Path, monkeypatch) -> None:
    opened = os.open
    path = root / "tenants" / "acme.yaml"

    def swap_then_open(name, *arguments, **options):
        if name == "acme.yaml":
            path.unlink()
            os.mkfifo(path)
        return opened(name, *arguments, **options)

    monkeypatch.setattr(os, "open", swap_then_open)

    assert refused(root, "tenants/acme.yaml")[0] == "E141"


def test_no_descriptor_is_left_open(root: Path) -> None:
    (root / "tenants" / "x.yaml").symlink_to("acme.yaml")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for relative in ("tenants/acme.yaml", "tenants/x.yaml", "x/y", "tenants/acme.yaml/x"):
        try:
            read_file(root, relative)
        except InvalidConfig:
            continue

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_hostile_name_is_shown_escaped(root: Path) -> None:
    with pytest.raises(InvalidConfig) as caught:
        read_file(root, "x\x1b[2K\u202e.yaml", shown_as="examples/")

    assert caught.value.problems[0].location.file == "examples/x\\x1b[2K\\u202e.yaml"


# Listing

NAMES = [
    "acme.yaml", "beta.yaml", "beta.yaml~", ".hidden.yaml", ".git", "README.md", "globex/",
]  # fmt: skip


@pytest.fixture
def tenants(tmp_path: Path) -> Path:
    (tmp_path / "tenants").mkdir()
    for name in NAMES:
        path = tmp_path / "tenants" / name
        path.mkdir() if name.endswith("/") else path.write_text("a: 1\n")
    return tmp_path


LISTED = {
    "tenants/*.yaml": (
        ["acme.yaml", "beta.yaml"], [],
        [".git", ".hidden.yaml", "README.md", "beta.yaml~", "globex"],
    ),
    "tenants/*/": (
        [], ["globex"],
        [".git", ".hidden.yaml", "README.md", "acme.yaml", "beta.yaml", "beta.yaml~"],
    ),
    "tenants/*": (
        ["acme.yaml", "beta.yaml"], ["globex"],
        [".git", ".hidden.yaml", "README.md", "beta.yaml~"],
    ),
    "tenants/a*.yaml": (
        ["acme.yaml"], [],
        [".git", ".hidden.yaml", "README.md", "beta.yaml~", "globex"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("pattern", LISTED)
def test_a_pattern_finds_files_folders_or_both(tenants: Path, pattern: str) -> None:
    (tenants / "tenants" / "beta.yaml").unlink() if "a*" in pattern else None
    listing = list_folder(tenants, pattern)

    expected = [[f"tenants/{name}" for name in names] for names in LISTED[pattern]]
    assert [list(listing.files), list(listing.folders), list(listing.skipped)] == expected
    assert listing.problems == ()


def test_links_in_a_listing_are_refused(tenants: Path) -> None:
    (tenants / "tenants" / "evil.yaml").symlink_to("/etc/passwd")
    (tenants / "tenants" / "gone.yaml").symlink_to("nowhere")
    listing = list_folder(tenants, "tenants/*.yaml", shown_as="examples/")

    assert [str(p.location) for p in listing.problems] == [
        "examples/tenants/evil.yaml:1:1",
        "examples/tenants/gone.yaml:1:1",
    ]
    assert {p.code for p in listing.problems} == {"E140"}
    assert listing.files == ("tenants/acme.yaml", "tenants/beta.yaml")


def test_a_linked_folder_is_not_a_tenant(tenants: Path) -> None:
    (tenants / "tenants" / "initech").symlink_to("globex")
    listing = list_folder(tenants, "tenants/*/")

    assert [p.code for p in listing.problems] == ["E140"]
    assert listing.folders == ("tenants/globex",)


@pytest.mark.parametrize("name", ["acme.yml", "acme.YAML", "acme.Yml"])
def test_a_file_that_would_be_left_out_unseen_is_a_problem(tenants: Path, name: str) -> None:
    (tenants / "tenants" / name).write_text("a: 1\n")

    assert [p.code for p in list_folder(tenants, "tenants/*.yaml").problems] == ["E156"]


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("*/acme.yaml", "E158"),
        ("tenants/**", "E158"),
        ("../*.yaml", "E144"),
        ("/etc/*.yaml", "E144"),
        ("", "E144"),
        ("nowhere/*.yaml", "E143"),
        ("tenants/acme.yaml/*.yaml", "E141"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused(tenants: Path, pattern: str, code: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        list_folder(tenants, pattern)

    assert [p.code for p in caught.value.problems] == [code]


def test_a_linked_folder_is_not_listed(tenants: Path) -> None:
    (tenants / "other").symlink_to("tenants")

    with pytest.raises(InvalidConfig) as caught:
        list_folder(tenants, "other/*.yaml")
    assert [p.code for p in caught.value.problems] == ["E140"]
