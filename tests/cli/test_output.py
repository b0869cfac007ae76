"""Where reports go: formats, files, pipes, terminals, and disks that are full."""

import fcntl
import json
import os
import pty
import re
import resource
import stat
import struct
import subprocess
import sys
import termios
import threading
from pathlib import Path

import pytest

from reconciler.report.terminal import Look, look_of, show
from reconciler.report.text import Span, line

FORMATS = {
    "validate": {"text", "concise", "json", "ndjson"},
    "plan": {"text", "concise", "json", "ndjson", "md"},
    "show plan.json": {"text", "concise", "json", "ndjson", "md"},
    "apply --yes": {"text", "json", "ndjson", "md"},
    "drift": {"text", "json", "ndjson", "md"},
    "locks": {"text", "json"},
    "doctor": {"text", "json"},
}
ALL = set().union(*FORMATS.values()) | {"yaml"}


def slow(case):
    """One more of a kind: run by `.ci/run`, as each takes a process of its own."""
    return pytest.param(case, marks=pytest.mark.slow)


def started(project, *arguments, shell="", limit=0, **environment):
    """A command as a process of its own, in the project."""
    command = [sys.executable, "-m", "reconciler", *arguments]
    line = " ".join(f"'{part}'" for part in command) + f" {shell}"

    def limited():
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        cwd=project.root,
        env={**os.environ, **project.environment, "PYTHONUNBUFFERED": "", **environment},  # noqa: TID251
        capture_output=True,
        timeout=60,
        check=False,
        preexec_fn=limited,
    )


@pytest.fixture
def planned(project):
    project.ok("plan", "--out", "plan.json")
    return project


# Formats.


@pytest.mark.parametrize("command", FORMATS)
def test_a_format_that_a_command_does_not_speak_lists_those_it_does(planned, command):
    for form in sorted(ALL - FORMATS[command]):
        ended = planned.run(*command.split(), "-o", form)

        assert ended.status == 64
        assert not ended.out
        for spoken in FORMATS[command]:
            assert spoken in ended.err
    assert not planned.charges()


def test_only_one_report_goes_to_stdout(project):
    assert project.run("plan", "-o", "text", "-o", "json").status == 64


def test_the_project_file_may_say_the_format_and_a_variable_may_say_another(project):
    project.project("drift: revert", "drift: revert\noutput: json")
    assert project.ok("locks").document["kind"] == "locks"

    project.environment["RECONCILER_OUTPUT"] = "text"
    assert project.ok("locks").out.startswith("Nobody") or project.ok("locks").out


def test_who_said_a_wrong_format_is_told(project):
    project.environment["RECONCILER_OUTPUT"] = "md"

    ended = project.run("locks")

    assert ended.status == 64
    assert "RECONCILER_OUTPUT says so" in ended.err


# Files.


def test_a_report_in_a_file_is_its_owners_and_keeps_a_mode_that_it_had(planned):
    planned.ok("show", "plan.json", "-o", "md=new.md")
    old = planned.root / "old.md"
    old.write_text("before", encoding="utf-8")
    old.chmod(0o644)
    planned.ok("show", "plan.json", "-o", "md=old.md")

    assert stat.S_IMODE((planned.root / "new.md").stat().st_mode) == 0o600
    assert stat.S_IMODE(old.stat().st_mode) == 0o644
    assert old.read_text(encoding="utf-8") == (planned.root / "new.md").read_text(encoding="utf-8")


def test_a_link_is_followed_and_stays(planned):
    (planned.root / "real.md").write_text("before", encoding="utf-8")
    (planned.root / "link.md").symlink_to("real.md")

    planned.ok("show", "plan.json", "-o", "md=link.md")

    assert (planned.root / "link.md").is_symlink()
    assert "Telephony plan" in (planned.root / "real.md").read_text(encoding="utf-8")


def test_a_pipe_is_written_and_not_replaced(planned):
    pipe = planned.root / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    planned.ok("show", "plan.json", "-o", "md=pipe")
    reader.join(10)

    assert "Telephony plan" in read[0]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("name", ["nowhere/report.json", "tenants"])
def test_a_file_that_cannot_be_is_refused_before_anything_is_done(project, name):
    ended = project.run("apply", "--yes", "-o", f"json={name}")

    assert ended.status == 64
    assert not project.charges()


