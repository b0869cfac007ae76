"""Classification, row by row: what each answer proves, and what is no list."""

from __future__ import annotations

import json

import pytest

from reconciler.carriers.dial9.wire import (
    e164_of,
    envelope_of,
    flag_of,
    instant_of,
    national_of,
    whole_of,
)
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.supply import Holding
from reconciler.protocols import CarrierAct, Done, NotSent, Prepared, Refused, Request, Unknown
from tests.carriers.dial9.world import (
    BARE,
    E164,
    NATIONAL,
    OTHER,
    WANTED,
    Answers,
    order,
    speaking,
)

JSON = "application/json"
RELEASE = CarrierAct(Action.RELEASE, E164, None, Holding("d9", "7"))
UPDATE = CarrierAct(Action.UPDATE, E164, WANTED, Holding("d9", "7"))
SAVED = {"id": 7, "destination_type": "Menu", "destination_id": 5, "callerid_passthrough": True}
SAVED |= {"recording_enabled": False, "caller_id_prefix": None}


def body(status, data=None, **more):
    return {"status": status, "time": 0.01, "flags": {}, "data": data} | more


def coded(code):
    return body("error", {"code": code, "message": "no"})


def number(national=NATIONAL, id_=7, **more):
    return {"id": id_, "number": national, "destination": None} | more


def sent(act, status, answer, clock, edition="telcom"):
    raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    app = Answers(said=(status, raw, JSON))
    content = {Action.ORDER: {"number": NATIONAL}, Action.UPDATE: SAVED}.get(act.action, {"id": 7})
    request = Request("POST", "/numbers/said", json.dumps(content).encode())
    outcome = speaking(app, clock, edition).send(Prepared(act, (request,), "d"), "op-1")
    assert app.asked == ["said"]
    return outcome


NEITHER = {
    "no data": (200, {"status": "success"}, Unknown),
    "data under another key": (200, {"status": "success", "result": number()}, Unknown),
    "true": (200, body("success", data=True), Unknown),
    "a list": (200, body("success", data=[number()]), Unknown),
    "another number": (200, body("success", data=number(OTHER)), Unknown),
    "success with 201": (201, body("success", data=number()), Unknown),
    "success with 302": (302, body("success", data=number()), Unknown),
    "an error with 302": (302, coded("ValidationError"), Unknown),
    "success with 403": (403, body("success", data=number()), Unknown),
    "success with 500": (500, body("success", data=number()), Unknown),
    "no status": (200, {"data": number()}, Unknown),
    "an empty status": (200, body(""), Unknown),
    "a status that is no text": (200, body(7), Unknown),
    "a status that nobody knows": (200, body("queued", data=number()), Unknown),
    "HTML": (200, b"<html>", Unknown),
    "HTML 404": (404, b"<html>", Unknown),
    "no JSON object": (200, [body("success")], Unknown),
    "nothing": (200, b"", Unknown),
    "429": (429, b"", Unknown),
    "429 with a body": (429, body("rate-limited"), Unknown),
    "an error with 500": (500, coded("ValidationError"), Unknown),
    "an internal error": (500, {"status": "internal-server-error"}, Unknown),
    "503": (503, b"", Unknown),
    "a parameter": (200, body("parameter-error", {"message": "`id` is missing"}), Refused),
    "an unknown action": (400, {"status": "invalid-controller-or-action"}, Refused),
    "broken JSON": (400, {"status": "invalid-json", "details": "x"}, Refused),
    "no TLS": (400, {"status": "http-not-supported", "message": "x"}, Refused),
    "a validation": (200, coded("ValidationError"), Refused),
    "a validation of the old kind": (200, body("validation-error", {"errors": ["no"]}), Refused),
}
UNSAID = {
    "an error without a code": (200, body("error", {"message": "no"})),
    "an error with nothing": (200, body("error")),
    "a code that nobody knows": (200, coded("SomethingNew")),
    "a custom status of HTTP": (422, coded("SomethingNew")),
}
"""Errors that do not say how far it had come."""

