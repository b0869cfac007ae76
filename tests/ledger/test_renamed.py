"""What was applied is remembered under the name that an object has."""

import json

from reconciler.model.address import Address
from reconciler.protocols import Move

FRONT, SALES, MENU = (
    Address("acme", "ring_group", "front"),
    Address("acme", "ring_group", "sales"),
    Address("acme", "auto_attendant", "main"),
)


def remember(ledger, lease, *moves):
    with ledger.transaction(lease, "op-verified") as journal:
        journal.renamed(moves)


def filled(ledger, lease):
    with ledger.transaction(lease, "op-verified") as journal:
        journal.applied(FRONT, {"n": "front"}, {"pin": "a"}, "live-1")
        journal.applied(SALES, {"n": "sales"}, {"pin": "b"})
        journal.applied(MENU, {"to": "ring_group/front"}, {})


def test_it_goes_to_the_new_name_with_all_that_is_remembered(ledger, lease, database):
    filled(ledger, lease)
    other = FRONT._replace(name="desk")
    remember(ledger, lease, Move(FRONT, other, {"n": "x"}, {"pin": "c"}, ("live-1", "live-2")))

    found = ledger.applied("acme")
    assert set(found) == {other, SALES, MENU}
    assert (found[other].spec, found[other].published, found[other].was) == (
        {"n": "x"},
        "live-2",
        "",
    )
    macs = database.execute("SELECT macs FROM applied WHERE name = 'desk'")[0][0]
    assert json.loads(macs) == {"pin": "c"}


def test_what_only_refers_keeps_its_fingerprints_and_what_was_live(ledger, lease, database):
    filled(ledger, lease)
    remember(ledger, lease, Move(FRONT, FRONT, {"n": "y"}, None, ("somebody's", "live-2")))

    found = ledger.applied("acme")[FRONT]
    assert (found.spec, found.published) == ({"n": "y"}, "live-1")
    macs = database.execute("SELECT macs FROM applied WHERE name = 'front'")[0][0]
    assert json.loads(macs) == {"pin": "a"}


def test_two_change_places_and_remember_that_they_did(ledger, lease):
    filled(ledger, lease)
    remember(
        ledger,
        lease,
        Move(FRONT, SALES, {"n": "front"}, former="front"),
        Move(SALES, FRONT, {"n": "sales"}, former="sales"),
    )

    found = ledger.applied("acme")
    assert {at.name: (one.spec["n"], one.was) for at, one in found.items() if at != MENU} == {
        "sales": ("front", "front"),
        "front": ("sales", "sales"),
    }


def test_a_later_apply_does_not_forget_it_and_a_plan_that_says_so_does(ledger, lease):
    filled(ledger, lease)
    remember(ledger, lease, Move(SALES, SALES, {"n": "sales"}, former="front"))
    with ledger.transaction(lease, "op-verified") as journal:
        journal.applied(SALES, {"n": "z"}, {})
    assert ledger.applied("acme")[SALES].was == "front"

    remember(ledger, lease, Move(SALES, SALES, {"n": "z"}, former=""))

    assert ledger.applied("acme")[SALES].was == ""


def test_the_audit_chain_tells_of_it(ledger, lease):
    filled(ledger, lease)
    remember(ledger, lease, Move(FRONT, FRONT._replace(name="desk"), {}))

    told = [record["body"] for record in ledger.audit()]
    [renamed] = [body for body in told if body["event"] == "renamed"]
    assert (renamed["was"], renamed["address"]) == (str(FRONT), "acme/ring_group/desk")
    assert ledger.verify_audit() == ""
