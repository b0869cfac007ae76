"""`{to, after}` in every place that takes a destination."""

import pytest

from reconciler.engine.repoint import repointed
from reconciler.kinds import KINDS
from reconciler.kinds.auto_attendant import AutoAttendant
from reconciler.model.address import Address
from reconciler.model.flow import FLOW_SCHEMA, validate_flow

TENANT = """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
fallback: FALLBACK
intercept: INTERCEPT
numbers:
  "+16172310100": {to: NUMBER, schedule: office, closed: NUMBER_CLOSED}
extensions:
  "4201": {forward: {busy: {to: voicemail_box/6401, after: 5s}, no_answer: {to: hangup}}}
voicemail_boxes: {"6401": {owners: [extension/4201]}}
schedules: {office: {open: [{days: mon-fri, hours: 09:00-17:00}]}}
ring_groups:
  sales: {members: [extension/4201], overflow: {after: 20s, to: hangup}, empty: EMPTY}
auto_attendants:
  main:
    schedule: office
    closed: CLOSED
    holiday: HOLIDAY
    greeting: {say: Press 1}
    options: {"1": OPTION, "0": operator}
    operator: OPERATOR
    timeout: {to: TIMEOUT}
    invalid: {to: INVALID}
audio: {gone: {say: Goodbye, then: THEN}}
"""

PLACES = (
    "FALLBACK", "INTERCEPT", "NUMBER", "NUMBER_CLOSED", "EMPTY", "CLOSED", "HOLIDAY", "OPTION",
    "OPERATOR", "TIMEOUT", "INVALID", "THEN",
)  # fmt: skip
LONG = "{to: voicemail_box/6401, after: 20s}"
SPEC = {"to": "voicemail_box/6401", "after": "20s"}


def filled(**given):
    text = TENANT
    for place in sorted(PLACES, key=len, reverse=True):
        text = text.replace(f": {place}", f": {given.get(place, 'voicemail_box/6401')}")
    return text


def codes(problems):
    return [(problem.code, problem.location.line) for problem in problems]


def errors(problems):
    return [problem for problem in problems if problem.severity == "error"]


def everything(desired):
    """Every value of the tenant, by the place that it was written at."""
    menu = desired.objects[Address("acme", "auto_attendant", "main")].spec
    number = desired.objects[Address("acme", "number", "+16172310100")].spec
    header = desired.header.model_dump(mode="json")
    return {
        "FALLBACK": header["fallback"],
        "INTERCEPT": header["intercept"],
        "NUMBER": number["to"],
        "NUMBER_CLOSED": number["closed"],
        "EMPTY": desired.objects[Address("acme", "ring_group", "sales")].spec["empty"],
        "CLOSED": menu["closed"],
        "HOLIDAY": menu["holiday"],
        "OPTION": menu["options"]["1"],
        "OPERATOR": menu["operator"],
        "TIMEOUT": menu["timeout"]["to"],
        "INVALID": menu["invalid"]["to"],
        "THEN": desired.objects[Address("acme", "audio", "gone")].spec["then"],
    }


@pytest.mark.parametrize("place", PLACES)
def test_each_place_takes_it(check, place):
    desired, problems = check(filled(**{place: LONG}))

    assert errors(problems) == []
    expected = {each: SPEC if each == place else "voicemail_box/6401" for each in PLACES}
    assert everything(desired) == expected


@pytest.mark.parametrize("place", PLACES)
def test_what_it_names_must_be_there_and_is_pointed_at(check, place):
    long = "{to: voicemail_box/6499, after: 20s}"
    text = filled(**{place: long})

    _, problems = check(text)

    (found,) = errors(problems)
    line = next(n for n, written in enumerate(text.splitlines(), 1) if long in written)
    assert (found.code, found.location.line) == ("TEL201", line)
    assert found.location.column == text.splitlines()[line - 1].index("voicemail_box/6499") + 1


