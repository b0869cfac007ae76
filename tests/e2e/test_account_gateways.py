"""Gateways of a carrier account: made before numbers need them, removed once none does."""

from __future__ import annotations

import json
import sqlite3

import pytest

from reconciler.sandbox.store import Store
from reconciler.sandbox.voicetel.messaging import add_campaign
from scripts.stage import PORT, PassedClock
from tests.cli.conftest import project
from tests.cli.projects import MAIN, TENANT
from tests.cli.test_ports import NUMBERS
from tests.cli.test_ports import SECRETS as PORT_SECRETS

__all__ = ["project"]

OLD, NEW = "sip.example.net:5060", "new.example.net:5060"
FIRST = "@sandbox"
LAST = "@sandbox:removals"
OTHER = TENANT.replace("acme", "beta").replace(MAIN, "+16175550145").replace("Acme", "Beta")
GATEWAYS = 'gateways: {pbx: {host: "sip.example.net:5060"}}'
BACKUP = (
    'gateways: {pbx: {host: "sip.example.net:5060"}, backup: {host: "b.example.net", limit: 9}}'
)


@pytest.fixture
def two(project):
    """Two tenants with a number each, in sync."""
    (project.root / "tenants" / "beta.yaml").write_text(OTHER, encoding="utf-8")
    project.environment["VM_PIN"] = "73915082"
    project.applied()
    return project


def store_of(project):
    return Store(str(project.root / ".reconciler/sandbox/sandbox.db"))


def gateways(project):
    """Host to (prefix, limit) of the account's own gateways."""
    store = store_of(project)
    found = {g.host: (g.prefix, g.channels) for g in store.gateways() if not g.system}
    store.close()
    return found


def routes(project):
    """The host that each number is handed to."""
    store = store_of(project)
    hosts = {g.id: g.host for g in store.gateways()}
    found = {number.tn: hosts[number.route] for number in store.numbers()}
    store.close()
    return found


def events(project):
    with sqlite3.connect(project.root / ".reconciler/sandbox/sandbox.db") as database:
        return [what for (what,) in database.execute("SELECT what FROM event ORDER BY n")]


def at_carrier(project, change):
    """Change something at the carrier behind everybody's back."""
    store = store_of(project)
    with store.transaction():
        change(store)
    store.close()


def plan(project, *arguments):
    return project.run("plan", "-o", "json", *arguments).document


def operations(project):
    return [op for part in plan(project)["parts"] for op in part["operations"]]


def acts(project):
    return {
        part["part"]: [f"{op['action']} {op['address']}" for op in part["operations"]]
        for part in plan(project)["parts"]
    }


def test_from_nothing_a_number_is_handed_to_the_gateway_that_the_plan_makes(project):
    made = acts(project)

    assert list(made) == [FIRST, "acme"]
    assert made[FIRST] == ["create @sandbox/gateway/pbx"]
    project.applied()
    assert gateways(project) == {OLD: ("", 23)}
    assert routes(project) == {MAIN.removeprefix("+1"): OLD}
    assert events(project).index("gateway added") == 0
    assert operations(project) == []
    assert "No changes" in project.ok("plan").out
    assert project.run("drift").status == 0


def test_what_the_account_has_already_is_taken_over_and_nothing_is_sent(two):
    two.sql("DELETE FROM applied WHERE tenant = ?", FIRST)
    before = events(two)

    made = plan(two)["parts"]

    assert [(op["action"], op["effects"]) for op in made[0]["operations"]] == [("adopt", "none")]
    assert two.run("plan", "--detailed-exitcode").status == 0
    two.applied()
    assert events(two) == before
    assert operations(two) == []


def test_a_gateway_is_changed_in_place_with_all_three_fields(two):
    at_carrier(two, lambda store: store.change_setting("gateway_put_resets", True))
    two.project(GATEWAYS, 'gateways: {pbx: {host: "sip.example.net:5060", prefix: "9"}}')
    two.applied()
    two.project('prefix: "9"', 'prefix: "9", limit: 50')

    assert acts(two) == {FIRST: ["update @sandbox/gateway/pbx"], "acme": [], "beta": []}
    two.applied()

    assert gateways(two) == {OLD: ("9", 50)}
    assert operations(two) == []


