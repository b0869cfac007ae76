"""Port orders: read and checked, and in nobody's way."""

import pytest

from reconciler.engine.planning import Question, make_part
from reconciler.engine.unheld import unheld
from reconciler.kinds import KINDS

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


def test_it_is_told_in_a_plan_and_nothing_is_done_about_it(check, scene_of):
    desired, _ = check(HEAD + PORT)
    held, left = unheld(KINDS, desired.objects, {}, {})

    part = make_part(Question("acme", scene_of(desired, frozen=left), held=held))

    assert [(line.address, line.what) for line in part.held] == [("acme/port/spring", "waiting")]
    assert "later version" in part.held[0].detail
    assert [operation.address for operation in part.operations] == ["acme/extension/4201"]
    assert part.gates == ()
