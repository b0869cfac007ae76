"""`was: old-name` in a tenant file: what it says, and what it cannot mean."""

import pytest

from reconciler.model.address import Address

HEAD = "schema: 1\ntenant: acme\nname: Acme\ntimezone: Europe/London\n"
PLACE = "caller_name: A, street: 1 Wharf Rd, city: London, postcode: N1 7GR, country: GB"


def names_of(desired):
    return {
        address.reference: wanted.was.reference
        for address, wanted in desired.objects.items()
        if wanted.was is not None
    }


def test_an_entry_says_what_it_was_called(check):
    desired, _ = check(
        HEAD + "ring_groups: {sales: {was: front, members: [extension/4201]}}\n"
        'extensions: {"4201": {}}\n'
    )

    assert names_of(desired) == {"ring_group/sales": "ring_group/front"}
    assert "was" not in desired.objects[Address("acme", "ring_group", "sales")].spec


def test_what_stands_inside_an_extension_follows_it(check):
    desired, _ = check(
        HEAD + 'extensions: {"4201": {was: "4200", devices: {desk: {}, soft: }, voicemail: {}}}\n'
    )

    assert names_of(desired) == {
        "extension/4201": "extension/4200",
        "device/4201-desk": "device/4200-desk",
        "device/4201-soft": "device/4200-soft",
        "voicemail_box/4201": "voicemail_box/4200",
    }


def test_a_device_has_a_name_of_its_own(check):
    desired, _ = check(
        HEAD + 'extensions: {"4201": {was: "4200", devices: {desk: {was: soft}, soft: {was: desk},'
        " ata: {}}}}\n"
    )

    assert names_of(desired) == {
        "extension/4201": "extension/4200",
        "device/4201-desk": "device/4200-soft",
        "device/4201-soft": "device/4200-desk",
        "device/4201-ata": "device/4200-ata",
    }


def test_chains_and_swaps_are_meant(check):
    desired, problems = check(
        HEAD
        + "locations:\n"
        + "".join(
            f"  {new}: {{was: {old}, unit: {new}, {PLACE}}}\n"
            for new, old in ("ab", "ba", "dc", "ed")
        )
    )

    assert not [problem for problem in problems if problem.code == "E139"]
    assert names_of(desired) == {
        f"location/{new}": f"location/{old}" for new, old in ("ab", "ba", "dc", "ed")
    }


WRONG = {
    "a number": (
        'numbers: {"+16172310100": {to: hangup, was: "+16172310101"}}',
        5,
        "number itself",
    ),
    "its own name": ("ring_groups: {a: {was: a}}", 5, "called so still"),
    "no name": ("ring_groups: {a: {was: Front Desk}}", 5, "Front Desk"),
    "no text": ("ring_groups: {a: {was: [b]}}", 5, "no name"),
    "letters for an extension": ('extensions: {"4201": {was: front}}', 5, "2 to 8 digits"),
    "still there": ("ring_groups:\n  a: {was: b}\n  b: {}", 6, "still here"),
    "two heirs": ("ring_groups:\n  a: {was: c}\n  b: {was: c}", 7, "cannot both"),
    "a device still there": (
        'extensions:\n  "4201":\n    devices: {desk: {was: soft}, soft: {}}',
        7,
        "still here",
    ),
    "a device of the same name": (
        'extensions:\n  "4201":\n    devices: {desk: {was: desk}}',
        7,
        "called so still",
    ),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_what_cannot_be_meant_is_told_at_its_place(check, case):
    text, line, words = case

    desired, problems = check(HEAD + text + "\n")

    found = [problem for problem in problems if problem.code == "E139"]
    assert desired is None
    assert [problem.location.line for problem in found] == [line]
    assert words in f"{found[0].detail} {found[0].hint}"


def test_a_mailbox_inside_an_extension_is_not_renamed_by_itself(check):
    desired, problems = check(HEAD + 'extensions: {"4201": {voicemail: {was: "4200"}}}\n')

    assert desired is None
    assert "E121" in {problem.code for problem in problems}