@pytest.mark.parametrize("form", ["text", "json", slow("ndjson"), slow("md")])
def test_a_disk_that_is_full_leaves_what_was_there_and_is_an_error(planned, form):
    path = planned.root / "report"
    path.write_text("before", encoding="utf-8")

    ended = started(planned, "show", "plan.json", "-o", f"{form}=report", "-o", "concise", limit=64)

    assert ended.returncode == 7
    assert b"cannot be written: file too large" in ended.stderr
    assert b"Traceback" not in ended.stderr
    assert path.read_text(encoding="utf-8") == "before"
    assert not list(planned.root.glob(".report.*"))
    assert ended.stdout.startswith(b"@sandbox ")  # the other report is whole


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "arguments", [["plan"], slow(["plan", "-o", "json"]), slow(["explain"]), ["--help"]]
)
def test_stdout_that_takes_no_more_is_an_error_in_one_sentence(project, arguments):
    ended = started(project, *arguments, shell="> /dev/full")

    assert ended.returncode == 7
    assert ended.stderr.startswith(b"error: Standard output cannot be written: no space left")
    assert len(ended.stderr.splitlines()) <= 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_apply_keeps_its_status_when_its_report_is_lost(project):
    project.ok("sandbox", "fault", "refuse", "--method", "POST", "--path", "/v2.2/orders")

    ended = started(project, "apply", "--yes", "-o", "ndjson", shell="> /dev/full")

    assert ended.returncode == 5
    assert b"cannot be written" in ended.stderr
    assert project.spec("ring_group", "sales")  # it was not cut short


def test_events_that_nobody_reads_do_not_cut_an_apply_short(project):
    ended = started(project, "apply", "--yes", "-o", "ndjson", shell="| head -n 1")

    assert json.loads(ended.stdout)["record"] == "start"
    assert ended.returncode == 141
    assert len(project.charges()) == 1
    assert project.sql("SELECT exit_code FROM run") == [(0,)]


def test_what_failed_stands_in_every_report_that_was_asked_for(project):
    for name in ("a.json", "a.md", "a.txt"):
        (project.root / name).write_text("of yesterday", encoding="utf-8")
    project.change("to: ring_group/sales", "to: ring_group/salse")

    ended = project.run("plan", "-o", "text=a.txt", "-o", "json=a.json", "-o", "md=a.md")

    assert ended.status == 3
    document = json.loads((project.root / "a.json").read_text(encoding="utf-8"))
    assert document["problems"][0]["code"] == "TEL201"
    for name in ("a.md", "a.txt"):
        assert "TEL201" in (project.root / name).read_text(encoding="utf-8")


# Pipes.


@pytest.mark.parametrize(
    "arguments", [["plan", "--full"], slow(["explain"]), slow(["schema"]), ["--help"]]
)
@pytest.mark.parametrize("colour", ["", slow("1")])
def test_a_reader_that_goes_away_is_no_news(project, arguments, colour):
    ended = started(project, *arguments, shell="| true", FORCE_COLOR=colour, NO_COLOR="")

    assert ended.stderr == b""
    assert ended.returncode in {0, 141}