def test_a_gateway_is_replaced_with_every_number_moved_in_between(two):
    two.project(OLD, NEW)
    made = acts(two)

    assert made == {
        FIRST: [f"adopt @sandbox/gateway/{OLD}", "create @sandbox/gateway/pbx"],
        "acme": [f"update acme/carrier_number/{MAIN}"],
        "beta": ["update beta/carrier_number/+16175550145"],
        LAST: [f"delete @sandbox/gateway/{OLD}"],
    }
    causes = {op["address"]: op["cause"] for op in operations(two)}
    assert set(causes.values()) == {"config"}
    before = len(events(two))
    two.applied()

    assert gateways(two) == {NEW: ("", 23)}
    assert set(routes(two).values()) == {NEW}
    said = events(two)[before:]
    assert said[0] == "gateway added"
    assert said[-1] == "gateway removed"
    assert operations(two) == []
    assert two.run("drift").status == 0


def test_a_saved_plan_hands_over_to_the_gateway_that_exists_by_then(two):
    two.project(OLD, NEW)
    two.ok("plan", "--out", "plan.json")

    two.ok("apply", "plan.json", "--yes")

    assert set(routes(two).values()) == {NEW}
    assert set(gateways(two)) == {NEW}
    assert two.run("apply", "plan.json").status == 6


def test_what_goes_is_kept_while_a_tenant_did_not_end_done(two):
    two.project(OLD, NEW)
    path = "/v2.2/numbers/6175550145/route"
    two.ok("sandbox", "fault", "refuse", "--method", "PUT", "--path", path)

    ended = two.run("apply", "--yes", "-o", "json")

    assert ended.status == 5
    told = {part["part"]: part for part in ended.document["parts"]}
    assert told["acme"]["status"] == "done"
    assert told["beta"]["status"] == "incomplete"
    assert told[LAST]["status"] == "held_back"
    assert "beta is incomplete" in told[LAST]["detail"]
    assert told[LAST]["operations"] == []
    assert set(gateways(two)) == {OLD, NEW}
    # What is left follows from what is there: git changed it, nobody behind its back.
    assert acts(two) == {
        "beta": ["update beta/carrier_number/+16175550145"],
        LAST: [f"delete @sandbox/gateway/{OLD}"],
    } | {"acme": []}
    assert {op["cause"] for op in operations(two)} == {"config"}
    two.applied()
    assert set(gateways(two)) == {NEW}
    assert operations(two) == []


def test_a_part_that_is_blocked_before_keeps_what_goes_and_gives_the_exit_status(two):
    two.project(GATEWAYS, BACKUP)
    two.applied()
    two.project(BACKUP, GATEWAYS)
    two.change(
        "numbers:\n", 'numbers:\n  "+16175550146": {connector: sandbox, to: ring_group/sales}\n'
    )
    two.project('monthly_increase: {USD: "50.00"}', 'monthly_increase: {USD: "0.50"}')

    ended = two.run("apply", "--yes", "-o", "json")

    assert ended.status == 4
    told = {part["part"]: part["status"] for part in ended.document["parts"]}
    assert told == {"acme": "blocked", LAST: "held_back"}
    assert "b.example.net" in gateways(two)


def test_a_gateway_gone_from_git_is_removed_last_and_by_its_own_name(two):
    two.project(GATEWAYS, BACKUP)
    two.applied()
    assert gateways(two)["b.example.net"] == ("", 9)
    two.project(BACKUP, GATEWAYS)

    assert acts(two)[LAST] == ["delete @sandbox/gateway/backup"]
    two.applied()

    assert set(gateways(two)) == {OLD}
    assert operations(two) == []


def put_at(project, host):
    """Have a number of nobody on the account, handed to a gateway."""
    store = store_of(project)
    gateway = next(g.id for g in store.gateways() if g.host == host)
    store.close()
    with sqlite3.connect(project.root / ".reconciler/sandbox/sandbox.db") as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(number)")]
        row = dict(zip(columns, database.execute("SELECT * FROM number").fetchone(), strict=True))
        row |= {"tn": "6175550190", "route": gateway}
        marks = ", ".join("?" for _ in columns)
        database.execute(f"INSERT INTO number VALUES ({marks})", tuple(row[c] for c in columns))


