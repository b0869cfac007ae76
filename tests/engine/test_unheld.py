"""A field of a number that its connector cannot hold: told, and the number is not done by half."""

import pytest

from reconciler.engine.planning import Question, make_part
from reconciler.engine.unheld import Able, unheld
from reconciler.kinds import KINDS
from reconciler.model.act import Action
from reconciler.model.state import Applied, Observed
from reconciler.model.supply import Holding, NumberState, PoolNumber, Stock, Supply

HEAD = """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
extensions: {"4201": {}, "4202": {}}
numbers:
"""
PLAIN = '  "+16172310150": {connector: sandbox, to: extension/4201}\n'
NAMED = (
    '  "+16172310151": {connector: sandbox, to: extension/4202, cnam: ACME, fax_to: a@b.example}\n'
)
FIELDS = {"sandbox": {"carrier_number": frozenset({"connector", "handoff"})}}


def offered(desired):
    return {
        address.name: Supply("acme", stock=Stock.OFFERED, connector="sandbox")
        for address in desired.objects
        if address.kind == "number"
    }


def part_of(desired, scene_of, fields, **scene):
    held, left = unheld(KINDS, desired.objects, scene.get("applied", {}), Able(fields))
    scene.setdefault("supply", offered(desired))
    return make_part(Question("acme", scene_of(desired, **scene), held=held, left=left))


def acts(part):
    return {(operation.action, operation.address) for operation in part.operations}


def test_a_number_with_such_a_field_is_not_ordered_and_the_others_are(check, scene_of):
    desired, problems = check(HEAD + PLAIN + NAMED)
    assert desired is not None, problems

    part = part_of(desired, scene_of, FIELDS)

    (line,) = [held for held in part.held if held.what == "unsupported"]
    assert line.address == "acme/number/+16172310151"
    assert "connector sandbox cannot hold cnam and fax_to" in line.detail
    assert "not ordered" in line.detail
    assert "t.yaml:8:3" in line.next
    assert [gate.kind for gate in part.gates] == ["limit"]  # nobody knows what the other costs
    assert (Action.ORDER, "acme/carrier_number/+16172310150") in acts(part)
    assert not [address for _, address in acts(part) if "+16172310151" in address]


def test_a_connector_that_holds_the_field_takes_it(check, scene_of):
    desired, _ = check(HEAD + NAMED)

    holds = frozenset({"connector", "handoff", "cnam", "fax_to"})
    part = part_of(desired, scene_of, {"sandbox": {"carrier_number": holds}})

    assert part.held == ()
    (order,) = (op for op in part.operations if op.action is Action.ORDER)
    assert order.after["cnam"] == "ACME"


def test_a_connector_that_nobody_read_is_not_judged(check, scene_of):
    desired, _ = check(HEAD + NAMED)

    assert unheld(KINDS, desired.objects, {}, Able({})) == ((), frozenset())


def test_a_number_that_is_there_stays_as_it_is_with_what_it_needs(check, scene_of):
    before, _ = check(HEAD + NAMED.replace(", cnam: ACME, fax_to: a@b.example", ""))
    after, _ = check(
        HEAD.replace(', "4202": {}', "") + NAMED.replace("extension/4202", "extension/4201")
    )
    specs = {address: want.spec for address, want in before.objects.items()}
    holding = Holding("sandbox", "id-1", spec={"connector": "sandbox"})
    pool = PoolNumber("+16172310151", NumberState.ASSIGNED, "acme", "sandbox")
    supply = {"+16172310151": Supply("acme", pool, holding, managed=True, connector="sandbox")}

    part = part_of(
        after,
        scene_of,
        FIELDS,
        observed={address: Observed(address, spec, 1) for address, spec in specs.items()},
        applied={a: Applied(a, spec, "run-1", "2026-01-01T00:00:00Z") for a, spec in specs.items()},
        supply=supply,
    )

    told = {held.address: held.detail for held in part.held}
    assert "it stays as it is" in told["acme/number/+16172310151"]
    assert told["acme/extension/4202"] == "still needed by number/+16172310151"
    assert part.operations == ()


def test_nothing_is_bought_for_a_number_whose_destination_waits(check, scene_of):
    desired, _ = check(
        HEAD.replace('"4201": {}', '"4201": {caller_id: "+16172310151"}') + PLAIN + NAMED
    )

    part = part_of(desired, scene_of, FIELDS)

    told = {held.address: held.detail for held in part.held}
    assert told["acme/extension/4201"] == "waits for number/+16172310151"
    assert told["acme/carrier_number/+16172310150"] == "waits for number/+16172310150"
    assert {action for action, _ in acts(part)} == {Action.CREATE}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cnam", "ACME DENTAL"),
        ("cnam_lookup", "true"),
        ("forward", '"+16172310199"'),
        ("translation", '"1001#"'),
        ("fax_to", "fax@acme.example"),
        ("sms", "{webhook: https://sms.acme.example/in}"),
        ("campaign", "reminders"),
        ("port_out_pin", "{env: VM_PIN}"),
        ("pass_caller_id", "false"),
        ("carrier_record", "true"),
        ("carrier_caller_id_prefix", "Sales"),
    ],
)
def test_each_field_of_a_carrier_is_named(check, field, value):
    desired, problems = check(
        HEAD + f'  "+16172310151": {{connector: sandbox, to: extension/4201, {field}: {value}}}\n'
    )
    assert desired is not None, problems

    (line,), left = unheld(KINDS, desired.objects, {}, Able(FIELDS))

    assert f"cannot hold {field} in" in line.detail
    assert {address.kind for address in left} == {"number", "carrier_number"}


@pytest.mark.parametrize(
    "nothing",
    ["carrier_record: false", 'carrier_caller_id_prefix: ""', "carrier_caller_id_prefix: null"],
)
def test_a_field_that_says_nothing_asks_nothing_of_a_carrier_without_it(check, nothing):
    desired, problems = check(
        HEAD + f'  "+16172310151": {{connector: sandbox, to: extension/4201, {nothing}}}\n'
    )
    assert desired is not None, problems

    assert unheld(KINDS, desired.objects, {}, Able(FIELDS)) == ((), frozenset())


@pytest.mark.parametrize(
    ("wanted", "lasting", "told"),
    [
        ("", "cnam", True),
        ("", "fax_to", False),
        (", cnam: OTHER", "cnam", False),
        ("", "connector", False),
    ],
)
def test_what_can_never_be_taken_away_is_told_before_it_is_asked(check, wanted, lasting, told):
    named, _ = check(HEAD + NAMED.replace(", fax_to: a@b.example", ""))
    desired, _ = check(HEAD + NAMED.replace(", cnam: ACME, fax_to: a@b.example", wanted))
    there = {
        at: Observed(at, want.spec)
        for at, want in named.objects.items()
        if at.kind == "carrier_number"
    }
    holds = {"sandbox": {"carrier_number": frozenset({"connector", "handoff", "cnam"})}}
    able = Able(holds, lasting={"sandbox": {f"carrier_number.{lasting}"}}, there=there)

    held, left = unheld(KINDS, desired.objects, there.keys(), able)

    assert bool(left) is told
    assert [line.detail for line in held] == told * [
        "connector sandbox can change cnam, and never take it away: it stays as it is"
    ]
