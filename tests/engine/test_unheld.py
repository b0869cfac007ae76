"""A field of a number that its connector cannot hold: told, and never passed over in silence.

One that says where calls go leaves the number alone as a whole, any other one itself only.
"""

from dataclasses import replace

import pytest

from reconciler.engine.planning import Question, make_part
from reconciler.engine.unheld import Able, as_held, unheld
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
    there = scene.get("observed", {})
    able = fields if isinstance(fields, Able) else Able(fields, there=there)
    held, left, apart = unheld(KINDS, desired.objects, scene.get("applied", {}), able)
    scene.setdefault("supply", offered(desired))
    wanted = as_held(desired.objects, apart, lambda at: there[at].spec if at in there else {})
    made = replace(scene_of(desired, **scene), desired=wanted)
    return make_part(Question("acme", made, held=held, left=left))


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

    assert unheld(KINDS, desired.objects, {}, Able({})) == ((), frozenset(), {})


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
    ("field", "value", "calls"),
    [
        ("cnam", "ACME DENTAL", False),
        ("cnam_lookup", "true", False),
        ("forward", '"+16172310199"', True),
        ("translation", '"1001#"', True),
        ("fax_to", "fax@acme.example", True),
        ("sms", "{webhook: https://sms.acme.example/in}", False),
        ("campaign", "reminders", False),
        ("port_out_pin", "{env: VM_PIN}", False),
        ("pass_caller_id", "false", False),
        ("carrier_record", "true", False),
        ("carrier_caller_id_prefix", "Sales", False),
    ],
)
def test_a_field_is_named_and_only_what_decides_on_calls_leaves_the_number_alone(
    check, field, value, calls
):
    desired, problems = check(
        HEAD + f'  "+16172310151": {{connector: sandbox, to: extension/4201, {field}: {value}}}\n'
    )
    assert desired is not None, problems

    (line,), left, apart = unheld(KINDS, desired.objects, {}, Able(FIELDS))

    assert f"cannot hold {field} in" in line.detail
    assert line.what == "unsupported"
    assert {address.kind for address in left} == ({"number", "carrier_number"} if calls else set())
    assert [*apart.values()] == ([] if calls else [{field}])


@pytest.mark.parametrize(
    "nothing",
    ["carrier_record: false", 'carrier_caller_id_prefix: ""', "carrier_caller_id_prefix: null"],
)
def test_a_field_that_says_nothing_asks_nothing_of_a_carrier_without_it(check, nothing):
    desired, problems = check(
        HEAD + f'  "+16172310151": {{connector: sandbox, to: extension/4201, {nothing}}}\n'
    )
    assert desired is not None, problems

    assert unheld(KINDS, desired.objects, {}, Able(FIELDS)) == ((), frozenset(), {})


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

    held, left, apart = unheld(KINDS, desired.objects, there.keys(), able)

    assert not left
    assert [*apart.values()] == told * [{"cnam"}]
    why = "connector sandbox can change cnam, and never take it away"
    assert [line.detail for line in held] == told * [f"cnam: {why}: only that is left as it is"]


HELD = frozenset({"connector", "handoff", "cnam", "fax_to", "campaign", "port_out_pin"})
HOLDS = {"sandbox": {"carrier_number": HELD}}
LINE = '  "+16172310151": {connector: sandbox, to: extension/4201%s}\n'


def desired_with(check, words):
    desired, problems = check(HEAD + LINE % words)
    assert desired is not None, problems
    return desired


def ours(desired, **changed):
    """The scene in which a number is as it was left."""
    specs = {address: want.spec for address, want in desired.objects.items()}
    for address, spec in specs.items():
        if address.kind == "carrier_number":
            specs[address] = {**spec, **changed}
    pool = PoolNumber("+16172310151", NumberState.ASSIGNED, "acme", "sandbox")
    holding = Holding("sandbox", "id-1", spec={"connector": "sandbox"})
    return {
        "observed": {address: Observed(address, spec, 1) for address, spec in specs.items()},
        "applied": {a: Applied(a, s, "run-1", "2026-01-01T00:00:00Z") for a, s in specs.items()},
        "supply": {"+16172310151": Supply("acme", pool, holding, True, connector="sandbox")},
    }


def not_ready(connector, address, spec):
    return "campaign/reminders is not ready" if "campaign" in spec else ""


def changes_of(part):
    return {
        (op.address.split("/")[1], change.path): change.after
        for op in part.operations
        for change in op.changes
    }


def test_a_campaign_that_is_not_ready_waits_by_itself(check, scene_of):
    before = desired_with(check, "")
    after = desired_with(check, ", campaign: reminders, fax_to: a@b.example")
    scene = ours(before)
    able = Able(HOLDS, there=scene["observed"], awaits=not_ready)

    part = part_of(after, scene_of, able, **scene)

    assert changes_of(part) == {("carrier_number", "/fax_to"): "a@b.example"}
    assert "campaign" not in part.operations[0].after
    assert [(line.what, line.address) for line in part.held] == [
        ("waiting", "acme/number/+16172310151")
    ]
    assert "only that waits" in part.held[0].detail