def test_a_gateway_that_numbers_use_is_refused_by_the_carrier_and_stays(two):
    two.project(GATEWAYS, BACKUP)
    two.applied()
    two.project(BACKUP, GATEWAYS)
    two.ok("plan", "--out", "plan.json")

    put_at(two, "b.example.net")

    ended = two.run("apply", "plan.json", "--yes", "-o", "json")

    assert ended.status == 5
    (part,) = ended.document["parts"]
    assert part["operations"][0]["status"] == "failed"
    assert "409" in part["operations"][0]["note"]
    assert "b.example.net" in gateways(two)


def test_what_is_there_and_nobodys_is_told_and_left_alone(two):
    at_carrier(two, lambda store: store.add_gateway("theirs.example.net:5060", "", 5))

    (part, *_) = plan(two)["parts"]

    assert part["unmanaged"] == ["@sandbox/gateway/theirs.example.net:5060"]
    assert "theirs.example.net" in two.ok("plan").out
    two.applied()
    assert "theirs.example.net:5060" in gateways(two)


def test_a_gateway_changed_or_removed_by_hand_is_drift_and_put_back(two):
    def meddle(store):
        (mine,) = [g for g in store.gateways() if not g.system]
        store.save_gateway(mine._replace(channels=2))

    at_carrier(two, meddle)
    drift = two.run("drift", "-o", "json")
    assert drift.status == 2
    (account,) = [t for t in drift.document["tenants"] if t["tenant"] == FIRST]
    assert [item["address"] for item in account["drifted"]] == ["@sandbox/gateway/pbx"]
    assert "revert reconciler apply\n" in two.run("drift").out
    two.applied()
    assert gateways(two) == {OLD: ("", 23)}
    assert two.run("drift").status == 0


@pytest.mark.parametrize("when", [[], ["--after"]])
def test_a_gateway_whose_answer_is_lost_is_looked_for_and_never_made_twice(project, when):
    at_carrier_switch(project)
    fault = ("sandbox", "fault", "drop", "--method", "POST", "--path", "/v2.2/gateways", *when)
    project.run(*fault)

    first = project.run("apply", "--yes")

    if when:
        assert first.status == 0, first
    else:
        assert first.status == 5, first
        assert gateways(project) == {}
        assert project.run("apply", "--yes").status == 5
        assert gateways(project) == {}  # nobody knows yet: nothing is sent again
        project.days_later = 1
        project.run("apply", "--yes")
        project.days_later = 2
        project.ok("apply", "--yes")
    assert gateways(project) == {OLD: ("", 23)}
    assert operations(project) == []


def at_carrier_switch(project):
    """Let the account take the same gateway twice, as nothing says that it does not."""
    project.run("connectors", "test")
    at_carrier(project, lambda store: store.change_setting("gateway_twice", True))


def test_a_gateway_that_the_carrier_writes_otherwise_is_not_made_again(project):
    at_carrier_switch(project)
    at_carrier(project, lambda store: store.change_setting("gateway_resolves", True))

    ended = project.run("apply", "--yes", "-o", "json")

    assert ended.status == 5
    note = ended.document["parts"][0]["operations"][0]["note"]
    assert "198.51.100." in note
    assert len(gateways(project)) == 1
    project.run("apply", "--yes")
    assert len(gateways(project)) == 1


def test_a_plan_of_one_tenant_touches_no_account_and_says_what_is_missing(project):
    made = plan(project, "--tenant", "acme")

    assert [part["part"] for part in made["parts"]] == ["acme"]
    (held,) = [each for each in made["parts"][0]["held"] if each["what"] == "unsupported"]
    assert held["address"] == f"acme/number/{MAIN}"
    assert "gateway/pbx is not on the account of sandbox yet" in held["detail"]
    ended = project.run("apply", "--yes", "--tenant", "acme")
    assert ended.status == 7
    assert gateways(project) == {}
    assert routes(project) == {}
    project.applied()
    assert "unsupported" not in json.dumps(plan(project, "--tenant", "acme"))


