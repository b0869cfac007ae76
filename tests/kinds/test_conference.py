"""Conference rooms."""

import pytest

from reconciler.kinds.conference import Conference
from reconciler.model.spec import DIAL, Key

HEAD = """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
"""


def codes(problems):
    return [(problem.code, problem.location.line) for problem in problems]


def test_a_room_holds_twenty_is_not_recorded_and_mutes_nobody():
    assert Conference.model_validate({"room": "6300"}).spec() == {
        "room": "6300",
        "capacity": 20,
        "wait_for_moderator": False,
        "record": False,
        "muted": False,
        "status": "active",
    }


@pytest.mark.parametrize("capacity", ["1", "501", "many", "-2"])
def test_a_room_holds_two_to_five_hundred(check, capacity):
    _, problems = check(HEAD + f'conferences: {{a: {{room: "6300", capacity: {capacity}}}}}\n')

    assert codes(problems) == [("E123", 5)]


def test_its_digits_are_dialled(check):
    desired, problems = check(
        HEAD
        + 'conferences: {staff: {room: "6300", capacity: 20, pin: {env: VM_PIN}}}\n'
        + 'numbers: {"+16172310100": {to: "6300"}}\n'
    )

    assert problems == ()
    specs = {address.name: want.spec for address, want in desired.objects.items()}
    assert specs["+16172310100"]["to"] == "conference/staff"
    assert list(Conference.keys("staff", specs["staff"])) == [Key(DIAL, "6300")]


def test_pins_are_references_and_never_values(check):
    _, problems = check(HEAD + 'conferences: {a: {room: "6300", pin: "739150"}}\n')

    assert codes(problems) == [("TEL321", 5)]
    assert "739150" not in repr(problems)


def test_pins_follow_the_projects_list_of_what_may_be_used(check):
    _, problems = check(
        HEAD + 'conferences: {a: {room: "6300", capacity: 20, moderator_pin: {env: PATH}}}\n'
    )

    assert codes(problems) == [("E131", 5)]


@pytest.mark.parametrize(
    ("pin", "weak"),
    [
        ("739150", False),
        ("739150273915", False),
        ("7391502739150", True),
        ("73915", True),
        ("123456", True),
        ("73a150", True),
    ],
)
def test_a_pin_has_6_to_12_digits_and_no_runs(pin, weak):
    why = Conference.unfit("staff", "pin", pin)

    assert bool(why) is weak
    assert pin not in why


def test_one_file_in_two_spellings_is_one_pin(check):
    room = '{room: "6300", capacity: 20, pin: {file: secrets/tenants/a}, moderator_pin: {file: '
    one = HEAD + "conferences: {a: " + room + "secrets//tenants/./a}}}\n"
    two = HEAD + "conferences: {a: " + room + "secrets/tenants/b}}}\n"

    assert ("TEL331", 5) in codes(check(one)[1])
    assert ("TEL331", 5) not in codes(check(two)[1])
