"""Who may call through a carrier account: its access list, and how calls authenticate."""

from __future__ import annotations

import pytest

from reconciler.sandbox.voicetel.auth import MODES
from tests.cli.conftest import project
from tests.e2e.test_account_gateways import (
    FIRST,
    LAST,
    acts,
    at_carrier,
    events,
    operations,
    plan,
    store_of,
)

__all__ = ["project"]

GATEWAYS = '    gateways: {pbx: {host: "sip.example.net:5060"}}\n'
OURS = {"digest": "digest", "ip": "acl", "either": "digest_or_acl", "both": "digest_and_acl"}


@pytest.fixture(params=["spec", "sdk"])
def account(request, project):
    """A project in sync, whose account speaks one of the two dialects."""
    project.applied()
    at_carrier(project, lambda store: store.change_setting("dialect", request.param))
    return project


def declare(project, **sections):
    """Write sections of the connector, in the place of those that there are."""
    path = project.root / "reconciler.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(("    acl:", "    auth:"))]
    at = kept.index(GATEWAYS)
    kept[at + 1 : at + 1] = [f"    {name}: {said}\n" for name, said in sections.items()]
    path.write_text("".join(kept), encoding="utf-8")


def listed(project):
    store = store_of(project)
    found = store.acl()
    store.close()
    return found


def mode(project):
    store = store_of(project)
    found = store.records.get("auth", "").get("mode", "digest")
    store.close()
    return OURS[found]


def test_entries_are_added_before_others_are_removed(account):
    declare(account, acl="[203.0.113.0/24, 198.51.100.7]")
    account.applied()
    assert listed(account) == ("198.51.100.7/32", "203.0.113.0/24")
    assert operations(account) == []

    declare(account, acl="[203.0.113.0/24, 192.0.2.0/24]")
    assert acts(account) == {
        FIRST: ["create @sandbox/acl/192.0.2.0-24"],
        "acme": [],
        LAST: ["delete @sandbox/acl/198.51.100.7-32"],
    }
    assert "may be refused from then on" in " ".join(account.ok("plan").out.split())
    before = len(events(account))
    account.applied()

    assert events(account)[before:] == ["acl added", "acl removed"]
    assert listed(account) == ("192.0.2.0/24", "203.0.113.0/24")
    assert operations(account) == []
    assert account.run("drift").status == 0


def test_what_others_put_on_the_list_is_told_and_stays(account):
    at_carrier(account, lambda store: store.save_acl("192.0.2.0/24"))
    declare(account, acl="[203.0.113.0/24]")

    assert plan(account)["parts"][0]["unmanaged"] == ["@sandbox/acl/192.0.2.0-24"]
    account.applied()

    assert listed(account) == ("192.0.2.0/24", "203.0.113.0/24")


def test_an_entry_taken_away_by_hand_is_drift_and_put_back(account):
    declare(account, acl="[203.0.113.0/24]")
    account.applied()
    at_carrier(account, lambda store: store.remove_acl("203.0.113.0/24"))

    drift = account.run("drift", "-o", "json")
    assert drift.status == 2
    (found,) = [t for t in drift.document["tenants"] if t["tenant"] == FIRST]
    assert found["missing"] == ["@sandbox/acl/203.0.113.0-24"]
    account.applied()
    assert listed(account) == ("203.0.113.0/24",)


def test_one_entry_that_is_refused_leaves_a_true_picture_of_the_others(account):
    declare(account, acl="[203.0.113.0/24, 192.0.2.0/24]")
    account.ok("plan", "--out", "plan.json")
    account.ok("sandbox", "fault", "refuse", "--method", "POST", "--path", "/v2.2/acl")

    ended = account.run("apply", "plan.json", "-o", "json")

    assert ended.status == 5
    results = ended.document["parts"][0]["operations"]
    done = {each["address"].split("/", 1)[1]: each["status"] for each in results}
    assert sorted(done.values()) == ["done", "failed"]
    assert len(listed(account)) == 1
    account.applied()
    assert len(listed(account)) == 2


SWAPS = {
    "wider": ("203.0.113.7/32", "203.0.113.0/24"),
    "narrower": ("203.0.113.0/24", "203.0.113.7/32"),
}


