"""Everything sealed is sealed again with a new key, at any moment whole, and values stay."""

import io
import json
import re
import sys

import pytest
from cryptography.fernet import Fernet

from reconciler.cli import rotate as rotating
from reconciler.cli.session import Session
from reconciler.model.address import Address
from reconciler.secrets import keygen

PIN = "73915064"
TOKEN = r"gAAAA[A-Za-z0-9_=-]+"
ONE_KEY, TWO_KEYS = "keys: [{env: RECONCILER_KEY}]", "keys: [{env: RECONCILER_KEY}, {env: OLD_KEY}]"


@pytest.fixture
def applied(project, monkeypatch):
    """A tenant that is applied with a first key, one PIN of it sealed in YAML."""

    class Stream:
        buffer = io.BytesIO(PIN.encode())

        @staticmethod
        def isatty():
            return False

    monkeypatch.setattr(sys, "stdin", Stream)
    sealed = project.ok("secrets", "seal", "acme/voicemail_box/101", "pin", "-ojson").document
    token = sealed["reference"]["sealed"]
    project.change("pin: {env: VM_PIN}}", f"pin: {{sealed: {token}}}}}   # the front desk's")
    project.applied()
    project.environment["OLD_KEY"] = project.environment["RECONCILER_KEY"]
    project.environment["RECONCILER_KEY"] = keygen()[0]
    project.project(ONE_KEY, TWO_KEYS)
    return project


def drop_the_old_key(project):
    project.project(TWO_KEYS, ONE_KEY)


def tokens(project):
    return dict(project.sql("SELECT kind || '/' || name || ' ' || field, token FROM secret"))


def values(project, key):
    fernet = Fernet(project.environment[key])
    return {
        where: json.loads(fernet.decrypt(token.encode()))["v"]
        for where, token in tokens(project).items()
    }


def yaml(project):
    return (project.root / "tenants" / "acme.yaml").read_bytes()


def test_what_is_at_rest_opens_with_the_new_key_alone(applied):
    before = values(applied, "OLD_KEY")
    rows = applied.sql("SELECT kind, name, version, updated_at, updated_by FROM object")
    revisions = applied.sql("SELECT tenant, revision FROM tenant")

    ended = applied.ok("secrets", "rotate")

    assert len(before) == 3
    assert values(applied, "RECONCILER_KEY") == before
    assert "3 secrets at the platform sealed again; 0 had the newest key already." in ended.out
    assert applied.sql("SELECT kind, name, version, updated_at, updated_by FROM object") == rows
    assert applied.sql("SELECT tenant, revision FROM tenant") == revisions


def test_a_second_time_nothing_is_left_to_do(applied):
    applied.ok("secrets", "rotate", "--write")
    held, text = tokens(applied), yaml(applied)

    ended = applied.ok("secrets", "rotate", "--write")

    assert "0 secrets at the platform sealed again; 3 had the newest key already." in ended.out
    assert "take them out of secrets.keys" in ended.out
    assert tokens(applied) == held
    assert yaml(applied) == text


def test_tokens_in_yaml_are_listed_with_their_place_and_kept(applied):
    text = yaml(applied)
    line = text.decode().split("sealed:")[0].count("\n") + 1

    ended = applied.ok("secrets", "rotate")

    assert f"tenants/acme.yaml:{line}:" in ended.out
    assert "rotate --write" in ended.out
    assert "Keep the older keys" in ended.out
    assert yaml(applied) == text
    document = applied.ok("secrets", "rotate", "-ojson").document
    assert document["needs_older_keys"] is True
    assert [f["written"] for f in document["files"]] == [False]


def test_writing_changes_the_token_and_not_one_other_byte(applied):
    before = yaml(applied)
    (old,) = re.findall(TOKEN, before.decode())
    (applied.root / "tenants" / "acme.yaml").chmod(0o640)

    ended = applied.ok("secrets", "rotate", "--write")

    after = yaml(applied)
    (new,) = re.findall(TOKEN, after.decode())
    assert new != old
    assert after == before.replace(old.encode(), new.encode())
    assert (applied.root / "tenants" / "acme.yaml").stat().st_mode & 0o777 == 0o640
    assert "take them out of secrets.keys" in ended.out

    drop_the_old_key(applied)
    applied.applied()
    assert PIN in values(applied, "RECONCILER_KEY").values()
    assert applied.ok("plan", "-ojson").document["has_changes"] is False


def test_a_token_over_several_lines_is_left_to_a_person(applied):
    text = yaml(applied).decode()
    (old,) = re.findall(TOKEN, text)
    folded = f'"{old[:60]}\\\n        {old[60:]}"'
    applied.change(f"{{sealed: {old}}}", f"{{sealed: {folded}}}")
    before = yaml(applied)

    ended = applied.ok("secrets", "rotate", "--write")

    assert yaml(applied) == before
    assert "{sealed: gAAAA" in ended.out
    assert "Keep the older keys" in ended.out


