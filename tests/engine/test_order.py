"""The order of changes: each rule, and each way to cut a circle, with what it is for."""

from dataclasses import replace

import pytest

from reconciler.engine.diff import Change, diff
from reconciler.engine.order import in_order
from reconciler.engine.steps import Circle
from reconciler.model.act import Act, Action, Cause
from reconciler.model.address import Address
from tests.crash.scripts import TENANT
from tests.engine.draws import number, quarantined, scene, seen

CARRIED = "+12015550150"
POOLED = "+12015550160"


def extension(to=None, **more):
    return {**({"forward": {"no_answer": {"to": to}}} if to else {}), **more}


def group(*members, pilot=None, to=None):
    values = {"members": [{"to": member} for member in members]}
    values |= {"pilot": pilot} if pilot else {}
    return values | ({"overflow": {"after": "30s", "to": to}} if to else {})


def menu(*leads, pilot=None, **more):
    values = {
        "greeting": {"say": "Hello"},
        "options": {str(key): to for key, to in enumerate(leads, start=1)},
        "timeout": {"to": "hangup"},
        "invalid": {"to": "hangup"},
    }
    return {**values, **({"pilot": pilot} if pilot else {}), **more}


def gateway(host):
    return {"connector": "carrier", "host": f"{host}.example.net"}


def ordered(state):
    return in_order(diff(state).changes)


def told(steps):
    return [f"{step.act.action} {step.address.reference}" for step in steps.steps]


