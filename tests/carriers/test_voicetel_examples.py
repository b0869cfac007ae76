"""The carrier's own examples: the sandbox answers in their form, the connector reads them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from reconciler.carriers.voicetel.changing import Change
from reconciler.carriers.voicetel.outcome import Reply, outcome_of
from reconciler.carriers.voicetel.wire import e164_of
from reconciler.model.act import Action
from reconciler.model.supply import Stock
from reconciler.protocols import CarrierAct, Done, Refused, Waiting
from reconciler.sandbox.serve import open_sandbox
from tests.carriers.says import Says, speaking
from tests.sandbox.conftest import InProcess, Time
from tests.sandbox.test_schema import DESCRIPTION, Described, needs_description
from tests.sandbox.walk import CAMPAIGN, TN, walk

GOLDEN = json.loads((Path(__file__).parent / "golden" / "voicetel.json").read_text("utf-8"))
EXAMPLES = GOLDEN["examples"]
ANSWERS = [example for example in EXAMPLES if example["what"] == "answer"]
DAY = date(2026, 11, 22)
DOCUMENTED = [example for example in ANSWERS if example["dialect"] == "spec"]


def named(example):
    return f"{example['method']} {example['path'].removeprefix('/v2.2/')} {example['status']}"


def example_of(method, path, status):
    return next(
        each["body"]
        for each in ANSWERS
        if (each["method"], each["path"], each["status"]) == (method, f"/v2.2/{path}", status)
    )


# The sandbox.


def shape(value):
    """The form of a JSON value: names, and kinds of values."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    kinds = {bool: "yes or no", int: "number", float: "number", str: "text"}
    return kinds.get(type(value), "nothing")


def fits(theirs, ours):
    """Whether what the example tells is told in the same form; more may be told."""
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and all(
            name in ours and fits(item, ours[name]) for name, item in theirs.items()
        )
    if isinstance(theirs, list):
        empty = isinstance(ours, list) and (not theirs or not ours)
        return empty or (isinstance(ours, list) and any(fits(theirs[0], item) for item in ours))
    return theirs in (ours, "nothing")


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """Every answer of the sandbox on a walk, by operation and status."""
    path = tmp_path_factory.mktemp("walk") / "sandbox.db"
    app = open_sandbox(path, ["pbx.example.net:5060"], clock=Time())
    carrier = InProcess(app)
    body = {"number": f"+1{TN}", "caller": f"+1{TN}"}
    carrier.call("POST", "/_sandbox/calls", body)
    router = Described('{"paths": {}}').router
    found = {}
    for method, called, got in walk(carrier):
        template, _ = router.find(method, called)[0](None, None, {})
        if got.raw:
            found.setdefault((method, template, got.status), []).append(shape(got.json))
    app.close()
    return found


@pytest.mark.parametrize("example", DOCUMENTED, ids=named)
def test_the_sandbox_answers_in_the_form_of_the_example(answered, example):
    path = example["path"].replace("/ports/{id}", "/ports/{pid}")
    ours = answered[example["method"], path, example["status"]]

    assert any(fits(shape(example["body"]), each) for each in ours)


@pytest.mark.parametrize(
    "example", [each for each in EXAMPLES if each["what"] == "request"], ids=named
)
def test_the_sandbox_takes_the_example_as_a_request(tmp_path, example):
    app = open_sandbox(tmp_path / "sandbox.db", clock=Time())
    carrier = InProcess(app)
    for tn in example["body"].get("did", ()):
        carrier.call("GET", f"/v2.2/ports/availability/{tn}")
    assert carrier.call("POST", example["path"], example["body"]).status == example["status"]
    app.close()


@needs_description
@pytest.mark.parametrize("example", DOCUMENTED, ids=named)
def test_the_example_is_as_the_description_has_it(example):
    described = Described(Path(DESCRIPTION).read_text(encoding="utf-8"))
    answers = described.document["paths"][example["path"]][example["method"].lower()]["responses"]
    schema = answers[str(example["status"])]["content"]["application/json"]["schema"]
    described.validate(schema, example["body"])


# The connector.

SET = {
    "route": {"route": 4},
    "translation": {"translation": "2015551234"},
    "cnam": {"enabled": True},
    "forward": {"destination": "2125551234"},
    "fax": {"email": "user@example.com"},
    "sms": {"type": "email", "resource": "x@y.com"},
    "lidb": {"cnam": "ACME"},
    "messaging-campaign": {"campaignId": CAMPAIGN},
    "port-out-pin": {"pin": "4287"},
}
"""What must have been asked for, that the example is its answer."""


@pytest.mark.parametrize("setting", SET)
def test_the_connector_takes_the_example_for_done(setting):
    method = "PATCH" if setting == "port-out-pin" else "PUT"
    assert isinstance(outcome(setting, method, 200), Done)


def outcome(setting, method, status):
    body = example_of(method, f"numbers/{{number}}/{setting}", status)
    e164 = e164_of(body["data"]["number"])
    act = CarrierAct(Action.UPDATE, e164)
    request = Change(act, body["data"]["number"], None, None).put(setting, SET[setting], method)
    raw = json.dumps(body).encode()
    return outcome_of(act, request, Reply(status, raw, body, DAY), str)


def test_the_connector_waits_where_the_newer_example_says_pending():
    assert isinstance(outcome("messaging-campaign", "PUT", 202), Waiting)


def test_the_connector_takes_a_campaign_away_as_in_the_example():
    body = example_of("DELETE", "numbers/{number}/messaging-campaign", 200)
    act = CarrierAct(Action.UPDATE, e164_of(body["data"]["number"]))
    request = Change(act, body["data"]["number"], None, None).delete("messaging-campaign")

    assert isinstance(outcome_of(act, request, Reply(200, b"", body, DAY), str), Done)


def test_the_connector_refuses_by_the_example_of_an_error():
    body = example_of("PUT", "numbers/{number}/fax", 400)
    act = CarrierAct(Action.UPDATE, "+12015551234")
    request = Change(act, "2015551234", None, None).put("fax", {"email": "user@example.com"})

    assert isinstance(outcome_of(act, request, Reply(400, b"", body, DAY), str), Refused)


def test_the_connector_reads_the_lists_of_the_examples(clock):
    numbers = example_of("GET", "numbers", 200)["data"]["numbers"]
    state = example_of("GET", "numbers/{number}/messaging", 200)["data"]
    data = {
        "numbers": [numbers[0] | state | {"number": numbers[0]["number"]}],
        "gateways": example_of("GET", "gateways", 200)["data"]["gateways"],
        "records": [example_of("PUT", "e911/{dn}", 200)["data"]["record"]],
    }
    found = speaking(Says(200, {"status": "success", "data": data}), clock).observe()

    assert found.odd == ()
    assert set(found.others["emergency_record"]) == {"+12015551234"}
    assert found.holdings["+12015551234"].spec == {
        "connector": "vt",
        "cnam_lookup": True,
        "sms": {"webhook": "https://example.com/sms"},
        "campaign": "campaign:CH5K5IZ",
    }


def test_the_connector_reads_the_inventory_of_the_example(clock):
    body = example_of("GET", "inventory", 200)

    stock = speaking(Says(200, body), clock).stock(["+12019085750"])
    assert stock == {"+12019085750": Stock.OFFERED}