@pytest.mark.parametrize("swap", SWAPS)
def test_an_entry_takes_the_place_of_one_that_it_overlaps_in_one_apply(account, swap):
    old, new = SWAPS[swap]
    declare(account, acl=f"[{old}]")
    account.applied()
    declare(account, acl=f"[{new}]")

    names = [name.replace("/", "-") for name in (old, new)]
    assert FIRST not in acts(account)
    assert acts(account)[LAST] == [
        f"delete @sandbox/acl/{names[0]}",
        f"create @sandbox/acl/{names[1]}",
    ]
    told = " ".join(account.ok("plan").out.split())
    assert f"overlaps acl/{names[0]}, removed right before it" in told
    account.applied()

    assert listed(account) == (new,)
    assert operations(account) == []
    assert account.run("drift").status == 0


def test_the_list_has_entries_in_between_wherever_it_can(account):
    declare(account, acl="[198.51.100.7, 203.0.113.7, 192.0.2.7]")
    account.applied()
    declare(account, acl="[198.51.100.0/24, 203.0.113.0/24]")

    assert acts(account)[LAST] == [
        "delete @sandbox/acl/198.51.100.7-32",
        "create @sandbox/acl/198.51.100.0-24",
        "delete @sandbox/acl/203.0.113.7-32",
        "create @sandbox/acl/203.0.113.0-24",
        "delete @sandbox/acl/192.0.2.7-32",
    ]
    # What does not wait for anything may be sent together.
    waits = {each["id"]: each["depends_on"] for each in operations(account)}
    ids = sorted(waits)
    assert [waits[each] for each in ids[:4]] == [[], ids[:1], ids[1:2], ids[2:3]]
    assert set(waits[ids[4]]) == {ids[1], ids[3]}
    account.applied()
    assert listed(account) == ("198.51.100.0/24", "203.0.113.0/24")


def test_two_entries_take_the_place_of_one(account):
    declare(account, acl="[203.0.113.0/24]")
    account.applied()
    declare(account, acl="[203.0.113.7, 203.0.113.9]")

    account.applied()

    assert listed(account) == ("203.0.113.7/32", "203.0.113.9/32")


def test_what_keeps_a_new_entry_out_and_is_not_ours_stays_with_all_that_is_in_its_way(account):
    declare(account, acl="[203.0.113.7]")
    account.applied()
    at_carrier(account, lambda store: store.save_acl("203.0.113.9/32"))
    declare(account, acl="[203.0.113.0/24]")

    made = plan(account)

    held = {each["address"]: each for part in made["parts"] for each in part["held"]}
    assert operations(account) == []
    new, old = held["@sandbox/acl/203.0.113.0-24"], held["@sandbox/acl/203.0.113.7-32"]
    assert (new["what"], old["what"]) == ("unsupported", "waiting")
    assert "overlaps acl/203.0.113.9-32, which stays" in new["detail"]
    assert "makes room for acl/203.0.113.0-24, which is not planned" in old["detail"]
    assert account.run("apply", "--yes").status == 7
    assert listed(account) == ("203.0.113.7/32", "203.0.113.9/32")
    at_carrier(account, lambda store: store.remove_acl("203.0.113.9/32"))
    account.applied()
    assert listed(account) == ("203.0.113.0/24",)


def test_a_new_entry_that_is_refused_is_made_by_the_next_apply(account):
    declare(account, acl="[203.0.113.7]")
    account.applied()
    declare(account, acl="[203.0.113.0/24]")
    account.ok("sandbox", "fault", "refuse", "--method", "POST", "--path", "/v2.2/acl")

    assert account.run("apply", "--yes").status == 5
    account.applied()

    assert listed(account) == ("203.0.113.0/24",)


def test_authentication_changes_once_the_wider_entry_is_there(account):
    declare(account, acl="[203.0.113.7]")
    account.applied()
    declare(account, acl="[203.0.113.0/24]", auth="{mode: digest_and_acl}")
    before = len(events(account))

    account.applied()

    assert events(account)[before:] == ["acl removed", "acl added", "authentication changed"]


def test_a_setting_that_is_left_as_it_is_keeps_nothing_on_the_list(account):
    declare(account, acl="[203.0.113.7]")
    account.applied()
    declare(account, acl="[203.0.113.0/24]")
    account.change("location: hq}", "location: hq, pass_caller_id: true}")

    assert account.run("apply", "--yes").status == 7

    assert listed(account) == ("203.0.113.0/24",)


