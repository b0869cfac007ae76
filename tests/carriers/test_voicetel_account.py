"""What VoiceTel says of the account itself: six requests an hour, counted before they are sent."""

from __future__ import annotations

import json
import multiprocessing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from reconciler.carriers.voicetel import connect
from reconciler.database import open_database
from reconciler.errors import Unavailable
from reconciler.facts import Facts
from reconciler.ledger.sql import SqlLedger
from reconciler.protocols import AccountFacts, CallRecords, Charges, NotChecked, SecretValue, Use
from reconciler.sandbox.serve import open_sandbox
from reconciler.sandbox.voicetel.account import add_call
from tests.carriers.account import SETTINGS
from tests.carriers.says import CANARY, E164, ORDER, TN, Counting, Says, do

SCARCE = "/v2.2/account"


@pytest.fixture
def app(path, clock):
    made = open_sandbox(path, ["pbx.example.net:5060", "backup.example.net:5060"], clock=clock)
    yield made
    made.close()


@pytest.fixture
def counting(app):
    return Counting(app)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def ledger(url, clock):
    made = SqlLedger(open_database(url), clock, "jo@host")
    yield made
    made.close()


def opened(app, clock, budgets, credentials=None):
    return connect(
        SETTINGS,
        connector="vt",
        credentials=credentials or {},
        clock=clock,
        wsgi_app=app,
        budgets=budgets,
    )


@pytest.fixture
def carrier(counting, clock, ledger):
    return opened(counting, clock, ledger)


def scarce(counting):
    return [path for _, path in counting.asked if path.startswith(SCARCE)]


def test_the_account_is_told_in_our_words(carrier):
    told = carrier.about()

    assert isinstance(told, AccountFacts)
    assert (told.name, told.currency, told.balance) == ("1000000001", "USD", Decimal("1000.00"))
    assert told.rates["number"] == Decimal("1.00")
    assert told.rates["minute"] == Decimal("0.01")
    assert told.services["e911"] is True
    assert told.settings == {
        "caller_id": "+12015550100",
        "timezone": "America/New_York",
        "notify": False,
        "notify_threshold": 0,
    }


def test_the_sixth_request_is_kept_for_a_person_and_none_is_answered_429(carrier, counting, clock):
    told = [carrier.about() for _ in range(7)]

    assert [isinstance(each, AccountFacts) for each in told] == [True] * 5 + [False] * 2
    assert told[5] == NotChecked(
        "5 of 6 requests used, next at 13:00 UTC", "2026-11-01T13:00:00.000000Z"
    )
    assert len(scarce(counting)) == 5
    clock.sleep(3600)
    assert isinstance(carrier.about(), AccountFacts)


def test_calls_charges_and_the_account_are_counted_together(carrier, counting):
    questions = (carrier.about, lambda: carrier.calls([E164]), carrier.charges)
    for ask in (*questions, *questions[:2]):
        assert not isinstance(ask(), NotChecked)

    assert isinstance(carrier.charges(), NotChecked)
    assert len(scarce(counting)) == 5


def test_a_429_that_comes_all_the_same_fills_the_bucket(carrier, app, counting, clock):
    for _ in range(6):  # somebody else, from the same address
        app.store.hits("127.0.0.1", within_seconds=3600)
    first = carrier.about()
    asked = len(scarce(counting))
    clock.sleep(3599)

    assert first == NotChecked(
        "the carrier takes no more now, next at 13:00 UTC", "2026-11-01T13:00:00Z"
    )
    assert isinstance(carrier.about(), NotChecked)
    assert len(scarce(counting)) == asked


def test_a_429_is_believed_for_as_long_as_it_says(clock, ledger):
    busy = Says(429, {"status": "error"}, headers=[("Retry-After", "120")])
    carrier = opened(busy, clock, ledger)

    assert carrier.about().again_at == "2026-11-01T12:02:00Z"
    clock.sleep(119)
    assert isinstance(carrier.about(), NotChecked)
    assert busy.asked == 1
    clock.sleep(2)
    carrier.about()
    assert busy.asked == 2


