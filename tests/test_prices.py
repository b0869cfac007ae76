"""The price file: closed, exact to the cent, and told at its places."""

from decimal import Decimal

import pytest

from reconciler.engine.cost import Rate
from reconciler.loader.yaml_text import parse_yaml
from reconciler.settings.prices import parse_prices

GOOD = """\
schema: 1
connectors:
  voicetel:
    currency: USD
    numbers:
      - {monthly: "1.00", once: "0.50"}
      - {type: tollfree, monthly: "1.80", once: "0.00"}
      - {country: CA, type: local, monthly: 1.10, once: 0}
"""


def parsed(text):
    document = parse_yaml(text.encode(), "prices.yaml").document
    return parse_prices(document.value, document.place, ["voicetel", "dial9"])


def test_rates_are_read_as_they_are_written():
    prices, problems = parsed(GOOD)

    assert problems == ()
    assert prices == {
        "voicetel": (
            Rate("USD", Decimal("1.00"), Decimal("0.50")),
            Rate("USD", Decimal("1.80"), Decimal("0.00"), type="tollfree"),
            Rate("USD", Decimal("1.10"), Decimal(0), "CA", "local"),
        )
    }
    assert str(prices["voicetel"][0].once) == "0.50"


def test_what_an_emergency_record_costs_is_a_rate_of_its_own():
    prices, problems = parsed(GOOD + '    emergency_record: {monthly: "2.50"}\n')

    assert problems == ()
    kind = "emergency_record"
    assert prices["voicetel"][-1] == Rate("USD", Decimal("2.50"), Decimal(0), kind=kind)


def test_a_file_without_prices_has_none():
    assert parsed("schema: 1\n") == ({}, ())


@pytest.mark.parametrize(
    ("old", "new", "at", "code", "words"),
    [
        ("currency: USD", "currency: usd", (4, 15), "E146", "connectors.voicetel.currency"),
        ("    currency: USD\n", "", (3, 3), "E146", "currency: it is missing"),
        ('monthly: "1.00", ', "", (6, 9), "E146", "monthly: it is missing"),
        (', once: "0.50"', "", (6, 9), "E146", "once: it is missing"),
        ('"1.00"', '"-1.00"', (6, 19), "E146", "write an amount"),
        ('"1.00"', '"1,00"', (6, 19), "E146", "write an amount"),
        ('"1.00"', '"1.00 USD"', (6, 19), "E146", "write an amount"),
        ('"1.00"', "1e3", (6, 19), "E146", "write an amount"),
        ('"1.00"', "\N{ARABIC-INDIC DIGIT ONE}", (6, 19), "E146", "write an amount"),
        ("type: tollfree", "type: toll-free", (7, 16), "E146", "type: Input should be"),
        ("country: CA", "country: Canada", (8, 19), "E146", "country"),
        ("monthly: 1.10", "monthly: 1, mnth: 2", (8, 48), "E145", 'no setting "mnth"'),
        ("schema: 1", "schema: 2", (1, 9), "E146", "schema"),
        ("  voicetel:", "  voicetell:", (3, 3), "E146", 'no connector "voicetell"'),
        ("type: tollfree, ", "", (7, 9), "E146", "line 6 has a rate for the same numbers"),
        ("connectors:", "connector:", (2, 1), "E145", 'no setting "connector"'),
    ],
)
def test_each_mistake_is_told_at_its_place(old, new, at, code, words):
    assert old in GOOD
    prices, problems = parsed(GOOD.replace(old, new, 1))

    assert prices == {}
    found = [p for p in problems if (p.location.line, p.location.column) == at]
    assert [p.code for p in found] == [code], problems
    assert words in found[0].detail
    assert found[0].hint


def test_all_mistakes_are_told_at_once():
    bad = GOOD.replace("USD", "usd").replace('"1.80"', "much").replace("country", "land")

    _, problems = parsed(bad)

    assert [p.location.line for p in problems] == [4, 7, 8]


def test_a_typing_mistake_is_guessed():
    _, problems = parsed(GOOD.replace("type: tollfree", "type: toll-free"))

    assert problems[0].hint == 'Did you mean "tollfree"?'
