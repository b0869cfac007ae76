"""Announcements, as destinations and as greetings; the intercept of a tenant."""

import pytest

from reconciler.kinds.audio import Audio

HEAD = """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
"""


def codes(problems):
    return [(problem.code, problem.location.line) for problem in problems]


def test_it_is_a_file_or_words_and_goes_on_where_it_says():
    made = Audio.model_validate({"file": "prompts/closed.wav", "then": "hangup"})

    assert made.spec() == {"file": "prompts/closed.wav", "then": "hangup"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("{}", "E123"),
        ("{file: a.wav, say: Hello}", "E123"),
        ("{file: a.wav, language: en}", "E132"),
        ("{file: /etc/passwd.wav}", "E123"),
        ("{file: ../secrets/a.wav}", "E123"),
        ("{file: prompts/../../a.wav}", "E123"),
        ("{file: a.exe}", "E123"),
        ("{file: {env: VM_X}}", "E123"),
        ("{say: Hello, then: nowhere}", "E125"),
        ("{say: Hello, then: number/+12012012012}", "E125"),
        ("{say: Hello, language: english}", "E123"),
    ],
)
def test_what_makes_no_sense_is_refused(check, fields, code):
    _, problems = check(HEAD + f"audio: {{a: {fields}}}\n")

    assert codes(problems) == [(code, 5)]


def test_what_follows_it_must_be_there(check):
    _, problems = check(HEAD + "audio: {a: {say: Hello, then: voicemail_box/6401}}\n")

    assert codes(problems) == [("TEL201", 5)]


def test_a_menu_plays_it_and_callers_are_sent_to_it(check):
    desired, problems = check(
        HEAD
        + """\
intercept: audio/closed
audio: {closed: {say: We are closed., then: hangup}, hello: {file: prompts/hello.wav}}
numbers: {"+16172310100": {to: auto_attendant/main}}
extensions: {"4201": {}}
auto_attendants:
  main:
    greeting: {play: hello}
    options: {"1": audio/closed, "9": directory, "0": operator}
    operator: extension/4201
    timeout: {to: audio/closed}
    invalid: {to: operator}
"""
    )

    assert problems == ()
    (menu,) = (w for a, w in desired.objects.items() if a.kind == "auto_attendant")
    pointed = {reference.reference for _, reference in menu.resource.references()}
    assert pointed == {"audio/closed", "audio/hello", "extension/4201"}
    graph = type(menu.resource).compiled("main", menu.spec)
    assert graph["nodes"]["menu"]["greeting"] == {"play": "audio/hello"}
    assert graph["nodes"]["menu"]["options"]["9"] == "directory"
    assert graph["nodes"]["directory"] == {"type": "dial", "to": "directory"}


@pytest.mark.parametrize(
    ("intercept", "found"),
    [
        ("hangup", []),
        ("external/+442072310100", []),
        ("audio/gone", ["TEL201"]),
        ("number/+442072310100", ["E125"]),
        ("operator", ["E125"]),
    ],
)
def test_an_intercept_is_a_destination(check, intercept, found):
    _, problems = check(HEAD + f"intercept: {intercept}\n")

    told = [problem.code for problem in problems]
    assert [code for code in told if code != "E129"] == found  # UTC stands in for a bad header