@pytest.mark.parametrize("header", ["-1", "soon", "9" * 10, "99999"])
def test_a_429_never_locks_us_out_for_more_than_the_window(clock, ledger, header):
    busy = Says(429, {"status": "error"}, headers=[("Retry-After", header)])
    carrier = opened(busy, clock, ledger)

    assert carrier.about().again_at == "2026-11-01T13:00:00Z"


def test_without_anybody_who_counts_nothing_is_sent(counting, clock):
    told = opened(counting, clock, None).about()

    assert told == NotChecked("nobody counts requests here")
    assert counting.asked == []


def test_what_cannot_be_counted_is_not_sent(counting, clock):
    class Locked:
        def spend(self, bucket, **_):
            raise Unavailable("The ledger is locked.", "Wait.")

    told = opened(counting, clock, Locked()).about()

    assert told == NotChecked("requests cannot be counted: The ledger is locked")
    assert counting.asked == []


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, {"status": "error", "error": {"code": 401, "message": "no"}}, "answered 401: no"),
        (502, b"<html>", "answered 502: nothing as documented"),
        (200, {"status": "success", "data": {}}, "answered 200: nothing as documented"),
        (200, {"status": "error"}, "answered 200: nothing as documented"),
    ],
)
def test_an_answer_that_is_none_is_not_checked_and_is_not_asked_again(
    clock, ledger, status, body, reason
):
    odd = Says(status, body)
    told = opened(odd, clock, ledger).about()

    assert isinstance(told, NotChecked)
    assert reason in told.reason
    assert odd.asked == 1


def test_a_field_that_cannot_be_read_is_left_out_and_hides_no_other(clock, ledger):
    data = {"cash": "-2.50", "rates": {"did": "1.5", "sms": "much"}, "services": {"sms": 1}}
    told = opened(Says(200, {"status": "success", "data": data}), clock, ledger).about()

    assert told == AccountFacts(
        at="2026-11-01T12:00:00Z",
        currency="USD",
        balance=Decimal("-2.50"),
        rates={"number": Decimal("1.5")},
    )


@pytest.mark.parametrize(
    ("data", "settings"),
    [
        ({"username": "1"}, {}),
        ({"callerId": None, "timezone": None, "notify": None}, {"caller_id": None}),
        ({"callerId": "", "notify": False}, {"caller_id": None, "notify": False}),
        ({"callerId": "nobody", "timezone": 7, "notifyThreshold": "x"}, {"timezone": "7"}),
        ({"notifyThreshold": 0}, {"notify_threshold": 0}),
    ],
)
def test_a_setting_that_is_none_is_told_apart_from_one_that_is_not_told(
    clock, ledger, data, settings
):
    carrier = opened(Says(200, {"status": "success", "data": data}), clock, ledger)

    told = carrier.about()

    assert told.settings == settings
    facts = Facts({"vt": carrier}, ledger, clock)
    facts.about("vt")
    assert Facts({"vt": carrier}, ledger, clock).kept("vt").settings == settings


def test_calls_to_and_from_a_number_are_counted(carrier, app, clock):
    with app.store.transaction():
        add_call(app.store, TN, "2125550199", clock.now() - timedelta(days=2), 60)
        add_call(app.store, TN, "2125550199", clock.now() - timedelta(hours=1), 60)
        add_call(app.store, "2125550199", TN, clock.now() - timedelta(hours=3), 60)
        add_call(app.store, TN, "2125550199", clock.now() - timedelta(days=31), 60)

    told = carrier.calls([E164])

    assert isinstance(told, CallRecords)
    assert told.numbers == {E164: Use(3, "2026-11-01T11:00:00Z")}  # nobody else's number
    assert told.since == "2026-10-02T12:00:00Z"


