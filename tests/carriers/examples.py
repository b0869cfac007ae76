"""The JSON examples of VoiceTel's documents, as they are in the golden file."""

from __future__ import annotations

import copy
import json
import re
from datetime import UTC, datetime
from pathlib import Path

from reconciler.carriers.voicetel import connect
from tests.carriers.conftest import Time
from tests.carriers.says import SECTION

GOLDEN = json.loads((Path(__file__).parent / "golden" / "voicetel.json").read_text("utf-8"))
EXAMPLES = GOLDEN["examples"]
ANSWERS = [example for example in EXAMPLES if example["what"] == "answer"]
DOCUMENTED = [example for example in ANSWERS if example["dialect"] == "spec"]


def key(example):
    return example["method"], example["path"].removeprefix("/v2.2/"), example["status"]


def named(example):
    return " ".join(map(str, key(example)))


def example_of(method, path, status):
    found = next(each["body"] for each in ANSWERS if key(each) == (method, path, status))
    return copy.deepcopy(found)


class Answers:
    """A carrier that gives each example to its request."""

    def __init__(self, **changed):
        self.changed = changed

    def __call__(self, environ, start_response):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix("/v2.2/")
        status, body = self._said(method, path)
        start_response(f"{status} Said", [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    def _said(self, method, path):
        for example in DOCUMENTED:
            pattern = re.sub(r"\{[a-z]+\}", "[0-9]+", example["path"].removeprefix("/v2.2/"))
            if example["method"] == method and re.fullmatch(pattern, path):
                return example["status"], self.changed.get(path, example["body"])
        # The lists that its documents give no example of: a record is as one that was put.
        record = example_of("PUT", "e911/{dn}", 200)["data"]["record"]
        return 200, {"status": "success", "data": {"numbers": [], "records": [record]}}


class Budget:
    def spend(self, bucket, **_):
        return True, 1, ""

    def fill(self, bucket, **_):
        return None


def opened(**changed):
    """A connector before those answers, at the time that their calls are of."""
    return connect(
        SECTION
        | {"gateways": {"pbx": {"host": "203.0.113.10:5060"}}}
        | {"acl": ["203.0.113.0/24"], "auth": {"mode": "acl"}},
        connector="vt",
        credentials={},
        clock=Time(datetime.fromtimestamp(1747345200, UTC)),
        wsgi_app=Answers(**changed),
        budgets=Budget(),
    )
