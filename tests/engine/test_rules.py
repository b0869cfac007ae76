"""Each rule: YAML that breaks it, told at the right place, and YAML that just does not."""

import re

import pytest

from reconciler.engine.codes import CODES
from reconciler.engine.rules import EXPLAINED
from reconciler.engine.rules.uniqueness import across_tenants
from reconciler.errors import Severity

BASE = """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
country: US
defaults:
  caller_id: "+16172310100"
dialplan:
  ranges: {extensions: 4200-4299, ring_groups: 6000-6099}
  feature_codes: {voicemail: "*97", pickup: "*8"}
  emergency: {notify: [extension/4201]}
locations:
  hq: {caller_name: A, street: 1 Main St, city: Boston, region: MA, postcode: "02110", country: US}
numbers:
  "+16172310100": {to: auto_attendant/main}
  "+18005551234": {to: extension/4201}
extensions:
  "4201":
    name: Ann
    email: ann@acme.example
    location: hq
    devices: {desk: {mac: "00:00:5E:00:53:01"}}
    voicemail: {pin: {env: VM_PIN}}
    forward: {no_answer: voicemail_box/4201}
  "4202": {name: Bob, location: hq, devices: {desk: {}}}
ring_groups:
  sales:
    pilot: "6000"
    members: [extension/4201, {to: external/+16172310188}]
    overflow: {after: 40s, to: voicemail_box/4201}
  night: {pilot: "6001", members: [extension/4202], overflow: {after: 40s, to: hangup}}
auto_attendants:
  main:
    greeting: {say: Press 1 or 2 or 0}
    options: {"0": operator, "1": ring_group/sales, "2": auto_attendant/sub}
    operator: extension/4201
    timeout: {to: operator}
    invalid: {to: operator}
  sub:
    greeting: {say: Press 0 or star}
    options: {"0": operator, "*": back}
    operator: extension/4201
    timeout: {to: back}
    invalid: {to: back}
"""

E, W = Severity.ERROR, Severity.WARNING
MARK = "@@"