DENIED = {
    "denied": (200, body("access-denied", {"message": "no"}, time=None), Refused),
    "denied, coded": (200, coded("AccessDenied"), Refused),
    "not permitted": (200, coded("NotPermitted"), Refused),
    "for resellers": (200, coded("MustBeAnAdminOrReseller"), Refused),
    "no credit": (200, coded("InsufficientCredit"), Refused),
}
MISSING = {
    "no such number": (200, coded("NumberNotFound")),
    "no such number, the old way": (200, body("not-found", {"message": "no"})),
}

ORDERS = {
    **NEITHER,
    **{name: (*case, Unknown) for name, case in UNSAID.items()},
    **DENIED,
    "bought": (200, body("success", data=number()), Done),
    "bought, with the key of the documents": (
        200,
        {"status": "success", " data": number()},
        Done,
    ),
    "bought, in E.164": (200, body("success", data=number(E164)), Done),
    "bought, without an id": (200, body("success", data=number(id_=None)), Unknown),
    "bought, with an id as text": (200, body("success", data=number(id_="7")), Done),
    "taken": (200, coded("CouldNotAcquire"), Refused),
    **{name: (*case, Refused) for name, case in MISSING.items()},
}


@pytest.mark.parametrize("case", ORDERS.items(), ids=lambda case: case[0])
def test_what_an_answer_to_an_order_proves(clock, case):
    name, (status, answer, outcome) = case

    got = sent(order(), status, answer, clock)

    assert isinstance(got, outcome), got
    if isinstance(got, Refused):
        assert got.stops_account == (name in DENIED)


@pytest.mark.parametrize("case", [*MISSING.values(), (200, coded("CouldNotAcquire"))], ids=str)
def test_by_token_a_number_that_was_not_to_be_had_is_looked_for_again(clock, case):
    got = sent(order(), *case, clock, edition="connect")

    assert isinstance(got, NotSent)
    assert got.retry_after_seconds == 0.0


RELEASES = {
    **{name: case for name, case in NEITHER.items() if name != "true"},
    **{name: (*case, Unknown) for name, case in UNSAID.items()},
    **DENIED,
    "deleted": (200, body("success", data=True), Done),
    "not deleted": (200, body("success", data=False), Unknown),
    "1 is not true": (200, body("success", data=1), Unknown),
    **{name: (*case, Unknown) for name, case in MISSING.items()},
}


@pytest.mark.parametrize("case", RELEASES.values(), ids=RELEASES)
def test_what_an_answer_to_a_release_proves(clock, case):
    status, answer, outcome = case

    assert isinstance(sent(RELEASE, status, answer, clock), outcome)


MENU = {"type": "Menu", "object": {"id": 5, "name": "Main"}}
UPDATES = {
    **NEITHER,
    **{name: (*case, Refused) for name, case in UNSAID.items()},
    **DENIED,
    "saved": (200, body("success", data=number(destination=MENU)), Done),
    "saved, as integers": (
        200,
        body("success", data=number(callerid_passthrough=1, destination=MENU)),
        Done,
    ),
    "saved, without a destination in it": (200, body("success", data=number()), Done),
    "another id": (200, body("success", data=number(id_=8)), Unknown),
    "another destination": (
        200,
        body("success", data=number(destination={"type": "Menu", "object": {"id": 6}})),
        Unknown,
    ),
    "saved, with all of it": (
        200,
        body("success", data=number(recording_enabled=0, caller_id_prefix="", destination=MENU)),
        Done,
    ),
    "recorded all the same": (200, body("success", data=number(recording_enabled=1)), Unknown),
    "another prefix": (200, body("success", data=number(caller_id_prefix="EVIL")), Unknown),
    "another caller ID": (200, body("success", data=number(callerid_passthrough=0)), Unknown),
}


