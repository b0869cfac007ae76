"""What carriers offer and what accounts are, as text."""

from __future__ import annotations

from decimal import Decimal

from reconciler.engine.cost import Price
from reconciler.errors import Exit
from reconciler.protocols import Area, Capabilities, Coverage, Found, Offer, Refused
from reconciler.report.account_reads import AccountRead, Stray, Synced, reads_text, synced_text
from reconciler.report.connectors import Account, Counted, Credential, accounts_text
from reconciler.report.search import Asked, coverage_text, offers_text
from reconciler.report.text import as_text

AT = "2026-11-21T14:02:11Z"
BOSTON = Offer("+16175550101", "Boston", "MA", "BOSTON")
LONDON = Offer("+442079460100", "London")
PRICE = Price("USD", Decimal("1.00"), Decimal("0.50"))
LOST = Asked("spare", trouble="It was not sent.", hint="Try again.", status=Exit.UNAVAILABLE)
MISUSED = Asked("dial9", Refused("Dial 9 has +44 numbers only."))


def test_offers(golden):
    found = Found((BOSTON, LONDON), complete=False, note="Ask again.", odd=("A row is odd.",))

    golden("offers", offers_text([Asked("vt", found, {BOSTON.e164: PRICE}), MISUSED, LOST]))


def test_nothing_on_offer_is_said_and_leads_nowhere():
    text = as_text(offers_text([Asked("vt", Found((), complete=True))]))

    assert text == "vt shows no such number.\n"


def test_coverage(golden):
    areas = (Area("+1617555", region="MA", count=100), Area("+4420", "London"))

    golden("coverage", coverage_text([Asked("vt", Coverage(areas, "Name a state.")), LOST]))


VOICETEL = Account(
    "vt",
    "voicetel",
    "real",
    "acct-1",
    "pbx",
    Capabilities(
        keyed=True,
        natural_key=False,
        tells_stock=True,
        fields=frozenset({"connector", "handoff", "campaign", "port_out_pin"}),
        others={"emergency_record": frozenset({"street"})},
        write_only=frozenset({"port_out_pin"}),
        asynchronous=frozenset({"campaign", "emergency_record"}),
    ),
    (Credential("api_key", "{env: KEY}", "missing", "KEY is not set."),),
    Counted(AT, 17, 3, 1),
)
SHUT = Account("d9", "dial9", "real", "", "", None, (), None, trouble="No host.")


def test_accounts(golden):
    golden(
        "connectors",
        accounts_text(
            [VOICETEL, SHUT],
            {"old": {"carrier_number": 2, "emergency_record": 2, "gateway": 1}},
            80,
        ),
    )


def test_tests(golden):
    tested = [
        AccountRead("vt", "ok", 0.123, "account acct-1, 17 numbers."),
        AccountRead("spare", "failed", 30.0, "No answer.", "Try again.", Exit.UNAVAILABLE),
    ]

    golden("connector_tests", reads_text(tested))


def test_what_differs(golden):
    synced = [
        Synced(
            "vt",
            "acct-1",
            17,
            (Stray("carrier_number", "+16175550177", "", "named in acme's files"),),
            (Stray("carrier_number", "+16175550144", "acme", ""),),
            ("A row is odd.",),
            status=Exit.PENDING,
        ),
        Synced("spare", trouble="No answer.", hint="Try again.", status=Exit.UNAVAILABLE),
    ]

    golden("connector_sync", synced_text(synced))


def test_words_of_a_carrier_move_no_cursor():
    hostile = "\x1b[2J\u202e"
    found = Found((Offer("+16175550101", hostile, hostile, hostile),), False, hostile, (hostile,))
    stray = Stray("carrier_number", hostile, "", hostile)

    text = as_text(offers_text([Asked("vt", found)]))
    text += as_text(synced_text([Synced("vt", hostile, 1, (stray,), (), (hostile,))]))
    text += as_text(reads_text([AccountRead("vt", "ok", 0.1, hostile)]))

    assert "\x1b" not in text
    assert "\u202e" not in text
