"""Port-ins through the commands: submitted with an approval, watched, ended by `fix`."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from reconciler.carriers.voicetel import connect
from reconciler.cli.clock import SystemClock
from reconciler.model.act import Action
from reconciler.protocols import CarrierAct, Done, SecretValue
from reconciler.sandbox.serve import default_path, open_sandbox
from reconciler.sandbox.store import Store
from scripts.stage import PORT
from tests.cli.projects import MAIN, NUMBER_LINE, TENANT

NUMBERS = ["+16175550150", "+16175550151"]
"""What the port order of `scripts.stage` brings."""
SECRETS = {"VM_ACCOUNT": "canary-77812-acct", "VM_PORT_PIN": "7294618305"}
APPROVED = ("apply", "--yes", "--approve", "port:acme/spring")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Projects as one test has left them for the others: a folder, and its environments."""
    return tmp_path_factory.mktemp("kept"), {}


def as_kept(kept, project, name, made):
    """Have a project as `made` leaves it; only the first time it is made."""
    folder, environments = kept
    if name not in environments:
        made()
        shutil.copytree(project.root, folder / name)
        environments[name] = dict(project.environment)
    else:
        shutil.copytree(folder / name, project.root, dirs_exist_ok=True)
        project.environment.clear()
        project.environment |= environments[name]
    return project


@pytest.fixture
def ported(project, kept):
    """The project with a port order, all else of it applied."""

    def made():
        project.environment |= SECRETS
        project.applied()
        project.write(TENANT + PORT)

    return as_kept(kept, project, "ported", made)


@pytest.fixture
def submitted(ported, kept):
    return as_kept(kept, ported, "submitted", lambda: ported.ok(*APPROVED))


@pytest.fixture
def complete(submitted):
    submitted.days_later = 20
    return submitted


def words(ended):
    """What was said, wherever its lines were broken."""
    return " ".join(ended.out.split())


def fees(project):
    return sorted(row["number"] for row in project.charges() if row["reason"] == "port")


def ledger_of(project):
    return project.ok("sandbox", "ledger", "sandbox", "-o", "json").document["charges"]


def states(project):
    rows = project.sql("SELECT e164, state FROM number WHERE tenant = 'acme'")
    return {e164: state for e164, state in rows if e164 in NUMBERS}


def ports(project):
    return project.ok("ports", "list", "-o", "json").document["ports"]


def poke(project, change):
    project.ok("sandbox", "poke", NUMBERS[0], change)


def planned(project, *options):
    return project.run("plan", "-o", "json", *options).document


def refusals(project, *tenants):
    (part,) = planned(project, *tenants)["parts"]
    return {(gate["id"], gate["address"]) for gate in part["gates"] if gate["kind"] == "refusal"}


# Before it is submitted.


def test_without_its_approval_it_is_skipped_and_told_as_due(ported):
    told = ported.applied()

    assert "1 port is to be submitted and waits: --approve port:acme/spring" in told.out
    assert fees(ported) == []
    assert states(ported) == {}
    assert ported.ok("plan", "--detailed-exitcode").status == 0
    document = planned(ported)
    assert document["due"] == ["port:acme/spring"]
    assert document["approvals"]["required"] == ["port:acme/spring"]


def test_the_plan_tells_what_it_costs(ported):
    (part,) = planned(ported)["parts"]

    (port,) = (op for op in part["operations"] if op["action"] == "port")
    assert (port["cost"]["state"], port["cost"]["currency"]) == ("priced", "USD")
    assert (port["cost"]["monthly"], port["cost"]["once"]) == ("2.00", "12.00")
    assert port["cost"]["source"] == "list"  # it is no rate of the account
    assert (port["reversibility"], port["charge"]) == ("irreversible", "paid")


def balance(project):
    (told,) = planned(project)["cost"]["balances"]
    return told


def left_on_account(project, amount):
    """Change what the account has behind everybody's back, as if nobody had asked for it."""
    store = Store(str(project.root / default_path("sandbox")))
    with store.transaction():
        store.change_setting("cash", amount)
    store.close()
    project.sql("DELETE FROM carrier_fact")


ORDER = '  "+16175550145": {connector: sandbox, to: hangup}\n'