@pytest.mark.parametrize("case", UPDATES.values(), ids=UPDATES)
def test_what_an_answer_to_an_update_proves(clock, case):
    status, answer, outcome = case

    assert isinstance(sent(UPDATE, status, answer, clock), outcome)


@pytest.mark.parametrize("case", MISSING.values(), ids=MISSING)
def test_an_update_of_a_number_that_is_not_there_has_moved(clock, case):
    got = sent(UPDATE, *case, clock)

    assert isinstance(got, Refused)
    assert got.moved


# Lists.

PAGED = {"paginated": {"page": 1, "per_page": 60, "total_pages": 1, "total_records": 1}}


def listing(clock, *bodies, edition="connect", asked=None):
    """Read a list whose pages are these, one a request, the last again and again."""
    left = [json.dumps(each).encode() if not isinstance(each, bytes) else each for each in bodies]

    class Pages(Answers):
        def __call__(self, environ, start_response):
            if "numbers" not in environ["PATH_INFO"]:
                self.by_action = {
                    "list": (400, b'{"status": "invalid-controller-or-action"}', JSON)
                }
            else:
                raw = left.pop(0) if len(left) > 1 else left[0]
                self.by_action = {"list": (200, raw, JSON)}
            if asked is not None:
                asked.append(environ["PATH_INFO"])
            return super().__call__(environ, start_response)

    return speaking(Pages(), clock, edition).observe()


def page(rows, page_, pages, records):
    flags = {"paginated": {"page": page_, "total_pages": pages, "total_records": records}}
    return body("success", rows, flags=flags)


FIRST = [number(f"02079460{line:03d}", line) for line in range(60)]
SECOND = [number("02079460060", 60)]


def test_two_walks_that_agree_are_a_list(clock):
    pages = [page(FIRST, 1, 2, 61), page(SECOND, 2, 2, 61)] * 2

    assert len(listing(clock, *pages).holdings) == 61


@pytest.mark.parametrize(
    "pages",
    [
        [body("success", data={"numbers": []})],
        [body("success", data=None)],
        [body("success", data=True)],
        [{"status": "success"}],
        [body("success", [number()], flags={"paginated": {}})],
        [body("success", [number()], flags={"paginated": True})],
        [page([number()], 1, 1, 2)],
        [page([], 1, 1, 1)],
        [page([number(), number()], 1, 1, 2)],
        [page(FIRST, 1, 2, 61), page(SECOND, 2, 2, 62)],
        [page(FIRST, 1, 2, 61), page(SECOND, 2, 3, 61)],
        [page(FIRST, 1, 2, 61), page([], 2, 2, 61)],
        [page(FIRST, 1, 2, 61), page(FIRST[:1], 2, 2, 61)],
        [page(FIRST, 1, 2, 61), body("error", {"message": "x"})],
        [page(FIRST, 1, 2, 61), b"<html>"],
        [
            page(FIRST, 1, 2, 61),
            page(SECOND, 2, 2, 61),
            page(FIRST, 1, 2, 61),
            page([number("02079460061", 61)], 2, 2, 61),
        ],
        [page(FIRST, 1, 2, 61), page(SECOND, 2, 2, 62)] * 2,
        [page([{"id": 7, "number": NATIONAL, "prefix": "020", "name": None}], 1, 1, 1)],
    ],
    ids=range(18),
)
def test_what_is_not_a_whole_list_is_never_read_as_one(clock, pages):
    with pytest.raises(Unavailable):
        listing(clock, *pages)


def test_a_list_without_an_end_is_not_read(clock):
    asked = []
    with pytest.raises(Unavailable):
        listing(clock, page(FIRST, 1, 99_999, 61), page([], 2, 99_999, 61), asked=asked)

    assert len(asked) == 1


def test_an_empty_list_is_empty(clock):
    assert listing(clock, body("success", [])).holdings == {}
    assert listing(clock, page([], 1, 0, 0)).holdings == {}