@pytest.mark.parametrize("arguments", [["schema"], slow(["config", "-o", "json"])])
def test_a_long_report_ends_as_pipes_do(project, arguments):
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    child = subprocess.Popen(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=project.root,
        # Unbuffered, Python takes what a pipe cut short for written.
        env={**os.environ, **project.environment, "PYTHONUNBUFFERED": ""},  # noqa: TID251
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    os.read(reading, 10)
    os.close(reading)
    _, told = child.communicate(timeout=60)

    assert child.returncode == 141
    assert told == b""


@pytest.mark.parametrize("arguments", [["plan", "--nonsense"], ["drfit"], ["show", "nowhere"]])
def test_a_reader_of_stderr_that_goes_away_is_no_failure_of_ours(project, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    child = subprocess.Popen(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=project.root,
        env={**os.environ, **project.environment},  # noqa: TID251 - passed on
        stdout=subprocess.PIPE,
        stderr=writing,
    )
    os.close(writing)
    told, _ = child.communicate(timeout=60)

    assert told == b""
    assert child.returncode in {64, 141}


@pytest.mark.parametrize("closed", [slow(">&-"), slow("2>&-"), ">&- 2>&-"])
def test_a_closed_stream_is_no_traceback(project, closed):
    ended = started(project, "plan", shell=closed)

    assert ended.returncode == 0
    assert b"Traceback" not in ended.stdout + ended.stderr


# What a stream can show.


@pytest.mark.parametrize(
    "arguments", [["plan"], slow(["apply", "--yes"]), slow(["drift"]), slow(["validate"])]
)
def test_a_stream_that_knows_ascii_alone_gets_words(project, arguments):
    project.change("name: Front desk", "name: Empfang Zürich")

    ended = started(project, *arguments, PYTHONIOENCODING="ascii", LC_ALL="C")

    assert ended.returncode == 0
    assert ended.stdout.isascii()
    assert b"\\u" not in ended.stdout  # our own signs have words
    assert b"Traceback" not in ended.stderr


def test_plain_has_words_for_signs_and_no_colour(project):
    project.environment |= {"FORCE_COLOR": "1", "NO_COLOR": ""}

    ended = project.ok("apply", "--yes", "--plain")

    assert ended.out.isascii()
    assert "\x1b" not in ended.out + ended.err
    assert "done    order" in ended.out


def test_plain_may_be_said_by_a_variable(project):
    project.environment["RECONCILER_PLAIN"] = "1"

    assert project.ok("plan").out.isascii()


LOOKS = {
    "a terminal": ({}, True, True),
    "a pipe": ({}, False, False),
    "NO_COLOR": ({"NO_COLOR": "1"}, True, False),
    "NO_COLOR is nothing when empty": ({"NO_COLOR": ""}, True, True),
    "FORCE_COLOR": ({"FORCE_COLOR": "1"}, False, True),
    "FORCE_COLOR=0": ({"FORCE_COLOR": "0"}, True, False),
    "CLICOLOR_FORCE": ({"CLICOLOR_FORCE": "1"}, False, True),
    "CLICOLOR_FORCE=0": ({"CLICOLOR_FORCE": "0"}, False, False),
    "CLICOLOR=0": ({"CLICOLOR": "0"}, True, False),
    "TERM=dumb": ({"TERM": "dumb"}, True, False),
    "NO_COLOR wins": ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
    "plain wins": ({"RECONCILER_PLAIN": "1", "FORCE_COLOR": "1"}, True, False),
}


class Stream:
    """Something that lines are written to."""

    encoding = "utf-8"

    def __init__(self, *, terminal=False):
        self.terminal = terminal
        self.text = ""

    def isatty(self):
        return self.terminal

    def writelines(self, pieces):
        self.text += "".join(pieces)


@pytest.mark.parametrize("case", LOOKS)
def test_who_decides_about_colour(case):
    environment, terminal, colour = LOOKS[case]

    assert look_of(Stream(terminal=terminal), environment).colour is colour


@pytest.mark.parametrize(
    ("environment", "columns", "width"),
    [
        ({}, 0, 100),
        ({"CI": "true"}, 0, 120),
        ({}, 80, 80),
        ({}, 20, 40),
        ({}, 500, 140),
        ({"COLUMNS": "60"}, 200, 60),
        ({"COLUMNS": "wide"}, 0, 100),
        ({"COLUMNS": "0"}, 0, 100),
    ],
)
def test_how_wide_a_report_is(environment, columns, width):
    assert look_of(Stream(), environment, columns).width == width


@pytest.mark.parametrize("columns", ["1", "30", "79", "10000"])
def test_any_width_is_told_without_a_traceback(project, columns):
    project.environment["COLUMNS"] = columns

    assert "number/+16175550144" in project.ok("plan").out
    assert project.ok("doctor").out


def test_colour_is_in_the_text_of_the_stream_that_was_given():
    stream = Stream()

    show([line("a ", Span("b", "error"))], stream, look=Look(colour=True))

    assert stream.text == "a \x1b[1;31mb\x1b[0m\n"


# A terminal.


def in_terminal(project, *arguments, columns=100, **environment):
    """Run a command with a terminal as its stderr; what it wrote there, and its status."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    child = subprocess.Popen(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=project.root,
        env={"PATH": "/usr/bin:/bin", "TERM": "xterm"}
        | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}  # noqa: TID251 - passed on
        | {k: v for k, v in project.environment.items() if k != "NO_COLOR"}
        | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=slave,
    )
    os.close(slave)
    told = b""
    try:
        while chunk := os.read(master, 65536):
            told += chunk
    except OSError:  # Linux says so when the other side is closed
        pass
    out = child.stdout.read()
    child.stdout.close()
    os.close(master)
    return child.wait(60), out.decode(), told.decode()


def test_a_moving_line_on_a_terminal_is_gone_afterwards(project):
    status, out, told = in_terminal(project, "apply", "--yes")

    assert status == 0
    assert "\x1b[?25l" in told  # the cursor was hidden, and comes back
    assert told.rstrip().endswith(("\x1b[2K", "\x1b[?25h"))
    assert "Apply complete" in out


@pytest.mark.parametrize(
    "environment",
    [{"CI": "true"}, slow({"TERM": "dumb"}), slow({"RECONCILER_PLAIN": "1"})],
    ids=str,
)
def test_plain_lines_where_a_line_must_not_move(project, environment):
    status, _, told = in_terminal(project, "apply", "--yes", **environment)

    assert status == 0
    assert "\x1b[?25l" not in told
    assert re.search(r"done order acme/carrier_number/\+16175550144 \([0-9]+ of [0-9]+\)", told)


def test_progress_is_plain_lines_on_stderr_elsewhere(project):
    ended = project.applied()

    assert "done order acme/carrier_number/+16175550144 (2 of 11)" in ended.err
    assert "\x1b" not in ended.err


def test_progress_is_silent_where_a_machine_reads(project):
    ended = project.ok("apply", "--yes", "-o", "json")

    assert ended.err == ""
