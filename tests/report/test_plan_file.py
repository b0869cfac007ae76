from __future__ import annotations

import hashlib
import json
import os
import stat
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from reconciler.engine.plan import Beside, Plan
from reconciler.engine.plan_file import plan_chunks, plan_schema
from reconciler.errors import Exit, InvalidPlan, ReconcilerError, WrongUsage
from reconciler.loader import plan_file
from reconciler.loader.plan_file import load_plan, read_plan, write_plan
from reconciler.model.canonical import canonical
from reconciler.report.plan import plan_json
from tests.report.plans import everything, part, plan

SCHEMA = Path(__file__).parents[2] / "schemas" / "plan.json"
HEAD = {"$id", "title", "description"}
"""What `schema` says of it by itself."""


def saved(made: Plan) -> bytes:
    return "".join(plan_json(made.envelope, made.parts)).encode()


RAW = saved(everything())


def edited(change) -> bytes:
    """The plan with a change made to its values, and all that a forger would make anew."""
    document = json.loads(RAW)
    change(document)
    parts = document.pop("parts")
    return "".join(plan_chunks(document, [canonical(part).decode() for part in parts])).encode()


def refusal(raw: bytes) -> str:
    with pytest.raises(InvalidPlan) as caught:
        read_plan(raw, "plan.json")
    assert caught.value.exit_code is Exit.INVALID
    assert caught.value.hint
    return caught.value.message


# Round trip.


@pytest.mark.parametrize("made", [everything(), plan(part("acme")), plan()])
def test_a_plan_is_read_as_it_was_written(made):
    assert read_plan(saved(made), "plan.json") == made


def test_what_a_later_minor_version_adds_is_ignored():
    def change(document):
        document["format_version"] = "1.7"
        document["added"] = {"a": 1}
        document["parts"][0]["added"] = [1]

    assert read_plan(edited(change), "plan.json").parts == everything().parts


def test_the_file_is_as_its_schema_says():
    Draft7Validator.check_schema(plan_schema())
    validator = Draft7Validator(plan_schema())

    assert list(validator.iter_errors(json.loads(RAW))) == []
    assert list(validator.iter_errors({**json.loads(RAW), "written_digest": "x"}))
    assert list(validator.iter_errors({**json.loads(RAW), "parts": [{"part": 1}]}))


def test_the_schema_in_the_repository_is_fresh():
    kept = json.loads(SCHEMA.read_text(encoding="utf-8"))

    assert {key: kept[key] for key in kept.keys() - HEAD} == {
        key: value for key, value in plan_schema().items() if key not in HEAD
    }


# Damage.


@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_a_byte_changed_anywhere_is_noticed(at, flip):
    damaged = bytearray(RAW)
    damaged[at] ^= flip

    refusal(bytes(damaged))


@given(st.integers(0, len(RAW) - 1))
def test_a_file_cut_anywhere_is_noticed(at):
    refusal(RAW[:at])


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(raw):
    refusal(raw)


BYTES = {
    "nothing": (b"", "is not JSON (line 1, column 1)"),
    "not UTF-8": (b'{"kind":"\xff"}', "is not UTF-8 text (byte 10)"),
    "YAML": (b"kind: plan\n", "is not JSON (line 1, column 1)"),
    "another document": (b'{"kind":"drift"}', "is not a plan"),
    "a list": (b"[]", "is not a plan"),
    "a plan of nothing": (b'{"format_version":"1.0","kind":"plan"}', "damaged or was edited"),
    "parts that are a number": (
        b'{"format_version":"1.0","kind":"plan","parts":5}',
        "damaged or was edited",
    ),
    "more after it": (RAW + b"{}", "is not JSON"),
    "a line end too many": (RAW + b"\n", "was reformatted"),
    "indented": (json.dumps(json.loads(RAW), indent=1).encode(), "was reformatted"),
    "a space": (RAW.replace(b'"acme","', b'"acme", "', 1), "was reformatted"),
    "keys in another order": (
        json.dumps(dict(reversed(json.loads(RAW).items()))).encode(),
        "was reformatted",
    ),
    "a letter unescaped": (RAW.replace(b"plan", b"pl\\u0061n", 1), "was reformatted"),
    "a key twice": (RAW.replace(b'{"accounts"', b'{"kind":"plan","accounts"', 1), '"kind" twice'),
    "NaN": (RAW.replace(b'"serial":0', b'"serial":NaN'), "holds NaN"),
    "Infinity": (RAW.replace(b'"serial":0', b'"serial":-Infinity'), "holds -Infinity"),
    "a fraction": (RAW.replace(b'"serial":0', b'"serial":1e999'), "holds the fraction"),
    "a number of 5000 digits": (
        RAW.replace(b'"serial":0', b'"serial":' + b"9" * 5000),
        "a number that is too long",
    ),
    "100,000 brackets": (b"[" * 100_000, "nested more than"),
    "without its digest": (RAW.split(b',"written_digest"')[0] + b"}\n", "damaged or was edited"),
    "another digest": (RAW[:-5] + b"0000"[: 5 - 3] + RAW[-3:], "damaged or was edited"),
}