def test_a_run_that_ended_in_an_account_part_is_resumed(two):
    two.project(OLD, NEW)
    two.ok("sandbox", "fault", "drop", "--method", "POST", "--path", "/v2.2/gateways")
    ended = two.run("apply", "--yes", "-o", "json")
    assert ended.status == 5
    told = {part["part"]: part for part in ended.document["parts"]}
    assert told[FIRST]["operations"][1]["status"] == "unknown"
    assert told[LAST]["status"] == "held_back"
    run = ended.document["run_id"]
    two.days_later = 1

    two.run("resume", run)
    assert set(gateways(two)) == {OLD, NEW}
    assert two.run("plan", "--detailed-exitcode").status == 2
    two.applied()

    assert set(gateways(two)) == {NEW}
    assert set(routes(two).values()) == {NEW}
    assert operations(two) == []
    assert "@sandbox" in two.ok("runs", "show", run).out


def test_what_an_account_loses_waits_for_what_nobody_knows_yet(two):
    two.clock = PassedClock()  # waiting for a list that lags costs nothing
    two.project(OLD, NEW)
    two.ok("sandbox", "fault", "stale", "--seconds", "60", "--path", "/v2.2/numbers")
    ended = two.run("apply", "--yes", "-o", "json")
    assert ended.status == 5

    again = two.run("apply", "--yes", "-o", "json")

    assert again.status == 5
    (last,) = again.document["parts"]
    assert (last["part"], last["status"]) == (LAST, "held_back")
    assert "not known yet" in last["detail"]
    assert set(gateways(two)) == {OLD, NEW}


def test_every_report_copes_with_the_parts_of_an_account(two):
    two.project(OLD, NEW)
    two.ok("plan", "--out", "plan.json")

    for form in ("text", "json", "ndjson", "md", "concise"):
        assert "gateway/pbx" in two.ok("plan", "-o", form).out
    shown = two.ok("show", "plan.json").out
    assert shown.index("@sandbox ") < shown.index("acme") < shown.index(LAST)
    for form in ("text", "json", "ndjson", "md"):
        assert two.run("drift", "-o", form).status == 0
    assert "gateway" in two.ok("connectors", "test").out
    two.applied()
    synced = two.ok("connectors", "sync", "-o", "json").document
    assert [each["missing"] for each in synced["connectors"]] == [[]]
    assert two.ok("locks").out


def test_a_gateway_stays_as_long_as_a_port_may_bring_its_numbers_there(two):
    two.environment |= PORT_SECRETS
    two.write(TENANT + PORT)
    two.ok("apply", "--yes", "--approve", "port:acme/spring")
    two.project("host: " + f'"{OLD}"', "host: " + f'"{NEW}"')

    told = two.applied()

    assert f"gateway/{OLD}" in told.out
    assert "is open, and its numbers may come there" in " ".join(told.out.split())
    assert set(gateways(two)) == {OLD, NEW}
    assert set(routes(two).values()) == {NEW}
    assert two.run("plan", "--detailed-exitcode").status == 0

    two.days_later = 20  # the port is over, and its numbers came where they were told to
    assert {routes(two)[tn] for tn in came(two)} == {OLD}
    two.ok("fix")
    two.applied()

    assert set(gateways(two)) == {NEW}
    assert set(routes(two).values()) == {NEW}


def came(project):
    project.run("connectors", "sync")  # the sandbox goes on when it is asked
    return [e164.removeprefix("+1") for e164 in NUMBERS]


GONE, HERE = "+16175550146", "to: ring_group/sales, location: "
LINE = f'  "{GONE}": {{connector: sandbox, to: hangup}}\n'
WITH_GONE = OTHER.replace("numbers:\n", f"numbers:\n{LINE}")


@pytest.fixture
def quarantined(two):
    """Two tenants in sync, and a number of one of them in quarantine."""
    beta = two.root / "tenants" / "beta.yaml"
    for text in (WITH_GONE, OTHER):
        beta.write_text(text, encoding="utf-8")
        two.applied()
    assert routes(two)[GONE.removeprefix("+1")] == OLD
    return two


def test_a_number_in_quarantine_moves_with_the_gateway_that_is_replaced(quarantined):
    quarantined.project(OLD, NEW)

    assert f"update beta/carrier_number/{GONE}" in acts(quarantined)["beta"]
    assert {op["cause"] for op in operations(quarantined)} == {"config"}
    assert quarantined.run("drift").status == 0
    quarantined.applied()

    assert gateways(quarantined) == {NEW: ("", 23)}
    assert set(routes(quarantined).values()) == {NEW}
    assert operations(quarantined) == []


