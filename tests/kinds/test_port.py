"""Port orders: read and checked, and what is done as one comes, waits and goes."""

from dataclasses import replace

import pytest

from reconciler.kinds import KINDS
from reconciler.model.act import Action, Charge, Refusal, Reversibility
from reconciler.model.address import Address
from reconciler.model.supply import (
    NOT_CHECKED,
    Holding,
    NumberState,
    PoolNumber,
    Progress,
    Stage,
    Supply,
)

HEAD = """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
extensions: {"4201": {}}
"""
PORT = """\
ports:
  spring:
    connector: voicetel
    numbers: ["+16172310150", "+16172310151"]
    to: extension/4201
    requested_date: "2026-10-15"
    subscriber: {name: Acme, type: business, street_number: "12", street: Spring, street_type: ST,
                 city: Boston, region: MA, postcode: "02110", country: US}
    authorized_by: Manager
    losing_carrier: {billing_number: "+16172310150", account: {env: VM_ACCOUNT}, pin: {env: VM_P}}
"""


def codes(problems):
    return [(problem.code, problem.location.line) for problem in problems]


def test_a_port_order_is_read(check):
    desired, problems = check(HEAD + PORT)

    assert problems == ()
    (want,) = (w for a, w in desired.objects.items() if a.kind == "port")
    assert want.spec["numbers"] == ["+16172310150", "+16172310151"]
    assert want.spec["losing_carrier"]["account"] == {
        "$secret": {"ref": {"env": "VM_ACCOUNT"}, "version": 1}
    }


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ('"+16172310151"', '"+16172310150"', "E137", 9),
        ('"+16172310151"', '"617-231-0151"', "E123", 9),
        ('"+16172310151"', '"+10112310151"', "E112", 9),
        ('["+16172310150", "+16172310151"]', "[]", "E123", 9),
        ("extension/4201\n    requ", "extension/4202\n    requ", "TEL201", 10),
        ("2026-10-15", "2026-02-30", "E123", 11),
        ("type: business", "type: company", "E123", 12),
        ("street_type: ST", "street_type: Street", "E123", 12),
        ("account: {env: VM_ACCOUNT}", 'account: "12345678"', "TEL321", 15),
        ("account: {env: VM_ACCOUNT}", "account: {env: PATH}", "E131", 15),
        ("pin: {env: VM_P}", "resporg: A-1", "E123", 15),
        ("connector: voicetel", "connector: voicetell", "E127", 8),
        ("    authorized_by: Manager\n", "", "E122", 7),
    ],
)
def test_what_is_wrong_with_it_is_told_where_it_stands(check, old, new, code, line):
    text = HEAD + PORT
    assert old in text

    _, problems = check(text.replace(old, new))

    assert [(c, n) for c, n in codes(problems) if c != "E122" or code == "E122"] == [(code, line)]
    assert "12345678" not in repr(problems)


def test_two_orders_for_one_number_are_refused(check):
    twice = PORT.replace("ports:\n", "").replace("spring:", "summer:")

    _, problems = check(HEAD + PORT + twice)

    assert codes(problems) == [("E137", 17), ("E137", 17)]
    assert [problem.related[0][0].line for problem in problems] == [8, 8]


# What it becomes.


def test_its_numbers_stand_beside_it_on_the_platform(check):
    desired, _ = check(HEAD + PORT)

    beside = {at.name: w for at, w in desired.objects.items() if at.kind == "number"}
    assert list(beside) == ["+16172310150", "+16172310151"]
    for want in beside.values():
        assert str(want.entry) == "acme/port/spring"
        assert want.spec["to"] == "extension/4201"
        assert (want.spec["state"], want.spec["port"]) == ("porting_in", "spring")


def test_the_order_of_its_numbers_means_nothing(check):
    turned = PORT.replace('"+16172310150", "+16172310151"', '"+16172310151", "+16172310150"')

    specs = [_spec(check, text) for text in (PORT, turned)]

    assert specs[0] == specs[1]


@pytest.mark.parametrize("line", ["    order: x1234\n", "    letter: https://x.example\n"])
def test_what_is_only_known_of_it_is_not_for_yaml(check, line):
    _, problems = check(HEAD + PORT + line)

    assert [code for code, _ in codes(problems)] == ["E135"]


def _spec(check, text=PORT):
    desired, problems = check(HEAD + text)
    assert problems == ()
    return next(w.spec for at, w in desired.objects.items() if at.kind == "port")


# How it comes, changes and goes.

N = ("+16172310150", "+16172310151")


def listed(stage, **facts):
    said = Progress(Stage(stage), "Pending", link="https://desk.example/1", **facts)
    return Holding("voicetel", "y0d36", "2026-11-01T12:00:00Z", progress=said)


def known(holding=None, *, managed=False, checked=True, **numbers):
    """What is known of the port, and of each number alike."""
    brings = {e164: Supply("acme", connector="voicetel", **numbers) for e164 in N}
    return Supply(
        "acme",
        holding=holding,
        managed=managed,
        checked=checked,
        connector="voicetel",
        brings=brings,
    )


def code(verdict):
    if isinstance(verdict, Refusal):
        assert verdict.detail.endswith(".")
        assert verdict.hint
        return verdict.code
    act = verdict[0] if isinstance(verdict, tuple) else verdict
    return act.action.value if act is not None else None


HELD = Holding("voicetel")
THEIRS = PoolNumber(N[0], NumberState.ASSIGNED, "oak")