# name: (code, severity, text of BASE, what it is replaced by; @@ stands before the place)
BREAKS = {
    "two things dialled alike": ("TEL101", E, 'pilot: "6001"', 'pilot: @@"6000"'),
    "a code dialled like another": ("TEL101", E, 'pickup: "*8"', 'pickup: @@"*97"'),
    "one begins another": ("TEL102", W, 'pickup: "*8"', 'pickup: @@"*9"'),
    "outside its range": ("TEL103", E, 'pilot: "6001"', 'pilot: @@"6100"'),
    "ranges overlap": (
        "TEL103",
        E,
        "ring_groups: 6000-6099",
        "ring_groups: 6000-6099, conferences: @@6050-6070",
    ),
    "lengths differ": (
        "TEL104",
        W,
        "ranges: {extensions: 4200-4299, ring_groups: 6000-6099}",
        "extension_length: 3",
        '  @@"4201":',
    ),
    "continues an emergency number": (
        "TEL105",
        E,
        "ranges: {extensions: 4200-4299, ring_groups: 6000-6099}",
        "ranges: {}",
        '  @@"9112": {name: Bob',
    ),
    "is a service code": ("TEL106", W, None, None, '  @@"8201": {name: x}'),
    "key begins an extension": (
        "TEL108",
        W,
        '"1": ring_group/sales,',
        '@@"4": ring_group/sales,',
        "dial_extension",
    ),
    "code hides a built-in one": ("TEL110", W, 'pickup: "*8"', 'park: @@"*8"'),
    "unknown target": ("TEL201", E, "ring_group/sales,", "@@ring_group/salse,"),
    "forwards in a circle": (
        "TEL202",
        E,
        "overflow: {after: 40s, to: hangup}",
        "overflow: {after: 40s, to: @@ring_group/night}",
    ),
    "hangs up": ("TEL203", W, "to: auto_attendant/main", "to: @@hangup"),
    "not in service": ("TEL203", W, "to: auto_attendant/main", "to: @@not_in_service"),
    "repeats for ever": ("TEL204", E, "timeout: {to: operator}", "timeout: {to: @@repeat}"),
    "says no way on": ("TEL204", E, "    timeout: {to: operator}\n", "", "  @@main:"),
    "back in a menu entered directly": (
        "TEL204",
        E,
        "  sub:\n",
        '  sub:\n    pilot: "6200"\n',
        "timeout: {to: @@back}",
    ),
    "menus in a circle": (
        "TEL204",
        E,
        "timeout: {to: operator}",
        "timeout: {to: @@auto_attendant/main}",
    ),
    "no key and no way on": (
        "TEL205",
        E,
        (
            'options: {"0": operator, "*": back}\n'
            "    operator: extension/4201\n    timeout: {to: back}"
        ),
        "timeout: {to: @@repeat}",
    ),
    "no way to a person": (
        "TEL207",
        W,
        'options: {"0": operator, "*": back}',
        'options: {"*": back}',
        "  @@sub:",
    ),
    "somebody else's mailbox": (
        "TEL212",
        W,
        '"4202": {name: Bob,',
        '"4202": {name: Bob, forward: {no_answer: @@voicemail_box/4201},',
    ),
    "no members": ("TEL301", E, "members: [extension/4202]", "members: @@[]"),
    "nobody with a device": (
        "TEL301",
        W,
        "devices: {desk: {}}",
        "devices: {}",
        "members: @@[extension/4202]",
    ),
    "suspended members": (
        "TEL301",
        W,
        "name: Bob",
        "name: Bob, status: suspended",
        "members: @@[extension/4202]",
    ),
    "overflow without after": (
        "TEL302",
        E,
        "overflow: {after: 40s, to: hangup}",
        "overflow: @@{to: hangup}",
    ),
    "overflow without to": (
        "TEL302",
        E,
        "overflow: {after: 40s, to: hangup}",
        "overflow: @@{after: 40s}",
    ),
    "no overflow": ("TEL302", W, ", overflow: {after: 40s, to: hangup}", "", "  @@night:"),
    "no confirmation": (
        "TEL303",
        W,
        "{to: external/+16172310188}",
        "@@{to: external/+16172310188, confirm: false}",
    ),
    "eleven at once": (
        "TEL304",
        W,
        "members: [extension/4202]",
        f"members: @@[{', '.join(['extension/4202'] * 11)}]",
    ),
    "a group in itself": (
        "TEL305",
        E,
        "members: [extension/4202]",
        "members: @@[extension/4202, ring_group/night]",
    ),
    "groups in each other": (
        "TEL305",
        E,
        "members: [extension/4201, {to",
        "members: [ring_group/night, {to",
        "members: @@[ring_group/sales]",
    ),
    "never rings": (
        "TEL306",
        W,
        "members: [extension/4202]",
        "members: [@@{to: extension/4202, delay: 20s, ring: 20s}]",
    ),
    "deleted unsent": (
        "TEL312",
        E,
        "{pin: {env: VM_PIN}}",
        "{pin: {env: VM_PIN}, email: @@{attach: false, delete_after_send: true}}",
    ),
    "mail without an address": (
        "TEL313",
        W,
        "name: Bob,",
        "name: Bob, @@voicemail: {email: true},",
    ),
    "a plain secret": ("TEL321", E, "pin: {env: VM_PIN}", 'pin: @@"837261"'),
    "a device nowhere": (
        "TEL323",
        W,
        "name: Bob, location: hq, devices: {desk",
        "name: Bob, devices: {@@desk",
    ),
    "no house number": ("TEL402", E, "street: 1 Main St", "street: @@Main St"),
    "no state": ("TEL402", E, "region: MA,", "", "  @@hq:"),
    "not a postcode": ("TEL402", E, '"02110"', '@@"2110"'),
    "not registered": (
        "TEL404",
        W,
        '"+16172310100": {',
        '"+16172310100": {location: @@hq, ',
    ),
    "somebody else's caller ID": (
        "TEL405",
        E,
        "name: Bob,",
        'name: Bob, caller_id: @@"+16172310199",',
    ),
    "the tenant's caller ID": (
        "TEL405",
        E,
        'caller_id: "+16172310100"',
        'caller_id: @@"+16172310199"',
    ),
    "not toll-free": ("TEL408", W, '"+16172310100": {', '"+16172310100": {type: @@tollfree, '),
    "protected and to be released": (
        "TEL412",
        W,
        '"+16172310100": {',
        '"+16172310100": {protect: true, release_after: @@"2027-01-01", ',
    ),
    "an example number at a carrier": (
        "TEL415",
        E,
        '"+18005551234": {',
        '@@"+12015550144": {connector: voicetel, ',
    ),
    "an example number": ("TEL415", W, '"+18005551234"', '@@"+12015550144"'),
    "an impossible number": ("E112", E, '"+18005551234"', '@@"+11005551234"'),
    "a short code": ("E112", E, "external/+16172310188", "@@external/+1911"),
    "a premium number": ("E136", E, "external/+16172310188", "@@external/+19002310188"),
    "a hardware address twice": (
        "E137",
        E,
        "devices: {desk: {}}",
        'devices: {desk: {mac: @@"00-00-5e-00-53-01"}}',
    ),
    "unknown connector": (
        "E127",
        E,
        '"+18005551234": {',
        '"+18005551234": {connector: @@voictel, ',
    ),
    "unknown gateway": (
        "E128",
        E,
        '"+18005551234": {',
        '"+18005551234": {connector: voicetel, handoff: @@pbxx, ',
    ),
    "an object where a gateway is needed": (
        "E128",
        E,
        '"+18005551234": {',
        '"+18005551234": {connector: voicetel, handoff: @@{type: Extension, name: x}, ',
    ),
    "a gateway where an object is needed": (
        "E128",
        E,
        '"+18005551234": {',
        '"+18005551234": {connector: dial9, handoff: @@pbx, ',
    ),
    "a node that nobody reaches": (
        "TEL213",
        E,
        BASE[BASE.index("    greeting: {say: Press 0 or star}") :],
        "    flow: {start: a, nodes: {a: {type: hangup}, @@b: {type: back}}}\n",
    ),
    "no hand-off": ("E138", W, '"+18005551234": {', '"+18005551234": {connector: @@bare, '),
}

