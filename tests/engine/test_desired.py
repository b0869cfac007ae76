"""From YAML to the desired state: what becomes of an entry, and how mistakes are told."""

import pytest

from reconciler.errors import Severity
from reconciler.kinds import KINDS
from reconciler.model.address import Address
from reconciler.model.document import ProjectFacts

HEAD = """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
country: GB
"""


def problem_of(found, code):
    problems = [problem for problem in found if problem.code == code]
    assert len(problems) == 1, [str(problem) for problem in found]
    return problems[0]


def at(problem):
    return problem.location.line, problem.location.column


# What an entry becomes.


def test_an_extension_becomes_itself_its_devices_and_its_box(check):
    desired, _ = check(
        HEAD
        + """\
locations:
  hq: {caller_name: Acme, street: 1 Wharf Rd, city: London, postcode: N1 7GR, country: GB}
extensions:
  "4201":
    name: Ann
    email: ann@acme.example
    location: hq
    devices:
      desk:
      mobile: {kind: softphone}
    voicemail: {}
"""
    )

    entry = Address("acme", "extension", "4201")
    found = {a.reference: w for a, w in desired.objects.items() if w.entry == entry}
    assert list(found) == [
        "extension/4201",
        "device/4201-desk",
        "device/4201-mobile",
        "voicemail_box/4201",
    ]
    assert found["device/4201-desk"].spec["location"] == "hq"
    box = found["voicemail_box/4201"]
    assert box.spec["owners"] == ["extension/4201"]
    assert box.spec["email"]["to"] == ["ann@acme.example"]
    assert (box.location.line, box.location.column) == (16, 5)
    assert not {"devices", "voicemail"} & found["extension/4201"].spec.keys()


def test_a_number_becomes_itself_and_its_presence_at_its_carrier(check):
    desired, _ = check(HEAD + 'numbers:\n  "+16172310100": {connector: voicetel, to: hangup}\n')

    number, carried = desired.objects.values()
    assert number.spec["type"] == "local"
    assert number.spec["country"] == "US"
    assert "handoff" not in number.spec
    assert carried.spec == {"connector": "voicetel", "handoff": "pbx"}
    assert carried.entry == Address("acme", "number", "+16172310100")


def test_the_projects_default_hand_off_yields_to_the_numbers_own(check):
    desired, _ = check(
        HEAD + 'numbers:\n  "+16172310100": {connector: voicetel, handoff: backup, to: hangup}\n'
    )

    (spec,) = (w.spec for a, w in desired.objects.items() if a.kind == "carrier_number")
    assert spec["handoff"] == "backup"


@pytest.mark.parametrize(
    ("number", "country", "sort"),
    [
        ("+18005551234", "US", "tollfree"),
        ("+16172310100", "US", "local"),
        ("+14162310100", "CA", "local"),
        ("+18762310100", "JM", "mobile"),
        ("+447400123456", "GB", "mobile"),
        ("+448001111222", "GB", "tollfree"),
        ("+493012345678", "DE", "local"),
    ],
)
def test_digits_say_country_and_type(check, number, country, sort):
    desired, _ = check(
        HEAD
        + f'numbers:\n  "{number}": {{to: hangup, location: hq}}\n'
        + "locations:\n"
        + "  hq: {caller_name: A, street: 1 A St, city: B, postcode: N1 7GR, country: GB}\n"
    )

    want = desired.objects[Address("acme", "number", number)]
    assert (want.spec["country"], want.spec["type"]) == (country, sort)