CASES = {
    "what is pointed at is made before what points at it": (
        {},
        {"auto_attendant/main": menu("extension/4200"), "extension/4200": extension()},
        ["create extension/4200", "create auto_attendant/main", "publish auto_attendant/main"],
    ),
    "a menu goes live after the one that it leads to": (
        {},
        {"auto_attendant/a": menu("auto_attendant/b"), "auto_attendant/b": menu()},
        [
            "create auto_attendant/b",
            "create auto_attendant/a",
            "publish auto_attendant/b",
            "publish auto_attendant/a",
        ],
    ),
    "callers come to a menu once it is live": (
        {"extension/4200": extension()},
        {
            "extension/4200": extension("auto_attendant/a"),
            "auto_attendant/a": menu("auto_attendant/b"),
            "auto_attendant/b": menu("ring_group/z"),
            "ring_group/z": group(to="auto_attendant/b"),
        },
        [
            "create ring_group/z",
            "create auto_attendant/b",
            "publish auto_attendant/b",
            "update ring_group/z",
            "create auto_attendant/a",
            "publish auto_attendant/a",
            "update extension/4200",
        ],
    ),
    "callers come to a group once its links are there": (
        {"extension/4200": extension()},
        {
            "extension/4200": extension("ring_group/a"),
            "ring_group/a": group("ring_group/b"),
            "ring_group/b": group("ring_group/a"),
        },
        [
            "create ring_group/b",
            "create ring_group/a",
            "update ring_group/b",
            "update extension/4200",
        ],
    ),
    "callers are led elsewhere before an object goes, and its digits with it": (
        {"ring_group/a": group(pilot="600"), **number(POOLED, "ring_group/a")},
        {"ring_group/b": group(pilot="600"), **number(POOLED, "ring_group/b")},
        [
            "update ring_group/a",
            "create ring_group/b",
            f"update number/{POOLED}",
            "delete ring_group/a",
        ],
    ),
    "callers come to nothing that leads to what lacks its links": (
        {"extension/4200": extension()},
        {
            "extension/4200": extension("auto_attendant/a"),
            "auto_attendant/a": menu("ring_group/c"),
            "ring_group/c": group("ring_group/d"),
            "ring_group/d": group("ring_group/c"),
        },
        [
            "create ring_group/d",
            "create ring_group/c",
            "update ring_group/d",
            "create auto_attendant/a",
            "publish auto_attendant/a",
            "update extension/4200",
        ],
    ),
    "digits are given up before they are taken": (
        {"ring_group/z": group(pilot="600")},
        {"ring_group/a": group(pilot="600")},
        ["delete ring_group/z", "create ring_group/a"],
    ),
    "a menu is written before it goes live": (
        {"ring_group/z": group(pilot="600")},
        {"auto_attendant/main": menu(pilot="600")},
        ["delete ring_group/z", "create auto_attendant/main", "publish auto_attendant/main"],
    ),
    "two groups swap their pilots": (
        {"ring_group/a": group(pilot="600"), "ring_group/b": group(pilot="601")},
        {"ring_group/a": group(pilot="601"), "ring_group/b": group(pilot="600")},
        ["update ring_group/a", "update ring_group/b", "update ring_group/a"],
    ),
    "three groups hand their pilots on": (
        {f"ring_group/{name}": group(pilot=f"60{n}") for n, name in enumerate("abc")},
        {f"ring_group/{name}": group(pilot=f"60{n}") for n, name in enumerate("bca")},
        [
            "update ring_group/a",
            "update ring_group/b",
            "update ring_group/c",
            "update ring_group/a",
        ],
    ),
    "an extension becomes a group, whose digits cannot be given up but with it": (
        {"extension/600": extension(), **number(POOLED, "extension/600")},
        {"ring_group/a": group(pilot="600"), **number(POOLED, "ring_group/a")},
        [
            "create ring_group/a",
            f"update number/{POOLED}",
            "delete extension/600",
            "update ring_group/a",
        ],
    ),
    "an extension becomes a menu, live before callers come and dialled at the end": (
        {"extension/600": extension(), **number(POOLED, "extension/600")},
        {"auto_attendant/a": menu(pilot="600"), **number(POOLED, "auto_attendant/a")},
        [
            "create auto_attendant/a",
            "publish auto_attendant/a",
            f"update number/{POOLED}",
            "delete extension/600",
            "update auto_attendant/a",
        ],
    ),
    "a group becomes an extension": (
        {"ring_group/a": group(pilot="600"), **number(POOLED, "ring_group/a")},
        {"extension/600": extension(), **number(POOLED, "extension/600")},
        [
            "update ring_group/a",
            "create extension/600",
            f"update number/{POOLED}",
            "delete ring_group/a",
        ],
    ),
    "the pilot of a deleted group goes to a new menu, and its callers with it": (
        {"ring_group/a": group(pilot="600"), **number(POOLED, "ring_group/a")},
        {"auto_attendant/z": menu(pilot="600"), **number(POOLED, "auto_attendant/z")},
        [
            "update ring_group/a",
            "create auto_attendant/z",
            "publish auto_attendant/z",
            f"update number/{POOLED}",
            "delete ring_group/a",
        ],
    ),
    "two new groups ring each other": (
        {},
        {"ring_group/a": group("ring_group/b"), "ring_group/b": group("ring_group/a")},
        ["create ring_group/b", "create ring_group/a", "update ring_group/b"],
    ),
    "three new groups overflow in a circle": (
        {},
        {f"ring_group/{a}": group(to=f"ring_group/{b}") for a, b in ("ab", "bc", "ca")},
        [
            "create ring_group/c",
            "create ring_group/b",
            "create ring_group/a",
            "update ring_group/c",
        ],
    ),
    "two new menus lead to each other": (
        {},
        {
            "auto_attendant/a": menu("auto_attendant/b"),
            "auto_attendant/b": menu("auto_attendant/a"),
            **number(CARRIED, "auto_attendant/a"),
        },
        [
            f"order carrier_number/{CARRIED}",
            "create auto_attendant/b",
            "create auto_attendant/a",
            "publish auto_attendant/a",
            "update auto_attendant/b",
            "publish auto_attendant/b",
            f"assign number/{CARRIED}",
        ],
    ),
    "an extension and the number that it shows are made": (
        {},
        {"extension/4200": extension(caller_id=POOLED), **number(POOLED, "extension/4200")},
        ["create extension/4200", f"assign number/{POOLED}", "update extension/4200"],
    ),
    "two groups that ring each other go": (
        {"ring_group/a": group("ring_group/b"), "ring_group/b": group("ring_group/a")},
        {},
        ["update ring_group/b", "delete ring_group/a", "delete ring_group/b"],
    ),
    "three groups that overflow in a circle go, and callers are led away first": (
        {
            **{f"ring_group/{a}": group(to=f"ring_group/{b}") for a, b in ("ab", "bc", "ca")},
            "extension/4200": extension(),
            **number(POOLED, "ring_group/b"),
        },
        {"extension/4200": extension(), **number(POOLED, "extension/4200")},
        [
            f"update number/{POOLED}",
            "update ring_group/c",
            "delete ring_group/a",
            "delete ring_group/b",
            "delete ring_group/c",
        ],
    ),
    "an extension goes with its device and its box": (
        {
            "extension/4200": extension("voicemail_box/4200"),
            "device/4200-desk": {},
            "voicemail_box/4200": {"owners": ["extension/4200"]},
        },
        {},
        [
            "delete device/4200-desk",
            "update voicemail_box/4200",
            "delete extension/4200",
            "delete voicemail_box/4200",
        ],
    ),
    "numbers are bought before anything else is written": (
        {},
        {"extension/4200": extension(), **number(CARRIED, "extension/4200")},
        [
            f"order carrier_number/{CARRIED}",
            "create extension/4200",
            f"assign number/{CARRIED}",
        ],
    ),
    "a draft that stays one is not published": (
        {},
        {"auto_attendant/a": menu(publish=False)},
        ["create auto_attendant/a"],
    ),
    "what no key leads to changes the draft alone": (
        {"auto_attendant/a": menu(), "extension/4200": extension()},
        {"auto_attendant/a": menu(operator="extension/4200"), "extension/4200": extension()},
        ["update auto_attendant/a"],
    ),
    "how an account tells calls apart changes once all is there that may call": (
        {"auth/main": {"connector": "carrier", "mode": "digest"}},
        {"auth/main": {"connector": "carrier", "mode": "acl"}, "gateway/pbx": gateway("new")},
        ["create gateway/pbx", "update auth/main"],
    ),
}


