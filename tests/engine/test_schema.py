"""The generated JSON Schemas: fresh, draft-07, and of one mind with the models."""

import json
from functools import cache
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from reconciler.cli.schemas import SCHEMAS
from reconciler.engine.schema import tenant_schema
from reconciler.kinds import SECTIONS

ROOT = Path(__file__).parents[2]

TENANT = """\
schema: 1
tenant: acme
name: Acme
timezone: Europe/London
defaults: {caller_id: "+442072310100", ring_group: {ring: 15s}}
locations:
  hq: {caller_name: Acme, street: 1 Wharf Rd, city: London, postcode: N1 7GR, country: GB}
numbers:
  "+442072310100": {connector: dial9, handoff: {type: Extension, name: p}, to: auto_attendant/main,
    location: hq}
  "+442072310101": {connector: voicetel, handoff: pbx, to: hangup, tags: [retired], location: hq}
  "+442072310102": {connector: voicetel, location: hq, to: conference/staff, cnam: ACME 1,
                    cnam_lookup: true,
                    forward: "+442072310199", translation: "1001#", fax_to: a@b.example,
                    sms: {webhook: "https://b.example/in"}, campaign: c, port_out_pin: {env: VM_P},
                    pass_caller_id: true, schedule: office, closed: audio/closed}
extensions:
  "4201":
    devices:
      desk: {was: old-desk, mac: "00:00:5E:00:53:01", sip_password: {generate: true, version: 2}}
      soft:
    voicemail: {pin: {env: VM_PIN}, email: true}
    forward: {busy: voicemail_box/4201, no_answer: {after: 20s, to: voicemail_box/4201}}
  "4202": {was: "4299", voicemail: false, outbound: [internal, emergency]}
  "4203":
ring_groups:
  sales:
    {was: front, pilot: "6000", members: [extension/4201, {to: extension/4202, ring: 10s}],
     repeats: 2}
auto_attendants:
  main:
    greeting: {say: Hello}
    options: {"0": operator, "*": repeat}
    operator: extension/4201
    dial_extension: {allow: all}
    timeout: {to: operator}
    invalid: {to: operator}
intercept: audio/closed
audio:
  closed: {say: We are closed., then: voicemail_box/6401}
  hello: {file: prompts/hello.wav}
conferences:
  staff: {room: "6300", capacity: 25, pin: {env: VM_CONF}, wait_for_moderator: false}
schedules:
  office:
    open: [{days: mon-thu, hours: "08:00-18:00"}, {days: [sat, sun], hours: "22:00-06:00"}]
    holidays:
      - {name: Christmas, date: "12-25", days: 2}
      - {name: Thanksgiving, rule: 4th thu of november}
      - {name: Staff, from: "2026-10-02 12:00", to: "2026-10-02 18:00"}
      - {country: US, subdivision: MA}
    exceptions: [{date: "2026-12-24", hours: "08:00-12:00"}, {rule: last mon of may, closed: true}]
voicemail_boxes:
  "6401": {owners: [extension/4201], email: {to: [desk@acme.example]}, max_message: 90s}
ports:
  spring:
    connector: voicetel
    numbers: ["+442072310150"]
    location: hq
    to: extension/4201
    subscriber: {name: Acme, street_number: "12", street: Spring, city: Boston, postcode: "02110",
                 country: US}
    authorized_by: Manager
    losing_carrier: {billing_number: "+442072310150", account: {env: VM_A}}
"""


@cache
def validator():
    return Draft7Validator(tenant_schema())


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_file_is_what_the_models_say(name):
    assert (ROOT / "schemas" / f"{name}.json").read_text(encoding="utf-8") == SCHEMAS[name](), (
        f"write schemas/{name} again"
    )


@pytest.mark.parametrize("name", SCHEMAS)
def test_it_is_draft_07(name):
    schema = json.loads(SCHEMAS[name]())

    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert not {"$defs", "prefixItems", "discriminator"} & set(_keywords(schema))


def _keywords(node):
    if isinstance(node, dict):
        for name, value in node.items():
            yield name
            yield from _keywords(value)
    elif isinstance(node, list):
        for item in node:
            yield from _keywords(item)


def test_a_whole_tenant_is_valid_by_it():
    errors = list(Draft7Validator(tenant_schema()).iter_errors(yaml.safe_load(TENANT)))

    assert errors == []


