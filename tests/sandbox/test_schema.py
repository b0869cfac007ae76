"""The carrier's own schemas, where its description is at hand."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import jsonschema
import pytest

from reconciler.sandbox.voicetel.routes import ROUTES
from reconciler.sandbox.wsgi import Router
from tests.sandbox.walk import CAMPAIGN, PORTED, TN, walk

DESCRIPTION = os.getenv("VOICETEL_OPENAPI", "")
needs_description = pytest.mark.skipif(not DESCRIPTION, reason="VOICETEL_OPENAPI is not set")


class Described:
    """What the carrier's description allows."""

    def __init__(self, text: str) -> None:
        self.document = json.loads(text)
        self.router = Router({route: self._named(route) for route in ROUTES})

    def _named(self, route):
        return lambda *_: (route[1].replace("{pid}", "{id}"), route[0].lower())

    def check(self, method, path, got) -> tuple[str, str]:
        found = self.router.find(method, path)
        assert found is not None, (method, path)
        template, verb = found[0](None, None, {})
        answers = self.document["paths"][template][verb]["responses"]
        assert str(got.status) in answers, (method, path, got.status, got.raw)
        content = answers[str(got.status)].get("content")
        if content is None:
            assert got.raw == b""
        else:
            self.validate(content["application/json"]["schema"], got.json)
        return method, template

    def validate(self, schema, body) -> None:
        whole = schema | {"components": self.document["components"]}
        jsonschema.Draft202012Validator(whole).validate(body)


@pytest.fixture(scope="module")
def described():
    return Described(Path(DESCRIPTION).read_text(encoding="utf-8"))


@needs_description
def test_every_answer_is_valid_by_the_carriers_schema(carrier, described):
    seen = {described.check(*called) for called in walk(carrier)}

    assert seen == {(method, path.replace("{pid}", "{id}")) for method, path in ROUTES}


@needs_description
def test_the_sandbox_has_every_operation_of_the_description(described):
    ours = {(method.lower(), path.replace("{pid}", "{id}")) for method, path in ROUTES}
    theirs = {
        (method, path)
        for path, operations in described.document["paths"].items()
        for method in operations
    }
    assert ours == theirs


@needs_description
def test_every_operation_succeeds_and_is_refused_on_the_walk(carrier, described):
    statuses: dict[str, set[int]] = {}
    for method, path, got in walk(carrier):
        _, template = described.check(method, path, got)
        statuses.setdefault(f"{method} {template}", set()).add(got.status)

    assert [name for name, seen in statuses.items() if min(seen) >= 300] == []
    always = {name for name, seen in statuses.items() if max(seen) < 400}
    assert always == {
        # What refuses nothing but a wrong key and a dead network.
        "GET /v2.2/account/payments",
        "GET /v2.2/auth",
        "GET /v2.2/cnam/{number}",
        "GET /v2.2/gateways/{id}",
        "GET /v2.2/gateways/{id}/numbers",
        "GET /v2.2/ports",
        "GET /v2.2/support/tickets",
        "GET /v2.2/support/tickets/{id}/messages",
        "POST /v2.2/support/tickets/{id}/replies",
    }


@needs_description
def test_numbers_that_were_ported_and_bound_are_valid_too(carrier, described):
    for _ in walk(carrier):
        pass
    known = {"Authorization": f"Bearer {_key(carrier)}"}
    carrier.call("POST", "/_sandbox/settings", {"clock_offset_seconds": 30 * 24 * 3600})
    for path in ("/v2.2/numbers", "/v2.2/ports", f"/v2.2/numbers/{PORTED}"):
        got = carrier.call("GET", path, None, known)
        described.check("GET", path, got)
        assert got.status == 200
    path = f"/v2.2/numbers/{PORTED}/messaging-campaign"
    got = carrier.call("PUT", path, {"campaignId": "CPATHAA"}, known)
    described.check("PUT", path, got)
    assert re.fullmatch("[AB]", got.data["network"])


def _key(carrier):
    asked = {"username": "1000000001", "password": "abc1234567"}
    carrier.call("POST", "/_sandbox/settings", {"limiter": False})
    return carrier.call("POST", "/v2.2/account/api-key", asked).data["apikey"]


def test_a_walk_ends_with_another_key(carrier):
    last = [got for _, _, got in walk(carrier)][-1]

    assert last.status == 401
    assert carrier.call("GET", f"/v2.2/numbers/{TN}").status == 401
    assert CAMPAIGN.encode() not in last.raw