def test_a_file_whose_meaning_would_change_is_left_to_a_person(applied):
    (old,) = re.findall(TOKEN, yaml(applied).decode())
    applied.change("name: Acme\n", f"name: Acme  # {old[:30]}\n")
    applied.change("city: Boston", f"city: Boston, unit: see {old}")
    before = yaml(applied)

    ended = applied.run("secrets", "rotate", "--write")

    assert yaml(applied) == before
    assert "Keep the older keys" in ended.out


def test_a_dry_run_writes_nothing(applied):
    held, text, records = tokens(applied), yaml(applied), applied.sql("SELECT * FROM audit")

    ended = applied.ok("secrets", "rotate", "--write", "--dry-run")

    assert "3 secrets at the platform would be sealed again" in ended.out
    assert (tokens(applied), yaml(applied)) == (held, text)
    assert applied.sql("SELECT * FROM audit") == records


def test_what_cannot_be_opened_stays_and_the_rest_goes_on(applied):
    held = tokens(applied)
    swapped = held["device/101-desk sip_password"]
    applied.sql("UPDATE secret SET token = ? WHERE name = '102-desk'", swapped)
    lost = Fernet(Fernet.generate_key()).encrypt(b"{}").decode()
    applied.sql("UPDATE secret SET token = ? WHERE kind = 'voicemail_box'", lost)

    ended = applied.run("secrets", "rotate")

    assert ended.status == 3
    after = tokens(applied)
    assert after["device/102-desk sip_password"] == swapped
    assert after["voicemail_box/101 pin"] == lost
    assert after["device/101-desk sip_password"] != swapped
    assert "acme/device/102-desk sip_password" in ended.out
    assert "acme/voicemail_box/101 pin" in ended.out


def test_a_token_in_yaml_that_no_key_opens_is_told(applied):
    drop_the_old_key(applied)
    ended = applied.run("secrets", "rotate", "--write")

    assert ended.status == 3
    assert "not opened: tenants/acme.yaml:" in ended.out
    assert len(tokens(applied)) == 3


def test_without_a_key_nothing_changes(applied):
    held = tokens(applied)
    del applied.environment["RECONCILER_KEY"]

    ended = applied.run("secrets", "rotate")

    assert ended.status == 7
    assert tokens(applied) == held


def test_a_kill_between_two_units_leaves_every_secret_openable(applied, monkeypatch):
    monkeypatch.setattr(rotating, "BATCH", 1)
    before = values(applied, "OLD_KEY")
    session = Session(applied.environment, applied.root)
    reseal, calls = session.platform.reseal, []

    def killed(changes):
        calls.append(changes)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return reseal(changes)

    monkeypatch.setattr(session.platform, "reseal", killed)
    with pytest.raises(KeyboardInterrupt):
        rotating.rotate(session, write=False, dry_run=False)

    at = [Address("acme", *where.split(" ")[0].split("/")) for where in before]
    fields = [where.split(" ")[1] for where in before]
    found = [
        session.vault.open(session.platform.sealed(address)[name].token, address, name).reveal()
        for address, name in zip(at, fields, strict=True)
    ]
    session.close()
    assert found == list(before.values())
    assert "2 secrets at the platform sealed again; 1 had" in applied.ok("secrets", "rotate").out
    assert values(applied, "RECONCILER_KEY") == before


def test_a_secret_that_is_replaced_meanwhile_is_not_overwritten(applied):
    session = Session(applied.environment, applied.root)
    (held, *_) = session.platform.all_sealed()
    applied.sql("UPDATE secret SET token = 'newer' WHERE token = ?", held.token)

    assert session.platform.reseal([(held, "other")]) == 0
    session.close()
    assert "newer" in tokens(applied).values()


def test_it_is_on_record_without_a_token(applied):
    applied.ok("secrets", "rotate")

    bodies = [body for (body,) in applied.sql("SELECT body FROM audit") if '"rotate"' in body]
    assert [json.loads(body)["secrets"] for body in bodies] == [3]
    assert "gAAAA" not in bodies[0]


def test_no_value_is_met_on_the_way(applied):
    applied.run("secrets", "rotate", "--dry-run")
    applied.run("secrets", "rotate", "--write", "-ojson")
    applied.run("secrets", "rotate")

    secrets = [
        *values(applied, "RECONCILER_KEY").values(),
        applied.environment["OLD_KEY"],
        applied.environment["RECONCILER_KEY"],
    ]
    said = "".join(ended.out + ended.err for ended in applied.ended)
    sink = applied.root / "generated.ndjson"
    files = [p.read_bytes() for p in applied.root.rglob("*") if p.is_file() and p != sink]
    for value in secrets:
        assert value not in said
        assert not [raw for raw in files if value.encode() in raw]