@pytest.mark.parametrize(("raw", "sentence"), BYTES.values(), ids=BYTES)
def test_what_is_wrong_with_the_bytes_is_said(raw, sentence):
    assert sentence in refusal(raw)


def test_other_bytes_are_refused_though_the_digest_is_theirs():
    body = RAW.split(b',"written_digest"')[0].replace(b'{"accounts"', b'{ "accounts"', 1)
    digest = hashlib.sha256(body).hexdigest()

    refusal(body + f',"written_digest":"{digest}"}}\n'.encode())


def test_the_digest_is_of_all_bytes_before_it():
    body, _, digest = RAW.partition(b',"written_digest":"')

    assert digest == hashlib.sha256(body).hexdigest().encode() + b'"}\n'


# Forgeries: everything is computed anew but what cannot be.


def _first(document):
    return document["parts"][0]["operations"][0]


def _set(where, key, value):
    def change(document):
        where(document)[key] = value

    return change


def _deep(document):
    inner: list[object] = []
    for _ in range(100):
        inner = [inner]
    document["inputs"]["deep"] = inner


def _swapped(document):
    operations = document["parts"][0]["operations"]
    operations[0], operations[1] = operations[1], operations[0]


def _again(document):
    document["parts"].append(document["parts"][0])


VALUES = {
    "another major version": (
        _set(lambda d: d, "format_version", "2.0"),
        'the format version "2.0"; this version of reconciler reads 1.x',
    ),
    "a downgrade": (_set(lambda d: d, "format_version", 0), "format version none"),
    "no parts": (_set(lambda d: d, "parts", [1]), "has no list of parts"),
    "another act": (_set(_first, "action", "update"), 'says something else in part "acme"'),
    "an act nobody knows": (_set(_first, "action", "buy"), '"/parts/0/operations/0/action"'),
    "text for a number": (_set(_first, "wave", "1"), '"/parts/0/operations/0/wave"'),
    "no address": (lambda d: _first(d).pop("address"), '"/parts/0/operations/0/address"'),
    "operations in another order": (_swapped, "says something else in part"),
    "a raised limit": (
        _set(lambda d: d["parts"][0]["gates"][0], "planned", "0"),
        "says something else in part",
    ),
    "a missing gate": (lambda d: d["parts"][0]["gates"].pop(), "says something else in part"),
    "a missing part": (lambda d: d["parts"].pop(), "the content digest that its parts give"),
    "another scope": (
        _set(lambda d: d, "scope", {"tenants": []}),
        "the content digest that its parts give",
    ),
    "a part twice": (_again, "two parts of one name"),
    "a weaker precondition": (
        _set(lambda d: _first(d)["precondition"], "exists", ["a/b"]),
        "its precondition does not have the fingerprint",
    ),
    "another tenant's operation": (_set(_first, "tenant", "globex"), "it is another tenant's"),
    "100 levels": (_deep, "nested more than 64 levels deep"),
}


@pytest.mark.parametrize(("change", "sentence"), VALUES.values(), ids=VALUES)
def test_what_is_wrong_with_the_values_is_said(change, sentence):
    assert sentence in refusal(edited(change))


def forged(**facts) -> bytes:
    """A plan whose digests all fit, of operations that no engine makes."""
    first, second, *_ = everything().parts[0].operations
    facts = {k: v.format(kind=second.kind) if k == "was" else v for k, v in facts.items()}
    return saved(plan(part("acme", operations=(first, second.model_copy(update=facts)))))


RENAMES = "it changes what is another tenant's, or renames one kind to another"


def beside(address, was=""):
    """What a rename changes in the same write."""
    return Beside(address=address, was=was, before={"name": "x"}, after={"name": "x"})


