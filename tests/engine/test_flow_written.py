"""An attendant with a `flow` of its own: read, checked at its places, published, re-pointed."""

import copy

import pytest
import yaml
from jsonschema import Draft7Validator

from reconciler.engine.schema import tenant_schema
from reconciler.errors import Severity
from reconciler.kinds.auto_attendant import AutoAttendant
from reconciler.model.flow import FLOW_SCHEMA, validate_flow

HEAD = """\
schema: 1
tenant: acme
name: Acme
timezone: Europe/London
extensions: {"4201": {}}
ring_groups: {sales: {members: [extension/4201], overflow: {after: 30s, to: hangup}}}
numbers: {"+16172310100": {to: auto_attendant/main}}
auto_attendants:
  main:
    pilot: "6100"
    flow:
"""

FLOW = """\
      start: hello
      nodes:
        hello: {type: play, say: Welcome to Acme, next: menu}
        menu:
          type: menu
          greeting: {say: "For sales, press 1."}
          options: {"1": sales, "2": more, "*": menu}
          timeout: {after: 5s, retries: 1, next: desk}
          invalid: {next: desk}
          dial_extension: {allow: all}
        more:
          type: menu
          greeting: {say: "For the desk, press 0.", language: en-GB}
          options: {"0": desk, "#": up}
          timeout: {next: bye}
          invalid: {next: bye, say: Sorry}
        sales: {type: dial, to: ring_group/sales}
        desk: {type: dial, to: extension/4201}
        up: {type: back}
        bye: {type: hangup, cause: busy}
"""


def errors(problems):
    return [problem for problem in problems if problem.severity is Severity.ERROR]


def attendant(desired):
    return next(w for a, w in desired.objects.items() if a.kind == "auto_attendant")


def test_a_flow_is_all_of_an_attendants_settings(check):
    desired, problems = check(HEAD + FLOW)

    assert not errors(problems), list(map(str, problems))
    spec = attendant(desired).spec
    assert set(spec) == {"flow", "pilot", "publish"}
    assert spec["flow"]["nodes"]["menu"]["timeout"] == {"after": "5s", "retries": 1, "next": "desk"}
    assert AutoAttendant.model_validate(spec).spec() == spec


def test_it_is_published_as_a_graph_like_a_built_one(check):
    desired, _ = check(HEAD + FLOW)

    graph = AutoAttendant.compiled("main", attendant(desired).spec)

    assert validate_flow(graph) == ()
    Draft7Validator(FLOW_SCHEMA).validate(graph)
    assert (graph["format"], graph["name"], graph["start"]) == (1, "main", "hello")
    assert list(graph["nodes"]) == sorted(graph["nodes"])
    assert graph["nodes"]["more"]["timeout"] == {"after": "10s", "retries": 2, "next": "bye"}


def test_a_draft_of_a_flow_is_not_published(check):
    desired, _ = check(HEAD + FLOW + "    publish: false\n")

    assert AutoAttendant.compiled("main", attendant(desired).spec) is None


def test_what_it_leads_to_are_its_references_and_nothing_else(check):
    desired, _ = check(HEAD + FLOW)

    found = {ref.reference: path for path, ref in attendant(desired).resource.references()}

    assert found == {
        "ring_group/sales": ("flow", "nodes", "sales", "to"),
        "extension/4201": ("flow", "nodes", "desk", "to"),
    }


def test_names_of_one_kind_are_written_out_in_the_graph():
    nodes = {
        "h": {"type": "schedule", "schedule": "schedule/office", "open": "p", "closed": "p"},
        "p": {"type": "play", "play": "hello", "next": "m"},
        "m": {
            "type": "menu", "greeting": {"play": "menu"}, "timeout": {"next": "x"},
            "invalid": {"next": "x"},
        },
        "x": {"type": "goto", "to": "auto_attendant/other"},
    }  # fmt: skip
    made = AutoAttendant.model_validate({"flow": {"start": "h", "nodes": nodes}})

    graph = AutoAttendant.compiled("main", made.spec())

    assert graph["nodes"]["h"]["schedule"] == "schedule/office"
    assert graph["nodes"]["p"]["play"] == "audio/hello"
    assert graph["nodes"]["m"]["greeting"] == {"play": "audio/menu"}
    Draft7Validator(FLOW_SCHEMA).validate(graph)
    assert {ref.reference for _, ref in made.references()} == {
        "schedule/office",
        "audio/hello",
        "audio/menu",
        "auto_attendant/other",
    }


def test_a_circle_is_cut_inside_a_flow():
    made = AutoAttendant.model_validate({"flow": yaml.safe_load(FLOW)})

    paths = [path for path, to in made.references() if to.reference == "ring_group/sales"]
    bare = AutoAttendant.bare(made.spec(), paths)

    assert bare["flow"]["nodes"]["sales"] == {"type": "hangup", "cause": "normal"}
    assert bare["flow"]["nodes"]["desk"] == {"type": "dial", "to": "extension/4201"}
    assert "ring_group/sales" not in {
        r.reference for _, r in AutoAttendant.model_validate(bare).references()
    }