def test_the_balance_tells_what_the_approval_would_take_beside_what_is_bought_now(ported):
    ported.change("numbers:\n", f"numbers:\n{ORDER}")

    told = balance(ported)

    assert (told["needed"], told["state"]) == ("1.00", "enough")
    assert told["awaiting_approval"] == {"amount": "12.00", "state": "enough"}
    text = words(ported.ok("plan"))
    assert "this needs 1.00 USD, 12.00 USD more with what waits for approval" in text
    assert "top the account up" not in text


def test_a_balance_that_does_for_now_and_not_for_the_approval_says_so(ported):
    ported.change("numbers:\n", f"numbers:\n{ORDER}")
    left_on_account(ported, "12.50")

    plan = ported.ok("plan", "--out", "plan.json")

    assert "more with what waits for approval: too little for that; top the account up" in words(
        plan
    )
    assert balance(ported)["awaiting_approval"]["state"] == "short"
    assert "Balance of sandbox" in ported.ok("plan", "-o", "md").out
    told = ported.run("apply", "plan.json", "--approve", "port:acme/spring")
    assert told.status == 4
    assert "and this needs 13.00 USD" in words(told)
    assert fees(ported) == []
    ported.ok("apply", "plan.json")  # without the approval it is enough, and nothing was consumed


def test_a_balance_is_told_where_all_that_costs_waits_for_an_approval(ported):
    told = balance(ported)

    assert (told["needed"], told["state"]) == ("0.00", "enough")
    assert told["awaiting_approval"]["amount"] == "12.00"


def test_what_waits_for_an_approval_is_told_though_the_balance_is_not_known(ported):
    left_on_account(ported, "12.50")
    ported.ok("sandbox", "switch", "account_told=false")

    told = balance(ported)

    assert told["state"] == told["awaiting_approval"]["state"] == "not_checked"
    assert "this needs 0.00 USD, 12.00 USD more" in words(ported.ok("plan"))


@pytest.mark.parametrize("approval", ["port:spring", "port:acme/spring/x", "port:+16175550150"])
def test_an_approval_of_another_form_is_wrong_usage(ported, approval):
    assert ported.run("apply", "--yes", "--approve", approval).status == 64
    assert fees(ported) == []


def test_an_approval_of_another_port_is_wrong_usage(ported):
    told = ported.run("apply", "--yes", "--approve", "port:acme/summer")

    assert told.status == 64
    assert "Due now: port:acme/spring" in told.err
    assert fees(ported) == []


def test_a_number_that_is_not_portable_is_refused_with_the_carriers_reason(ported):
    ported.ok("sandbox", "switch", 'unportable=["6175550151"]')

    told = ported.run(*APPROVED)

    assert told.status in {7, 64}
    assert fees(ported) == []
    plan = ported.run("plan")
    assert plan.status == 7
    assert "VoiceTel does not port +16175550151: Rate center not supported" in words(plan)
    assert "it is not submitted" in words(plan)
    assert states(ported) == {}


def test_a_number_that_stops_being_portable_after_the_plan_is_refused_unspent(ported):
    ported.ok("plan", "--out", "plan.json")
    ported.ok("sandbox", "switch", 'unportable=["6175550151"]')

    told = ported.run("apply", "plan.json", "--approve", "port:acme/spring")

    assert told.status == 5
    assert "Rate center not supported: nothing was submitted" in words(told)
    assert fees(ported) == []
    assert states(ported) == {}


def test_a_number_that_another_tenant_has_is_refused(ported):
    ported.sql("INSERT INTO number (e164, state, tenant) VALUES (?, 'assigned', 'oak')", NUMBERS[0])

    assert ("TEL410", "acme/port/spring") in refusals(ported, "acme")
    assert ported.run("apply", "--yes", "--tenant", "acme").status == 4
    assert fees(ported) == []


def test_a_number_that_is_on_the_account_already_is_refused(ported):
    ported.ok("sandbox", "poke", NUMBERS[0], "state=active")

    assert ported.run(*APPROVED).status in {4, 7, 64}
    assert fees(ported) == []


