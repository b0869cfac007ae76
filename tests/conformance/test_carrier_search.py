"""What every carrier offers: read only, told in E.164, and never called all when it is not."""

from __future__ import annotations

import pytest

from reconciler.carriers import find
from reconciler.errors import Exit, Unavailable
from reconciler.protocols import Coverage, Done, Found, Refused, Search
from tests.conformance.carriers import CARRIERS

BROKEN = ("500", "html", "truncated", "garbage", "429", "refuse")
START = 6
"""Characters of a number that say where it is: country and area."""


@pytest.fixture(params=CARRIERS)
def world(request, tmp_path):
    with CARRIERS[request.param](tmp_path) as made:
        yield made


def found(world, **options):
    made = world.carrier.search(Search(world.e164[:START], **options))
    assert isinstance(made, Found)
    return made


def test_what_is_found_can_be_ordered(world):
    offer = found(world, limit=3).offers[0]

    assert isinstance(world.do(world.order(offer.e164)), Done)
    assert world.charged() == [offer.e164]


def test_no_more_than_was_wanted_and_each_once(world):
    offers = found(world, limit=7).offers

    assert len({offer.e164 for offer in offers}) == len(offers) == 7
    assert all(offer.e164.startswith(world.e164[:START]) for offer in offers)


def test_searching_changes_nothing_and_costs_nothing(world):
    before = world.desk.books(world.path)

    found(world, limit=1000)
    world.carrier.coverage(Search())

    after = world.desk.books(world.path)
    assert (after["charges"], after["numbers"]) == (before["charges"], before["numbers"])


def test_a_carrier_that_cannot_say_what_it_lacks_never_calls_a_search_complete(world):
    whole = found(world, limit=1000)

    assert whole.complete is world.carrier.capabilities.tells_stock
    assert bool(whole.note) is not whole.complete
    assert found(world, limit=1).complete is False


def test_digits_within_are_looked_for(world):
    """Told as all that there are, or as some of them: never another number."""
    wanted = world.e164[-4:]

    made = found(world, contains=wanted, limit=5)

    assert all(wanted in offer.e164 for offer in made.offers)
    if made.complete:
        assert world.e164 in {offer.e164 for offer in made.offers}


def test_what_we_hold_is_not_on_offer(world):
    world.bought()

    assert world.e164 not in {offer.e164 for offer in found(world, limit=1000).offers}


def test_another_country_is_refused_unasked(world):
    world.fault("500", "stock", times=9)
    wanted = Search(world.sort.foreign[:START])

    assert isinstance(world.carrier.search(wanted), Refused)
    assert isinstance(world.carrier.coverage(wanted), Refused)


@pytest.mark.parametrize("kind", BROKEN)
def test_what_cannot_be_read_is_unavailable_and_never_empty(world, kind):
    world.fault(kind, "stock", times=9)

    with pytest.raises(Unavailable) as caught:
        found(world)

    assert caught.value.exit_code is Exit.UNAVAILABLE
    assert caught.value.hint


def test_coverage_leads_to_numbers(world):
    made = world.carrier.coverage(Search(world.e164[:START]))

    assert isinstance(made, Coverage)
    prefixes = [area.prefix for area in made.areas if area.prefix]
    assert prefixes
    for prefix in prefixes:
        offers = world.carrier.search(Search(prefix, limit=2)).offers
        assert offers
        assert all(offer.e164.startswith(prefix) for offer in offers)


# What it declares.


def test_what_it_can_do_is_known_without_opening_it(world):
    module = find(world.sort.kind)

    assert module.capabilities_of(world.sort.section) == world.carrier.capabilities
    allowed = module.allowance_of(world.sort.section, world.carrier.connector)
    assert allowed == world.carrier.allowance
    price = world.carrier.price(world.e164)
    assert price is None or price.currency == module.CURRENCY


def test_every_edition_says_which_it_is(world):
    module = find(world.sort.kind)
    told = [settings.items() <= world.sort.section.items() for settings in module.EDITIONS.values()]

    assert sum(told) == 1
