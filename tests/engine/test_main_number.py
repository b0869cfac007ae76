"""The main number: what calls show where neither extension nor default says it."""

import pytest

from reconciler.model.address import Address

HEAD = """\
schema: 1
tenant: acme
name: Acme
timezone: Europe/London
dialplan: {emergency: {notify: [extension/4201]}}
numbers:
  "+16172310100": {to: extension/4201TAGS}
  "+16172310101": {to: extension/4201MORE}
extensions:
  "4201": {}
  "4202": {caller_id: anonymous}
"""


def text(tags="", more=""):
    return HEAD.replace("TAGS", tags).replace("MORE", more)


def shown(desired, name):
    return desired.objects[Address("acme", "extension", name)].spec.get("caller_id")


def test_it_is_shown_by_who_has_nothing_else(check):
    desired, _ = check(text(more=", tags: [main, sales]"))

    assert shown(desired, "4201") == "+16172310101"
    assert shown(desired, "4202") == "anonymous"


def test_a_default_comes_before_it(check):
    desired, _ = check(text(", tags: [main]") + 'defaults: {caller_id: "+16172310101"}\n')

    assert shown(desired, "4201") == "+16172310101"


@pytest.mark.parametrize("tags", ["", ", label: Main", ", tags: [maintenance]"])
def test_nothing_is_guessed(check, tags):
    desired, _ = check(text(tags))

    assert shown(desired, "4201") is None


def test_there_is_one(check):
    desired, problems = check(text(", tags: [main]", ", tags: [main]"))

    (found,) = [problem for problem in problems if problem.code == "E137"]
    assert desired is None
    assert (found.location.line, found.related[0][0].line) == (8, 7)
    assert "main number" in found.detail