def test_a_carrier_that_takes_no_port_says_so_in_the_plan(project):
    project.environment |= SECRETS
    project.project(
        "secrets:\n",
        "  london: {kind: dial9, edition: telcom, sandbox: true,"
        " credentials: {token: {env: CARRIER_KEY}, secret: {env: CARRIER_KEY}}}\nsecrets:\n",
    )
    project.applied()
    project.write(TENANT + PORT.replace("connector: sandbox", "connector: london"))

    told = project.run("plan")

    assert told.status == 7
    assert "connector london keeps no port in this version: it is not submitted" in told.out
    assert project.run("apply", "--yes").status == 7
    assert states(project) == {}


def test_an_inventory_is_not_asked_about_what_is_to_be_ported(ported):
    ported.ok("plan")

    with closing(sqlite3.connect(ported.root / default_path("sandbox"))) as store:
        asked = str(store.execute("SELECT * FROM cached").fetchall())
    assert MAIN.removeprefix("+1") in asked
    assert NUMBERS[0].removeprefix("+1") not in asked


def dated(day):
    return PORT.replace("    authorized_by", f'    requested_date: "{day}"\n    authorized_by')


def test_who_approves_a_port_for_a_day_that_is_over_was_warned(ported):
    ported.write(TENANT + dated("2020-01-01"))

    assert "TEL418" in ported.ok("validate").out
    assert "is asked for on 2020-01-01, which is over" in words(ported.ok("plan"))
    assert refusals(ported) == set()


def test_a_port_on_its_way_keeps_its_day_when_that_is_over(ported):
    day = (SystemClock().now() + timedelta(days=1)).date()
    ported.write(TENANT + dated(day))
    ported.ok(*APPROVED)
    poke(ported, "foc=2031-03-14")
    ported.days_later = 5

    assert ported.run("apply", "--yes").status == 0
    assert refusals(ported) == set()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"+16175550151"', '"+18005550151"', "does not port toll-free numbers this way"),
        ('billing_number: "+16175550150"', 'billing_number: "+442071231234"', "of +1 only"),
        ("street_type: ST,", "", "needs `street_type` of the `subscriber`"),
    ],
)
def test_what_voicetel_never_ports_is_told_by_the_files_alone(ported, old, new, said):
    ported.write(TENANT + PORT.replace(old, new))

    told = ported.run("validate")

    assert told.status == 3
    assert "TEL417" in told.out
    assert said in words(told)


def test_a_mistake_at_the_top_hides_nothing_of_what_else_stands_there(project):
    """Who is told of emergency calls is said under `dialplan`, whatever the budget says."""
    text = TENANT.replace("country: US\n", 'country: US\nbudget: {monthly: {USD: "x"}}\n', 1)
    project.write(text)

    told = project.run("validate")

    assert told.status == 3
    assert told.out.count("error[") == 1
    assert "error[E123]: budget.monthly.USD" in told.out


def test_a_dial_plan_with_a_mistake_is_not_said_to_tell_nobody(project):
    project.change("dialplan:", "dialplan: {extension_length: 99}\nunused:")

    told = project.run("validate")

    assert told.status == 3
    assert "extension_length" in told.out
    assert "TEL401" not in told.out


# Submitted.


def test_a_submission_tells_where_the_letter_is_signed(ported):
    told = ported.ok(*APPROVED)

    assert "signs the letter of authority at https://api.voicetel.com/a/loa/" in words(told)
    assert fees(ported) == NUMBERS
    (port,) = ports(ported)
    assert port["letter"].startswith("https://api.voicetel.com/a/loa/")
    assert port["letter"] in ported.ok("plan").out
    assert port["letter"] in ported.ok("ports", "list").out
    assert (port["tenant"], port["name"], port["numbers"]) == ("acme", "spring", NUMBERS)


def test_callers_are_led_before_the_numbers_come(submitted):
    assert states(submitted) == dict.fromkeys(NUMBERS, "porting_in")
    for e164 in NUMBERS:
        assert submitted.spec("number", e164)["to"] == "ring_group/sales"
    listed = submitted.ok("numbers", "list", "--state", "porting_in", "-o", "json").document
    assert [row["e164"] for row in listed["numbers"]] == NUMBERS


