"""A value is sealed for one place, and met nowhere on its way."""

import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.cli.main import run
from reconciler.cli.session import Session
from reconciler.errors import Unavailable
from reconciler.model.address import parse_address
from tests.cli.projects import Project

CANARY = "c4nary-Zx81-pässwörd"
PIN = "73915064"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def given(project, monkeypatch):
    """Give a value on standard input."""

    def give(raw):
        class Stream:
            buffer = io.BytesIO(raw if isinstance(raw, bytes) else raw.encode())

            @staticmethod
            def isatty():
                return False

        monkeypatch.setattr(sys, "stdin", Stream)
        return project

    return give


def token_of(ended):
    (found,) = re.findall(r"^\{sealed: (\S+)\}$", ended.out, re.MULTILINE)
    return found


def forms(value):
    yield value
    yield value.encode().hex()
    yield json.dumps(value)[1:-1]
    yield repr(value)[1:-1]
    yield ascii(value)[1:-1]


def assert_unmet(project, value):
    said = "".join(ended.out + ended.err for ended in project.ended)
    files = {p: p.read_bytes() for p in project.root.rglob("*") if p.is_file()}
    for form in forms(value):
        assert form not in said
        assert not [p.name for p, raw in files.items() if form.encode() in raw]
    assert "Traceback" not in said


def test_what_is_sealed_is_applied(given):
    project = given(f"{PIN}\n")
    ended = project.ok("secrets", "seal", "acme/voicemail_box/101", "pin")

    project.change("pin: {env: VM_PIN}", f"pin: {{sealed: {token_of(ended)}}}")
    project.applied()

    vault_says = opened(project, "voicemail_box", "101", "pin")
    assert vault_says == PIN
    assert_unmet(project, PIN)


def opened(project, kind, name, field):
    from reconciler.cli.session import Session  # noqa: PLC0415 - for the vault only
    from reconciler.model.address import Address  # noqa: PLC0415

    session = Session(project.environment, project.root)
    try:
        at = Address("acme", kind, name)
        return session.vault.open(session.platform.sealed(at)[field].token, at, field).reveal()
    finally:
        session.close()


PORT = """\
ports:
  spring:
    connector: sandbox
    numbers: ["+16175550150"]
    to: extension/101
    subscriber: {name: Acme, street_number: "12", street: Spring, street_type: ST, city: Boston,
                 region: MA, postcode: "02110", country: US}
    authorized_by: Manager
    losing_carrier: {billing_number: "+16175550150", account: {sealed: TOKEN}}
"""


def test_a_secret_inside_a_group_is_sealed_for_its_place(given):
    project = given(f"{CANARY}\n")
    what = ("acme/port/spring", "losing_carrier.account")
    token = token_of(project.ok("secrets", "seal", *what))
    path = project.root / "tenants" / "acme.yaml"
    path.write_text(path.read_text("utf-8") + PORT.replace("TOKEN", token), "utf-8")

    assert project.run("validate").status == 0
    assert opened_as(project, token, *what) == CANARY
    with pytest.raises(Unavailable):
        opened_as(project, token, "acme/port/spring", "losing_carrier.pin")
    assert_unmet(project, CANARY)


def test_its_name_alone_is_no_place(given):
    ended = given(CANARY).run("secrets", "seal", "acme/port/spring", "account")

    assert ended.status == 64
    assert "losing_carrier.account, losing_carrier.pin" in ended.err


def opened_as(project, token, address, field):
    session = Session(project.environment, project.root)
    try:
        return session.vault.open(token, parse_address(address), field).reveal()
    finally:
        session.close()


def test_a_token_opens_nowhere_else(given):
    project = given(CANARY)
    token = token_of(project.ok("secrets", "seal", "acme/device/101-desk", "sip_password"))
    project.change(
        "devices: {desk: {}}", f"devices: {{desk: {{sip_password: {{sealed: {token}}}}}}}"
    )

    ended = project.run("apply", "--yes")

    assert ended.status == 3
    assert "acme/device/102-desk" in ended.out + ended.err
    assert "sealed for another object or field" in " ".join((ended.out + ended.err).split())
    assert project.sql("SELECT count(*) FROM object") == [(0,)]
    assert_unmet(project, CANARY)


def test_a_carriers_key_is_sealed_for_the_project(given):
    key = "c4nary-carrier-key-77"
    project = given(key)
    what = "connectors.sandbox.credentials.api_key"
    token = token_of(project.ok("secrets", "seal", what))

    project.project("{env: CARRIER_KEY}", f"{{sealed: {token}}}")
    del project.environment["CARRIER_KEY"]

    project.applied()
    assert_unmet(project, key)