@pytest.mark.parametrize(("before", "after", "expected"), CASES.values(), ids=CASES)
def test_order(before, after, expected):
    assert told(ordered(scene(before, after))) == expected


def test_what_lost_its_name_is_known_by_another_before_that_name_is_taken():
    state = scene({"gateway/z-old": gateway("old")}, {"gateway/pbx": gateway("new")})
    old = state.observed[Address(TENANT, "gateway", "z-old")]
    keep = Act(Action.ADOPT, "its name is another's now", remote=False)
    kept = Change(
        old.address, state.kinds["gateway"], keep, old.spec, old.spec, (), None, old, Cause.CONFIG
    )
    (made,) = [change for change in diff(state).changes if change.act.action is Action.CREATE]

    assert told(in_order([made, kept])) == ["adopt gateway/z-old", "create gateway/pbx"]


def leaving(*also):
    """A number whose quarantine is over, at its carrier; and more that goes."""
    before = {**number(CARRIED, "hangup"), **{reference: group() for reference in also}}
    return quarantined(scene(before, {}), CARRIED, due=True)


def test_a_number_is_the_carriers_again_before_our_record_says_so():
    order = ordered(leaving())

    assert told(order) == [f"release carrier_number/{CARRIED}", f"release number/{CARRIED}"]
    carrier, record = (step.ident for step in order.steps)
    assert order.waits_for == {carrier: (), record: (carrier,)}


def test_releases_come_after_everything_else():
    assert told(ordered(leaving("ring_group/a"))) == [
        "delete ring_group/a",
        f"release carrier_number/{CARRIED}",
        f"release number/{CARRIED}",
    ]


