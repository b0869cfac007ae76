"""Three states of one address, and what follows: the table is the specification."""

from dataclasses import replace

import pytest

from reconciler.engine.diff import diff
from reconciler.kinds import KINDS
from reconciler.model.act import Action, Cause
from reconciler.model.address import Address
from reconciler.model.state import Applied, Observed
from reconciler.model.supply import Holding, NumberState, PoolNumber, Stock
from tests.crash.scripts import TENANT, desired
from tests.engine.draws import AT, known, number, quarantined, scene, seen

GROUP = "ring_group/sales"
SALES = Address(TENANT, "ring_group", "sales")
POOLED = "+12015550160"
CARRIED = "+12015550150"


def group(**fields):
    return {"members": [], **fields}


def three(git=None, there=None, applied=None, **changed):
    """One group as git, the platform and the last apply have it; None where it is not."""
    wanted = desired({GROUP: group(**git)} if git is not None else {}).objects

    def spec(fields):
        return KINDS["ring_group"].model_validate(group(**fields)).spec()

    return replace(
        scene({}, {}),
        desired=wanted,
        observed={SALES: seen(SALES, spec(there))} if there is not None else {},
        applied={SALES: Applied(SALES, spec(applied), "run-1", AT)} if applied is not None else {},
        **changed,
    )


