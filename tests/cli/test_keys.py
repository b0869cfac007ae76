"""Keys are made, never overwritten, and never met anywhere but where they were asked for."""

import json
import re
import stat

import pytest
from cryptography.fernet import Fernet


def test_printed_keys_work_as_they_are(project):
    ended = project.ok("secrets", "keygen")
    found = dict(re.findall(r"^export (RECONCILER_\w+)=(\S+)$", ended.out, re.MULTILINE))

    assert set(found) == {"RECONCILER_KEY", "RECONCILER_MAC_KEY"}
    assert not any(key in ended.err for key in found.values())
    project.environment.update(found)
    project.applied()


def test_written_keys_are_for_their_owner_only_and_work(project):
    ended = project.ok("secrets", "keygen", "--into", ".reconciler/keys")

    folder = project.root / ".reconciler" / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("fernet", "mac"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        assert (folder / name).read_text(encoding="ascii").strip() not in ended.out + ended.err
    assert "keys: [{file: .reconciler/keys/fernet}]" in ended.out
    assert "mac_key: {file: .reconciler/keys/mac}" in ended.out
    project.project("keys: [{env: RECONCILER_KEY}]", "keys: [{file: .reconciler/keys/fernet}]")
    project.project("mac_key: {env: RECONCILER_MAC_KEY}", "mac_key: {file: .reconciler/keys/mac}")
    project.environment.pop("RECONCILER_KEY")
    project.applied()


@pytest.mark.parametrize("there", ["fernet", "mac"])
def test_a_key_is_never_overwritten(project, there):
    folder = project.root / "keys"
    folder.mkdir()
    (folder / there).write_text("precious", encoding="ascii")

    ended = project.run("secrets", "keygen", "--into", "keys")

    assert ended.status == 64
    assert "never overwritten" in ended.err
    assert [(p.name, p.read_text(encoding="ascii")) for p in folder.iterdir()] == [
        (there, "precious")
    ]


def test_a_link_is_not_followed(project, tmp_path):
    folder = project.root / "keys"
    folder.mkdir()
    (folder / "fernet").symlink_to(tmp_path / "elsewhere")

    assert project.run("secrets", "keygen", "--into", "keys").status == 64
    assert not (tmp_path / "elsewhere").exists()


def _generated(project):
    lines = (project.root / "generated.ndjson").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["value"] for line in lines]


def _files(project):
    """Everything on disk but the sink, which is where generated secrets are handed over."""
    sink = project.root / "generated.ndjson"
    return {p: p.read_bytes() for p in project.root.rglob("*") if p.is_file() and p != sink}


def _everything(project):
    """Go through every command, well and badly, and leave a plan file behind."""
    project.ok("validate")
    project.ok("plan", "--full", "--out", "plan.json")
    project.ok("apply", "plan.json")
    project.change("generate: true", "generate: true, version: 2")
    project.ok("plan", "--full", "--out", "second.json")
    for arguments in (
        ["show", "second.json", "--full"],
        ["show", "second.json", "-o", "json"],
        ["drift"],
        ["drift", "-o", "json"],
        ["apply", "--yes"],
        ["apply", "--yes", "-o", "json"],
        ["runs", "list"],
        ["runs", "show", project.last_run()],
        ["runs", "show", project.last_run(), "-o", "json"],
        ["locks"],
        ["numbers", "list"],
        ["quarantine"],
        ["sandbox", "ledger"],
        ["sandbox", "ledger", "-o", "json"],
        ["sandbox", "poke", "acme/device/101-desk", "model=x"],
        ["drift"],
        ["apply", "--yes"],
        ["explain", "device.sip_password"],
        ["plan", "--nonsense"],
    ):
        project.run(*arguments)
    project.ok("sandbox", "fault", "500", "--times", "3")
    project.run("apply", "--yes")
    project.change("pin: {env: VM_PIN}", "pin: {env: VM_OTHER}")  # weak, so refused
    project.run("apply", "--yes")
    del project.environment["VM_OTHER"]
    project.run("apply", "--yes")


def test_no_secret_is_met_anywhere(project):
    project.environment["VM_OTHER"] = "123456"

    _everything(project)

    generated = _generated(project)
    assert len(generated) >= 3  # two passwords, one of them rotated
    environment = project.environment
    secrets = {
        "the PIN": environment["VM_PIN"],
        "the carrier's key": environment["CARRIER_KEY"],
        "the Fernet key": environment["RECONCILER_KEY"],
        "the MAC key": environment["RECONCILER_MAC_KEY"],
        **{f"generated {n}": value for n, value in enumerate(generated)},
    }
    said = "".join(ended.out + ended.err for ended in project.ended)
    files = _files(project)
    assert any(p.name == "reconciler.db" for p in files)
    assert any(p.name == "second.json" for p in files)
    for what, value in secrets.items():
        assert value not in said, what
        assert not [p.name for p, raw in files.items() if value.encode() in raw], what
    assert "Traceback" not in said
    assert "this should not have happened" not in said


def test_the_secrets_are_there_all_the_same_sealed(project):
    project.applied()

    tokens = dict(project.sql("SELECT kind || '/' || name, token FROM secret"))

    opened = {
        name: json.loads(Fernet(project.environment["RECONCILER_KEY"]).decrypt(token.encode()))["v"]
        for name, token in tokens.items()
    }
    assert opened["voicemail_box/101"] == project.environment["VM_PIN"]
    assert {opened["device/101-desk"], opened["device/102-desk"]} == set(_generated(project))


def test_no_account_is_changed_for_a_tenant_whose_secrets_nobody_can_seal(project):
    del project.environment["RECONCILER_KEY"]
    assert "@sandbox" in project.ok("plan").out

    ended = project.run("apply", "--yes")

    assert ended.status == 7
    assert "nothing was changed" in ended.err
    assert project.run("runs", "list").out.startswith("No runs")
    assert not project.charges()