def test_defaults_fill_what_an_entry_leaves_out_and_nothing_else(check):
    desired, _ = check(
        HEAD
        + """\
defaults: {caller_id: "+16172310100", ring_group: {ring: 15s, skip_busy: false}}
numbers: {"+16172310100": {to: hangup}}
extensions:
  "4201": {}
  "4202": {caller_id: anonymous}
ring_groups:
  a: {members: [extension/4201]}
  b: {members: [extension/4201], ring: 30s}
"""
    )

    specs = {address.reference: want.spec for address, want in desired.objects.items()}
    assert specs["extension/4201"]["caller_id"] == "+16172310100"
    assert specs["extension/4202"]["caller_id"] == "anonymous"
    assert (specs["ring_group/a"]["ring"], specs["ring_group/a"]["skip_busy"]) == ("15s", False)
    assert specs["ring_group/b"]["ring"] == "30s"


def test_defaults_of_a_number_reach_its_carrier_too(check):
    desired, problems = check(
        HEAD
        + """\
defaults: {number: {connector: voicetel, cnam: ACME, record: true}}
numbers:
  "+16172310100": {to: hangup, label: retired}
  "+16172310101": {to: hangup, label: retired, connector: dial9, cnam: OTHER}
"""
    )

    assert desired is not None, problems
    specs = {address.reference: want.spec for address, want in desired.objects.items()}
    assert specs["number/+16172310100"]["connector"] == "voicetel"
    assert specs["number/+16172310100"]["record"] is True
    at_carriers = [specs[f"carrier_number/+1617231010{n}"] for n in (0, 1)]
    assert [(one["connector"], one["cnam"]) for one in at_carriers] == [
        ("voicetel", "ACME"),
        ("dial9", "OTHER"),
    ]


@pytest.mark.parametrize("field", ["cnam: Acme", "cnmm: ACME", "sms: {}", "shared: true"])
def test_a_wrong_default_of_a_number_is_told_where_it_stands(check, field):
    _, problems = check(
        HEAD
        + f"defaults: {{number: {{{field}}}}}\n"
        + 'numbers: {"+16172310100": {to: hangup, label: retired, connector: voicetel}}\n'
    )

    assert [problem.location.line for problem in problems] == [6]


def test_plain_digits_stand_for_what_they_reach(check):
    desired, _ = check(
        HEAD
        + """\
numbers:
  "+16172310100": {to: 4201}
  "+16172310101": {to: "6000"}
extensions: {"4201": {}}
ring_groups: {sales: {pilot: 6000, members: [4201]}}
"""
    )

    specs = {address.name: want.spec for address, want in desired.objects.items()}
    assert specs["+16172310100"]["to"] == "extension/4201"
    assert specs["+16172310101"]["to"] == "ring_group/sales"
    assert specs["sales"]["members"][0]["to"] == "extension/4201"


@pytest.mark.parametrize(
    ("digits", "hint"), [("4209", "Declare it"), ("6000", "Write ring_group/a or ring_group/b.")]
)
def test_digits_that_reach_no_single_object_are_told(check, digits, hint):
    _, problems = check(
        HEAD
        + f"""\
numbers: {{"+442072310100": {{to: "{digits}"}}}}
extensions: {{"4201": {{}}}}
ring_groups:
  a: {{pilot: "6000", members: [extension/4201]}}
  b: {{pilot: "6000", members: [extension/4201]}}
"""
    )

    problem = problem_of(problems, "E126")
    assert problem.hint.startswith(hint)
    assert at(problem) == (6, 33)


# How mistakes are told: the text, the code, the place, the hint.