@pytest.mark.parametrize(
    ("mode", "listed", "status"),
    [
        ("acl", "[]", 3),
        ("digest_and_acl", "[]", 3),
        ("digest_or_acl", "[]", 0),
        ("digest", "[]", 0),
        ("acl", "[203.0.113.7]", 0),
    ],
)
def test_a_list_that_every_call_is_held_against_has_an_entry(project, mode, listed, status):
    declare(project, acl=listed, auth=f"{{mode: {mode}}}")

    ended = project.run("validate")

    assert ended.status == status
    assert ("no call fits" in ended.out + ended.err) is (status == 3)


WRONG = {
    "10.0.0.0/8": "not a public one",
    "203.0.113.0/25": "/8, /16, /24 or /32",
    "203.0.113.5/24": "203.0.113.0/24",
    "here": "no IPv4 network",
    "224.0.0.0/8": "not a public one",
}


@pytest.mark.parametrize("cidr", WRONG)
def test_a_network_that_no_account_takes_is_a_problem_with_a_place(project, cidr):
    declare(project, acl=f"[192.0.2.0/24, {cidr}]")

    ended = project.run("validate")

    assert ended.status == 3
    assert WRONG[cidr] in ended.out + ended.err
    assert "reconciler.yaml:12" in ended.out + ended.err


def test_networks_that_overlap_are_a_problem(project):
    declare(project, acl="[203.0.113.0/24, 203.0.113.9/32]")

    assert "in common" in project.run("validate").err + project.ended[-1].out
    assert project.ended[-1].status == 3


def test_a_way_of_authentication_is_set_by_name_whatever_its_number(account):
    for wanted in ("digest_and_acl", "acl", "digest_or_acl", "digest"):
        declare(account, auth=f"{{mode: {wanted}}}")
        assert "refused from then on" in " ".join(account.ok("plan").out.split())
        account.applied()
        assert mode(account) == wanted
        assert operations(account) == []
    assert account.run("drift").status == 0


def test_what_the_words_of_the_carrier_leave_open_is_not_written(account):
    declare(account, auth="{mode: acl}")

    made = plan(account)

    (held,) = [each for part in made["parts"] for each in part["held"]]
    assert held["what"] == "unsupported"
    assert "does not tell which number means acl" in held["detail"]
    assert account.run("apply", "--yes").status == 7
    assert mode(account) == "digest"


@pytest.mark.parametrize("words", ["Something new", "IP Auth"])
def test_words_that_are_not_known_or_contradict_the_number_are_not_believed(
    account, monkeypatch, words
):
    odd = {name: tuple((ours, words) for ours, _ in modes) for name, modes in MODES.items()}
    monkeypatch.setattr("reconciler.sandbox.voicetel.auth.MODES", odd)
    declare(account, auth="{mode: digest_and_acl}")

    assert account.run("apply", "--yes").status == 7
    assert mode(account) == "digest"


def test_authentication_changes_once_all_that_it_needs_is_on_the_list(account):
    declare(account, auth="{mode: digest_and_acl}", acl="[203.0.113.0/24]")
    account.project("gateways: {pbx", "gateways: {backup: {host: b.example.net}, pbx")
    before = len(events(account))

    account.applied()

    assert events(account)[before:] == ["acl added", "gateway added", "authentication changed"]


def test_authentication_that_somebody_changed_is_drift(account):
    declare(account, auth="{mode: digest_and_acl}")
    account.applied()
    at_carrier(account, lambda store: store.records.put("auth", "", {"mode": "either"}))

    assert account.run("drift").status == 2
    account.applied()

    assert mode(account) == "digest_and_acl"


def test_what_git_says_no_more_stays_as_it_is(account):
    declare(account, auth="{mode: digest_and_acl}")
    account.applied()
    declare(account)

    assert operations(account) == []
    account.applied()
    assert mode(account) == "digest_and_acl"


def test_the_password_is_never_sent(account):
    declare(account, auth="{mode: digest_and_acl}")
    account.applied()

    store = store_of(account)
    assert "password" not in store.records.get("auth", "")
    store.close()


def test_dial_9_has_none_of_it(project):
    project.project(
        "connectors:\n",
        "connectors:\n  uk:\n    kind: dial9\n    sandbox: true\n    edition: telcom\n"
        "    acl: [192.0.2.0/24]\n    gateways: {pbx: {host: a.example.net}}\n",
    )

    ended = project.run("validate")

    assert ended.status == 3
    said = ended.out + ended.err
    assert "connectors.uk.acl" in said
    assert "connectors.uk.gateways" in said