def test_waiting_is_no_change_and_no_failure(submitted):
    plan = submitted.ok("plan", "--detailed-exitcode")
    done = submitted.ok("apply", "--yes")

    assert "Your request is being worked on" in plan.out
    assert "1 waiting" in done.out
    assert "Your request is being worked on" in done.out
    assert "Your request is being worked on" in submitted.ok("apply", "--yes", "-o", "md").out
    (waits,) = submitted.ok("apply", "--yes", "-o", "json").document["waiting"]
    assert waits["address"] == "acme/port/spring"
    assert planned(submitted)["waiting"] == ["acme/port/spring"]
    assert fees(submitted) == NUMBERS


def test_nothing_is_quarantined_or_unmanaged_while_it_waits(submitted):
    drift = submitted.ok("drift", "-o", "json").document
    sync = submitted.ok("connectors", "sync", "-o", "json").document

    assert drift["accounts"][0]["unmanaged"] == []
    assert sync["connectors"][0]["missing"] == []


@pytest.mark.parametrize("days", [0, 20])
def test_a_store_with_a_port_is_whole(submitted, days):
    submitted.days_later = days

    assert submitted.run("store", "check").status == 0
    assert submitted.run("doctor").status == 0


def test_an_exception_is_told_in_the_carriers_words_with_the_next_step(submitted):
    poke(submitted, "port=exception")

    told = submitted.ok("apply", "--yes")

    assert "Account number mismatch" in told.out
    assert "settle that with the carrier at https://desk.support.voicetel.com/" in told.out
    (port,) = ports(submitted)
    assert (port["stage"], port["message"]) == ("stuck", "Account number mismatch")


def told_of(listed, detail):
    """What is told of the only port that VoiceTel lists."""

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "application/json")])
        data = listed if environ["PATH_INFO"] == "/v2.2/ports" else detail
        return [json.dumps({"status": "success", "data": data}).encode()]

    settings = {"sandbox": True}
    carrier = connect(settings, connector="vt", credentials={}, clock=SystemClock(), wsgi_app=app)
    (port,) = carrier.orders("port").values()
    return port.progress.message


def test_digits_that_may_be_a_secret_are_not_told():
    row = {
        "status": "Exception",
        "message": f"Account {SECRETS['VM_ACCOUNT']} and PIN {SECRETS['VM_PORT_PIN']} wrong for"
        " 6175550150, due Nov/28/2026",
    }
    rows = {"ports": [row | {"pid": "a1b2c"}]}
    message = told_of(rows, {"port": row | {"numbers": ["6175550150"]}})

    assert "7294618305" not in message
    assert "77812" not in message
    assert "6175550150" in message
    assert "Nov/28/2026" in message


def test_a_date_that_moves_is_told(submitted):
    poke(submitted, "foc=2031-03-14")

    assert "comes on 2031-03-14" in submitted.ok("apply", "--yes").out
    assert ports(submitted)[0]["date"] == "2031-03-14"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("authorized_by: Manager", "authorized_by: Owner", "authorized_by"),
        ("{env: VM_ACCOUNT}", "{env: VM_ACCOUNT, version: 2}", "losing_carrier"),
        ('["+16175550150", "+16175550151"]', '["+16175550150"]', "numbers"),
        ("    authorized_by", "    cnam: ACME\n    authorized_by", "cnam"),
    ],
)
def test_a_change_of_an_open_port_is_refused(submitted, old, new, field):
    submitted.change(old, new)

    told = submitted.run("apply", "--yes")

    assert told.status == 4
    assert refusals(submitted) == {("TEL411", "acme/port/spring")}
    assert f"`{field}`" in told.out
    assert "Put the entry back as it was" in told.out
    assert states(submitted) == dict.fromkeys(NUMBERS, "porting_in")
    assert fees(submitted) == NUMBERS


def test_another_name_for_an_open_port_is_refused_with_the_one_it_has(submitted):
    submitted.change("  spring:\n    connector", "  summer:\n    connector")

    assert submitted.run("apply", "--yes").status == 4
    assert submitted.run("apply", "--yes", "--approve", "port:acme/summer").status == 4
    assert refusals(submitted) == {("TEL411", "acme/port/spring"), ("TEL411", "acme/port/summer")}
    text = words(submitted.run("plan"))
    assert "port/summer is port/spring by another name, which is on its way" in text
    assert "Call it `spring` again" in text
    assert "adopt" not in text
    assert fees(submitted) == NUMBERS
    submitted.change("  summer:\n    connector", "  spring:\n    connector")
    assert submitted.ok("plan", "--detailed-exitcode").status == 0