# name: (code that must not come, text of BASE, what it is replaced by)
KEEPS = {
    "TEL101 personal box": ("TEL101", "name: Bob,", "name: Bob, voicemail: {email: false},"),
    "TEL102 equal length": ("TEL102", 'pilot: "6001"', 'pilot: "6002"'),
    "TEL103 last of its range": ("TEL103", 'pilot: "6001"', 'pilot: "6099"'),
    "TEL105 other country": ("TEL105", '"6001"', '"6099"'),
    "TEL108 not dialable": ("TEL108", '"1": ring_group/sales,', '"4": ring_group/sales,'),
    "TEL202 ends in a box": ("TEL202", "to: hangup}", "to: ring_group/sales}"),
    "TEL203 retired": ("TEL203", "{to: auto_attendant/main}", "{to: hangup, label: Retired fax}"),
    "TEL204 back from a menu": ("TEL204", "x", "x"),
    "TEL301 outside": ("TEL301", "[extension/4202]", "[external/+16172310177]"),
    "TEL304 ten": (
        "TEL304",
        "[extension/4202]",
        f"[{', '.join(['extension/4202'] * 10)}]",
    ),
    "TEL306 shorter": (
        "TEL306",
        "[extension/4202]",
        "[{to: extension/4202, delay: 19s, ring: 20s}]",
    ),
    "TEL312 sent whole": (
        "TEL312",
        "{env: VM_PIN}}",
        "{env: VM_PIN}, email: {delete_after_send: true}}",
    ),
    "TEL323 cannot call": (
        "TEL323",
        "name: Bob, location: hq,",
        "name: Bob, outbound: [internal],",
    ),
    "TEL404 at its carrier": (
        "TEL404",
        '"+16172310100": {',
        '"+16172310100": {connector: sandbox, location: hq, ',
    ),
    "TEL405 anonymous": ("TEL405", "name: Bob,", "name: Bob, caller_id: anonymous,"),
    "TEL415 sandbox": ("TEL415", '"+18005551234": {', '"+12015550144": {connector: sandbox, '),
    "E137 unlike": ("E137", "devices: {desk: {}}", 'devices: {desk: {mac: "00:00:5E:00:53:02"}}'),
}


