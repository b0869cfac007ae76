"""The table of what homes can hold says what the connectors declare, and is current."""

from __future__ import annotations

import pytest

from reconciler.carriers import find
from reconciler.kinds import KINDS
from reconciler.model.resource import Home
from reconciler.protocols import Capabilities
from scripts import freshness
from scripts.capabilities import ABSENT, PATH, at_carrier, capabilities_text

EDITIONS = {
    "VoiceTel": ("voicetel", {}),
    "Dial 9 telcom": ("dial9", {"edition": "telcom"}),
    "Dial 9 connect": ("dial9", {"edition": "connect"}),
}


def table():
    rows = [line for line in capabilities_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    heads = cells[0]
    return {row[0].strip("`"): dict(zip(heads, row, strict=True)) for row in cells[2:]}


def test_it_has_a_column_for_each_home():
    (first, *_) = table().values()

    assert list(first) == ["field", "SQL platform", *EDITIONS]


@pytest.mark.parametrize("title", EDITIONS)
def test_each_field_of_a_carrier_is_as_its_connector_declares(title):
    kind, settings = EDITIONS[title]
    known = find(kind).capabilities_of(settings)
    told = {name: row[title] for name, row in table().items()}

    for each in (cls.kind for cls in KINDS.values() if cls.home is Home.CARRIER):
        shown = {name for name, words in told.items() if name.startswith(f"{each}.")}
        held = {f"{each}.{field}" for field in known.held.get(each, ())} & shown
        assert {name for name in shown if told[name] != ABSENT} == held
    for field in known.fields:
        words = set(told[f"carrier_number.{field}"].split(", "))
        assert ("write-only" in words) is (field in known.never_told("carrier_number"))
        assert ("asynchronous" in words) is (field in known.asynchronous)
        assert not ("clearable" in words and field in known.lasting)


def test_what_stays_as_it_is_when_yaml_is_silent_is_not_clearable():
    fields = frozenset({"cnam_lookup", "forward"})
    told = at_carrier(Capabilities(keyed=True, natural_key=True, tells_stock=True, fields=fields))

    assert told(KINDS["carrier_number"], "cnam_lookup") == "readable, writable"
    assert told(KINDS["carrier_number"], "forward") == "readable, writable, clearable"


def test_secrets_are_never_called_readable():
    rows = table()
    secret = ("device.sip_password", "voicemail_box.pin", "conference.pin")

    assert {rows[name]["SQL platform"] for name in secret} == {"write-only, clearable"}


def test_a_table_that_is_not_current_is_named(tmp_path, capsys):
    freshness.main(["--write"], tmp_path)
    path = tmp_path / PATH
    path.write_text(path.read_text(encoding="utf-8").replace("readable", "legible"))

    assert freshness.main([], tmp_path) == 1
    assert PATH in capsys.readouterr().err
