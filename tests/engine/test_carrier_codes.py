"""Feature codes that a carrier's own system answers as well."""

import pytest

from reconciler.engine.carrier_codes import answered_there
from reconciler.model.address import Address

NUMBER = Address("acme", "carrier_number", "+442079460100")
THERE = {"*55": "Voicemail", "*21": "Cancel forwarding", "*21*{number}": "Forward all calls"}


@pytest.mark.parametrize(
    ("code", "answered"),
    [
        ("*55", ["*55"]),
        ("*5", []),
        ("*556", []),
        ("*21", ["*21"]),
        ("*21*", ["*21*{number}"]),
        ("*21*7", ["*21*{number}"]),
        ("9", []),
    ],
)
def test_a_code_is_answered_there_when_its_digits_are_all_that_is_dialled_or_begin_a_template(
    code, answered
):
    notes = list(answered_there({"voicemail": code}, THERE, "dial9", NUMBER))

    assert [note.text.split()[2] for note in notes] == answered
    assert all(note.address == str(NUMBER) for note in notes)
