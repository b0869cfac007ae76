"""What a carrier holds of a number, and what devices and forwards say beyond the usual."""

import pytest

from reconciler.kinds.carrier_number import CarrierNumber

HEAD = """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
"""


def told(check, text):
    _, problems = check(HEAD + text)
    return [(problem.code, problem.location.line) for problem in problems]


def carried(**fields):
    return CarrierNumber.model_validate({"connector": "voicetel", **fields}).spec()


@pytest.mark.parametrize(
    "field",
    [
        'cnam: ""',
        "cnam: Acme",
        "cnam: ACME-1",
        "cnam: ABCDEFGHIJKLMNOP",
        'cnam: " ACME"',
        "cnam_lookup: yes",
        'forward: "4201"',
        "forward: extension/4201",
        'translation: "12*"',
        'translation: "123456789012345678901"',
        "fax_to: nobody",
        "sms: {}",
        "sms: {email: a@b.example, sip: b.example}",
        'sms: {webhook: "http://b.example/in"}',
        'sms: {webhook: "https://user:word@b.example/in"}',
        'sms: {webhook: "https://b.example/in here"}',
        "sms: {sip: a b}",
        "sms: a@b.example",
        "campaign: CH5K5IZ",
        "pass_caller_id: 1",
        "carrier_record: yes",
        'carrier_record: ""',
        'carrier_caller_id_prefix: "Sales <1>"',
        "carrier_caller_id_prefix: 'say \"hi\"'",
        'carrier_caller_id_prefix: "two\\nlines"',
        'carrier_caller_id_prefix: "no\\u00a0break"',
        "carrier_caller_id_prefix: [Sales]",
        f"carrier_caller_id_prefix: {'x' * 65}",
    ],
)
def test_what_no_carrier_takes_is_refused(check, field):
    entry = f"{{connector: sandbox, to: hangup, label: retired, {field}}}"
    text = f'numbers: {{"+16172310150": {entry}}}\n'

    assert [line for _, line in told(check, text)] == [5]


def test_a_number_that_calls_are_forwarded_to_has_one_form_and_must_exist(check):
    assert carried(forward="external/+12015550144")["forward"] == "+12015550144"
    assert carried(forward="+12015550144")["forward"] == "+12015550144"
    text = (
        'numbers: {"+16172310150": {connector: sandbox, to: hangup, label: retired, forward: @}}\n'
    )
    assert told(check, text.replace("@", '"+10112310150"')) == [("E112", 5)]
    assert told(check, text.replace("@", '"+19002310150"')) == [("E136", 5)]


def test_what_is_left_out_is_left_as_it_is_at_the_carrier():
    assert carried() == {"connector": "voicetel"}


@pytest.mark.parametrize(
    "nothing",
    [
        {"carrier_record": False},
        {"carrier_record": None},
        {"carrier_caller_id_prefix": ""},
        {"carrier_caller_id_prefix": "  "},
        {"carrier_caller_id_prefix": None},
    ],
    ids=str,
)
def test_what_is_off_or_empty_is_spelt_as_what_is_left_out(nothing):
    assert carried(**nothing) == carried() == {"connector": "voicetel"}


def test_what_a_carrier_puts_before_names_is_written_without_blanks_around_it():
    assert carried(carrier_caller_id_prefix=" Büro 2: ")["carrier_caller_id_prefix"] == "Büro 2:"
    assert carried(carrier_record=True)["carrier_record"] is True


def test_nothing_that_the_carrier_does_beside_stays_where_git_is_silent():
    there = {"connector": "d9", "carrier_record": True, "carrier_caller_id_prefix": "X"}

    assert CarrierNumber.as_it_runs(there, {"connector": "d9"}) == {"connector": "d9"}


@pytest.mark.parametrize(
    ("pin", "fits"), [("4287", True), ("0000000000", True), ("428", False), ("42a7", False)]
)
def test_a_pin_for_porting_out_has_4_to_10_digits(pin, fits):
    why = CarrierNumber.unfit("+16172310150", "port_out_pin", pin)

    assert (why == "") is fits
    assert pin not in why


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{devices: {desk: {registration: 59s}}}", [("E123", 5)]),
        ("{devices: {desk: {registration: 3601s}}}", [("E123", 5)]),
        ("{devices: {desk: {contacts: 11}}}", [("E123", 5)]),
        ("{forward: {busy: {to: hangup, after: 121s}}}", [("E123", 5)]),
        ("{forward: {no_answer: {to: hangup, after: 4s}}}", [("E123", 5)]),
        ("{forward: {unregistered: {to: hangup, after: 10s}}}", []),
        ("{outbound: [internal], devices: {desk: {registration: 1h, contacts: 2}}}", []),
    ],
)
def test_devices_and_forwards_have_bounds(check, entry, expected):
    _, problems = check(HEAD + f'extensions: {{"4201": {entry}}}\n')

    found = [(p.code, p.location.line) for p in problems if not p.code.startswith("TEL")]
    assert found == expected


def test_a_device_registers_every_five_minutes_from_one_place(check):
    desired, _ = check(HEAD + 'extensions: {"4201": {devices: {desk: {}}, outbound: [internal]}}\n')

    (spec,) = (want.spec for at, want in desired.objects.items() if at.kind == "device")
    assert (spec["registration"], spec["contacts"]) == ("300s", 1)


@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01", "2026-1-1", "soon"])
def test_a_day_that_there_is_not_is_refused(check, day):
    text = f'numbers: {{"+16172310150": {{to: hangup, label: retired, release_after: "{day}"}}}}\n'

    assert told(check, text) == [("E123", 5)]
