"""Ports at VoiceTel as it writes them: its own examples, and what no faithful carrier would say."""

from __future__ import annotations

import json

import pytest

from reconciler.carriers.voicetel import connect
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.supply import Stage
from reconciler.protocols import CarrierAct, Done, Prepared, Refused, SecretValue, Unknown
from tests.carriers.examples import EXAMPLES, example_of
from tests.sandbox.conftest import Time

ASKED = next(e["body"] for e in EXAMPLES if e["path"] == "/v2.2/ports" and e["what"] == "request")
SPEC = {
    "connector": "vt",
    "numbers": ["+12015551234"],
    "to": "extension/4201",
    "subscriber": {
        "name": "Acme Corp",
        "type": "business",
        "street_number": "550",
        "street_prefix": "N",
        "street": "Main",
        "street_type": "ST",
        "city": "Chicago",
        "region": "IL",
        "postcode": "60601",
        "country": "US",
    },
    "authorized_by": "Jane Smith",
    "losing_carrier": {"billing_number": "+12015551000"},
    "handoff": "pbx",
    "cnam": "Acme Corp",
    "campaign": "news",
}
SECTION = {
    "sandbox": True,
    "gateways": {"pbx": {"host": "pbx.example.net"}},
    "campaigns": {"news": {"id": "C123456"}},
}
SECRETS = {"losing_carrier.account": "123456789", "losing_carrier.pin": "1234"}


def done(data, status=200):
    return status, {"status": "success", "data": data}


class Account:
    """VoiceTel with the answers that a test gives it, by the path's first words."""

    def __init__(self, **answers):
        gateways = [{"id": 4, "gateway": "pbx.example.net:5060", "system": False}]
        self.answers = {"gateways": done({"gateways": gateways}), **answers}
        self.bodies = []

    def __call__(self, environ, start_response):
        words = environ["PATH_INFO"].split("/")[2:]
        method = environ["REQUEST_METHOD"]
        self.bodies.append(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        if words[:2] == ["ports", "availability"]:
            answer = self.answers.get("check") or done({"number": words[2], "portable": True})
        elif method == "POST":
            answer = self.answers["submit"]
        elif words[0] == "ports" and len(words) > 1:
            answer = self.answers["detail"]
        else:
            answer = self.answers[words[0]]
        start_response(f"{answer[0]} Said", [("Content-Type", "application/json")])
        return [json.dumps(answer[1]).encode()]


def opened(**answers):
    account = Account(**answers)
    settings = {**SECTION, "kind": "voicetel"}
    made = connect(settings, connector="vt", credentials={}, clock=Time(), wsgi_app=account)
    return made, account


def act(spec=SPEC, secrets=SECRETS):
    values = {name: SecretValue(value) for name, value in secrets.items()}
    return CarrierAct(Action.PORT, "spring", spec, secrets=values, kind="port")


def submit(**answers):
    carrier, _ = opened(**answers)
    prepared = carrier.prepare(act())
    assert isinstance(prepared, Prepared), prepared
    return carrier.send(prepared, "key")


# Its own examples.


def test_a_submission_is_written_as_in_the_documents():
    carrier, _ = opened()

    prepared = carrier.prepare(act())

    (request,) = prepared.requests
    assert (request.method, request.path) == ("POST", "/v2.2/ports")
    assert json.loads(request.body) == ASKED


def test_the_answer_to_a_submission_is_read():
    answer = example_of("POST", "ports", 201)

    outcome = submit(submit=(201, answer))

    assert isinstance(outcome, Done)
    assert outcome.external_id == "a3a2a"
    assert "https://api.voicetel.com/a/loa/a3a2a/" in outcome.note
    assert (f"{outcome.amount:f}", outcome.currency) == ("6.00", "USD")


def test_the_list_of_ports_is_read():
    carrier, _ = opened(ports=(200, example_of("GET", "ports", 200)))

    (port,) = carrier.orders("port").values()

    assert (port.external_id, port.stage) == ("y0d36", Stage.OVER)
    said = port.progress
    assert (said.date, said.since) == ("", "2026-05-18T12:00:00Z")
    assert "May/04/2026 at 10:00 AM Central" in said.message
    assert said.link == "https://desk.support.voicetel.com/conversation/2107"


def test_a_number_that_is_portable_is_told_apart_from_one_that_is_not():
    reason = "Rate center is not covered"
    check = done({"number": "2015551234", "portable": False, "reason": reason})
    able, _ = opened()
    unable, _ = opened(check=check)

    assert able.cannot("port", "spring", SPEC) == ""
    assert unable.cannot("port", "spring", SPEC) == f"VoiceTel does not port +12015551234: {reason}"


# What may be said of a port.


def listed(detail=None, **row):
    row = {"pid": "y0d36", "status": "Pending", **row}
    more = done({"port": {**row, "numbers": ["2015551234"], **(detail or {})}})
    carrier, _ = opened(ports=done({"ports": [row]}), detail=more)
    return carrier.orders("port")["y0d36"]


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ("submitted", "open"),
        ("Validating", "open"),
        ("Pending", "open"),
        ("something new", "open"),
        ("", "open"),
        ("complete", "over"),
        ("Complete", "over"),
        ("COMPLETED", "over"),
        ("Exception", "stuck"),
        ("FOC Rejected", "stuck"),
        ("Cancelled by customer", "dropped"),
    ],
)
def test_a_status_is_free_text(status, stage):
    assert listed(status=status).stage is Stage(stage)


