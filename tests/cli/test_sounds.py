"""Sound files that a tenant names are in the project, and nowhere else (E161)."""

import json
import os

import pytest

AUDIO = "audio: {closed: {file: sounds/closed.wav, then: hangup}}\n"


@pytest.fixture
def named(project):
    """A tenant that names a sound; nothing is there yet."""
    path = project.root / "tenants" / "acme.yaml"
    path.write_text(path.read_text("utf-8") + AUDIO, "utf-8")
    (project.root / "sounds").mkdir()
    return project


def found(project, severity="error"):
    told = json.loads(project.run("validate", "-o", "json").out)["problems"]
    line = len((project.root / "tenants" / "acme.yaml").read_text("utf-8").splitlines())
    return [
        (each["code"], each["message"].partition(". ")[2])
        for each in told
        if each["severity"] == severity and (each["line"], each["column"]) == (line, 24)
    ]


def sound(project):
    return project.root / "sounds" / "closed.wav"


def test_one_that_is_there_is_fine_however_large(named):
    with sound(named).open("wb") as file:
        file.truncate(50_000_000)

    assert found(named) == []
    assert named.run("validate").status == 0


def test_one_that_is_not_there_is_told_at_its_place(named):
    assert found(named, "warning") == [("E161", "It is not there.")]
    assert named.run("validate").status == 0
    assert "E161" in named.run("plan").out


def test_a_link_is_not_followed(named, tmp_path):
    outside = tmp_path / "outside.wav"
    outside.write_bytes(b"RIFF")
    sound(named).symlink_to(outside)

    assert found(named) == [("E161", "It is a symbolic link.")]
    assert named.run("plan").status == 3


def test_a_folder_that_is_a_link_is_not_followed(named, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "closed.wav").write_bytes(b"RIFF")
    (named.root / "sounds").rmdir()
    (named.root / "sounds").symlink_to(tmp_path / "elsewhere")

    assert found(named) == [("E161", 'The folder "sounds" on the way is a symbolic link.')]


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_refused(named, make):
    make(sound(named))

    assert found(named) == [("E161", "It is no regular file.")]


def test_a_way_out_of_the_project_is_refused_once(named):
    named.change("sounds/closed.wav", "../closed.wav")
    (named.root.parent / "closed.wav").write_bytes(b"RIFF")

    assert [code for code, _ in found(named)] == ["E123"]