def test_a_port_has_no_former_name(submitted):
    submitted.change("  spring:\n    connector", "  summer:\n    was: spring\n    connector")

    told = submitted.run("validate")

    assert told.status == 3
    assert "An order of numbers keeps its name while it is open" in told.out
    assert "call it as before" in words(told)


def test_a_port_that_was_called_off_is_tried_again_under_another_name_once_it_is_out(submitted):
    poke(submitted, "port=cancel")
    assert "Take its entry out and apply that" in words(submitted.run("plan"))
    submitted.write(TENANT)
    submitted.applied()

    submitted.write(TENANT + PORT.replace("  spring:", "  again:"))
    submitted.ok("apply", "--yes", "--approve", "port:acme/again")

    assert states(submitted) == dict.fromkeys(NUMBERS, "porting_in")
    assert fees(submitted) == sorted([*NUMBERS, *NUMBERS])


def test_another_connector_is_no_new_submission(submitted):
    second = (
        "  second: {kind: voicetel, sandbox: true, credentials: {api_key: {env: CARRIER_KEY}},"
        ' numbers: {handoff: pbx}, gateways: {pbx: {host: "sip.example.net:5060"}}}\n'
    )
    submitted.project("secrets:\n", f"{second}secrets:\n")
    submitted.change("connector: sandbox\n    numbers", "connector: second\n    numbers")

    assert submitted.run("apply", "--yes", "--approve", "port:acme/spring").status in {4, 64}

    assert ("TEL411", "acme/port/spring") in refusals(submitted)
    assert submitted.ok("sandbox", "ledger", "second", "-o", "json").document["charges"] == []
    assert [row["number"] for row in ledger_of(submitted) if row["reason"] == "port"] == NUMBERS


def test_where_its_calls_go_is_ours_to_change(submitted):
    submitted.change("to: ring_group/sales\n    subscriber", "to: extension/102\n    subscriber")

    submitted.applied()

    assert submitted.spec("number", NUMBERS[1])["to"] == "extension/102"
    assert submitted.ok("plan", "--detailed-exitcode").status == 0
    assert ports(submitted)[0]["letter"]
    assert fees(submitted) == NUMBERS


def test_numbers_that_are_still_to_come_serve_nobody_yet(submitted):
    submitted.project("quarantines: {percent: 100,", "quarantines: {percent: 50,")
    submitted.change(NUMBER_LINE, "")
    submitted.change("numbers:\nextensions:", "extensions:")

    told = submitted.run("apply", "--yes")

    assert told.status == 4
    assert "the tenant's only number" in told.out


def test_an_open_port_that_leaves_yaml_goes_on_and_is_refused(submitted):
    submitted.write(TENANT)

    told = submitted.run("apply", "--yes")

    assert told.status == 4
    assert "gone from YAML: that does not stop it" in words(told)
    assert refusals(submitted) == {("TEL411", "acme/port/spring")}
    assert states(submitted) == dict.fromkeys(NUMBERS, "porting_in")


def test_its_numbers_under_numbers_while_it_is_open_are_refused(submitted):
    line = f'  "{NUMBERS[0]}": {{connector: sandbox, to: ring_group/sales}}\n'
    submitted.write(TENANT.replace("extensions:\n", line + "extensions:\n", 1))

    assert submitted.run("apply", "--yes").status == 4
    assert ("E415", f"acme/number/{NUMBERS[0]}") in refusals(submitted)
    assert [row["number"] for row in submitted.charges()].count(NUMBERS[0]) == 1


def test_a_number_that_comes_before_its_port_is_over_is_frozen(submitted):
    poke(submitted, "state=active")
    line = f'  "{NUMBERS[0]}": {{connector: sandbox, to: ring_group/sales}}\n'
    one = PORT.replace('["+16175550150", ', "[")
    submitted.write(TENANT.replace("extensions:\n", line + "extensions:\n", 1) + one)

    found = refusals(submitted)

    assert ("TEL411", f"acme/carrier_number/{NUMBERS[0]}") in found
    assert submitted.run("apply", "--yes").status == 4


