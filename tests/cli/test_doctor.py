"""`doctor`: each thing that can be wrong is found, told with its next step, and left alone."""

import socket
import time
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.cli.main import run
from reconciler.errors import Exit

NOWHERE = "host/00000000-0000-0000-0000-000000000000/1/1"


def found(project, *options):
    ended = project.run("doctor", *options, "-o", "json")
    checks = ended.document["checks"]
    assert ended.status == ended.document["exit_code"]
    return ended.status, {f"{each['group']}/{each['name']}": each for each in checks}


def everything(project):
    return {
        str(path.relative_to(project.root)): path.read_bytes()
        for path in project.root.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def test_all_is_well(project):
    project.applied()

    status, checks = found(project)

    assert status == 0
    assert {each["status"] for each in checks.values()} <= {"ok", "skipped", "warn"}
    for name in (
        "machine/python", "machine/libraries", "machine/libyaml", "machine/sqlite",
        "machine/time zones", "project/project", "project/tenants", "secrets/keys",
        "secrets/allow-list", "secrets/sink", "store/database", "store/database writes",
        "store/database folder", "store/platform schema", "store/ledger schema", "records/clock",
        "records/locks", "records/open operations", "connectors/sandbox credentials",
    ):  # fmt: skip
        assert checks[name]["status"] == "ok", checks[name]


def test_it_changes_nothing(project):
    before = everything(project)
    found(project)
    assert everything(project) == before

    project.applied()
    before = everything(project)
    found(project)
    assert everything(project) == before


def test_it_asks_nobody_without_online(project, monkeypatch):
    def refused(*args):
        raise AssertionError("a connection was made")

    project.applied()
    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)

    status, checks = found(project)

    assert status == 0
    assert checks["connectors/sandbox"]["status"] == "skipped"


def test_online_asks_the_carriers(project):
    project.applied()

    _, checks = found(project, "--online")
    assert checks["connectors/sandbox"]["detail"].endswith(", 1 number")

    project.ok("sandbox", "fault", "500", "--method", "GET", "--times", "100")
    status, checks = found(project, "--online")
    assert status == 7
    assert checks["connectors/sandbox"]["status"] == "fail"


def spend(project, count, minutes_ago):
    bucket = session_bucket(project)
    at = datetime.fromtimestamp(time.time(), UTC) - timedelta(minutes=minutes_ago)
    for _ in range(count):
        project.sql("INSERT INTO carrier_budget (bucket, at) VALUES (?, ?)", bucket, instant(at))
    return f"{at + timedelta(hours=1):%H:%M} UTC"


def session_bucket(project):
    return project.sql("SELECT DISTINCT bucket FROM carrier_budget")[0][0]


def instant(at):
    return f"{at:%Y-%m-%dT%H:%M:%S.000000Z}"


def test_what_is_used_of_the_few_requests_is_told_and_none_is_sent(project):
    project.applied()
    counted = "SELECT count(*) FROM carrier_budget"
    (before,) = project.sql(counted)[0]
    assert before == 1  # the balance, before the order

    _, checks = found(project)

    told = checks["connectors/sandbox requests"]
    assert told["status"] == "ok"
    assert told["detail"].startswith("1 of 6 about the account used in 60 minutes, next at ")
    assert project.sql(counted)[0] == (before,)


def test_requests_that_are_used_up_are_a_warning_with_the_time_of_the_next(project):
    project.applied()
    next_at = spend(project, 4, minutes_ago=40)

    status, checks = found(project)

    told = checks["connectors/sandbox requests"]
    assert (status, told["status"]) == (0, "warn")
    assert f"5 of 6 about the account used in 60 minutes, next at {next_at}" in told["detail"]
    assert "not checked until then" in told["detail"]


def test_requests_of_an_hour_ago_count_no_more(project):
    project.applied()
    spend(project, 4, minutes_ago=61)

    _, checks = found(project)

    assert checks["connectors/sandbox requests"]["detail"].startswith("1 of 6 ")


def test_requests_are_counted_though_the_account_cannot_be_opened(project):
    project.applied()
    no_credentials(project)

    _, checks = found(project)

    assert checks["connectors/sandbox requests"]["status"] == "ok"


def test_without_a_ledger_requests_are_not_checked_and_none_is_made(project):
    _, checks = found(project)

    assert checks["connectors/sandbox requests"]["status"] == "skipped"
    assert "Not checked" in checks["connectors/sandbox requests"]["detail"]
    assert not project.database.exists()


def test_a_carrier_that_takes_as_many_as_one_likes_has_no_count(project):
    project.project(
        "secrets:\n",
        "  london: {kind: dial9, edition: telcom, sandbox: true,"
        " credentials: {token: {env: CARRIER_KEY}, secret: {env: CARRIER_KEY}}}\nsecrets:\n",
    )
    project.applied()

    _, checks = found(project)

    assert "connectors/london requests" not in checks
    assert checks["connectors/london"]["status"] == "skipped"