def test_digits_are_what_they_reach(check):
    desired, problems = check(filled(NUMBER='{to: "4201", after: 2m}'))

    assert errors(problems) == []
    assert everything(desired)["NUMBER"] == {"to": "extension/4201", "after": "120s"}


def test_without_a_wait_it_is_the_short_form(check):
    desired, _ = check(filled(NUMBER="{to: extension/4201}", THEN="{to: hangup, after: 0s}"))

    assert everything(desired)["NUMBER"] == "extension/4201"
    assert everything(desired)["THEN"] == "hangup"


@pytest.mark.parametrize(
    ("long", "code"),
    [
        ("{to: extension/4201, after: 3m}", "E123"),
        ("{to: extension/4201, aftr: 20s}", "E121"),
        ("{after: 20s}", "E122"),
        ("{to: {to: extension/4201}, after: 20s}", "E125"),
        ("{to: number/+16172310100, after: 20s}", "E125"),
    ],
)
def test_what_is_no_such_form_is_refused(check, long, code):
    _, problems = check(filled(NUMBER=long))

    (found,) = errors(problems)
    assert (found.code, found.location.line) == (code, 8)
    assert "after" in found.hint or code != "E121"


def test_what_happens_at_once_takes_no_wait(check):
    _, problems = check(filled(OPTION="{to: repeat, after: 5s}"))

    assert [found.code for found in errors(problems)] == ["E123"]


def test_rules_see_through_it(check):
    entered = "{to: auto_attendant/main, after: 5s}"
    _, problems = check(
        filled(NUMBER="{to: hangup, after: 20s}", THEN=entered, INVALID="{to: back}")
    )

    assert {"TEL203", "TEL204"} <= {found.code for found in problems}


def test_a_menu_waits_before_it_leads_there(check):
    desired, _ = check(
        filled(
            OPTION=LONG, OPERATOR="{to: extension/4201, after: 5s}", CLOSED="{to: busy, after: 3s}"
        )
    )
    spec = desired.objects[Address("acme", "auto_attendant", "main")].spec

    graph = AutoAttendant.compiled("main", spec)

    assert validate_flow(graph) == ()
    nodes = graph["nodes"]
    menu = nodes["menu"]
    assert nodes[menu["options"]["1"]] == {
        "type": "dial", "to": "voicemail_box/6401", "after": "20s",
    }  # fmt: skip
    assert nodes[menu["options"]["0"]] == {"type": "dial", "to": "extension/4201", "after": "5s"}
    assert nodes[nodes["hours"]["closed"]] == {"type": "hangup", "cause": "busy", "after": "3s"}
    assert nodes[nodes["hours"]["holiday"]] == {"type": "dial", "to": "voicemail_box/6401"}
    import jsonschema  # noqa: PLC0415 - for this one

    jsonschema.validate(graph, FLOW_SCHEMA)


@pytest.mark.parametrize("place", [place for place in PLACES if place not in PLACES[:2]])
def test_a_rename_reaches_into_it(check, place):
    desired, _ = check(filled(**{place: LONG}))
    found = 0
    for address, want in desired.objects.items():
        after = repointed(
            KINDS[address.kind], want.spec, {"voicemail_box/6401": "voicemail_box/6402"}
        )
        assert "6401" not in str(after) or address.name == "6401"
        found += str({"to": "voicemail_box/6402", "after": "20s"}) in str(after)

    assert found == 1


def test_a_circle_is_cut_through_it(check):
    desired, _ = check(filled(OPERATOR=LONG, OPTION=LONG))
    want = desired.objects[Address("acme", "auto_attendant", "main")]

    links = want.resource.references()
    paths = [path for path, to in links if to.reference == "voicemail_box/6401"]
    bare = AutoAttendant.bare(want.spec, paths)

    assert "voicemail_box" not in str(bare)
    assert validate_flow(AutoAttendant.compiled("main", bare)) == ()