def test_a_live_menu_that_is_not_the_draft_is_replaced_before_anything_goes():
    before = {
        "auto_attendant/main": menu(),
        "ring_group/a": group(),
        "ring_group/b": group(pilot="600"),
    }
    after = {"auto_attendant/main": menu("extension/600"), "extension/600": extension()}
    state = scene(before, after)
    main = Address(TENANT, "auto_attendant", "main")
    live = {**state.observed, main: replace(state.observed[main], published="something else")}

    assert told(ordered(replace(state, observed=live))) == [
        "update ring_group/b",
        "create extension/600",
        "update auto_attendant/main",
        "publish auto_attendant/main",
        "delete ring_group/a",
        "delete ring_group/b",
    ]


def test_an_object_waits_for_the_publishing_of_the_menu_that_led_to_it():
    before = {"auto_attendant/a": menu("ring_group/a"), "ring_group/a": group()}
    order = ordered(scene(before, {"auto_attendant/a": menu()}))

    draft, live, gone = (step.ident for step in order.steps)
    assert told(order)[2] == "delete ring_group/a"
    assert order.waits_for[gone] == (draft, live)


def test_every_digit_of_a_swap_stays_with_somebody_and_each_step_says_why():
    a, b = (
        {"ring_group/a": group(pilot=x), "ring_group/b": group(pilot=y)}
        for x, y in (("600", "601"), ("601", "600"))
    )
    first, other, last = ordered(scene(a, b)).steps

    assert (first.before["pilot"], first.after.get("pilot")) == ("600", None)
    assert first.because == "gives 600 up, so that ring_group/b can take it"
    assert (other.before["pilot"], other.after["pilot"]) == ("601", "600")
    assert (last.before.get("pilot"), last.after["pilot"]) == (None, "601")


def test_the_parts_of_a_split_change_keep_the_causes_of_its_fields():
    before = {"ring_group/a": group(pilot="600"), "ring_group/b": group(pilot="601")}
    after = {"ring_group/a": group(pilot="601"), "ring_group/b": group(pilot="600")}
    state = scene(before, after)
    at = Address(TENANT, "ring_group", "a")
    drifted = seen(at, {**state.observed[at].spec, "strategy": "sequential"})
    steps = ordered(replace(state, observed={**state.observed, at: drifted})).steps

    causes = [(item.path, item.cause.value) for item in steps[0].fields + steps[2].fields]
    assert causes == [("/pilot", "config"), ("/pilot", "config"), ("/strategy", "drift")]


def test_what_cannot_be_cut_is_told_with_the_steps_in_each_others_way():
    before, after = CASES["two new groups ring each other"][:2]
    changes = diff(scene(before, after)).changes
    stubborn = type(
        "Stubborn", (changes[0].cls,), {"kind": "ring_group", "bare": classmethod(lambda *_: None)}
    )

    with pytest.raises(Circle) as raised:
        in_order([change._replace(cls=stubborn) for change in changes])

    assert {step.address.name for step in raised.value.steps} == {"a", "b"}
    assert all(step.act.action is Action.CREATE for step in raised.value.steps)


def test_many_extensions_that_show_one_number_are_cut_in_one_go():
    digits = [str(number) for number in range(1000, 1300)]
    tenant = {f"extension/{d}": extension(caller_id=POOLED) for d in digits}
    tenant["ring_group/a"] = group(*(f"extension/{d}" for d in digits[:200]))
    tenant |= number(POOLED, "ring_group/a")
    order = ordered(scene({}, tenant))

    links = [step for step in order.steps if step.because]
    assert len(links) == 200
    assert {step.because for step in links} == {f"a circle with number/{POOLED}"}


def test_a_number_is_got_and_routed_before_another_leaves_service():
    before = number(CARRIED, "hangup")
    after = number("+12015550151", "hangup")

    order = told(ordered(scene(before, after)))

    assert order.index(f"quarantine number/{CARRIED}") > order.index("assign number/+12015550151")