CASES = {
    # git, there, applied -> action, overall cause, fields with before, after and cause
    "nothing differs": ({"ring": "20s"}, {"ring": "20s"}, {"ring": "20s"}, None),
    "new": (
        {"ring": "15s"}, None, None,
        ("create", "config", [("/ring", None, "15s", "config")]),
    ),
    "somebody deleted it": (
        {"ring": "15s"}, None, {"ring": "15s"},
        ("create", "drift", [("/ring", None, "15s", "drift")]),
    ),
    "somebody deleted it and git changed it": (
        {"ring": "25s"}, None, {"ring": "15s"},
        ("create", "config", [("/ring", None, "25s", "config")]),
    ),
    "git changed it": (
        {"ring": "25s"}, {"ring": "15s"}, {"ring": "15s"},
        ("update", "config", [("/ring", "15s", "25s", "config")]),
    ),
    "somebody else changed it": (
        {"ring": "15s"}, {"ring": "25s"}, {"ring": "15s"},
        ("update", "drift", [("/ring", "25s", "15s", "drift")]),
    ),
    "both changed it": (
        {"ring": "30s"}, {"ring": "25s"}, {"ring": "15s"},
        ("update", "both", [("/ring", "25s", "30s", "both")]),
    ),
    "both came to the same": ({"ring": "25s"}, {"ring": "25s"}, {"ring": "15s"}, None),
    "git added a field": (
        {"pilot": "600"}, {}, {},
        ("update", "config", [("/pilot", None, "600", "config")]),
    ),
    "git took a field out": (
        {}, {"pilot": "600"}, {"pilot": "600"},
        ("update", "config", [("/pilot", "600", None, "config")]),
    ),
    "somebody added a field": (
        {}, {"pilot": "600"}, {},
        ("update", "drift", [("/pilot", "600", None, "drift")]),
    ),
    "one field each": (
        {"ring": "25s", "pilot": "600"}, {"ring": "15s", "pilot": "601"},
        {"ring": "15s", "pilot": "600"},
        ("update", "both", [("/pilot", "601", "600", "drift"), ("/ring", "15s", "25s", "config")]),
    ),
    "gone from git": (None, {}, {}, ("delete", "config", [])),
    "gone from git and changed by somebody": (
        None, {"pilot": "600"}, {},
        ("delete", "config", [("/pilot", "600", None, "drift")]),
    ),
    "gone everywhere": (None, None, {}, None),
    "there, in git, and never applied": (
        {"ring": "25s"}, {"ring": "15s"}, None,
        ("adopt", "config", [("/ring", "15s", "25s", "config")]),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("git", "there", "applied", "expected"), CASES.values(), ids=CASES)
def test_one_address(git, there, applied, expected):
    found = diff(three(git, there, applied))

    if expected is None:
        assert found.changes == ()
        return
    (change,) = found.changes
    action, cause, fields = expected
    told = {f.path: (f.path, f.before, f.after, f.cause.value) for f in change.fields}
    assert (change.act.action.value, change.cause.value) == (action, cause)
    assert [told[path] for path, *_ in fields] == fields
    if action in {"update", "adopt"}:
        assert len(told) == len(fields)


def test_what_is_not_ours_is_left_alone():
    state = three(None, {}, None)
    unmanaged = diff(state)
    assert (unmanaged.changes, [o.address for o in unmanaged.unmanaged]) == ((), [SALES])

    flagged = diff(
        replace(
            three(None, {}, {}),
            observed={SALES: replace(state.observed[SALES], managed=False)},
        )
    )
    assert (flagged.changes, [o.address for o in flagged.unmanaged]) == ((), [SALES])


def test_taking_over_what_is_as_git_says_sends_nothing():
    (change,) = diff(three({}, {}, None)).changes

    assert (change.act.action, change.act.remote, change.fields) == (Action.ADOPT, False, ())


def test_what_waits_for_an_open_operation_is_not_compared():
    frozen = three({"ring": "25s"}, {"ring": "15s"}, {"ring": "15s"}, frozen=frozenset({SALES}))

    assert diff(frozen).changes == ()


def test_a_field_that_is_new_in_this_version_changes_nothing():
    state = three({}, {}, {})
    old = {name: value for name, value in state.observed[SALES].spec.items() if name != "repeats"}
    was = Applied(SALES, old, "run-1", AT)

    found = diff(replace(state, observed={SALES: seen(SALES, old)}, applied={SALES: was}))

    assert (found.changes, found.unchanged) == ((), 1)


def test_gone_everywhere_is_told():
    assert diff(three(None, None, {})).gone == (SALES,)


def test_one_changed_key_of_a_menu_is_one_change():
    menu = {
        "greeting": {"say": "Hello"}, "options": {"1": "hangup", "2": "busy"},
        "timeout": {"to": "hangup"}, "invalid": {"to": "hangup"},
    }  # fmt: skip
    after = {**menu, "options": {"1": "hangup", "2": "back", "#": "repeat"}}
    (change,) = diff(scene({"auto_attendant/a": menu}, {"auto_attendant/a": after})).changes

    assert [(f.path, f.before, f.after) for f in change.fields] == [
        ("/options/#", None, "repeat"),
        ("/options/2", "busy", "back"),
    ]


def test_a_menu_whose_live_version_is_another_is_published_again():
    menu = {"greeting": {"say": "Hello"}, "timeout": {"to": "hangup"}, "invalid": {"to": "hangup"}}
    state = scene({"auto_attendant/a": menu}, {"auto_attendant/a": menu})
    ((at, have),) = state.observed.items()

    assert diff(state).changes == ()
    (change,) = diff(replace(state, observed={at: replace(have, published="other")})).changes
    assert (change.act.action, change.fields) == (Action.UPDATE, ())


# Drift that is only reported.


def leaving_drift(git, there, applied):
    return diff(three(git, there, applied, reverts_drift=lambda address: False))


def test_only_what_git_changed_is_done_and_drift_stays_as_it_is():
    found = leaving_drift(
        {"ring": "25s", "pilot": "600"},
        {"ring": "15s", "pilot": "601"},
        {"ring": "15s", "pilot": "600"},
    )

    (change,), (left,) = found.changes, found.reported
    assert [(f.path, f.cause) for f in change.fields] == [("/ring", Cause.CONFIG)]
    assert (change.after["ring"], change.after["pilot"], change.cause) == (
        "25s",
        "601",
        Cause.CONFIG,
    )
    assert (change.remember["ring"], change.remember["pilot"]) == ("25s", "600")
    assert [(f.path, f.before, f.after) for f in left.fields] == [("/pilot", "601", "600")]


def test_a_field_that_somebody_took_out_stays_out():
    found = leaving_drift(
        {"pilot": "600", "ring": "25s"}, {"ring": "15s"}, {"pilot": "600", "ring": "15s"}
    )

    assert "pilot" not in found.changes[0].after


def test_what_only_drifted_is_reported():
    found = leaving_drift({"ring": "15s"}, {"ring": "25s"}, {"ring": "15s"})

    assert (found.changes, [c.address for c in found.reported]) == ((), [SALES])


def test_what_both_changed_is_as_git_says():
    found = leaving_drift({"ring": "30s"}, {"ring": "25s"}, {"ring": "15s"})

    assert (found.changes[0].after["ring"], found.reported) == ("30s", ())


def test_what_somebody_deleted_is_made_again():
    assert leaving_drift({}, None, {}).changes[0].act.action is Action.CREATE


def test_drift_hides_no_delete():
    found = leaving_drift(None, {"pilot": "600"}, {})

    assert (found.changes[0].act.action, found.reported) == (Action.DELETE, ())


# Numbers.


def test_a_number_that_left_git_is_quarantined_and_stays_at_its_carrier():
    (change,) = diff(scene(number(CARRIED, "busy"), {})).changes

    assert change.act.action is Action.QUARANTINE
    assert (change.after["to"], change.after["state"]) == ("not_in_service", "quarantined")


@pytest.mark.parametrize(("due", "actions"), [(False, []), (True, [Action.RELEASE])])
def test_a_quarantined_number_goes_only_when_that_is_over(due, actions):
    state = quarantined(scene(number(POOLED, "busy"), {}), POOLED, due=due)

    assert [change.act.action for change in diff(state).changes] == actions


def test_a_protected_number_is_refused_and_stays():
    state = scene({f"number/{POOLED}": {"to": "busy", "protect": True}}, {})
    found = diff(state)

    assert (found.changes, [r.refusal.code for r in found.refused]) == ((), ["TEL412"])


def test_a_number_that_the_account_has_is_adopted_and_not_bought():
    state = scene({}, number(CARRIED, "busy"))
    at = Address(TENANT, "carrier_number", CARRIED)
    spec = state.desired[at].spec
    holding = Holding("carrier", "id-1", AT, spec)
    state = replace(
        state,
        observed={at: Observed(at, spec, managed=False)},
        supply={CARRIED: known(state, CARRIED, holding=holding, stock=Stock.ABSENT)},
    )

    assert [change.act.action for change in diff(state).changes] == [Action.ADOPT, Action.ASSIGN]


def test_a_number_of_another_tenant_is_refused():
    state = scene({}, number(POOLED, "busy"))
    pool = PoolNumber(POOLED, NumberState.ASSIGNED, "globex")
    found = diff(replace(state, supply={POOLED: known(state, POOLED, pool=pool)}))

    assert (found.changes, [r.refusal.code for r in found.refused]) == ((), ["TEL410"])
