"""What a number costs: the carrier's word, then the file's, and never a guess."""

from decimal import Decimal

import pytest

from reconciler.engine.cost import Price, Rate, agreed_price, rate_for

US, TOLL_FREE, CANADIAN, BRITISH = "+16175550144", "+18005550144", "+14165550144", "+442079460144"

ANY = Rate("USD", Decimal("1.00"), Decimal("0.50"))
CA = Rate("USD", Decimal("1.10"), Decimal("0.60"), country="CA")
FREE = Rate("USD", Decimal("2.00"), Decimal("0.00"), type="tollfree")
US_FREE = Rate("USD", Decimal("1.80"), Decimal("0.00"), country="US", type="tollfree")


@pytest.mark.parametrize(
    ("e164", "rates", "fitting"),
    [
        (US, [ANY, CA, FREE], ANY),
        (CANADIAN, [ANY, CA, FREE], CA),
        (TOLL_FREE, [ANY, CA, FREE], FREE),
        (TOLL_FREE, [FREE, US_FREE, ANY], US_FREE),
        (TOLL_FREE, [Rate("USD", Decimal(9), Decimal(9), country="US"), FREE], FREE),
        (US, [CA, FREE], None),
        (BRITISH, [CA], None),
        (US, [], None),
    ],
)
def test_the_closest_rate_counts_whatever_their_order(e164, rates, fitting):
    assert rate_for(rates, e164) == fitting
    assert rate_for(rates[::-1], e164) == fitting


def test_the_carriers_word_comes_first():
    assert agreed_price(US, [ANY], "USD", Decimal(3), Decimal(4)) == Price(
        "USD", Decimal(3), Decimal(4), "live"
    )


def test_a_public_list_speaks_where_the_file_is_silent():
    listed = ("USD", Decimal(3), Decimal(4), "list")

    assert agreed_price(US, [CA], *listed) == Price(*listed)
    assert agreed_price(US, [ANY], *listed) == Price("USD", Decimal("1.00"), Decimal("0.50"))


def test_the_file_speaks_where_the_carrier_is_silent():
    assert agreed_price(US, [ANY]) == Price("USD", Decimal("1.00"), Decimal("0.50"))
    assert agreed_price(US, [ANY], "USD", monthly=Decimal(3)) == Price(
        "USD", Decimal(3), Decimal("0.50")
    )
    assert agreed_price(US, [ANY], "USD", once=Decimal(3)) == Price(
        "USD", Decimal("1.00"), Decimal(3)
    )


def test_what_nobody_knows_is_unknown_and_not_nought():
    assert agreed_price(US, []) is None
    assert agreed_price(US, [CA]) is None
    assert agreed_price(US, [], "USD", monthly=Decimal(3)) is None
    assert agreed_price(US, [], "USD", once=Decimal(3)) is None


def test_two_currencies_are_not_mixed():
    assert agreed_price(US, [ANY], "GBP", monthly=Decimal(3)) is None
