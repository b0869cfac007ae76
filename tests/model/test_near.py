import pytest

from reconciler.model.near import one_near

FIELDS = ["location", "label", "to", "strategy", "sip_password", "extensions", "timeout"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("locaton", "location"),
        ("Strategy", "strategy"),
        ("sip-password", "sip_password"),
        ("extension", "extensions"),
        ("tiemout", "timeout"),
        ("lable", "label"),
        ("colour", ""),
        ("t", ""),
    ],
)
def test_a_slip_of_the_keyboard_is_seen(word, meant):
    assert one_near(word, FIELDS) == meant


def test_two_that_can_be_meant_are_none():
    assert one_near("desk-3", ["desk-1", "desk-2"]) == ""
    assert one_near("sale", ["sales", "salem"]) == ""


@pytest.mark.parametrize("digits", ["4202", "+12015550145", "*97"])
def test_digits_are_never_guessed(digits):
    assert one_near(digits, ["4201", "+12015550144", "*98"]) == ""
