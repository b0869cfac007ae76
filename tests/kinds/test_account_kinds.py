"""The kinds of a carrier account: what a section declares, what is the same thing, what stays."""

from __future__ import annotations

import pytest

from reconciler.kinds import KINDS
from reconciler.model.account_fields import (
    AuthFields,
    CampaignFields,
    GatewayFields,
    InternalNumberFields,
)
from reconciler.model.account_object import AccountObject
from reconciler.model.act import Act, Action, Charge, Refusal, Reversibility
from reconciler.model.resource import Home

OF_ACCOUNT = sorted(kind for kind, cls in KINDS.items() if issubclass(cls, AccountObject))
BRAND = {"connector": "vt", "id": "BMQ8L9X", "name": "Harbor Dental"}
CAMPAIGN = {"connector": "vt", "id": "CH5K5IZ", "brand": "harbor", "description": "Reminders"}


def test_all_of_them_live_at_a_carrier_and_in_no_tenant_file():
    assert OF_ACCOUNT == [
        "account",
        "acl",
        "auth",
        "brand",
        "campaign",
        "gateway",
        "internal_number",
    ]
    for kind in OF_ACCOUNT:
        assert KINDS[kind].home is Home.CARRIER
        assert KINDS[kind].section == ""
        assert KINDS[kind].of_account


def test_a_section_declares_objects_with_names_and_places():
    gateways = {"pbx": GatewayFields(host="a.example.net")}
    found = list(KINDS["gateway"].declared("vt", gateways))
    assert found == [("pbx", {"host": "a.example.net", "limit": 23, "prefix": ""}, ("pbx",))]
    (entry,) = KINDS["acl"].declared("vt", ("198.51.100.0/24",))
    assert entry == ("198.51.100.0-24", {"cidr": "198.51.100.0/24"}, (0,))
    (mode,) = KINDS["auth"].declared("vt", AuthFields(mode="acl"))
    assert mode == ("vt", {"mode": "acl"}, ())


def test_a_gateway_is_told_apart_by_its_host_and_nothing_else():
    gateway = KINDS["gateway"]
    one = {"connector": "vt", "host": "a.example.net", "limit": 23, "prefix": ""}

    assert gateway.identity(one) == gateway.identity(one | {"limit": 50, "prefix": "9"})
    assert gateway.identity(one) != gateway.identity(one | {"host": "b.example.net"})


@pytest.mark.parametrize(("kind", "spec"), [("brand", BRAND), ("campaign", CAMPAIGN)])
def test_what_is_registered_needs_an_approval_costs_and_stays(kind, spec):
    cls = KINDS[kind]
    act = cls.arrives("x", spec, None)

    assert isinstance(act, Act)
    assert (act.charge, act.reversibility) == (Charge.UNKNOWN, Reversibility.IRREVERSIBLE)
    assert act.approval == f"register:{spec['id']}"
    assert cls.approvals("x", Action.CREATE, spec) == {act.approval}
    assert cls.approvals("x", Action.ADOPT, spec) == frozenset()
    changed = cls.changes("x", spec, spec | {"description": "other"}, None)
    assert isinstance(changed, Refusal)
    assert "description" in changed.detail
    assert cls.leaves("x", spec, None) is None


def test_of_a_campaign_that_others_registered_only_the_id_is_compared():
    there = {"connector": "vt", "id": "CH5K5IZ"}

    assert KINDS["campaign"].as_it_runs(there, CAMPAIGN) == there
    assert KINDS["campaign"].as_it_runs(CAMPAIGN, CAMPAIGN) is CAMPAIGN


def test_settings_that_git_leaves_out_stay_as_they_are():
    there = {"connector": "vt", "timezone": "Asia/Tokyo", "notify": True}
    wanted = {"connector": "vt", "notify": False}

    assert KINDS["account"].as_it_runs(there, wanted) == there | {"notify": False}


@pytest.mark.parametrize("kind", ["account", "auth"])
def test_what_every_account_has_is_never_taken_away(kind):
    assert KINDS[kind].leaves("vt", {"connector": "vt"}, None) is None


def test_what_may_shut_a_pbx_out_says_so():
    auth = KINDS["auth"]
    before, after = {"connector": "vt", "mode": "digest"}, {"connector": "vt", "mode": "acl"}

    assert "refused from then on" in auth.joins(before, after).reason
    assert "refused from then on" in auth.changes("vt", before, after, None).reason
    assert "refused" not in auth.joins(after, after).reason
    act, left = KINDS["acl"].leaves("198.51.100.0-24", {"connector": "vt"}, None)
    assert left is None
    assert "refused from then on" in act.reason


def test_a_number_needs_its_gateway_and_its_campaign():
    needs = KINDS["carrier_number"].needs_of_account

    assert needs({"handoff": "pbx", "campaign": "reminders"}) == {
        "gateway/pbx",
        "campaign/reminders",
    }
    assert needs({"handoff": {"type": "Extension", "name": "trunk"}}) == frozenset()


def test_a_campaign_may_be_written_as_its_id():
    assert CampaignFields.model_validate({"id": "CH5K5IZ"}).brand is None


TRUNK = {"type": "Extension", "name": "pbx-trunk"}


def test_an_internal_number_is_named_by_its_digits_and_what_is_off_is_left_out():
    fields = InternalNumberFields.model_validate({"handoff": TRUNK, "record": False})

    found = list(KINDS["internal_number"].declared("d9", {"0100": fields}))

    assert found == [("0100", {"handoff": TRUNK, "pass_caller_id": True}, ("0100",))]
    recorded = InternalNumberFields.model_validate({"handoff": TRUNK, "record": True})
    (entry,) = KINDS["internal_number"].declared("d9", {"0100": recorded})
    assert entry[1]["record"] is True


def test_an_internal_number_keeps_its_id_and_its_going_says_what_that_means():
    cls, spec = KINDS["internal_number"], {"connector": "d9", "handoff": TRUNK}

    assert cls.remembered(spec, spec, "4243", "") == spec | {"id": "4243"}
    assert cls.remembered(spec, spec, "", "") == spec
    act, left = cls.leaves("0100", spec, None)
    assert (act.action, left) == (Action.DELETE, None)
    assert "who dials 0100 there reaches nobody" in act.reason
