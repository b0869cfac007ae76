from __future__ import annotations

import json
import pickle
import traceback
from decimal import Decimal

import pytest

from reconciler.carriers.dial9 import connect
from reconciler.errors import InvalidConfig, Location, Unavailable
from reconciler.protocols import Price, SecretValue
from tests.carriers.dial9.world import (
    E164,
    SECRET,
    TOKEN,
    WANTED,
    Answers,
    opened,
    order,
    speaking,
)

PAIR = {"token": SecretValue(TOKEN), "secret": SecretValue(SECRET)}
TELCOM = {"kind": "dial9", "edition": "telcom"}


def made(settings, clock, connector="d9", credentials=PAIR):
    return connect(settings, connector=connector, credentials=credentials, clock=clock)


# Price, account, connecting.


def test_a_price_is_given_only_where_the_project_knows_it(clock):
    assert made(TELCOM, clock).price(E164) is None
    rated = made(TELCOM | {"did_rate": "0.85"}, clock)
    assert rated.price(E164) == Price("GBP", Decimal("0.85"), Decimal("0.85"), "list")
    assert rated.price("+12015550144") is None
    assert rated.price(E164, "emergency_record") == Price("GBP", Decimal(0), Decimal(0), "list")


def test_an_account_keeps_its_id_when_its_token_changes(clock):
    first = made(TELCOM, clock).account()

    assert first == made(TELCOM, clock, credentials=PAIR | {"token": SecretValue("x")}).account()
    assert first != made(TELCOM, clock, "other").account()
    assert first != made(TELCOM | {"unit": 7}, clock).account()
    assert first != made({"edition": "connect"}, clock).account()


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (TELCOM, "https://talk.telcom.io/api/v2"),
        ({"edition": "connect"}, "https://connectapi.dial9.co.uk/api/v2"),
        (
            TELCOM | {"url": "https://connect.dial9.co.uk/api/v2"},
            "https://connect.dial9.co.uk/api/v2",
        ),
        (TELCOM | {"url": "https://talk.telcom.io"}, "https://talk.telcom.io/api/v2"),
        (
            TELCOM | {"url": "http://127.0.0.1:8080", "sandbox": True},
            "http://127.0.0.1:8080/api/v2",
        ),
    ],
)
def test_an_edition_has_its_address(clock, settings, url):
    assert made(settings, clock)._transport.base_url == url


@pytest.mark.parametrize(
    ("section", "credentials", "words"),
    [
        ({}, PAIR, "no `edition`"),
        ({"edition": "new"}, PAIR, "'new'"),
        (TELCOM, {"secret": PAIR["secret"]}, "credentials.token"),
        (TELCOM, {"token": PAIR["token"]}, "credentials.secret"),
        (TELCOM, PAIR | {"token": SecretValue(f"{TOKEN} x\n")}, "token has spaces"),
        (TELCOM | {"url": "http://talk.telcom.io"}, PAIR, "https"),
        (TELCOM | {"url": "https://talk.telcom.io.evil"}, PAIR, "would give the token to"),
        (TELCOM | {"url": "https://nottelcom.io"}, PAIR, "would give the token to"),
        (TELCOM | {"url": "https://evil.example", "sandbox": True}, PAIR, "would give the token"),
        (TELCOM | {"url": "http://10.0.0.1", "sandbox": True}, PAIR, "https"),
        (TELCOM | {"url": "http://127.0.0.1:8080"}, PAIR, "https"),
        (TELCOM | {"sandbox": True}, PAIR, "none is served here"),
        (TELCOM | {"numbers": {"handoff": "pbx"}}, PAIR, "no gateways"),
    ],
)
def test_a_section_that_cannot_be_used_is_a_problem_with_its_place(
    clock, section, credentials, words
):
    place = Location("reconciler.yaml", 12, 3)
    with pytest.raises(InvalidConfig) as caught:
        made(section | {"location": place}, clock, credentials=credentials)

    (problem,) = caught.value.problems
    assert words in problem.detail
    assert problem.location == place
    assert TOKEN not in str(caught.value)


def test_all_that_is_wrong_is_said_at_once(clock):
    with pytest.raises(InvalidConfig) as caught:
        made({"edition": "x", "numbers": {"handoff": "pbx"}}, clock, credentials={})

    assert len(caught.value.problems) == 4


# The canary.


def test_the_credentials_are_in_nothing_that_can_be_printed(clock):
    said = {"status": "error", "data": {"code": "X", "message": f"bad {TOKEN} {SECRET}\x1b[31m"}}
    answer = (200, json.dumps(said).encode(), "application/json")
    carrier = speaking(Answers(acquire=answer, list=answer), clock)
    prepared = carrier.prepare(order())
    told = [repr(carrier), str(vars(carrier)), repr(prepared), repr(prepared.requests)]
    told += [repr(carrier.send(prepared, "op-1")), carrier.account(), f"{carrier._transport}"]
    with pytest.raises(Unavailable) as caught:
        carrier.observe()
    told += traceback.format_exception(caught.value)
    with pytest.raises(TypeError):
        pickle.dumps(carrier)

    assert TOKEN not in "".join(told)
    assert SECRET not in "".join(told)
    assert "\x1b" not in "".join(told)
    assert "bad *** ***" in "".join(told)


def test_passwords_that_look_ups_show_are_not_kept(path, clock):
    with opened(path, clock, "telcom") as world:
        world.do(order())
        world.do(world.update(WANTED))
        world.poke("destination", "VoicemailBox/General")
        world.carrier.observe()

        kept = str(vars(world.carrier)) + str(vars(world.carrier._seen.directory))

    assert "General" in kept
    assert "in-plain-text" not in kept
    assert "1234" not in kept.replace("12345", "")


def test_a_token_of_a_search_is_in_no_repr(path, clock):
    with opened(path, clock, "connect") as world:
        prepared = world.carrier.prepare(order())

    token = json.loads(prepared.requests[0].body)["token"]
    assert token not in repr(prepared) + str(vars(world.carrier)) + prepared.digest