MISTAKES = {
    "unknown section": ("ring_group: {}", "E120", (6, 1), 'Did you mean "ring_groups"?'),
    "unknown field": ('extensions: {"4201": {nmae: x}}', "E121", (6, 23), 'Did you mean "name"?'),
    "unknown inner field": (
        "ring_groups: {a: {members: [{to: extension/4201, rign: 5s}]}}",
        "E121",
        (6, 50),
        'Did you mean "ring"?',
    ),
    "missing field": ('numbers: {"+442072310100": {}}', "E122", (6, 11), "Add `to`."),
    "unknown word": (
        "ring_groups: {a: {strategy: simultanous}}",
        "E123",
        (6, 29),
        'Did you mean "simultaneous"?',
    ),
    "no unit": (
        "ring_groups: {a: {ring: 20}}",
        "E123",
        (6, 25),
        "See `reconciler explain ring_group.ring`",
    ),
    "out of bounds": (
        "ring_groups: {a: {ring: 301s}}",
        "E123",
        (6, 25),
        "See `reconciler explain ring_group.ring`",
    ),
    "negative": (
        "ring_groups: {a: {ring: -5s}}",
        "E123",
        (6, 25),
        "See `reconciler explain ring_group.ring`",
    ),
    "too often": ("ring_groups: {a: {repeats: 11}}", "E123", (6, 28), "Write at most 10."),
    "not true or false": (
        'extensions: {"4201": {record: yes}}',
        "E123",
        (6, 31),
        "See `reconciler explain extension.record`",
    ),
    "no list": ("ring_groups: {a: {members: x}}", "E133", (6, 28), "Write a list"),
    "no mapping": ('extensions: {"4201": Ann}', "E133", (6, 22), "Write {name: value}"),
    "section no mapping": ("extensions: [a]", "E133", (6, 13), "Write {name: value}"),
    "devices no mapping": ('extensions: {"4201": {devices: [a]}}', "E133", (6, 32), "Write {"),
    "bad name": ("ring_groups: {Sales: {}}", "E124", (6, 15), "Write lower-case"),
    "bad extension": ("extensions: {42a: {}}", "E124", (6, 14), "Write 2 to 8 digits."),
    "bad device": ('extensions: {"4201": {devices: {DESK: {}}}}', "E124", (6, 33), "Write lower"),
    "wrong kind": (
        'numbers: {"+442072310100": {to: location/hq}}',
        "E125",
        (6, 33),
        "",
    ),
    "misspelt kind": (
        'numbers: {"+442072310100": {to: ring_grup/a}}',
        "E125",
        (6, 33),
        'Did you mean "ring_group/a"?',
    ),
    "misspelt word": (
        'numbers: {"+442072310100": {to: hangupp}}',
        "E125",
        (6, 33),
        'Did you mean "hangup"?',
    ),
    "national number": (
        "numbers: {02072310100: {to: hangup}}",
        "E112",
        (6, 11),
        'Write "+442072310100".',
    ),
    "no area code": (
        'numbers: {"72310100": {to: hangup}}',
        "E112",
        (6, 11),
        "Write E.164, with country and area code",
    ),
    "lower-case postcode": (
        "locations: {hq: {postcode: n1 7gr}}",
        "E123",
        (6, 28),
        "Write capital letters, digits and blanks, such as",
    ),
    "00 number": (
        "numbers: {00442072310100: {to: hangup}}",
        "E112",
        (6, 11),
        'Write "+442072310100".',
    ),
    "blanks": (
        'numbers: {"+44 20 7231 0100": {to: hangup}}',
        "E112",
        (6, 11),
        'Write "+442072310100".',
    ),
    "full-width digits": (
        'numbers: {"+\uff14\uff142072310100": {to: hangup}}',
        "E112",
        (6, 11),
        'Write "+442072310100".',
    ),
    "unknown default": ("defaults: {ring_grup: {}}", "E134", (6, 12), 'Did you mean "ring_group"?'),
    "field not for YAML": (
        'numbers: {"+442072310100": {to: hangup, state: quarantined}}',
        "E135",
        (6, 41),
        "Take it out.",
    ),
    "closed alone": (
        'numbers: {"+442072310100": {to: hangup, closed: busy}}',
        "E132",
        (6, 28),
        "Give both or neither.",
    ),
    "hand-off alone": (
        'numbers: {"+442072310100": {to: hangup, handoff: pbx}}',
        "E132",
        (6, 11),
        "Name the connector.",
    ),
    "angle brackets in a name": (
        'extensions: {"4201": {name: "<b>"}}',
        "E123",
        (6, 29),
        "Write words",
    ),
    "a key no telephone has": (
        (
            "auto_attendants: {m: {greeting: {say: x}, timeout: {to: busy}, invalid: {to: hangup},"
            ' options: {"12": hangup}}}'
        ),
        "E123",
        (6, 97),
        "Write one key",
    ),
    "too many members": (
        "ring_groups: {a: {members: [" + ", ".join(["extension/4201"] * 201) + "]}}",
        "E123",
        (6, 28),
        "Shorten it to 200.",
    ),
}


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("extension/9999", "Declare extension/9999"),
        ("extension/4202", 'Did you mean "extension/4201"?'),
    ],
)
def test_only_what_looks_like_it_is_suggested_for_digits(check, written, hint):
    _, problems = check(
        HEAD
        + 'extensions: {"4201": {}}\n'
        + f"ring_groups: {{a: {{members: [{written}], overflow: {{after: 20s, to: busy}}}}}}\n"
    )

    assert problem_of(problems, "TEL201").hint.startswith(hint)