def test_machines_get_the_reference(given):
    document = given(PIN).ok("secrets", "seal", "acme/voicemail_box/101", "pin", "-ojson").document

    assert (document["address"], document["field"]) == ("acme/voicemail_box/101", "pin")
    assert document["reference"]["sealed"].startswith("gAAAA")


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_one_line_end_is_not_part_of_it(given, ending):
    project = given(f"{CANARY}{ending}")
    token = token_of(project.ok("secrets", "seal", "acme/device/101-desk", "sip_password"))

    from reconciler.cli.session import Session  # noqa: PLC0415 - for the vault only
    from reconciler.model.address import Address  # noqa: PLC0415

    session = Session(project.environment, project.root)
    at = Address("acme", "device", "101-desk")
    assert session.vault.open(token, at, "sip_password").reveal() == CANARY


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (CANARY.encode("utf-16"), "not UTF-8"),
        (CANARY.encode() * 4000, "more than 64 KiB"),
        (CANARY.encode() * 2600, "too long"),
    ],
    ids=["empty", "line end", "utf-16", "huge", "long"],
)
def test_what_cannot_be_sealed_is_refused_unseen(given, raw, words):
    project = given(raw)
    ended = project.run("secrets", "seal", "acme/device/101-desk", "sip_password")

    assert ended.status == 3
    assert words in ended.err
    assert ended.out == ""
    assert_unmet(project, CANARY)


def test_a_weak_pin_is_refused_at_once(given):
    project = given("123456")
    ended = project.run("secrets", "seal", "acme/voicemail_box/101", "pin")

    assert ended.status == 3
    assert ended.out == ""
    assert_unmet(project, "123456")


MISUSED = {
    "as an argument": ["acme/voicemail_box/101", "pin", CANARY],
    "as several arguments": ["acme/voicemail_box/101", "pin", "x", CANARY],
    "in place of the field": ["acme/voicemail_box/101", CANARY],
    "in place of the address": [CANARY],
    "after a setting": ["connectors.sandbox.credentials.api_key", CANARY],
    "as a credential": [f"connectors.sandbox.credentials.{CANARY}"],
    "as a connector": [f"connectors.{CANARY}.credentials.api_key"],
    "as a kind": [f"acme/{CANARY}/101", "pin"],
    "as an option": ["acme/voicemail_box/101", "pin", f"--value={CANARY}"],
    "as a name": [f"acme/voicemail_box/{CANARY}", "pin"],
}


@pytest.mark.parametrize("name", MISUSED)
def test_a_value_in_the_wrong_place_is_not_repeated(given, name):
    project = given(PIN)
    ended = project.run("secrets", "seal", *MISUSED[name])

    assert ended.status == 64
    assert ended.out == ""
    assert_unmet(project, CANARY)


def test_without_a_key_nothing_is_read_or_sealed(given):
    project = given(CANARY)
    del project.environment["RECONCILER_KEY"]

    ended = project.run("secrets", "seal", "acme/device/101-desk", "sip_password")

    assert ended.status == 7
    assert "keygen" in ended.err
    assert sys.stdin.buffer.tell() == 0


def test_an_object_that_no_file_has_is_noted(given):
    project = given(CANARY)
    ended = project.ok("secrets", "seal", "acme/device/109-desk", "sip_password")

    assert "no tenant file has acme/device/109-desk yet" in ended.err
    known = given(CANARY).ok("secrets", "seal", "acme/device/101-desk", "sip_password")
    assert "note" not in known.err


def started(project: Project, **options):
    environment = {**project.environment, "PYTHONPATH": str(ROOT), "PATH": os.defpath}
    command = [sys.executable, "-m", "reconciler", "secrets", "seal", "acme/device/101-desk"]
    return subprocess.Popen(
        [*command, "sip_password"], cwd=project.root, env=environment, **options
    )


def test_the_value_is_in_no_process_list(project):
    process = started(
        project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdin.write(CANARY.encode())
    process.stdin.flush()
    seen = [Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "environ")]

    out, err = process.communicate(timeout=60)

    assert process.returncode == 0, err
    for raw in (*seen, out, err):
        assert CANARY.encode() not in raw


def test_what_is_typed_is_not_echoed(project):
    """A terminal of its own, as `getpass` opens /dev/tty and not standard input."""
    parent, child = pty.openpty()
    process = started(
        project,
        stdin=child,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: (os.setsid(), os.close(os.open(os.ttyname(child), os.O_RDWR))),
    )
    os.close(child)
    shown = b""
    for wanted in (b"Value", b"Again"):
        while wanted not in shown:
            shown += os.read(parent, 1024)
        os.write(parent, f"{CANARY}\n".encode())

    out, err = process.communicate(timeout=60)
    os.close(parent)

    assert process.returncode == 0, (shown, err)
    assert out.startswith(b"{sealed: gAAAA")
    for raw in (shown, out, err):
        assert CANARY.encode() not in raw


def test_help_says_that_no_argument_takes_it(capsys):
    assert run(["secrets", "seal", "--help"], {}) == 0
    assert "never from an argument" in " ".join(capsys.readouterr().out.split())