def test_a_port_that_somebody_submitted_by_hand_is_adopted_and_not_paid_again(ported):
    hosts = ["sip.example.net:5060"]
    app = open_sandbox(ported.root / default_path("sandbox"), hosts, clock=SystemClock())
    section = {"sandbox": True, "gateways": {"pbx": {"host": hosts[0]}}}
    carrier = connect(
        section, connector="sandbox", credentials={}, clock=SystemClock(), wsgi_app=app
    )
    (part,) = planned(ported)["parts"]
    (port,) = (op for op in part["operations"] if op["action"] == "port")
    secrets = {"losing_carrier.account": SecretValue("1"), "losing_carrier.pin": SecretValue("2")}
    act = CarrierAct(Action.PORT, "x", port["after"], secrets=secrets, kind="port")
    assert isinstance(carrier.send(carrier.prepare(act), "x"), Done)
    app.close()

    told = ported.applied()

    assert "already so, nothing was sent" in told.err
    assert fees(ported) == NUMBERS
    assert states(ported) == dict.fromkeys(NUMBERS, "porting_in")
    assert ported.ok("plan", "--detailed-exitcode").status == 0
    ported.days_later = 20
    ported.ok("fix")
    ported.applied()
    assert states(ported) == dict.fromkeys(NUMBERS, "assigned")


def test_a_port_that_was_called_off_may_leave_and_takes_its_numbers_along(submitted):
    poke(submitted, "port=cancel")
    assert refusals(submitted) == {("E418", "acme/port/spring")}

    submitted.write(TENANT)
    submitted.applied()

    assert states(submitted) == {}
    assert submitted.spec("number", NUMBERS[0]) is None
    assert ports(submitted) == []
    assert submitted.ok("plan", "--detailed-exitcode").status == 0


def test_an_open_port_at_a_connector_that_is_gone_is_counted(submitted):
    submitted.project("  sandbox:\n", "  renamed:\n")

    held = submitted.ok("connectors", "list", "-o", "json").document["elsewhere"]["sandbox"]

    assert (held["port"], held["carrier_number"]) == (1, 1 + len(NUMBERS))


def test_a_port_that_takes_too_long_stops_the_tenant_until_it_is_allowed(submitted):
    poke(submitted, "foc=2031-03-14")
    submitted.days_later = 31

    told = submitted.run("apply", "--yes")

    assert told.status == 4
    assert "has been open for 31 days" in told.out
    submitted.ok("apply", "--yes", "--allow", "waiting_days=31")
    submitted.project("limits:\n", "limits:\n  waiting_days: {count: 60}\n")
    submitted.applied()


def test_a_port_is_not_submitted_where_the_list_cannot_be_read(ported):
    ported.ok("sandbox", "fault", "500", "--path", "/v2.2/ports", "--times", "99")
    ported.change("name: Front desk", "name: Reception")

    told = ported.run("apply", "--yes")

    assert told.status == 7
    assert ported.spec("extension", "101")["name"] == "Reception"
    assert fees(ported) == []


def test_a_list_of_ports_that_cannot_be_read_stops_nothing_else(submitted):
    submitted.ok("sandbox", "fault", "500", "--path", "/v2.2/ports", "--times", "99")
    submitted.change("name: Front desk", "name: Reception")

    told = submitted.run("apply", "--yes")

    assert told.status == 7
    assert submitted.spec("extension", "101")["name"] == "Reception"
    assert states(submitted) == dict.fromkeys(NUMBERS, "porting_in")
    assert "not checked" in submitted.run("plan").out
    assert submitted.run("ports", "list").status == 7


# Lost answers.


def lose(project, *, after):
    options = ["--after"] if after else []
    project.ok(
        "sandbox", "fault", "drop", "--method", "POST", "--path", "/v2.2/ports", *options
    )  # fmt: skip


def test_a_lost_answer_is_found_in_the_list(ported):
    lose(ported, after=True)

    ported.ok(*APPROVED)

    assert fees(ported) == NUMBERS
    assert states(ported) == dict.fromkeys(NUMBERS, "porting_in")
    (port,) = ports(ported)
    assert port["letter"] == ""
    assert "its letter of authority: ask at https://" in ported.ok("plan").out


@pytest.fixture
def unseen(ported):
    """A submission that was taken, whose answer is lost and which no list has shown yet."""
    lose(ported, after=True)
    lists = ("--method", "GET", "--path", "/v2.2/ports", "--times", "100")
    ported.ok("sandbox", "fault", "empty", *lists)
    assert ported.run(*APPROVED).status == 8
    ported.ok("sandbox", "fault", "none")
    return ported