@pytest.mark.parametrize(
    ("foc", "date"), [("20261224", "2026-12-24"), ("19750715", ""), ("soon", ""), (None, "")]
)
def test_a_date_is_read_and_one_stands_for_none(foc, date):
    assert listed(foc=foc).progress.date == date


@pytest.mark.parametrize(
    ("created", "since"),
    [
        ("2026-05-18T12:00:00Z", "2026-05-18T12:00:00Z"),
        ("2026-05-18T08:00:00-04:00", "2026-05-18T12:00:00Z"),
        (1779105600, "2026-05-18T12:00:00Z"),
        ("yesterday", ""),
        (10**30, ""),
        (None, ""),
    ],
)
def test_an_instant_is_read_in_either_form(created, since):
    assert listed(createdAt=created).acquired_at == since


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://desk.example", "https://a b", 7])
def test_only_a_link_is_told_as_one(link):
    assert listed(supportUrl=link).progress.link == ""


def test_rows_that_are_odd_hide_nobody():
    rows = [None, {}, {"pid": "../x"}, {"pid": "y0d36", "status": "Pending"}, {"pid": "y0d36"}]
    detail = done({"port": {"numbers": ["2015551234", "odd", None]}})
    carrier, _ = opened(ports=done({"ports": rows}), detail=detail)

    (port,) = carrier.orders("port").values()

    assert port.spec["numbers"] == ["+12015551234"]


def test_a_port_that_cannot_be_read_is_not_left_out():
    rows = done({"ports": [{"pid": "y0d36", "status": "Pending"}]})
    carrier, _ = opened(ports=rows, detail=(404, {"status": "error"}))

    with pytest.raises(Unavailable):
        carrier.orders("port")


def test_ports_that_are_over_are_not_asked_about():
    rows = [{"pid": f"y0d{n:02}"[:5], "status": "Complete"} for n in range(30)]
    carrier, account = opened(ports=done({"ports": rows}))

    carrier.orders("port")

    assert len(account.bodies) == 1


# What an answer to a submission proves.


def error(status, message="No"):
    return status, {"status": "error", "error": {"code": status, "message": message}}


@pytest.mark.parametrize("status", [400, 401, 402, 403, 412, 422])
def test_what_comes_before_any_side_effect_is_definite(status):
    outcome = submit(submit=error(status))

    assert isinstance(outcome, Refused)
    assert ("plan and approve it again" in outcome.reason) == (status in {400, 412})
    assert outcome.stops_account == (status == 402)


@pytest.mark.parametrize(
    "answer",
    [
        error(500),
        error(502),
        error(409),
        error(404),
        (400, {}),
        (200, {}),
        done({"pid": "a3a2a"}),
        done({"ticket": 1}, 201),
        done({"pid": "../.."}, 201),
        (201, {"status": "error", "data": {"pid": "a3a2a"}}),
    ],
)
def test_what_is_not_documented_is_unknown(answer):
    assert isinstance(submit(submit=answer), Unknown)


def test_a_limiter_proves_nothing_of_what_is_paid_for():
    assert isinstance(submit(submit=error(429)), Unknown)


@pytest.mark.parametrize("link", ["", "javascript:alert(1)", "https://a\x1b[31m"])
def test_a_letter_without_a_link_is_asked_for_by_its_ticket(link):
    outcome = submit(submit=done({"pid": "a3a2a", "ticket": 2114, "loaUrl": link}, 201))

    assert isinstance(outcome, Done)
    assert "ticket 2114" in outcome.note


# What can never be ported.


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"numbers": ["+442079460100"]}, "+1 numbers only"),
        ({"numbers": ["+18005550140"]}, "toll-free"),
        ({"losing_carrier": {"billing_number": "+442079460100"}}, "+1 numbers only"),
        ({"subscriber": {**SPEC["subscriber"], "street_type": None}}, "`street_type`"),
        ({"subscriber": {**SPEC["subscriber"], "region": None}}, "`region`"),
        ({"campaign": "unknown"}, "No campaign"),
        ({"handoff": "other"}, "No gateway"),
    ],
)
def test_what_can_never_be_ported_is_told_before_and_refused(change, words):
    carrier, _ = opened()
    spec = {**SPEC, **change}

    said = carrier.cannot("port", "spring", spec)
    refused = carrier.prepare(act(spec))

    assert words in said
    assert isinstance(refused, Refused)
    assert words in refused.reason


def test_without_the_account_number_nothing_is_submitted():
    carrier, _ = opened()

    assert isinstance(carrier.prepare(act(secrets={})), Refused)


def test_an_answer_about_another_number_is_no_check():
    carrier, _ = opened(check=done({"number": "2015559999", "portable": True}))

    with pytest.raises(Unavailable):
        carrier.prepare(act())


@pytest.mark.parametrize("action", [Action.UPDATE, Action.DELETE, Action.ADOPT])
def test_a_port_cannot_be_changed_or_called_off(action):
    carrier, _ = opened()

    assert isinstance(carrier.prepare(CarrierAct(action, "spring", SPEC, kind="port")), Refused)


def test_the_digest_of_a_submission_hides_its_secrets():
    carrier, _ = opened()
    other = {name: f"9{value}" for name, value in SECRETS.items()}

    digests = {carrier.prepare(act(secrets=given)).digest for given in (SECRETS, other)}

    assert len(digests) == 1
