"""A file is replaced whole or not at all."""

import os
import resource
import stat
import subprocess
import sys

import pytest

from reconciler.errors import InvalidConfig, Unavailable
from reconciler.loader.replace import replace_file

OLD, NEW = b"a: b\n", b"a: c\n"


@pytest.fixture
def file(tmp_path):
    (tmp_path / "tenants").mkdir()
    made = tmp_path / "tenants" / "acme.yaml"
    made.write_bytes(OLD)
    return made


def replaced(file, new=NEW, old=OLD):
    replace_file(file.parents[1], "tenants/acme.yaml", old, new)


def names(file):
    return sorted(path.name for path in file.parent.iterdir())


def test_it_holds_the_new_text_and_keeps_its_mode(file):
    file.chmod(0o640)
    before = file.stat()

    replaced(file)

    after = file.stat()
    assert file.read_bytes() == NEW
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert names(file) == ["acme.yaml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_it_keeps_its_owner(file):
    os.chown(file, 12345, 23456)

    replaced(file)

    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)
    assert file.read_bytes() == NEW


def test_what_was_changed_meanwhile_is_left_alone(file):
    file.write_bytes(b"a: theirs\n")

    with pytest.raises(Unavailable, match="changed meanwhile"):
        replaced(file)

    assert file.read_bytes() == b"a: theirs\n"


def test_a_link_is_refused(file, tmp_path):
    file.rename(tmp_path / "elsewhere.yaml")
    file.symlink_to(tmp_path / "elsewhere.yaml")

    with pytest.raises(InvalidConfig) as refused:
        replaced(file)

    assert refused.value.problems[0].code == "E140"
    assert (tmp_path / "elsewhere.yaml").read_bytes() == OLD


def test_a_second_name_is_refused(file, tmp_path):
    (tmp_path / "second.yaml").hardlink_to(file)

    with pytest.raises(InvalidConfig) as refused:
        replaced(file)

    assert refused.value.problems[0].code == "E142"


FULL = """
import resource, signal, sys
from pathlib import Path
from reconciler.errors import Unavailable
from reconciler.loader.replace import replace_file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    replace_file(Path(sys.argv[1]), "tenants/acme.yaml", b"a: b\\n", b"#" * 100_000)
except Unavailable as error:
    print(error.message)
"""


def test_a_full_disk_loses_nothing(file):
    """The system's own limit stands for the disk: writes beyond it fail part of the way."""
    assert resource.RLIMIT_FSIZE
    ended = subprocess.run(
        [sys.executable, "-c", FULL, file.parents[1]],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "tenants/acme.yaml cannot be written: File too large." in ended.stdout
    assert file.read_bytes() == OLD
    assert names(file) == ["acme.yaml"]