def test_a_submission_that_is_over_when_it_is_looked_for_is_found(unseen):
    unseen.days_later = 20

    ended = unseen.run("apply", "--yes")

    assert "did not happen" not in words(ended)
    assert fees(unseen) == NUMBERS
    (port,) = ports(unseen)
    assert port["stage"] == "over"
    assert {code for code, _ in refusals(unseen)} == {"E417"}


def test_a_port_that_cannot_be_read_may_be_the_one_that_is_looked_for(unseen):
    path = unseen.root / ".reconciler" / "sandbox" / "sandbox.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE record SET name = 'no id at all' WHERE kind = 'port'")

    for hours in (0.1, 0.4, 0.8, 48):
        unseen.days_later = hours / 24
        ended = unseen.run("apply", "--yes", "--approve", "port:acme/spring")
        assert (ended.status, "did not happen" in words(ended)) == (8, False), ended

    assert fees(unseen) == NUMBERS


def test_a_submission_that_was_never_taken_is_not_repeated_by_itself(ported):
    lose(ported, after=False)

    assert ported.run(*APPROVED).status == 8
    assert fees(ported) == []
    for hours in (0.1, 0.4, 0.8):
        ported.days_later = hours / 24
        status = ported.run("apply", "--yes").status
    assert status == 0  # the settle window is over: it is due again, and waits for its approval
    assert fees(ported) == []
    ported.ok(*APPROVED)
    assert fees(ported) == NUMBERS


def test_resume_never_submits(ported):
    lose(ported, after=False)
    assert ported.run(*APPROVED).status == 8
    run = ported.last_run()

    for hours in (0.1, 0.4, 0.8, 1.2):
        ported.days_later = hours / 24
        ported.run("resume", run)

    assert fees(ported) == []


def test_a_refusal_is_definite_and_says_what_comes_next(ported):
    ported.ok("sandbox", "fault", "refuse", "--method", "POST", "--path", "/v2.2/ports")

    told = ported.run(*APPROVED)

    assert told.status == 5
    assert "Nothing was charged: plan and approve it again" in words(told)
    assert fees(ported) == []
    ported.ok(*APPROVED)
    assert fees(ported) == NUMBERS


# Complete.


def test_a_port_that_is_complete_asks_for_its_numbers(complete):
    told = complete.run("apply", "--yes")

    assert told.status == 4
    assert refusals(complete) == {("E417", "acme/port/spring")}
    assert "reconciler fix" in told.out
    assert states(complete) == dict.fromkeys(NUMBERS, "porting_in")
    assert complete.ok("drift", "-o", "json").document["accounts"][0]["unmanaged"] == []


def test_the_entry_cannot_go_before_its_numbers_stand_for_themselves(complete):
    complete.write(TENANT)

    told = complete.run("apply", "--yes")

    assert told.status == 4
    assert ("E417", "acme/port/spring") in refusals(complete)
    assert states(complete) == dict.fromkeys(NUMBERS, "porting_in")


def test_fix_writes_the_numbers_and_takes_the_port_out(complete):
    path = complete.root / "tenants" / "acme.yaml"
    before = path.read_text(encoding="utf-8")
    assert complete.run("fix", "--diff").status == 2
    assert path.read_text(encoding="utf-8") == before

    complete.ok("fix")

    after = path.read_text(encoding="utf-8")
    line = '  "{}": {{connector: sandbox, to: ring_group/sales}}\n'
    lines = "".join(map(line.format, NUMBERS))
    assert after == TENANT.replace("extensions:\n", f"{lines}extensions:\n", 1)
    assert complete.ok("fix").out.startswith("0 problems")


def test_the_numbers_are_adopted_and_the_port_leaves_unsent(complete):
    complete.ok("fix")

    complete.applied()

    assert states(complete) == dict.fromkeys(NUMBERS, "assigned")
    assert complete.ok("plan", "--detailed-exitcode").status == 0
    assert [row["number"] for row in complete.charges()].count(NUMBERS[0]) == 1
    assert complete.ok("quarantine", "-o", "json").document["numbers"] == []
    assert ports(complete) == []
    assert complete.ok("drift").status == 0


