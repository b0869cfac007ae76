"""What VoiceTel is sent again: reads, and the validation of an address; nothing that is counted."""

from __future__ import annotations

import pytest

from reconciler.carriers.voicetel import RETRIES
from reconciler.errors import Unavailable
from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, Done, Prepared
from reconciler.sandbox.serve import fault
from reconciler.sandbox.store import Fault
from tests.carriers.account import app, carrier, counting, dialect
from tests.carriers.says import E164, ORDER, do

__all__ = ["app", "carrier", "counting", "dialect"]

VALIDATIONS = "/v2.2/e911/validations"
ADDRESS = {
    "connector": "vt",
    "caller_name": "ACME",
    "street": "12 OAK ST",
    "city": "BOSTON",
    "region": "MA",
    "postcode": "02110",
    "country": "US",
}
REGISTERED = CarrierAct(Action.CREATE, E164, ADDRESS, kind="emergency_record")


def sent(counting, path):
    return [asked for asked in counting.asked if asked[1] == path]


@pytest.mark.parametrize("kind", ["429", "502", "503", "drop"])
def test_an_address_is_validated_again_while_voicetel_is_away(path, carrier, counting, kind):
    fault(path, Fault(kind, "POST", VALIDATIONS, times=2))

    assert isinstance(do(carrier, REGISTERED), Done)
    assert len(sent(counting, VALIDATIONS)) == 3


def test_an_address_that_cannot_be_validated_is_given_up_after_three_tries(path, carrier, counting):
    fault(path, Fault("503", "POST", VALIDATIONS, times=9))

    with pytest.raises(Unavailable):
        carrier.prepare(REGISTERED)
    assert len(sent(counting, VALIDATIONS)) == 3


@pytest.mark.parametrize("kind", ["429", "503", "drop"])
def test_the_registration_itself_is_sent_once(path, carrier, counting, kind):
    prepared = carrier.prepare(REGISTERED)
    assert isinstance(prepared, Prepared)
    fault(path, Fault(kind, "PUT", times=9))

    assert not isinstance(carrier.send(prepared, "op-1"), Done)
    assert len([asked for asked in counting.asked if asked[0] == "PUT"]) == 1


@pytest.mark.parametrize("kind", ["429", "503", "drop"])
def test_an_order_is_sent_once(path, carrier, counting, kind):
    fault(path, Fault(kind, "POST", "/v2.2/orders", times=9))

    assert not isinstance(do(carrier, ORDER), Done)
    assert len(sent(counting, "/v2.2/orders")) == 1


def test_what_is_about_the_account_is_sent_once_by_whatever_it_is_read(path, carrier, counting):
    """Six an hour are taken, and those that are refused count as well."""
    for where in ("/v2.2/account", "/v2.2/account/cdr", "/v2.2/account/recurring-charges"):
        fault(path, Fault("503", "GET", where, times=9))
        carrier._transport.read(where)
        assert len(sent(counting, where)) == 1


def test_a_look_up_that_is_billed_is_never_sent_again():
    assert RETRIES.after("GET", "/v2.2/lrn/2015550144") is None
    assert RETRIES.after("GET", "/v2.2/cnam/2015550144") is None
    assert RETRIES.after("GET", "/v2.2/numbers/2015550144")