FORGED = {
    "an id twice": ({"id": "op-01"}, "two operations have that id"),
    "something that never comes": ({"depends_on": ("op-99",)}, "does not come before it"),
    "another tenant's address": ({"address": "globex/extension/108"}, "another tenant's"),
    "a former name at another tenant": ({"was": "globex/{kind}/108"}, RENAMES),
    "a former name of another kind": ({"was": "acme/location/108"}, RENAMES),
    "a former name that is no address": ({"was": "acme/108"}, RENAMES),
    "another tenant's object beside": ({"also": (beside("globex/device/108-desk"),)}, RENAMES),
    "a name taken from another tenant": (
        {"also": (beside("acme/device/108-desk", "globex/device/108-desk"),)},
        RENAMES,
    ),
    "a kind that becomes another": (
        {"also": (beside("acme/device/108-desk", "acme/extension/108"),)},
        RENAMES,
    ),
    "something beside that is no address": ({"also": (beside("acme/108-desk"),)}, RENAMES),
}


def test_a_rename_within_its_tenant_and_kind_is_read():
    first, *_ = everything().parts[0].operations
    kind = first.kind
    facts = {"was": f"acme/{kind}/old", "also": (beside("acme/device/1-a", "acme/device/2-a"),)}
    made = plan(part("acme", operations=(first.model_copy(update=facts),)))

    assert read_plan(saved(made), "plan.json") == made


@pytest.mark.parametrize(("facts", "sentence"), FORGED.values(), ids=FORGED)
def test_operations_that_contradict_each_other_are_refused(facts, sentence):
    assert sentence in refusal(forged(**facts))


def test_a_lone_surrogate_is_refused_and_does_not_reach_the_sentence():
    raw = edited(_set(_first, "reason", "\ud800"))

    refusal(raw).encode("utf-8")


def test_an_amount_that_is_none_is_refused():
    def change(document):
        _first(document)["cost"]["monthly"] = "NaN"

    assert "/cost/monthly" in refusal(edited(change))


def test_the_name_of_the_file_is_inert_in_the_sentence():
    with pytest.raises(InvalidPlan) as caught:
        read_plan(b"", "\x1b[2J\u202eplan")

    assert str(caught.value).replace("\n", "").isprintable()


def test_limits_of_size(monkeypatch):
    monkeypatch.setattr(plan_file, "MAX_BYTES", len(RAW) - 1)
    assert "is larger than" in refusal(RAW)
    monkeypatch.setattr(plan_file, "MAX_BYTES", len(RAW))
    monkeypatch.setattr(plan_file, "MAX_OPERATIONS", 14)
    assert "has more than 14 operations" in refusal(RAW)
    monkeypatch.setattr(plan_file, "MAX_OPERATIONS", 15)
    assert read_plan(RAW, "plan.json") == everything()


def test_money_is_read_to_the_cent():
    total = read_plan(RAW, "plan.json").parts[0].totals[0]

    assert (total.monthly, total.once) == (Decimal("0.85"), Decimal("1.00"))


# Files.


def test_a_plan_is_saved_for_its_owner_only(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("an older one")
    path.chmod(0o644)

    write_plan(path, plan_json(everything().envelope, everything().parts))

    assert path.read_bytes() == RAW
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_plan(path) == everything()
    assert [each.name for each in tmp_path.iterdir()] == ["plan.json"]


def test_it_is_on_the_disk_before_it_has_its_name_and_its_name_is_afterwards(tmp_path, monkeypatch):
    path, seen = tmp_path / "plan.json", []
    sync = os.fsync

    def watched(descriptor):
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        seen.append(("folder" if folder else "file", path.exists()))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    write_plan(path, ["{}"])

    assert seen == [("file", False), ("folder", True)]


def test_what_stops_halfway_leaves_the_older_plan_and_nothing_else(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("an older one")

    def chunks():
        yield "{"
        raise ReconcilerError("the platform went away")

    with pytest.raises(ReconcilerError, match="went away"):
        write_plan(path, chunks())

    assert path.read_text() == "an older one"
    assert [each.name for each in tmp_path.iterdir()] == ["plan.json"]


def test_nothing_is_written_through_a_link(tmp_path):
    target, path = tmp_path / "target", tmp_path / "plan.json"
    target.write_text("not ours")
    path.symlink_to(target)

    with pytest.raises(WrongUsage, match="symbolic link"):
        write_plan(path, ["{}"])

    assert target.read_text() == "not ours"
    assert path.is_symlink()


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path):
    with pytest.raises(WrongUsage, match="cannot be saved"):
        write_plan(tmp_path / "none" / "plan.json", ["{}"])
    with pytest.raises(WrongUsage, match="is not a file"):
        write_plan(tmp_path, ["{}"])


def test_what_is_no_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(WrongUsage, match="is not a file"):
        load_plan(tmp_path / "pipe")
    with pytest.raises(WrongUsage, match="cannot be read"):
        load_plan(tmp_path / "none")
