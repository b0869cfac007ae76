"""The generated JSON Schemas: fresh, draft-07, and of one mind with the models."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from reconciler.engine.schema import FILES, tenant_schema
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
  "+442072310100": {connector: dial9, handoff: {type: Extension, name: p}, to: auto_attendant/main}
  "+442072310101": {connector: voicetel, handoff: pbx, to: hangup, tags: [retired]}
extensions:
  "4201":
    devices:
      desk: {was: old-desk, mac: "00:00:5E:00:53:01", sip_password: {generate: true, version: 2}}
      soft:
    voicemail: {pin: {env: VM_PIN}, email: true}
    forward: {busy: voicemail_box/4201, no_answer: {after: 20s, to: voicemail_box/4201}}
  "4202": {was: "4299", voicemail: false, outbound: [internal, emergency]}
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
"""


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_what_the_models_say(name):
    assert (ROOT / "schemas" / name).read_text(encoding="utf-8") == FILES[name](), (
        f"write schemas/{name} again"
    )


@pytest.mark.parametrize("name", FILES)
def test_it_is_draft_07(name):
    schema = json.loads(FILES[name]())

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
    ],
)
def test_a_mistake_is_invalid_by_it(old, new):
    assert old in TENANT

    assert not Draft7Validator(tenant_schema()).is_valid(yaml.safe_load(TENANT.replace(old, new)))


def test_every_field_of_every_section_is_described():
    schema = tenant_schema()
    silent = [
        f"{section}.{name}"
        for section, cls in SECTIONS.items()
        for name, field in schema["definitions"][f"{cls.__name__}Entry"]["properties"].items()
        if not field.get("description") and "$ref" not in field
    ]

    assert silent == []