def test_of_an_account_with_too_many_calls_the_last_day_is_told(clock, ledger):
    class Busy:
        def __init__(self):
            self.asked = []

        def __call__(self, environ, start_response):
            self.asked.append(environ["QUERY_STRING"])
            start_response("200 OK", [("Content-Type", "application/json")])
            if len(self.asked) == 1:
                return [b" " * (9 * 1024 * 1024)]
            call = {"key": ["a", "1793534400"], "value": {"dst": TN, "cid": "x"}}
            asked = parse_qs(environ["QUERY_STRING"])
            data = {"cdr": [call], **{name: int(asked[name][0]) for name in ("start", "end")}}
            return [json.dumps({"status": "success", "data": data}).encode()]

    app = Busy()
    told = opened(app, clock, ledger).calls([E164])

    assert told == CallRecords(
        "2026-11-01T12:00:00Z",
        "2026-10-31T12:00:00Z",
        {E164: Use(1, "2026-11-01T12:00:00Z")},
    )
    assert len(app.asked) == 2
    assert (
        ledger.spent("voicetel sandbox vt", window_seconds=3600, now="2026-11-01T12:00:01Z")[0] == 2
    )


NOON = 1793534400
"""2026-11-01T12:00:00Z in seconds."""


def calls_of(told, clock, ledger):
    body = {"status": "success", "data": {"cdr": [], **told}}
    return opened(Says(200, body), clock, ledger).calls([E164])


@pytest.mark.parametrize(
    ("start", "end", "since"),
    [
        (NOON, NOON - 86400, "2026-10-31T12:00:00Z"),
        (NOON - 60, str(NOON - 3600), "2026-11-01T11:00:00Z"),
        (NOON, NOON - 90 * 86400, "2026-10-02T12:00:00Z"),
    ],
    ids=["a day", "an hour, as text", "more than was asked for"],
)
def test_calls_are_of_the_time_that_the_answer_says(clock, ledger, start, end, since):
    told = calls_of({"start": start, "end": end}, clock, ledger)

    assert told == CallRecords("2026-11-01T12:00:00Z", since, {})


@pytest.mark.parametrize(
    "bounds",
    [{}, {"start": NOON}, {"end": NOON}, {"start": NOON, "end": "yesterday"}],
    ids=["none", "one", "the other", "a word"],
)
def test_calls_of_nobody_knows_which_time_are_not_checked(clock, ledger, bounds):
    told = calls_of(bounds, clock, ledger)

    assert isinstance(told, NotChecked)
    assert "which time" in told.reason


def test_calls_of_an_earlier_time_say_nothing_of_now(clock, ledger):
    told = calls_of({"start": NOON - 3600, "end": NOON - 7200}, clock, ledger)

    assert isinstance(told, NotChecked)
    assert "earlier" in told.reason


def test_charges_are_told_with_the_carriers_own_sum(carrier):
    do(carrier, ORDER)
    told = carrier.charges()

    assert told == Charges(
        "2026-11-01T12:00:00Z", "USD", Decimal("1.00"), ((f"DID {TN}", Decimal("1.00")),)
    )


def test_the_key_is_in_nothing_that_is_said_or_kept(clock, ledger, url):
    echo = {"status": "error", "error": {"code": 401, "message": f"Bearer {CANARY} is no key"}}
    carrier = opened(Says(401, echo), clock, ledger, {"api_key": SecretValue(CANARY)})
    facts = Facts({"vt": carrier}, ledger, clock)

    told = facts.about("vt")

    assert "401" in told.reason
    assert CANARY not in f"{told} {facts} {carrier!r}"
    assert CANARY.encode() not in Path(url.removeprefix("sqlite:///")).read_bytes()


# What is kept.


def test_what_one_process_was_told_serves_the_next_for_ten_minutes(
    carrier, counting, clock, ledger
):
    first = Facts({"vt": carrier}, ledger, clock).about("vt")
    clock.sleep(600)
    second = Facts({"vt": opened(counting, clock, ledger)}, ledger, clock)

    assert second.about("vt") == first
    assert len(scarce(counting)) == 1
    clock.sleep(1)
    assert second.about("vt").at == "2026-11-01T12:10:01Z"
    assert len(scarce(counting)) == 2