def test_defaults_of_menus_are_not_lent_to_a_flow(check):
    text = (HEAD + FLOW).replace(
        "extensions:", "defaults: {auto_attendant: {timeout: {to: hangup}}}\nextensions:", 1
    )

    desired, problems = check(text)

    assert not errors(problems), list(map(str, problems))
    assert "timeout" not in attendant(desired).spec


def test_the_schema_takes_a_menu_or_a_flow_and_not_both():
    schema = tenant_schema()
    whole = yaml.safe_load(HEAD + FLOW)
    assert Draft7Validator(schema).is_valid(whole)

    both = copy.deepcopy(whole)
    both["auto_attendants"]["main"]["greeting"] = {"say": "x"}
    neither = copy.deepcopy(whole)
    del neither["auto_attendants"]["main"]["flow"]
    wrong = copy.deepcopy(whole)
    wrong["auto_attendants"]["main"]["flow"]["nodes"]["bye"]["type"] = "vanish"

    for document in (both, neither, wrong):
        assert not Draft7Validator(schema).is_valid(document)


# name: (what of FLOW, becomes what; code; line; words)
WRONG = {
    "beside menu fields": (
        "cause: busy}", "cause: busy}\n    options: {}\n    greeting: {say: x}",
        "E132", 10, "`greeting`, `options`",
    ),
    "a key that leads to no node": ('"1": sales', '"1": slaes', "TEL201", 18, '"slaes"'),
    "a start that is no node": ("start: hello", "start: helo", "TEL201", 12, '"helo"'),
    "a time-out to no node": ("retries: 1, next: desk", "next: dsk", "TEL201", 19, '"dsk"'),
    "an object that is not there": (
        "to: extension/4201}\n        up", "to: extension/4299}\n        up",
        "TEL201", 29, "extension/4299",
    ),
    "a node that nobody reaches": ('"#": up', '"#": bye', "TEL213", 30, '"up"'),
    "an unknown type": ("type: back", "type: bakc", "E123", 30, 'Did you mean "back"'),
    "no type": ("{type: back}", "{}", "E122", 30, "no `type`"),
    "a field of another type": (
        "{type: back}", "{type: back, next: bye}", "E121", 30, "Known are type"
    ),
    "a misspelt field of a menu": ('greeting: {say: "For s', 'greting: {say: "For s',
                                   "E121", 17, 'Did you mean "greeting"'),
    "no way on": (
        "timeout: {next: bye}", "timeout: {retries: 1}", "TEL204", 26, "where callers go",
    ),
    "a wrong key": ('"1": sales', '"12": sales', "E123", 18, "one key of a telephone"),
    "too many retries": ("retries: 1", "retries: 11", "E123", 19, "at most 10"),
    "a wait too long": ("after: 5s", "after: 5m", "E123", 19, "60s"),
    "a kind that is not called": (
        "to: ring_group/sales}", "to: location/hq}", "E125", 28, "no reference"
    ),
    "a number that is none": (
        "to: ring_group/sales}", "to: external/0800}", "E112", 28, "E.164"
    ),
    "a menu that plays itself": (
        "retries: 1, next: desk", "next: menu", "TEL204", 19, "press nothing",
    ),
    "a wrong key for ever": ("invalid: {next: desk}", "invalid: {next: hello}", "TEL204", 14,
                             "wrong key"),
    "back where no menu was before": (
        "retries: 1, next: desk", "next: up", "TEL204", 14, "press nothing"
    ),
    "a circle of sounds": (
        "say: Welcome to Acme, next: menu}",
        "say: a, next: loop}\n        loop: {type: play, say: b, next: hello}",
        "TEL204", 14, "for ever",
    ),
    "sound without words": ("say: Welcome to Acme, ", "", "E123", 14, "says or plays"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_inside_the_flow(check, name):
    old, new, code, line, words = WRONG[name]
    assert old in FLOW

    desired, problems = check(HEAD + FLOW.replace(old, new, 1))

    assert desired is None
    told = [p for p in errors(problems) if p.code == code and words in f"{p.detail} {p.hint}"]
    assert told, list(map(str, problems))
    assert told[0].location.line == line, str(told[0])


def test_a_circle_that_needs_a_key_is_allowed(check):
    _, problems = check(HEAD + FLOW.replace('"#": up', '"#": menu, "*": up', 1))

    assert not errors(problems), list(map(str, problems))


def test_all_faults_of_a_flow_are_told_at_once(check):
    text = FLOW.replace('"1": sales', '"1": slaes').replace("start: hello", "start: helo")

    _, problems = check(HEAD + text)

    assert [p.location.line for p in errors(problems) if p.code == "TEL201"] == [12, 18]


@pytest.mark.parametrize(
    "flow",
    [
        "hello",
        "[]",
        "{start: a}",
        "{start: a, nodes: {}}",
        "{start: a, nodes: {a: menu}}",
        "{start: a, nodes: [a]}",
    ],
)
def test_a_flow_of_another_shape_is_told_and_no_traceback(check, flow):
    desired, problems = check(HEAD.rstrip() + f" {flow}\n")

    assert desired is None
    assert errors(problems)