def broken(case):
    """The YAML of a case, and line and column of its mark."""
    code, severity, old, new, *more = case
    text = BASE
    if old is not None:
        assert old in text, old
        text = text.replace(old, new, 1)
    for extra in more:
        text = _also(text, extra)
    assert text.count(MARK) == 1
    before = text[: text.index(MARK)]
    place = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return code, severity, text.replace(MARK, ""), place


def _also(text, extra):
    if extra == "dial_extension":
        return text.replace(
            "greeting: {say: Press 1 or 2 or 0}",
            "greeting: {say: Press 1 or 2 or 0}\n    dial_extension: {allow: all}",
        )
    plain = extra.replace(MARK, "")
    if plain in text:
        return text.replace(plain, extra, 1)
    if plain.endswith("{name: Bob"):
        return text.replace('  "4202": {name: Bob', extra, 1).replace(
            "extension/4202", "extension/9112"
        )
    if plain.lstrip().startswith("members"):
        return text.replace("members: [extension/4202]", extra, 1)
    return text.replace("ring_groups:\n", f"{extra}\nring_groups:\n", 1)


def test_the_base_breaks_nothing(check):
    desired, problems = check(BASE)

    assert problems == ()
    assert desired is not None
    assert len(desired.objects) == 12


@pytest.mark.parametrize("case", BREAKS.values(), ids=BREAKS)
def test_a_broken_rule_is_told_at_its_place(check, case):
    code, severity, text, place = broken(case)

    desired, problems = check(text)

    found = {(p.code, p.severity, p.location.line, p.location.column) for p in problems}
    assert (code, severity, *place) in found, [str(problem) for problem in problems]
    assert (desired is None) == any(problem.severity is E for problem in problems)
    for problem in problems:
        assert re.search(r'[.?"]$', problem.hint), problem.hint
        assert problem.detail.endswith(".")


@pytest.mark.parametrize("case", KEEPS.values(), ids=KEEPS)
def test_a_rule_that_is_just_kept_is_not_told(check, case):
    code, old, new = case

    _, problems = check(BASE.replace(old, new, 1))

    assert code not in {problem.code for problem in problems}
    assert not [p for p in problems if p.severity is E], [str(p) for p in problems]


def test_every_rule_and_class_is_explained_once():
    assert not CODES.keys() & EXPLAINED.keys()
    for code, (summary, explanation) in {**CODES, **EXPLAINED}.items():
        assert not summary.endswith("."), code
        assert explanation.endswith("."), code


def test_an_unknown_target_is_told_once_with_all_its_uses(check):
    text = BASE.replace("ring_group/sales,", "ring_group/salse,").replace(
        "to: auto_attendant/main", "to: ring_group/salse"
    )

    _, problems = check(text)

    (problem,) = (p for p in problems if p.code == "TEL201")
    assert problem.hint == 'Did you mean "ring_group/sales"?'
    assert [str(location) for location, _ in problem.related] == ["t.yaml:35:35"]


def test_a_number_of_two_tenants_is_told_with_both_places(check):
    first, _ = check(BASE)
    second, _ = check(
        BASE.replace("tenant: acme", "tenant: zen").replace("+16172310100", "+16172310105")
    )

    problems = across_tenants([second, first])

    assert [(p.code, p.address) for p in problems] == [
        ("TEL410", "zen/number/+18005551234"),
        ("E137", "zen/device/4201-desk"),
    ]
    assert "acme" in problems[0].related[0][1]
    assert across_tenants([first]) == ()
