from __future__ import annotations

import json

import pytest

from reconciler.engine.plan import Because, Drifted, Held
from reconciler.errors import Exit
from reconciler.model.act import Action, Cause
from reconciler.report.drift import WaysOut, drift_exit, drift_json, drift_text, tenant_drift
from reconciler.report.markdown import drift_md
from reconciler.report.text import as_text
from tests.report.plans import CANARY, at, operation, part, replaced, secret

LEFT = Drifted(
    address="acme/ring_group/sales",
    changes=(replaced("/ring", "40s", "25s", Cause.DRIFT),),
    who="pat@reseller.example",
    at="2026-11-21T13:58:00Z",
)
OVERWRITTEN = operation(
    "op-01", "acme/number/+12015550100", Action.UPDATE, before={}, after={}, cause=Cause.BOTH,
    source=at(8), changes=(
        replaced("/cnam", "ACME INC", "ACME LTD", Cause.BOTH),
        replaced("/label", "a", "b"),
    ),
)  # fmt: skip
MISSING = operation("op-02", "acme/device/102-mobile", Action.CREATE, after={}, source=at(60),
                    entry="acme/extension/102", cause=Cause.DRIFT)  # fmt: skip
MERGED = operation("op-03", "acme/extension/109", Action.CREATE, after={})
PUT_IN = operation(
    "op-04", "acme/extension/110", Action.UPDATE, before={}, after={}, cause=Cause.DRIFT,
    changes=(replaced("/pilot", "1", None, Cause.DRIFT),),
    because=(Because(type="operation", text="gives 1 up"),),
)  # fmt: skip
BLIND = Held(
    address="initech/number/+1201", what="unchecked", detail="not checked: voicetel: spent"
)
UNHELD = Held(
    address="acme/number/+1201", what="unsupported", detail="connector dial9 cannot hold cnam"
)
DUE = operation("op-05", "acme/number/+12015550188", Action.RELEASE, before={},
                approval="release:+12015550188")  # fmt: skip


def everything():
    return (
        part(
            "acme",
            operations=(OVERWRITTEN, MISSING, MERGED),
            drifted=(LEFT,),
            unmanaged=("acme/conference/townhall",),
        ),
        part("globex", operations=(MERGED.model_copy(update={"entry": "globex/extension/1"}),)),
        part("initech", held=(BLIND,)),
        part("umbrella", unchanged=4),
    )


def test_drift_of_four_tenants(golden):
    golden("drift", drift_text(everything()))


STATES = {
    "a field": ({"drifted": (LEFT,)}, "drifted", Exit.PENDING),
    "a field that git changed as well": ({"operations": (OVERWRITTEN,)}, "drifted", Exit.PENDING),
    "an object that is gone": ({"operations": (MISSING,)}, "drifted", Exit.PENDING),
    "drift beside what was not checked": (
        {"drifted": (LEFT,), "held": (BLIND,)},
        "drifted",
        Exit.PENDING,
    ),
    "not checked": ({"held": (BLIND,)}, "not_checked", Exit.UNAVAILABLE),
    "not checked, and merged": (
        {"held": (BLIND,), "operations": (MERGED,)},
        "not_checked",
        Exit.UNAVAILABLE,
    ),
    "what its carrier did not take": (
        {"held": (BLIND.model_copy(update={"what": "not_taken"}),)},
        "not_checked",
        Exit.UNAVAILABLE,
    ),
    "what a connector cannot hold": ({"held": (UNHELD,)}, "unsupported", Exit.DONE),
    "what a connector cannot hold beside a change": (
        {"held": (UNHELD,), "operations": (MERGED,)},
        "unsupported",
        Exit.DONE,
    ),
    "merged": ({"operations": (MERGED,)}, "pending", Exit.DONE),
    "a step that was put in": ({"operations": (PUT_IN,)}, "pending", Exit.DONE),
    "a release that is due": ({"operations": (DUE,)}, "clean", Exit.DONE),
    "not ours": ({"unmanaged": ("acme/conference/x",)}, "clean", Exit.DONE),
    "nothing": ({}, "clean", Exit.DONE),
}


@pytest.mark.parametrize(("facts", "state", "status"), STATES.values(), ids=STATES)
def test_the_state_of_a_tenant(facts, state, status):
    made = part("acme", **facts)

    assert tenant_drift(made).state == state
    assert drift_exit([made]) is status


def test_drift_at_one_tenant_outranks_what_was_not_checked_at_another():
    assert drift_exit(everything()) is Exit.PENDING
    assert drift_exit(everything()[1:]) is Exit.UNAVAILABLE


def test_what_a_connector_cannot_hold_is_told_as_that():
    made = [part("acme", held=(UNHELD,))]
    text = " ".join(as_text(drift_text(made)).split())
    (tenant,) = json.loads(drift_json(made))["tenants"]

    assert "acme 1 that a connector cannot hold" in text
    assert "not held number/+1201 connector dial9 cannot hold cnam" in text
    assert "NOT CHECKED" not in text
    assert tenant["not_checked"] == []
    assert tenant["unsupported"] == [{"address": UNHELD.address, "detail": UNHELD.detail}]
    assert "cannot hold cnam" in drift_md(made)


def test_what_is_gone_is_not_pending_as_well():
    assert tenant_drift(part("acme", operations=(MISSING, MERGED))).pending == 1


def test_the_ways_out_are_the_callers():
    ways = WaysOut(revert="", keep="reconciler accept {address}")
    text = as_text(drift_text(everything()[:1], ways))

    assert "revert" not in text
    assert "keep   reconciler accept acme/ring_group/sales" in text


def test_a_sealed_token_is_not_shown():
    change = replaced("/pin", secret(1), secret(2), Cause.DRIFT)
    text = as_text(
        drift_text([part("acme", drifted=(LEFT.model_copy(update={"changes": (change,)}),))])
    )

    assert CANARY not in text
    assert "pin: (secret, v1 → v2)" in text


def test_json_tells_states_apart():
    document = json.loads(drift_json(everything()))
    tenants = {tenant["tenant"]: tenant for tenant in document["tenants"]}

    assert document["exit_code"] == 2
    assert document["summary"] == {
        "drifted": 1, "not_checked": 1, "unsupported": 0, "pending": 1, "clean": 1,
    }  # fmt: skip

    assert tenants["acme"]["missing"] == ["acme/device/102-mobile"]
    assert tenants["acme"]["pending"] == 2
    assert tenants["acme"]["unmanaged"] == ["acme/conference/townhall"]
    assert [item["address"] for item in tenants["acme"]["drifted"]] == [
        "acme/ring_group/sales",
        "acme/number/+12015550100",
    ]
    assert [c["path"] for c in tenants["acme"]["drifted"][1]["changes"]] == ["/cnam"]
    assert tenants["initech"]["not_checked"] == [
        {"address": "initech/number/+1201", "detail": "not checked: voicetel: spent"}
    ]
