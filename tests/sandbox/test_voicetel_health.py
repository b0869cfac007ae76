"""The health of text messages, which only the newer dialect has."""

from __future__ import annotations

import pytest

from reconciler.sandbox.voicetel.health import ROUTES
from tests.sandbox.test_voicetel_settings import campaign, held, put, settings
from tests.sandbox.walk import CAMPAIGN, OTHER, TN

__all__ = ["held"]

HEALTH = "/v2.2/messaging/health"


@pytest.fixture
def newer(held):
    settings(held, dialect="sdk")
    return held


def health(carrier):
    return carrier.call("GET", HEALTH).data


@pytest.mark.parametrize(("method", "asked"), sorted(ROUTES))
def test_the_documented_dialect_has_none_of_it(held, method, asked):
    got = held.call(method, asked, {"number": TN, "enabled": True} if method != "GET" else None)

    assert (got.status, got.raw[:4]) == (404, b"404:")


def test_numbers_are_told_by_how_their_messages_are(newer):
    assert health(newer)["summary"]["messagingOn"] == 0

    put(newer, "sms", {"type": "email", "resource": "a@b.example"})
    (ill,) = health(newer)["numbers"]
    assert (ill["number"], health(newer)["summary"]["attention"]) == (TN, 1)

    campaign(newer)
    put(newer, "messaging-campaign", {"campaignId": CAMPAIGN})
    told = health(newer)
    assert told["summary"] == {
        "numbers": 1, "messagingOn": 1, "healthy": 1, "attention": 0, "inProgress": 0,
    }  # fmt: skip
    assert [each["id"] for each in told["campaigns"]] == [CAMPAIGN]


def test_a_binding_under_way_is_in_progress_and_a_failed_one_needs_attention(newer, clock):
    campaign(newer, network="C")
    settings(newer, campaign_fails="Number is hosted elsewhere")
    put(newer, "messaging-campaign", {"campaignId": CAMPAIGN})
    assert health(newer)["summary"]["inProgress"] == 1
    assert checked(newer).data["inProgress"] is True

    clock.sleep(600)

    (ill,) = health(newer)["numbers"]
    assert ill["detail"] == "Number is hosted elsewhere"
    assert checked(newer).data["inProgress"] is False


def test_what_was_sent_is_counted_by_day_for_two_weeks(newer, clock):
    campaign(newer)
    put(newer, "messaging-campaign", {"campaignId": CAMPAIGN})
    text = {"fromNumber": TN, "toNumber": OTHER, "text": "Hello"}
    assert newer.call("POST", "/v2.2/messages", text).status == 201
    clock.sleep(2 * 86400)

    delivery = health(newer)["delivery"]

    assert [day["sent"] for day in delivery] == [0, 0, 1, *[0] * 11]


def test_the_alert_setting_is_kept(newer):
    path = f"{HEALTH}/alerts"
    assert newer.call("GET", path).data == {"enabled": True}
    assert newer.call("PUT", path, {"enabled": "no"}).status == 400

    assert newer.call("PUT", path, {"enabled": False}).data == {"enabled": False}

    assert newer.call("GET", path).data == health(newer)["alerts"] == {"enabled": False}


def checked(carrier, number=TN):
    return carrier.call("POST", f"{HEALTH}/check", {"number": number})


def test_a_number_is_checked_thirty_times_an_hour(newer, clock):
    assert checked(newer, "1").status == 400
    assert checked(newer, OTHER).status == 404  # a refusal takes none
    assert [checked(newer).status for _ in range(31)] == [200] * 30 + [429]

    clock.sleep(3600)
    assert checked(newer).status == 200


def test_messages_that_were_blocked_are_none(newer):
    assert newer.call("GET", f"{HEALTH}/samples?number={TN}").data["samples"] == []
    assert newer.call("GET", f"{HEALTH}/samples?number={OTHER}").status == 404
    assert newer.call("GET", f"{HEALTH}/samples").status == 400
