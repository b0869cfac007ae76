"""The carrier's own examples: the sandbox answers in their form, and takes what they ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.sandbox.serve import open_sandbox
from tests.carriers.examples import DOCUMENTED, EXAMPLES, named
from tests.sandbox.conftest import InProcess, Time
from tests.sandbox.test_schema import DESCRIPTION, Described, needs_description
from tests.sandbox.walk import TN, walk

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
    """Whether what the example tells is told in the same form; more may be told.

    Where it has a row there must be one of its form.
    """
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and all(
            name in ours and fits(item, ours[name]) for name, item in theirs.items()
        )
    if isinstance(theirs, list):
        listed = isinstance(ours, list)
        return listed and (not theirs or any(fits(theirs[0], row) for row in ours))
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


def rows_in(value):
    """Every list of rows within it."""
    if isinstance(value, list):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from rows_in(each)


@pytest.mark.parametrize("example", DOCUMENTED, ids=named)
def test_an_example_with_rows_that_nobody_has_does_not_fit(answered, example):
    path = example["path"].replace("/ports/{id}", "/ports/{pid}")
    theirs = shape(example["body"])
    lists = [rows for rows in rows_in(theirs) if rows and isinstance(rows[0], dict)]
    for rows in lists:
        rows[0]["nobody_has_this"] = "text"

        ours = answered[example["method"], path, example["status"]]
        assert not any(fits(theirs, each) for each in ours)
        del rows[0]["nobody_has_this"]
