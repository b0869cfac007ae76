from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from reconciler.sandbox import account, inventory, numbers

TN, OTHER = "2015550144", "2125550101"
PBX = 1000

# The carrier's own schemas, when the document is at hand.


def _walk(carrier):
    """Call every operation once or more; yields what was called and what came back."""
    tn, own = f"/v2.2/numbers/{TN}", "/v2.2/gateways/1001"
    calls = [
        ("GET", "/v2.2/numbers", None),
        ("GET", "/v2.2/acl", None),
        ("POST", "/v2.2/gateways", {"gateway": "203.0.113.10:5060", "limit": 5}),
        ("POST", "/v2.2/gateways", {"gateway": "10.0.0.1"}),
        ("PUT", own, {"limit": 6}),
        ("GET", own, None),
        ("GET", "/v2.2/gateways", None),
        ("GET", "/v2.2/inventory?tnMask=201&quantity=3", None),
        ("GET", "/v2.2/inventory?tnMask=x", None),
        *[
            ("GET", f"/v2.2/inventory/coverage?countBy={by}", None)
            for by in ("state", "city", "rateCenter", "npanxx", "block")
        ],
        ("POST", "/v2.2/orders", {"numbers": [TN, {"number": "2015559999"}]}),
        ("POST", "/v2.2/orders", {"numbers": []}),
        ("GET", "/v2.2/numbers", None),
        ("PUT", f"{tn}/route", {"route": PBX}),
        ("PUT", f"{tn}/route", {"route": 7}),
        ("PUT", f"{tn}/cnam", {"enabled": True}),
        ("PUT", f"{tn}/translation", {"translation": OTHER}),
        ("PUT", f"{tn}/forward", {"destination": OTHER}),
        ("GET", tn, None),
        ("GET", f"/v2.2/gateways/{PBX}/numbers", None),
        ("DELETE", f"{tn}/forward", None),
        ("DELETE", own, None),
        ("DELETE", tn, None),
        ("GET", tn, None),
        ("POST", "/v2.2/numbers", {"number": TN}),
        ("POST", "/v2.2/numbers", {"number": TN}),
        ("POST", f"{tn}/release", None),
        ("POST", f"{tn}/release", None),
        ("GET", "/v2.2/account", None),
        ("GET", "/v2.2/auth", None),
        ("POST", "/v2.2/account/api-key", {"username": "1000000001", "password": "sandbox"}),
        ("POST", "/v2.2/account/api-key", {"username": "1000000001", "password": "wrong"}),
    ]
    for method, called, body in calls:
        yield method, called.partition("?")[0], carrier.call(method, called, body)


def _template(method, called, templates):
    named = called.replace(TN, "{number}").replace("1001", "{id}").replace(f"{PBX}", "{id}")
    assert (method, named) in templates
    return named


@pytest.mark.skipif(not os.getenv("VOICETEL_OPENAPI"), reason="VOICETEL_OPENAPI is not set")
def test_every_answer_is_valid_by_the_carriers_schema(carrier):
    document = json.loads(Path(os.getenv("VOICETEL_OPENAPI", "")).read_text(encoding="utf-8"))
    templates = account.ROUTES | inventory.ROUTES | numbers.ROUTES
    seen = set()
    for method, called, got in _walk(carrier):
        named = _template(method, called, templates)
        seen.add((method, named))
        answers = document["paths"][named][method.lower()]["responses"]
        assert str(got.status) in answers, (method, called, got.status)
        content = answers[str(got.status)].get("content")
        if content is None:
            assert got.raw == b""
            continue
        schema = content["application/json"]["schema"] | {"components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(got.json)

    assert seen == set(templates)