def test_a_row_that_is_not_understood_is_told_and_hides_nobody(clock):
    rows = [number(), number(), number("x"), None, 7, {"id": 3}, number(OTHER, id_=None)]

    read = listing(clock, body("success", rows), edition="telcom")

    assert {e164: held.external_id for e164, held in read.holdings.items()} == {
        E164: "7",
        "+442079460101": "",
    }
    assert len(read.odd) == 5


@pytest.mark.parametrize(
    ("destination", "shown"),
    [
        (None, None),
        (
            {"type": "Extension", "object": {"id": 5, "name": "Desk"}},
            {"type": "Extension", "name": "Desk"},
        ),
        ({"type": "Followme", "object": {"id": 5, "name": None}}, "object:Followme/5"),
        ({"type": "Followme", "object": {"id": 5}}, "object:Followme/5"),
        ({"type": "Followme", "object": None}, "object:?"),
        ({"type": "", "object": {"id": 5}}, "object:?"),
        ("Followme/5", "object:?"),
        ({"type": "\x1b[31m", "object": {"id": 5}}, r"object:\x1b[31m/5"),
    ],
)
def test_where_a_number_leads_is_told_whatever_it_is(clock, destination, shown):
    read = listing(clock, body("success", [number(destination=destination)]), edition="telcom")

    assert read.holdings[E164].spec.get("handoff") == shown


# Values of the wire.


@pytest.mark.parametrize(
    ("national", "e164"),
    [
        ("03301222970", "+443301222970"),
        ("01234901769", "+441234901769"),
        ("0169772345", "+44169772345"),
        ("0800123456", "+44800123456"),
        ("08001111", "+448001111"),
    ],
)
def test_a_public_number_has_one_form_inside_and_one_outside(national, e164):
    assert e164_of(national) == e164
    assert e164_of(f" {national} ") == e164
    assert national_of(e164) == national


@pytest.mark.parametrize(
    "dialled",
    [
        "201",
        "*55",
        "*21*{number}",
        "100",
        "999",
        "112",
        "0",
        "00441234901769",
        "1234901769",
        "",
        None,
        True,
        1234901769,
        "01234 901769",
        "0\u0663\u0663\u0660\u0661\u0662\u0662\u0662",
        "012349017690123",
    ],
)
def test_what_only_colleagues_dial_is_never_converted(dialled):
    assert e164_of(dialled) is None


@pytest.mark.parametrize(
    "e164",
    ["+12015550144", "+44999", "+44112", "+440123456789", "+4420794601000000", "02079460100"],
)
def test_a_number_of_elsewhere_has_no_national_form(e164):
    assert national_of(e164) is None


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (1, True),
        (0, False),
        (True, True),
        (False, False),
        ("1", True),
        ("0", False),
        ("true", True),
        ("false", False),
        ("", None),
        (None, None),
        (2, None),
        ("yes", None),
        ([], None),
        (1.0, None),
    ],
)
def test_a_flag_of_either_edition_is_read(value, meant):
    assert flag_of(value) is meant


def test_a_time_is_read_to_the_second():
    assert instant_of("2015-10-08T12:00:16.102Z") == instant_of("2015-10-08T12:00:16.000Z")
    assert instant_of("2015-10-08T12:00:16Z") == "2015-10-08T12:00:16Z"
    assert instant_of("2016-12-25 09:42:00 +0000") == instant_of(None) == instant_of(7) == ""


def test_an_id_is_an_integer_or_digits():
    assert [whole_of(v) for v in (7, "7", True, 7.0, "-7", "", None, "\u0667")] == [7, 7] + [
        None
    ] * 6


def test_the_key_with_a_blank_is_read_only_where_the_right_one_is_missing():
    assert envelope_of({"status": "success", " data": 1}).data == 1
    assert envelope_of({"status": "success", "data": None, " data": 1}).data is None


def test_bare_is_what_an_order_is_given():
    assert order().after == BARE