def test_the_same_tenant_builds(check):
    desired, problems = check(TENANT)

    assert desired is not None, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ring: 10s", "rign: 10s"),
        ("pilot: ", "state: x, pilot: "),
        ("tags: ", "state: quarantined, tags: "),
        ("repeats: 2", "strategy: simultanous"),
        ('"6000"', '"6"'),
        ('"*": repeat', '"12": repeat'),
        ("timezone: Europe/London\n", ""),
        ("numbers:", "nubmers:"),
        ('was: "4299"', "was: front"),
        ("tags: ", 'was: "+442072310199", tags: '),
        ("VM_PIN}", "VM_PIN, vault: x}"),
        ("VM_PIN}", "VM_PIN, file: x}"),
        ("repeats: 2", "repeats: 11"),
        ("repeats: 2", 'repeats: "11"'),
        ("repeats: 2", 'repeats: "2x"'),
        ("capacity: 25", 'capacity: "501"'),
        ("version: 2", 'version: "0"'),
        ("capacity: 25", "capacity: 1"),
        ("capacity: 25", "capacity: 501"),
        ('room: "6300", ', ""),
        ("greeting: {say: Hello}", "greeting: {}"),
        ("greeting: {say: Hello}", "greeting: {say: Hello, play: hello}"),
        ("{file: prompts/hello.wav}", "{file: /etc/x.wav}"),
        ("{file: prompts/hello.wav}", ""),
        ("{file: prompts/hello.wav}", "{file: a.wav, say: x}"),
        ("days: mon-thu", "days: mon-thur"),
        ("days: [sat, sun]", "days: [sat, son]"),
        ("days: [sat, sun]", "days: []"),
        ("22:00-06:00", "22:00-25:00"),
        ('date: "12-25", days: 2', 'date: "12-25", days: 0'),
        ('date: "12-25", days: 2', 'date: "13-25"'),
        ('{name: Christmas, date: "12-25", days: 2}', '{date: "12-25"}'),
        ('{name: Christmas, date: "12-25", days: 2}', "{name: x}"),
        ('date: "12-25", days: 2', 'date: "12-25", rule: 1st mon of may'),
        ("4th thu of november", "4th thu of novembre"),
        (', to: "2026-10-02 18:00"', ""),
        (', to: "2026-10-02 18:00"', ', to: "2026-10-02 18:00", days: 2'),
        ("{country: US, subdivision: MA}", "{country: US, days: 2}"),
        ("{country: US, subdivision: MA}", "{name: x, subdivision: MA}"),
        (', hours: "08:00-12:00"', ""),
        ("closed: true}]", 'closed: true, hours: "08:00-12:00"}]'),
        ("closed: true}]", "closed: false}]"),
        ('date: "2026-12-24", hours', "hours"),
        ("max_message: 90s", "shared: true"),
        ("max_message: 90s", "max_message: 90"),
        ("cnam: ACME 1", "cnam: Acme 1"),
        ("cnam: ACME 1", "cnam: ACME DENTAL GROUP"),
        ("{webhook: ", "{email: a@b.example, webhook: "),
        ("{webhook: ", "{http: "),
        ('{webhook: "https', '{webhook: "http'),
        ('forward: "+442072310199"', "forward: extension/4201"),
        ('["+442072310150"]', "[]"),
        ("    authorized_by: Manager\n", ""),
        ("mac: ", "registration: 5, mac: "),
        ("mac: ", "contacts: 0, mac: "),
    ],
)
def test_a_mistake_is_one_by_it_and_by_the_loader(check, old, new):
    assert old in TENANT
    text = TENANT.replace(old, new, 1)

    assert not validator().is_valid(yaml.safe_load(text))
    assert check(text)[0] is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("repeats: 2", 'repeats: "2"'),
        ("capacity: 25", 'capacity: "500"'),
        ("version: 2", 'version: "2"'),
        ("days: mon-thu", 'days: "mon, wed-fri"'),
        ("days: mon-thu", "days: fri-mon"),
        ("08:00-18:00", "8:00-24:00"),
        ("12-25", "02-29"),
        ("4th thu of november", "last thursday of november"),
        ('"2026-10-02 18:00"', '"2026-10-02"'),
        ("{country: US, subdivision: MA}", "{country: GB, name: Bank holidays}"),
        ("  office:\n", "  office:\n    timezone: Europe/London\n"),
        ('{webhook: "https://b.example/in"}', '{sip: "sms@b.example:5060"}'),
        ('forward: "+442072310199"', "forward: external/+442072310199"),
        ("mac: ", "registration: 1m, contacts: 2, mac: "),
        ("busy: voicemail_box/4201", "busy: {to: voicemail_box/4201, after: 5s}"),
        ('options: {"0": operator', 'options: {"9": directory, "0": operator'),
        ("ring_group: {ring: 15s}", "number: {cnam: ACME}, device: {contacts: 2}"),
        ("intercept: audio/closed", "intercept: hangup"),
        ("greeting: {say: Hello}", "greeting: {play: hello}"),
    ],
)
def test_another_way_to_write_it_is_one_by_it_and_by_the_loader(check, old, new):
    assert old in TENANT
    text = TENANT.replace(old, new, 1)

    errors = list(validator().iter_errors(yaml.safe_load(text)))
    desired, problems = check(text)

    assert errors == []
    assert desired is not None, [str(problem) for problem in problems]


def test_defaults_stand_as_an_author_writes_them():
    definitions = tenant_schema()["definitions"]

    assert definitions["RingGroup"]["properties"]["ring"]["default"] == "20s"
    assert definitions["DialExtension"]["properties"]["inter_digit"]["default"] == "2s"
    assert definitions["Device"]["properties"]["registration"]["default"] == "300s"


def test_bounds_are_in_words_that_editors_know():
    for name, text in SCHEMAS.items():
        assert not {"ge", "le", "gt", "lt"} & set(_keywords(json.loads(text()))), name
    repeats = tenant_schema()["definitions"]["RingGroup"]["properties"]["repeats"]
    assert (repeats["minimum"], repeats["maximum"]) == (1, 10)


def test_every_field_of_every_section_is_described():
    schema = tenant_schema()
    silent = [
        f"{section}.{name}"
        for section, cls in SECTIONS.items()
        for name, field in schema["definitions"][f"{cls.__name__}Entry"]["properties"].items()
        if not field.get("description") and "$ref" not in field
    ]

    assert silent == []