def test_no_secret_is_shown(project):
    project.applied()
    told = project.run("doctor", "--online").out + project.run("doctor", "-o", "json").out

    for name in ("RECONCILER_KEY", "RECONCILER_MAC_KEY", "CARRIER_KEY", "VM_PIN"):
        assert project.environment[name] not in told


def no_key(project):
    del project.environment["RECONCILER_KEY"]


def bad_key(project):
    project.environment["RECONCILER_KEY"] = "no key at all"


def no_credentials(project):
    del project.environment["CARRIER_KEY"]


def bad_setting(project):
    project.project("unknown_cost: {count: 0}", "unknown_cost: {count: many}")


def no_tenants(project):
    project.project("tenants: tenants/*.yaml", "tenants: nowhere/*.yaml")
    (project.root / "nowhere").mkdir()


def open_sink(project):
    (project.root / "generated.ndjson").write_text("", encoding="utf-8")
    (project.root / "generated.ndjson").chmod(0o644)


def damaged(project):
    project.database.parent.mkdir()
    project.database.write_bytes(b"this is no database" * 100)


FAULTS = {
    no_key: (7, "secrets/keys"),
    bad_key: (3, "secrets/keys"),
    no_credentials: (7, "connectors/sandbox credentials"),
    bad_setting: (3, "project/E146"),
    no_tenants: (3, "project/tenants"),
    open_sink: (7, "secrets/sink"),
    damaged: (7, "store/database"),
}


@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_a_fault_is_found_with_its_status_and_next_step(project, plant):
    plant(project)
    expected, name = FAULTS[plant]

    status, checks = found(project)

    assert status == expected
    assert checks[name]["status"] == "fail"
    assert checks[name]["next"]


def test_a_newer_schema_is_told(project):
    project.applied()
    project.sql("UPDATE schema_version SET version = version + 7")

    _, checks = found(project)

    assert checks["store/platform schema"]["status"] == "fail"
    assert checks["records/ledger"]["status"] == "skipped"


def test_a_store_that_others_may_read_is_told(project):
    project.applied()
    project.database.chmod(0o644)

    _, checks = found(project)

    assert checks["store/database mode"]["next"].startswith("chmod 600")


def test_programs_for_tenants_are_told_and_none_is_run(project):
    project.project("exec: []", "exec: [pass]")
    project.project("mac_key: {env: RECONCILER_MAC_KEY}", "mac_key: {exec: [touch, ran]}")

    _, checks = found(project)

    assert checks["secrets/allow-list"]["status"] == "warn"
    assert checks["secrets/keys"]["status"] == "skipped"
    assert not (project.root / "ran").exists()


def test_a_variable_that_nothing_reads_is_told(project):
    project.environment["RECONCILER_OUTPOT"] = "json"

    _, checks = found(project)

    assert 'Did you mean "RECONCILER_OUTPUT"?' in checks["project/variable"]["next"]


def test_a_lock_of_the_dead_is_told_and_left(project):
    project.applied()
    host = project.sql("SELECT owner FROM lease")[0][0].split("/")[0]
    owner = f"{host}/{NOWHERE.split('/', 1)[1]}"
    project.sql("UPDATE lease SET owner = ?, expires_at = ?", owner, time.time() + 60)

    status, checks = found(project)

    assert status == 0
    assert checks["records/lock tenant/acme"]["status"] == "warn"
    assert "reconciler unlock " in checks["records/lock tenant/acme"]["next"]
    assert project.run("locks", "-o", "json").document["locks"]


def test_an_order_in_doubt_is_a_failure_of_its_own(project):
    project.lose_orders()

    status, checks = found(project)

    run_id = project.last_run()
    assert status == 8
    assert "may have been bought" in checks[f"records/run {run_id}"]["detail"]
    assert f"reconciler resume {run_id}" in checks[f"records/run {run_id}"]["next"]


class Clock:
    """A clock that is behind."""

    def __init__(self, behind):
        self.behind = behind

    def now(self):
        return datetime.fromtimestamp(time.time(), UTC) - self.behind

    def monotonic(self):
        return 0.0

    def sleep(self, seconds):
        raise AssertionError(seconds)


def test_a_clock_behind_the_last_record_is_a_failure(project, capsys):
    project.applied()

    assert run(["doctor"], project.environment, project.root, Clock(timedelta(days=2))) == 7
    assert "before the last record" in capsys.readouterr().out


def test_without_a_project_the_machine_is_told_all_the_same(project):
    (project.root / "reconciler.yaml").unlink()
    (project.root / ".git").mkdir()

    status, checks = found(project)

    assert status == Exit.INVALID
    assert checks["machine/python"]["status"] == "ok"
    assert checks["project/E150"]["status"] == "fail"
