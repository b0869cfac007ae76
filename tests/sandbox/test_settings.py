"""Settings over HTTP: each takes its sort and nothing else."""

from __future__ import annotations

import pytest

WRONG = [
    ("cash", "abc"),
    ("cash", "NaN"),
    ("cash", "-1"),
    ("cash", 5),
    ("cash", 1.5),
    ("cash", None),
    ("seed", 0),
    ("seed", "1"),
    ("seed", True),
    ("clock_offset_seconds", -1),
    ("clock_offset_seconds", "60"),
    ("clock_offset_seconds", 1e12),
    ("clock_offset_seconds", True),
    ("natural_key", "false"),
    ("natural_key", 0),
    ("odd_rows", None),
    ("funds_checked", "off"),
    ("stale", "x"),
]
VOICETEL = [
    *WRONG,
    ("dialect", "foo"),
    ("did_rate", "x"),
    ("port_days", 10**9),
    ("lidb_status", 7),
    ("campaign_fails", ["why"]),
    ("unportable", "6175550144"),
    ("unportable", ["617555"]),
    ("e911_refused", ["7102"]),
    ("unresolved", ["Gone.example.org"]),
    ("api_key", 7),
]
DIAL9 = [
    *WRONG,
    ("edition", "foo"),
    ("denial", "foo"),
    ("unknown_id", "foo"),
    ("no_destination", ""),
    ("number_rate", "-1"),
    ("shelf", -1),
    ("shelf", 10**30),
    ("unit_id", 0),
    ("without", ["menus"]),
    ("without", "menus/list"),
    ("refused_ids", ["4243"]),
    ("refused_ids", [0]),
    ("token", ["canary"]),
]


@pytest.mark.parametrize(("name", "value"), VOICETEL, ids=str)
def test_a_setting_of_voicetel_takes_no_nonsense(carrier, name, value):
    before = carrier.app.store.setting(name) if hasattr(carrier, "app") else None

    got = carrier.call("POST", "/_sandbox/settings", {"odd_rows": True, name: value})

    assert got.status == 400
    assert f"The setting {name} does not take this value. Give " in got.json["error"]["message"]
    if before is not None:
        assert carrier.app.store.setting(name) == before
        assert carrier.app.store.setting("odd_rows") is False, "half of it was changed"


@pytest.mark.parametrize(("name", "value"), DIAL9, ids=str)
def test_a_setting_of_dial_9_takes_no_nonsense(old, name, value):
    before = old.app.store.setting(name)

    got = old.ways.call("POST", "/_sandbox/settings", {name: value})

    assert (got.status, b"canary" in got.raw) == (400, False)
    assert old.app.store.setting(name) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cash", "0"),
        ("cash", "0.5"),
        ("clock_offset_seconds", 0.5),
        ("validated", ""),
        ("validated", "in the book"),
        ("denial", "error"),
        ("refused_ids", [4243, "*"]),
        ("without", ["menus/list"]),
    ],
    ids=str,
)
def test_a_setting_takes_what_is_of_its_sort(old, name, value):
    old.settings(**{name: value})

    assert old.app.store.setting(name) == value


def test_a_setting_that_there_is_not_is_refused(carrier):
    got = carrier.call("POST", "/_sandbox/settings", {"limitre": True})

    assert (got.status, "limitre" in got.json["error"]["message"]) == (400, True)