@pytest.mark.parametrize("case", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_at_its_place_with_the_next_step(check, case):
    text, code, place, hint = case

    desired, problems = check(HEAD + text + "\n")

    problem = problem_of(problems, code)
    assert desired is None
    assert at(problem) == place
    assert problem.hint.startswith(hint)
    assert problem.hint
    assert problem.detail.endswith(".")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("timezone: America/New_Yrok", "E129"),
        ("country: us", "E123"),
        ("fallback: ring_group/x", "TEL201"),
    ],
)
def test_the_top_of_the_file_is_checked(check, line, code):
    key = line.partition(":")[0]
    rest = [each for each in HEAD.splitlines() if not each.startswith(f"{key}:")]

    desired, problems = check("\n".join([*rest, line, ""]))

    assert desired is None
    assert problem_of(problems, code).location.line == len(rest) + 1


def test_a_wrong_default_is_told_once_where_it_stands(check):
    _, problems = check(
        HEAD
        + """\
defaults: {ring_group: {ring: 1s, rnig: 2s}}
extensions: {"4201": {}}
ring_groups: {a: {members: [extension/4201]}, b: {members: [extension/4201]}}
"""
    )

    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    assert [(p.code, at(p)) for p in errors] == [("E123", (6, 31)), ("E121", (6, 35))]


def test_everything_that_is_wrong_is_told_at_once(check):
    _, problems = check(
        HEAD
        + """\
numbers: {"+16172310100": {to: ring_group/x}}
extensions: {"4201": {nmae: x}, abc: {record: no}}
conferences: {a: {}}
"""
    )

    errors = [problem.code for problem in problems if problem.severity is Severity.ERROR]
    assert errors == ["TEL201", "E121", "E124", "E123", "E122"]


def test_nobody_is_blamed_for_pointing_at_what_could_not_be_read(check):
    _, problems = check(
        HEAD + 'numbers: {"+16172310100": {to: extension/4201}}\nextensions: {"4201": {nmae: x}}\n'
    )

    assert [problem.code for problem in problems] == ["E121"]


# What is not built yet.


def test_what_comes_later_is_refused_by_name(check):
    text = HEAD + 'numbers:\n  "+16172310100": {to: hangup}\nconnectors: {own: {}}\n'
    _, problems = check(text, ProjectFacts(allow_own_carriers=True))

    found = [problem for problem in problems if problem.code == "E130"]
    assert [(at(p), p.detail.split()[2]) for p in found] == [((8, 1), "`connectors`")]


# Secrets.

SECRETS = {
    "a literal": ('voicemail: {pin: "Hunter2!"}', "TEL321"),
    "a literal in a list": ('voicemail: {pin: ["Hunter2!"]}', "TEL321"),
    "a literal password": ('devices: {desk: {sip_password: "Hunter2!"}}', "TEL321"),
    "an unknown form": ('voicemail: {pin: {vault: "Hunter2!"}}', "E131"),
    "one form too many": ('voicemail: {pin: {env: VM_PIN, vault: "Hunter2!"}}', "E131"),
    "no variable": ('voicemail: {pin: {env: "Hunter2!"}}', "E123"),
    "a shell line": ('voicemail: {pin: {exec: "Hunter2!"}}', "E133"),
    "a misspelt field": ('devices: {desk: {sip_pasword: "Hunter2!"}}', "E121"),
    "a field of a later version": ('voicemail: {}, sip_token: "Hunter2!"', "E121"),
}


