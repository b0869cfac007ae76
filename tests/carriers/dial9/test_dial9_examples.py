"""The examples of Dial 9's documents: the sandbox writes them, the connector reads them."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path
from wsgiref.util import setup_testing_defaults

import pytest

from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.model.supply import Holding, Stock
from reconciler.protocols import CarrierAct, Done, Prepared, Refused, Request, Unknown
from reconciler.sandbox.dial9.shapes import View, shape
from reconciler.sandbox.dial9.store import SUBSCRIBER, Number
from tests.carriers.dial9.world import BARE, TOKEN, Answers, opened, speaking

EXAMPLES = Path(__file__).with_name("examples")
JSON = "application/json"
MENU = {"type": "Menu", "name": "Main Menu"}


def example(name):
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def answers(status=200, content_type=JSON, **by_action):
    made = {
        action: (status, (EXAMPLES / f"{name}.json").read_bytes(), content_type)
        for action, name in by_action.items()
    }
    nothing = json.dumps({"status": "success", "time": 0, "flags": {}, "data": []}).encode()
    return Answers(**{"list": (200, nothing, JSON)} | made)


def test_every_example_is_named_in_a_test():
    text = Path(__file__).read_text(encoding="utf-8")

    assert {path.stem for path in EXAMPLES.glob("*.json")} == {
        path.stem for path in EXAMPLES.glob("*.json") if f'"{path.stem}"' in text
    }


# The connector reads them.


class ListThenNothing(Answers):
    """The number list as in the documents; look-ups that there are not."""

    def __call__(self, environ, start_response):
        if not environ["PATH_INFO"].startswith("/api/v2/numbers/"):
            start_response("400 Said", [("Content-Type", JSON)])
            return [(EXAMPLES / "invalid_controller_or_action.json").read_bytes()]
        return super().__call__(environ, start_response)


def test_the_list_is_read(clock):
    body = (EXAMPLES / "numbers_list.json").read_bytes()
    carrier = speaking(ListThenNothing(list=(200, body, JSON)), clock)

    spec = {"connector": "d9", "handoff": MENU, "pass_caller_id": True}
    held = Holding("d9", "3466", "2015-05-05T14:43:00Z", spec)
    assert carrier.observe().holdings == {"+443301222970": held}


def send(carrier, act, path, content):
    body = json.dumps(content).encode()
    return carrier.send(Prepared(act, (Request("POST", path, body),), "d"), "op-1")


def test_the_answer_to_an_order_is_read(clock):
    carrier = speaking(answers(acquire="numbers_acquire"), clock)
    act = CarrierAct(Action.ORDER, "+441234901769", BARE)

    done = carrier.send(carrier.prepare(act), "op-1")

    assert isinstance(done, Done)
    assert (done.external_id, done.acquired_at) == ("4243", "2015-10-08T12:00:16Z")
    other = CarrierAct(Action.ORDER, "+441234901760", BARE)
    assert isinstance(carrier.send(carrier.prepare(other), "op-2"), Unknown)


def test_a_number_with_an_address_and_without_a_destination_is_read(clock):
    carrier = speaking(answers(save="numbers_update_subscriber"), clock)
    act = CarrierAct(Action.UPDATE, "+441234901769", BARE, Holding("d9", "4243"))

    assert isinstance(send(carrier, act, "/numbers/save", {"id": 4243}), Done)
    assert isinstance(send(carrier, act, "/numbers/save", {"id": 4244}), Unknown)


def test_the_answer_to_a_release_is_read(clock):
    carrier = speaking(answers(delete="numbers_delete"), clock)
    act = CarrierAct(Action.RELEASE, "+441234901769", None, Holding("d9", "4243"))

    assert isinstance(send(carrier, act, "/numbers/delete", {"id": 4243}), Done)


def test_what_is_on_offer_is_read(clock):
    carrier = speaking(
        Answers(
            available_prefixes=(
                200,
                example_bytes("numbers_available_prefixes"),
                JSON,
            ),
            acquirable_numbers=(200, example_bytes("numbers_acquirable_numbers"), JSON),
        ),
        clock,
    )

    # The two examples are of two prefixes; the carrier sells under the first.
    assert carrier.stock(["+441224069352", "+441234069352"]) == dict.fromkeys(
        ("+441224069352", "+441234069352"), Stock.UNSAID
    ) | {"+441234069352": Stock.OFFERED}


def example_bytes(name):
    return (EXAMPLES / f"{name}.json").read_bytes()


@pytest.mark.parametrize("name", ["access_denied_legacy", "access_denied_coded"])
def test_both_forms_of_denial_stop_the_account(clock, name):
    carrier = speaking(answers(acquire=name, list=name), clock)
    act = CarrierAct(Action.ORDER, "+441234901769", BARE)

    outcome = carrier.send(carrier.prepare(act), "op-1")

    assert isinstance(outcome, Refused)
    assert outcome.stops_account
    with pytest.raises(Unavailable):
        carrier.observe()


@pytest.mark.parametrize(
    ("name", "status", "outcome"),
    [
        ("parameter_error", 200, Refused),
        ("invalid_controller_or_action", 400, Refused),
        ("internal_server_error", 500, Unknown),
    ],
)
def test_what_the_framework_answers_is_sorted(clock, name, status, outcome):
    carrier = speaking(answers(status, acquire=name), clock)
    act = CarrierAct(Action.ORDER, "+441234901769", BARE)

    assert isinstance(carrier.send(carrier.prepare(act), "op-1"), outcome)


# The sandbox writes them.


def at(text):
    return datetime.fromisoformat(text).timestamp()


def number_of(row):
    """The record that an example shows."""
    subscriber = row["aquisition"]["subscriber"]
    destination = row.get("destination") or {"type": None, "object": {"id": None}}
    pending = subscriber["status"] == "validation_pending"
    return Number(
        row["id"],
        row["number"],
        created=at(row["created_at"]),
        updated=at(row["updated_at"]),
        acquired=at(row["aquisition"]["acquired_at"]),
        recording=row["recording_enabled"],
        caller_id_prefix=row["caller_id_prefix"],
        passthrough=row["callerid_passthrough"],
        destination_type=destination["type"],
        destination_id=destination["object"]["id"],
        subscriber={name: subscriber[name] for name in SUBSCRIBER},
        pushed=2e9 if pending else None,
    )


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("numbers_acquire", {"fresh": "all", "absent": True}),
        ("numbers_update_subscriber", {"fresh": "updated"}),
    ],
)
def test_a_number_is_written_as_in_the_documents(path, clock, name, options):
    row = example(name)["data"]
    with opened(path, clock, "telcom") as world:
        assert shape(View.of(world.app.store), number_of(row), **options) == row


def ask(app, action, params=None, token=TOKEN):
    body = json.dumps(params or {}).encode()
    environ = {"PATH_INFO": f"/api/v2/{action}", "REQUEST_METHOD": "POST", "CONTENT_TYPE": JSON}
    environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    environ |= {"HTTP_X_AUTH_TOKEN": token, "HTTP_X_AUTH_SECRET": token} if token else {}
    setup_testing_defaults(environ)
    return json.loads(b"".join(app(environ, lambda status, headers: None)))


def test_the_list_is_written_as_in_the_documents(path, clock):
    wanted = example("numbers_list")
    with opened(path, clock, "telcom") as world:
        with world.app.store.transaction():
            world.app.store.save(number_of(wanted["data"][0]), "planted")

        assert ask(world.app, "numbers/list") == wanted


@pytest.mark.parametrize(
    ("name", "action", "params", "token"),
    [
        ("parameter_error", "numbers/info", {}, TOKEN),
        ("invalid_controller_or_action", "numbers/nothing", {}, TOKEN),
        ("access_denied_legacy", "numbers/list", {}, ""),
    ],
)
def test_what_goes_wrong_is_written_as_in_the_documents(path, clock, name, action, params, token):
    with opened(path, clock, "telcom") as world:
        assert ask(world.app, action, params, token) == example(name)


def test_the_other_denial_is_written_as_in_the_documents(path, clock):
    with opened(path, clock, "connect") as world:
        assert ask(world.app, "numbers/list", token="") == example("access_denied_coded")


@pytest.mark.parametrize(
    ("name", "action", "params"),
    [
        ("numbers_available_prefixes", "numbers/available_prefixes", {}),
        ("numbers_acquirable_numbers", "numbers/acquirable_numbers", {"prefix": "020"}),
        ("numbers_available_access_numbers", "numbers/available_access_numbers", {}),
    ],
)
def test_lists_have_the_form_of_the_documents(path, clock, name, action, params):
    with opened(path, clock, "telcom") as world:
        got = ask(world.app, action, params)

    assert form(got) == form(example(name))


def form(value):
    """What a value is made of; a list by its first element."""
    if isinstance(value, dict):
        return {name: form(each) for name, each in value.items()}
    return [form(value[0])] if isinstance(value, list) else type(value).__name__


def test_a_number_is_deleted_as_in_the_documents(path, clock):
    with opened(path, clock, "telcom") as world:
        with world.app.store.transaction():
            world.app.store.save(number_of(example("numbers_acquire")["data"]), "planted")

        assert ask(world.app, "numbers/delete", {"id": 4243}) == example("numbers_delete")


def test_a_server_that_fails_says_so_as_in_the_documents(path, clock):
    with opened(path, clock, "telcom") as world:
        world.fault("500", path="/")

        assert ask(world.app, "numbers/list") == example("internal_server_error")