def test_fix_leaves_an_open_port_alone(submitted):
    assert "nothing to fix" in submitted.ok("fix").out


def test_fix_without_the_carrier_still_mends_files(complete):
    complete.ok("sandbox", "fault", "500", "--path", "/v2.2/ports", "--times", "99")
    complete.change("overflow:", "overflw:")

    ended = complete.run("fix")

    assert ended.status == 0
    assert "overflow:" in (complete.root / "tenants" / "acme.yaml").read_text(encoding="utf-8")
    assert "ports were not looked at" in ended.err
    assert "ports:" in (complete.root / "tenants" / "acme.yaml").read_text(encoding="utf-8")


def test_fix_makes_no_store_for_a_look(project):
    project.environment |= SECRETS
    project.write(TENANT + PORT)

    project.ok("fix")

    assert not project.database.exists()


# The emergency address.


def registered(project):
    """Where each number's callers are, as the carrier has it."""
    with closing(sqlite3.connect(project.root / default_path("sandbox"))) as store:
        rows = store.execute("SELECT name, body FROM record WHERE kind = 'e911'").fetchall()
    known = {f"+1{tn}": json.loads(body) for tn, body in rows}
    return {e164: known[e164] for e164 in NUMBERS if e164 in known}


@pytest.fixture
def located(ported):
    """The port order with an emergency location, submitted."""
    ported.change("    authorized_by", "    location: hq\n    authorized_by")
    ported.ok(*APPROVED)
    return ported


def test_a_port_says_that_its_numbers_have_no_address_until_the_apply_after_it(located):
    until = "no emergency address until the apply after it is complete, which registers location/hq"

    for command in (("plan",), ("apply", "--yes"), ("plan", "-o", "md")):
        assert until in words(located.ok(*command))
    listed = words(located.ok("ports", "list"))
    assert "no emergency address until then: the apply after it is complete registers" in listed
    assert ports(located)[0]["location"] == "hq"


def test_a_port_without_a_location_says_nothing_of_one(submitted):
    assert "emergency" not in words(submitted.ok("plan"))
    assert "emergency" not in words(submitted.ok("ports", "list"))


def test_once_it_is_complete_the_next_apply_registers_the_address(located):
    located.days_later = 20

    told = located.run("apply", "--yes")
    assert told.status == 4
    assert "They have no emergency address." in words(told)
    assert "then apply, which registers their emergency address" in words(told)
    assert "no emergency address now: reconciler fix" in words(located.ok("ports", "list"))
    assert registered(located) == {}

    located.ok("fix")
    (part,) = planned(located)["parts"]
    made = [op["address"] for op in part["operations"] if op["kind"] == "emergency_record"]
    assert made == [f"acme/emergency_record/{e164}" for e164 in NUMBERS]
    located.applied()

    assert sorted(registered(located)) == NUMBERS
    assert located.ok("plan", "--detailed-exitcode").status == 0


# Secrets.


def test_what_only_the_carrier_is_to_know_is_nowhere_else(complete):
    complete.ok("fix")
    complete.applied()
    complete.run("runs", "list", "-o", "json")
    complete.run("runs", "show", complete.last_run())
    complete.ok("plan", "--out", "plan.json")

    sandbox = complete.root / ".reconciler" / "sandbox"
    files = [
        path
        for path in complete.root.rglob("*")
        if path.is_file() and not path.is_relative_to(sandbox)
    ]
    told = [ended.out + ended.err for ended in complete.ended]
    kept = [path.read_bytes().decode("utf-8", "replace") for path in files]
    for secret in SECRETS.values():
        assert not any(secret in text for text in (*told, *kept))
    carrier = b"".join(path.read_bytes() for path in sandbox.glob("*"))
    assert SECRETS["VM_ACCOUNT"].encode() in carrier


def test_the_plan_needs_no_secret(ported):
    for name in SECRETS:
        del ported.environment[name]

    assert ported.ok("plan").status == 0
    assert ported.run(*APPROVED).status == 7
    assert fees(ported) == []


def test_ports_list_without_any(project):
    assert project.ok("ports", "list").out == "0 ports.\n"
    assert json.loads(project.ok("ports", "list", "-o", "json").out)["ports"] == []