def test_a_number_that_may_be_given_back_moves_first_and_stays_until_then(quarantined):
    quarantined.days_later = 50
    quarantined.project(OLD, NEW)

    made = acts(quarantined)["beta"]
    assert f"update beta/carrier_number/{GONE}" in made
    assert not any(act.startswith("release") for act in made)
    quarantined.applied()

    assert set(routes(quarantined).values()) == {NEW}
    assert f"release beta/carrier_number/{GONE}" in acts(quarantined)["beta"]


@pytest.fixture
def behind(two):
    """A number in quarantine that is handed to a gateway of its own, which git has no more."""
    two.project(GATEWAYS, BACKUP)
    beta = two.root / "tenants" / "beta.yaml"
    for text in (WITH_GONE.replace("hangup}", "hangup, handoff: backup}"), OTHER):
        beta.write_text(text, encoding="utf-8")
        two.applied()
    assert routes(two)[GONE.removeprefix("+1")] == "b.example.net"
    two.project(BACKUP, GATEWAYS)
    return two


def test_a_gateway_stays_while_a_number_in_quarantine_is_handed_to_it(behind):
    ended = behind.applied()

    assert f"{GONE}, in quarantine or not ours, still needs it" in " ".join(ended.out.split())
    assert "b.example.net" in gateways(behind)
    assert operations(behind) == []
    assert behind.run("plan", "--detailed-exitcode").status == 0


def test_it_goes_once_that_number_has_left(behind):
    behind.ok(
        *("numbers", "move", GONE, "--to-account", "99", "--to-route", "4"),
        *("--approve", f"move:{GONE}=99/4"),
    )

    behind.applied()

    assert set(gateways(behind)) == {OLD}


def test_a_gateway_stays_while_a_number_that_is_not_ours_is_handed_to_it(two):
    two.project(GATEWAYS, BACKUP)
    two.applied()
    two.project(BACKUP, GATEWAYS)
    put_at(two, "b.example.net")

    two.applied()

    assert "b.example.net" in gateways(two)
    assert operations(two) == []


def test_nothing_moves_to_a_gateway_that_is_not_made_by_the_same_plan(quarantined):
    quarantined.project(OLD, NEW)

    assert operations_of(quarantined, "beta") == []


def operations_of(project, tenant):
    (part,) = plan(project, "--tenant", tenant)["parts"]
    return part["operations"]


ABROAD = """\
  abroad: {caller_name: Acme, street: 14 Inkhorn Lane, city: London, postcode: EC4A 2QL,
           country: GB}
"""


def test_what_goes_is_kept_while_something_of_a_tenant_cannot_be_planned(two):
    two.project(OLD, NEW)
    text = OTHER.replace("locations:\n", f"locations:\n{ABROAD}")
    text = text.replace(f"{HERE}hq", f"{HERE}abroad")
    (two.root / "tenants" / "beta.yaml").write_text(text, encoding="utf-8")

    ended = two.run("apply", "--yes", "-o", "json")

    assert ended.status == 7
    told = {part["part"]: part["status"] for part in ended.document["parts"]}
    assert told[LAST] == "held_back"
    assert routes(two)["6175550145"] in gateways(two)


def test_what_goes_is_kept_while_a_number_waits_for_its_carrier(two):
    def slow(store):
        store.change_setting("dialect", "sdk")
        add_campaign(store, "CABC123", "C")

    at_carrier(two, slow)
    two.project(GATEWAYS, f"{GATEWAYS}\n    campaigns: {{main: CABC123}}")
    path = two.root / "tenants" / "beta.yaml"
    text = OTHER.replace(f"{HERE}hq", f"{HERE}hq, campaign: main")
    path.write_text(text, encoding="utf-8")
    assert two.run("apply", "--yes", "-o", "json").document["summary"]["waiting"] == 1
    two.project(OLD, NEW)

    ended = two.run("apply", "--yes", "-o", "json")

    told = {part["part"]: part["status"] for part in ended.document["parts"]}
    assert told[LAST] == "held_back"
    assert routes(two)["6175550145"] in gateways(two)