@pytest.mark.parametrize(
    ("supply", "expected"),
    [
        (known(), "port"),
        (known(pool=PoolNumber(N[0], NumberState.RELEASED)), "port"),
        (known(checked=False), NOT_CHECKED),
        (None, NOT_CHECKED),
        (known(pool=THEIRS), "TEL410"),
        (known(managed=True), "E418"),
    ],
)
def test_a_port_in_yaml(supply, expected):
    assert code(KINDS["port"].arrives("spring", {"connector": "voicetel"}, supply)) == expected


def test_a_submission_is_paid_final_and_has_an_approval_of_its_own():
    act = KINDS["port"].arrives("spring", {"connector": "voicetel"}, known())

    assert (act.charge, act.reversibility) == (Charge.PAID, Reversibility.IRREVERSIBLE)
    assert act.approval == "port:acme/spring"
    asked = KINDS["port"].approvals(Address("acme", "port", "spring"), Action.PORT)
    assert asked == {act.approval}


@pytest.mark.parametrize("managed", [False, True])
def test_numbers_that_are_there_already_are_not_ported(managed):
    brings = {e164: Supply("acme", holding=HELD) for e164 in N}
    supply = replace(known(managed=managed), brings=brings)

    found = KINDS["port"].arrives("spring", {"connector": "voicetel"}, supply)

    assert code(found) == ("E417" if managed else "E418")


@pytest.mark.parametrize(
    ("stage", "expected"), [("open", None), ("stuck", None), ("over", "E417"), ("dropped", "E418")]
)
def test_a_port_that_stays_in_yaml(stage, expected):
    spec = {"connector": "voicetel", "numbers": list(N)}

    assert code(KINDS["port"].stays("spring", spec, known(listed(stage)))) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [("to", "update"), ("location", "update"), ("cnam", "TEL411"), ("numbers", "TEL411")],
)
def test_a_port_that_changes(field, expected):
    before = {"connector": "voicetel", "order": "y0d36", field: "a"}

    found = KINDS["port"].changes("spring", before, {**before, field: "b"}, known(listed("open")))

    assert code(found) == expected
    if expected == "update":
        assert not found.remote
    else:
        assert f"`{field}`" in found.detail
        assert "https://desk.example/1" in found.hint


@pytest.mark.parametrize(
    ("stage", "wanted", "expected"),
    [
        ("open", False, "TEL411"),
        ("open", True, "TEL411"),
        ("stuck", True, "TEL411"),
        ("over", False, "E417"),
        ("over", True, "delete"),
        ("dropped", False, "delete"),
    ],
)
def test_a_port_that_leaves_yaml(stage, wanted, expected):
    supply = known(listed(stage), managed=True, wanted=wanted)

    found = KINDS["port"].leaves("spring", {"connector": "voicetel"}, supply)

    assert code(found) == expected
    assert not isinstance(found, tuple) or not found[0].remote


# Its numbers on the platform.

COMING = {"to": "extension/4201", "connector": "voicetel", "state": "porting_in", "port": "spring"}


def number(**facts):
    return Supply("acme", connector="voicetel", **facts)


@pytest.mark.parametrize(
    ("supply", "approval"),
    [(number(), "port:acme/spring"), (number(order=listed("open")), "")],
)
def test_a_number_is_known_to_the_platform_once_its_port_is_submitted(supply, approval):
    act = KINDS["number"].arrives(N[0], COMING, supply)

    assert (act.action, act.approval) == (Action.ASSIGN, approval)
    assert KINDS["number"].rests_on(N[0], COMING) == {"port/spring"}


@pytest.mark.parametrize(
    ("supply", "expected"),
    [
        (number(order=listed("open")), None),
        (number(order=listed("over"), holding=HELD), None),
        (number(order=listed("dropped")), "delete"),
        (number(), "delete"),
        (number(holding=HELD), "E417"),
        (number(checked=False), NOT_CHECKED),
    ],
)
def test_a_number_whose_port_leaves_yaml_is_never_quarantined(supply, expected):
    assert code(KINDS["number"].leaves(N[0], COMING, supply)) == expected


def test_a_number_that_has_come_is_assigned_with_its_own_entry():
    own = {"to": "extension/4201", "connector": "voicetel"}
    come = number(order=listed("over"), holding=HELD)

    assert code(KINDS["number"].changes(N[0], COMING, own, come)) == "assign"
    assert KINDS["number"].stays(N[0], COMING, number()) is None
    record = PoolNumber(N[0], NumberState.PORTING_IN, "acme", "voicetel")
    kept = KINDS["number"].record(N[0], Action.ASSIGN, own, record, tenant="acme", now="x")
    assert kept.state is NumberState.ASSIGNED
    gone = KINDS["number"].record(N[0], Action.DELETE, None, record, tenant="acme", now="x")
    assert (gone.state, gone.tenant) == (NumberState.RELEASED, "")


def test_a_port_is_found_by_its_id_else_by_its_numbers_newest_first():
    old, new = (replace(listed("open"), external_id=name) for name in ("old00", "new00"))
    numbers = {"connector": "voicetel", "numbers": list(N)}
    held = {"new00": replace(new, spec=numbers), "old00": replace(old, spec=numbers)}
    find = KINDS["port"].held_as

    assert find("spring", numbers, held).external_id == "new00"
    assert find("spring", {**numbers, "order": "old00"}, held).external_id == "old00"
    assert find("spring", {"numbers": [N[0]]}, held) is None
