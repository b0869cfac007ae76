"""Shared mailboxes beside personal ones."""

from reconciler.kinds.voicemail_box import VoicemailBox
from reconciler.model.spec import DIAL, Key

HEAD = """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
"""
BOTH = (
    HEAD
    + """\
defaults: {voicemail_box: {transcribe: true, consent: It is written down., max_message: 60s}}
extensions:
  "4201": {email: ann@acme.example, voicemail: {}}
voicemail_boxes:
  "6401":
    name: Front desk
    owners: [extension/4201]
    email: {to: [desk@acme.example], attach: true}
    pin: {env: VM_PIN}
    max_message: 90s
"""
)


def specs(desired):
    return {address.reference: want.spec for address, want in desired.objects.items()}


def codes(problems):
    return [(problem.code, problem.location.line) for problem in problems]


def test_a_shared_box_has_digits_of_its_own_and_a_personal_one_has_its_extensions(check):
    desired, problems = check(BOTH)

    assert problems == ()
    personal, shared = (specs(desired)[f"voicemail_box/{name}"] for name in ("4201", "6401"))
    assert list(VoicemailBox.keys("4201", personal)) == []
    assert list(VoicemailBox.keys("6401", shared)) == [Key(DIAL, "6401")]
    assert "shared" not in personal


def test_defaults_hold_for_both_and_yield_to_a_boxs_own(check):
    desired, _ = check(BOTH)

    personal, shared = (specs(desired)[f"voicemail_box/{name}"] for name in ("4201", "6401"))
    assert (personal["transcribe"], personal["max_message"]) == (True, "60s")
    assert (shared["transcribe"], shared["max_message"]) == (True, "90s")
    assert shared["email"] == {
        "to": ["desk@acme.example"],
        "attach": True,
        "delete_after_send": False,
    }


def test_a_personal_box_stands_on_the_line_of_its_extension_and_a_shared_one_on_its_own(check):
    desired, _ = check(BOTH)

    entries = {a.reference: w.entry.reference for a, w in desired.objects.items()}
    assert entries["voicemail_box/4201"] == "extension/4201"
    assert entries["voicemail_box/6401"] == "voicemail_box/6401"
    spec = specs(desired)
    assert VoicemailBox.folded_under(spec["voicemail_box/4201"]) == "extension"
    assert VoicemailBox.folded_under(spec["voicemail_box/6401"]) == ""


def test_a_shared_box_may_be_named_by_its_digits_alone(check):
    desired, _ = check(BOTH + 'numbers: {"+16172310100": {to: "6401"}}\n')

    assert specs(desired)["number/+16172310100"]["to"] == "voicemail_box/6401"


def test_its_digits_are_dialled_like_any_other(check):
    _, problems = check(BOTH + 'ring_groups: {a: {pilot: "6401", members: [extension/4201]}}\n')

    assert ("TEL101", 15) in codes(problems)


def test_one_box_is_written_once(check):
    _, problems = check(
        HEAD
        + """\
extensions:
  "4201": {voicemail: {email: false}}
voicemail_boxes:
  "4201": {owners: [extension/4201]}
"""
    )

    found = [problem for problem in problems if problem.code == "E137"]
    assert [(p.location.line, p.related[0][0].line) for p in found] == [(8, 6)]
    assert "voicemail_box/4201" in found[0].detail


def test_nobody_says_by_hand_that_a_box_is_shared(check):
    _, problems = check(HEAD + 'voicemail_boxes: {"6401": {shared: true, owners: []}}\n')

    assert ("E135", 5) in codes(problems)


def test_it_lies_in_its_range(check):
    _, problems = check(BOTH + 'dialplan: {ranges: {voicemail_boxes: "6500-6599"}}\n')

    assert ("TEL103", 9) in codes(problems)