def test_what_cannot_be_asked_is_not_checked_though_something_old_is_known(
    carrier, counting, clock, ledger
):
    facts = Facts({"vt": carrier}, ledger, clock)
    for _ in range(4):
        carrier.about()
    facts.about("vt")
    clock.sleep(700)

    assert facts.about("vt").reason == "5 of 6 requests used, next at 13:00 UTC"
    assert facts.kept("vt").at == "2026-11-01T12:00:00Z"
    assert facts.about("vt", max_age_seconds=3600).at == "2026-11-01T12:00:00Z"


def test_what_was_kept_of_another_account_or_by_a_wrong_clock_is_not_believed(
    carrier, counting, clock, ledger, url
):
    Facts({"vt": carrier}, ledger, clock).about("vt")
    database = open_database(url)
    database.execute("UPDATE carrier_fact SET account = 'somebody-else'")
    Facts({"vt": carrier}, ledger, clock).about("vt")
    assert len(scarce(counting)) == 2

    database.execute(
        "UPDATE carrier_fact SET at = ?, value = replace(value, ?, ?)",
        ("2027-01-01T00:00:00Z", "2026-11-01T12", "2027-01-01T00"),
    )
    Facts({"vt": carrier}, ledger, clock).about("vt")
    assert len(scarce(counting)) == 3

    database.execute("UPDATE carrier_fact SET value = '{}'")
    Facts({"vt": carrier}, ledger, clock).about("vt")
    assert len(scarce(counting)) == 4
    database.close()


def test_calls_and_charges_are_kept_too(carrier, counting, app, clock, ledger):
    with app.store.transaction():
        add_call(app.store, TN, "2125550199", clock.now() - timedelta(hours=1), 60)
    do(carrier, ORDER)
    first = Facts({"vt": carrier}, ledger, clock)
    told = first.calls("vt", [E164]), first.charges("vt")

    again = Facts({"vt": carrier}, ledger, clock)

    assert (again.calls("vt", [E164]), again.charges("vt")) == told
    assert len(scarce(counting)) == 2


def test_what_was_changed_is_forgotten_and_asked_again(carrier, counting, clock, ledger):
    facts = Facts({"vt": carrier}, ledger, clock)
    facts.about("vt")
    facts.forget("vt")

    assert facts.kept("vt") is None
    facts.about("vt")
    assert len(scarce(counting)) == 2


def test_who_may_not_ask_knows_what_is_kept(carrier, counting, clock, ledger):
    silent = Facts({"vt": carrier}, ledger, clock, asks=False)
    assert silent.about("vt") == NotChecked("it was not asked")
    silent.take("vt", NotChecked("5 of 6 requests used"))
    assert silent.about("vt") == NotChecked("5 of 6 requests used")
    assert scarce(counting) == []


def _ask(sandbox, url, answers):
    """Another process that asks three times, with a ledger connection of its own."""
    from reconciler.cli.clock import SystemClock  # noqa: PLC0415 - in the other process

    clock = SystemClock()
    app = open_sandbox(sandbox, ["pbx.example.net:5060"], clock=clock)
    carrier = opened(app, clock, SqlLedger(open_database(url), clock, "child"))
    for _ in range(3):
        answers.put(type(carrier.about()).__name__)


def test_two_processes_share_one_bucket(path, tmp_path):
    from reconciler.cli.clock import SystemClock  # noqa: PLC0415 - real time, for real processes

    url = f"sqlite:///{tmp_path}/shared.db"
    SqlLedger(open_database(url), SystemClock(), "jo").close()
    open_sandbox(path, ["pbx.example.net:5060"], clock=SystemClock()).close()
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    children = [context.Process(target=_ask, args=(path, url, answers)) for _ in range(2)]
    for child in children:
        child.start()
    told = [answers.get(timeout=60) for _ in range(6)]
    for child in children:
        child.join(60)

    assert sorted(told) == ["AccountFacts"] * 5 + ["NotChecked"]