def test_a_label_that_looks_like_a_key_is_told_and_not_repeated(check):
    key = "ghp_" + "Ab1Cd2Ef3" * 4

    desired, problems = check(HEAD + f'numbers: {{"+16172310100": {{to: hangup, label: {key}}}}}\n')

    assert desired is not None
    assert at(problem_of(problems, "TEL321")) == (6, 47)
    assert "Ab1Cd2" not in repr(problems) + str([p.location.text for p in problems])


@pytest.mark.parametrize("case", SECRETS.values(), ids=SECRETS)
def test_a_secret_in_plain_text_is_never_repeated(check, case):
    entry, code = case

    desired, problems = check(HEAD + f'extensions: {{"4201": {{status: gone, {entry}}}}}\n')

    assert desired is None
    assert code in {problem.code for problem in problems}
    assert "E123" in {problem.code for problem in problems}  # `gone`, on the same line
    assert "Hunter" not in repr(problems) + str([p.location.text for p in problems])


def test_a_number_line_that_may_hold_a_pin_is_not_shown(check):
    _, problems = check(
        HEAD + 'numbers: {"+442072310100": {to: hangup, port_out_pin: "Hunter2!", wsa: x}}\n'
    )

    assert problem_of(problems, "TEL321").location.text == ""
    assert problem_of(problems, "E121").location.text == ""
    assert "Hunter2!" not in repr(problems)


@pytest.mark.parametrize(
    ("reference", "allowed"),
    [
        ("{env: VM_PIN}", True),
        ("{env: PATH}", False),
        ("{env: vm_pin}", False),
        ("{file: secrets/tenants/acme}", True),
        ("{file: secrets/tenants/../carrier}", False),
        ("{file: secrets/tenants}", False),
        ("{file: /proc/self/environ}", False),
        ("{file: ../../key}", False),
        ("{exec: [pass, show, x]}", True),
        ("{exec: [/usr/bin/pass, show]}", False),
        ("{generate: true}", True),
        ("{sealed: gAAAA}", True),
    ],
)
def test_references_to_secrets_follow_the_projects_list(check, reference, allowed):
    desired, problems = check(
        HEAD + f'extensions: {{"4201": {{voicemail: {{pin: {reference}}}}}}}\n'
    )

    assert (desired is not None) is allowed
    assert [p.code for p in problems if p.severity is Severity.ERROR] == (
        [] if allowed else ["E131"]
    )


def test_nothing_is_allowed_where_the_project_says_nothing(check):
    text = HEAD + 'extensions: {"4201": {voicemail: {pin: {env: VM_PIN}}}}\n'

    desired, _ = check(text, ProjectFacts())

    assert desired is None


# All together.


def test_specs_are_data_and_read_back(check):
    desired, problems = check(
        HEAD
        + """\
extensions: {"4201": {devices: {desk: {}}, forward: {busy: hangup}}}
ring_groups: {a: {members: [extension/4201], overflow: {after: 2m, to: hangup}}}
"""
    )

    assert Severity.ERROR not in {problem.severity for problem in problems}
    for address, want in desired.objects.items():
        again = KINDS[address.kind].model_validate(want.spec)
        assert again.spec() == want.spec
    group = desired.objects[Address("acme", "ring_group", "a")]
    assert group.spec["overflow"]["after"] == "120s"


def test_building_is_pure(check):
    text = HEAD + 'extensions: {"4201": {devices: {desk: {}}}}\n'

    assert check(text)[0].objects == check(text)[0].objects