def test_a_number_is_ordered_without_it_and_gets_it_later(check, scene_of):
    wanted = desired_with(check, ", campaign: reminders")

    part = part_of(wanted, scene_of, Able(HOLDS, awaits=not_ready))

    (order,) = (op for op in part.operations if op.action is Action.ORDER)
    assert "campaign" not in order.after
    left = ours(desired_with(check, ""))
    later = part_of(wanted, scene_of, Able(HOLDS, there=left["observed"]), **left)
    assert changes_of(later) == {("carrier_number", "/campaign"): "reminders"}
    assert [change.cause for op in later.operations for change in op.changes] == ["config"]


def test_another_campaign_that_is_not_ready_never_takes_the_number_out_of_its_own(check, scene_of):
    left = ours(desired_with(check, ", campaign: updates"))
    able = Able(HOLDS, there=left["observed"], awaits=not_ready)

    wanted = desired_with(check, ", campaign: reminders, fax_to: a@b.example")
    part = part_of(wanted, scene_of, able, **left)

    assert changes_of(part) == {("carrier_number", "/fax_to"): "a@b.example"}
    assert part.operations[0].after["campaign"] == "updates"


def test_a_hand_off_that_is_not_there_holds_the_whole_number(check, scene_of):
    left = ours(desired_with(check, ""))
    able = Able(HOLDS, there=left["observed"], awaits=lambda *of: "gateway/new is not there")

    part = part_of(desired_with(check, ", fax_to: a@b.example"), scene_of, able, **left)

    assert part.operations == ()
    assert [(line.what, line.next) for line in part.held] == [
        ("unsupported", "see @sandbox in a plan of all tenants: reconciler plan")
    ]


def test_what_a_connector_says_no_to_holds_back_that_one_setting(check, scene_of):
    left = ours(desired_with(check, ""))
    never = lambda connector, address, spec: "no such name" if "cnam" in spec else ""  # noqa: E731
    able = Able(HOLDS, never, there=left["observed"])

    wanted = desired_with(check, ", cnam: ACME, fax_to: a@b.example")
    part = part_of(wanted, scene_of, able, **left)

    assert changes_of(part) == {("carrier_number", "/fax_to"): "a@b.example"}
    assert [line.what for line in part.held] == ["unsupported"]
    assert part.held[0].detail == "cnam: no such name: only that is left as it is"


def test_what_git_dropped_and_cannot_go_lets_the_rest_go(check, scene_of):
    left = ours(desired_with(check, ", cnam: ACME, fax_to: a@b.example"))
    lasting = {"sandbox": frozenset({"carrier_number.cnam"})}
    able = Able(HOLDS, lasting=lasting, there=left["observed"])

    part = part_of(desired_with(check, ""), scene_of, able, **left)

    assert changes_of(part) == {("carrier_number", "/fax_to"): None}
    assert part.operations[0].after["cnam"] == "ACME"
    assert [line.what for line in part.held] == ["unsupported"]
    assert part.held[0].next.startswith("put its line back at ")


@pytest.mark.parametrize(("today", "waits"), [("2026-12-23", True), ("2026-12-24", False)])
def test_a_locked_pin_waits_until_its_day(check, scene_of, today, waits):
    first = desired_with(check, ", port_out_pin: {env: VM_PIN}")
    left = ours(first, port_out_pin={"$kept": "2026-12-24"})
    able = Able(HOLDS, there=left["observed"], today=today)

    wanted = desired_with(check, ", port_out_pin: {env: VM_PIN}, fax_to: a@b.example")
    part = part_of(wanted, scene_of, able, **left)

    fields = {field for _, field in changes_of(part)}
    assert fields == ({"/fax_to"} if waits else {"/fax_to", "/port_out_pin"})
    assert [line.what for line in part.held] == waits * ["waiting"]
    assert all("until 2026-12-24 at the latest" in line.detail for line in part.held)


def test_drift_that_is_only_told_is_told_of_what_is_held_back_too(check, scene_of):
    left = ours(desired_with(check, ", campaign: updates"))
    gone = {
        at: replace(one, spec={k: v for k, v in one.spec.items() if k != "campaign"})
        for at, one in left["observed"].items()
    }
    wanted = desired_with(check, ", campaign: reminders").objects
    held, _, apart = unheld(KINDS, wanted, gone, Able(HOLDS, there=gone, awaits=not_ready))

    now = as_held(wanted, apart, lambda at: left["applied"][at].spec)

    assert [line.what for line in held] == ["waiting"]
    assert [want.spec["campaign"] for at, want in now.items() if at.kind == "carrier_number"] == [
        "updates"
    ]
