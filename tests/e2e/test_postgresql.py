"""The whole command line on PostgreSQL: as on SQLite, and what only a server can do wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest

from reconciler.cli.main import Context
from reconciler.cli.unchanged import report_if_unchanged
from reconciler.sandbox.control import add_gateways
from reconciler.sandbox.store import Store
from tests.cli.old_stores import old_store
from tests.cli.projects import MAIN
from tests.e2e.databases import OnPostgresql, cut_off, killed, on_postgresql
from tests.postgresql import server, with_options

CANARY = "canary-Passw0rd-77"


@pytest.fixture
def project(tmp_path, monkeypatch, capsys) -> Iterator[OnPostgresql]:
    with on_postgresql(tmp_path / "project", capsys) as made:
        monkeypatch.chdir(made.root)
        yield made


def bought(project) -> list[str]:
    return [charge["number"] for charge in project.charges()]


# As on SQLite.


def test_applied_and_in_sync(project):
    project.ok("plan", "--out", "plan.json")
    project.ok("apply", "plan.json")

    assert bought(project) == [MAIN]
    assert project.run("plan", "--detailed-exitcode").status == 0
    assert project.run("drift").status == 0
    assert project.run("apply", "plan.json").status == 6
    assert not project.database.exists()


def test_a_raw_edit_is_drift_with_its_author_and_is_put_back(project):
    project.applied()
    project.ok("plan")  # remembered as unchanged
    project.sql(
        "UPDATE object SET spec = jsonb_set(spec, '{ring}', '\"40s\"') WHERE kind = 'ring_group'"
    )

    ended = project.run("drift")

    assert ended.status == 2
    assert "live 40s" in ended.out
    assert "direct SQL as reconciler" in ended.out
    assert project.run("plan", "--detailed-exitcode").status == 2
    project.applied()
    assert project.spec("ring_group", "sales")["ring"] != "40s"


BOUNDARIES = [
    ("lease:after", 1),
    ("plan:before-commit", 1),
    ("plan:after-commit", 1),
    ("op-sent:before-commit", 1),
    ("op-sent:after-commit", 1),
    ("op-done:before-commit", 1),
    ("op-verified:before-commit", 1),
    ("op-verified:after-commit", 1),
    ("run-finish:before-commit", 1),
]


@pytest.mark.parametrize(("where", "number"), BOUNDARIES, ids=str)
@pytest.mark.parametrize("how", ["apply", "resume"])
def test_killed_anywhere_it_is_finished_by_the_next_and_bought_once(project, where, number, how):
    # Whether a gateway was made is known for certain only after a settle window.
    project.ok("sandbox", "reset", "--yes")
    there = Store(str(project.root / ".reconciler/sandbox/sandbox.db"))
    add_gateways(there, ["sip.example.net:5060"])
    there.close()
    status = killed(project, where, number, "apply", "--yes")
    if status != -9:
        assert status == 0, f"{where} was not passed, and yet it ended with {status}"
        pytest.fail(f"nothing passes {where}")

    if how == "resume" and project.sql("SELECT 1 FROM plan_used"):
        assert project.run("resume", project.last_run()).status in {0, 5}
    project.applied()

    assert bought(project) == [MAIN]
    assert project.run("plan", "--detailed-exitcode").status == 0
    assert project.run("store", "check").status == 0


# What a server does wrong.


def told(project, *command: str, words: str) -> None:
    """A command stops with a sentence, exit 7 and no secret, and says nothing else."""
    ended = project.run(*command)
    said = ended.out + ended.err
    assert ended.status == 7, said
    assert words in said
    assert "  hint: " in said
    assert CANARY not in said
    assert "Traceback" not in said
    assert "should not have happened" not in said


def test_a_server_that_is_gone(project):
    project.leads_to(f"postgresql://reconciler:{CANARY}@/postgres?host=/nowhere")

    for command in (["plan"], ["apply", "--yes"], ["drift"], ["store", "check"]):
        told(project, *command, words="cannot be reached")


@pytest.fixture
def guarded(project) -> Iterator[str]:
    """A role that logs in with a password; its name."""
    project.sql("DROP ROLE IF EXISTS guarded")
    project.sql(f"CREATE ROLE guarded LOGIN PASSWORD '{CANARY}'")
    yield "guarded"
    project.sql("DROP OWNED BY guarded")
    project.sql("DROP ROLE guarded")


def as_role(project, password: str) -> str:
    return project.url.replace("://reconciler@", f"://guarded:{password}@")


def test_a_wrong_password(project, guarded):
    project.leads_to(as_role(project, f"{CANARY}-wrong"))

    told(project, "plan", words="password authentication failed")


def test_a_password_in_a_passfile_and_a_service(project, guarded, monkeypatch):
    project.sql(f"GRANT ALL ON SCHEMA {project.schema} TO guarded")
    host = server().partition("host=")[2].replace("%2F", "/")
    passfile, services = project.root / "pass", project.root / "services"
    passfile.write_text(f"*:*:*:guarded:{CANARY}\n")
    passfile.chmod(0o600)
    services.write_text(
        f"[telephony]\nhost={host}\ndbname=postgres\nuser=guarded\npassfile={passfile}\n"
        f"options=-csearch_path={project.schema}\n"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    project.leads_to("postgresql:///?service=telephony")

    project.applied()

    assert project.run("plan", "--detailed-exitcode").status == 0
    owner = project.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'object'"
                        " AND schemaname = ?", project.schema)  # fmt: skip
    assert owner == [("guarded",)]


def test_a_role_without_rights(project, guarded):
    project.applied()
    project.leads_to(as_role(project, CANARY))

    told(project, "plan", words="permission denied")


def test_a_role_that_may_only_read_plans_and_does_not_apply(project, guarded):
    project.applied()
    project.sql(f"GRANT USAGE ON SCHEMA {project.schema} TO guarded")
    project.sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA {project.schema} TO guarded")
    project.leads_to(as_role(project, CANARY))
    project.change("after: 25s", "after: 30s")

    assert project.run("plan", "--detailed-exitcode").status == 2
    told(project, "apply", "--yes", words="permission denied")
    assert project.spec("ring_group", "sales")["overflow"]["after"] == "25s"


def test_a_server_that_takes_no_writes(project):
    project.applied()
    project.change("after: 25s", "after: 30s")
    project.leads_to(_session(project, "default_transaction_read_only=on"))

    assert project.run("plan", "--detailed-exitcode").status == 2
    told(project, "apply", "--yes", words="takes no writes now")
    assert project.spec("ring_group", "sales")["overflow"]["after"] == "25s"


def test_a_statement_that_takes_too_long(project):
    import psycopg  # noqa: PLC0415 - an extra

    project.applied()
    project.leads_to(_session(project, "statement_timeout=300ms"))
    with psycopg.connect(project.url) as other:
        other.execute("LOCK TABLE object IN ACCESS EXCLUSIVE MODE")
        told(project, "plan", words="ended a statement")
        other.rollback()
    assert project.run("plan", "--detailed-exitcode").status == 0


def _session(project, setting: str) -> str:
    return with_options(server(), f"-csearch_path={project.schema} -c{setting}")


UNREADABLE = [
    f"postgresql://reconciler:{CANARY}%zz@host/db",
    f"postgresql://reconciler:{CANARY}@ho st:54x/db",
    f"postgresql://reconciler:{CANARY}@[::1/db",
    f"postgresql://reconciler@host/db?password={CANARY}&nonsense=1",
    f"postgresql://reconciler:{CANARY}@host:99999999/db",
]


@pytest.mark.parametrize("url", UNREADABLE)
def test_a_url_that_cannot_be_read_is_not_quoted(project, url):
    project.environment["RECONCILER_PLATFORM_URL"] = url

    ended = project.run("plan")

    assert ended.status in {3, 7}
    assert CANARY not in ended.out + ended.err
    assert "Traceback" not in ended.err


def test_a_password_is_told_not_even_where_the_server_says_the_same_word(project):
    project.leads_to(server().replace("reconciler@/postgres", f"reconciler:{CANARY}@/{CANARY}"))

    told(project, "plan", words='database "***" does not exist')


CUTS = [
    "lease-take:before-commit",
    "plan:before-commit",
    "op-sent:before-commit",
    "op-sent:after-commit",
    "op-done:before-commit",
    "op-verified:before-commit",
    "op-verified:after-commit",
]


@pytest.mark.parametrize("where", CUTS)
def test_a_connection_lost_in_the_middle_loses_nothing(project, where):
    ended = cut_off(project, where, "apply", "--yes")

    assert ended.returncode == 7, ended
    assert "The connection to the database was lost" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    if where in CUTS[:3]:
        assert not bought(project)  # what was not announced on disk was not sent
    project.applied()
    assert bought(project) == [MAIN]
    assert project.run("plan", "--detailed-exitcode").status == 0
    assert project.run("store", "check").status == 0


# The store.


def test_check_finds_a_trigger_that_is_gone_and_one_that_is_switched_off(project):
    project.applied()
    assert project.ok("store", "check").out.startswith("The store is whole")
    project.sql("ALTER TABLE object DISABLE TRIGGER object_revision")
    project.sql("DROP TRIGGER number_revision ON number")
    project.sql("CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                " 'BEGIN RETURN NEW; END'")  # fmt: skip

    ended = project.run("store", "check")

    assert ended.status == 7
    assert "The trigger object.object_revision is not as the migrations make it." in ended.out
    assert "The trigger number.number_revision is missing." in ended.out
    assert "The function refuse is not as the migrations make it." in ended.out
    assert not project.sql("SELECT 1 FROM pg_namespace WHERE nspname = 'reconciler_check'")


def test_an_older_store_is_migrated_only_when_asked(project):
    old_store(project.url, ledger=1)

    told(project, "plan", words="reconciler store migrate")
    assert project.run("store", "migrate", "--check").status == 2
    project.ok("store", "migrate")

    assert project.spec("extension", "999") == {"name": "Attic"}
    project.applied()
    assert project.ok("store", "check").out.startswith("The store is whole")
    project.sql("UPDATE schema_version SET version = 99 WHERE component = 'ledger'")
    told(project, "plan", words="have version 99")
    told(project, "store", "migrate", words="have version 99")


def test_a_schema_with_somebody_elses_tables_is_left_alone(project):
    project.sql("CREATE TABLE invoice (n integer)")

    told(project, "plan", words="holds something else: invoice.")

    assert project.sql("SELECT tablename FROM pg_tables WHERE schemaname = ?", project.schema) == [
        ("invoice",)
    ]


def test_backup_and_restore_name_the_servers_own_tools(project):
    project.applied()
    for command in (["backup", "copy"], ["restore", "copy"]):
        ended = project.run("store", *command)
        assert ended.status == 64
        assert "pg_dump" in ended.err
    project.change("after: 25s", "after: 30s")
    project.ok("plan", "--out", "plan.json")
    project.ok("store", "restore", "--by-hand")
    assert project.run("apply", "plan.json").status == 6


def test_a_dump_put_back_is_whole_and_goes_on(project, tmp_path):
    """The commands of docs/howto/postgresql.md, on the schema of this test."""
    import subprocess  # noqa: PLC0415 - for this test

    from tests.start_postgresql import _programs  # noqa: PLC0415 - as above

    project.applied()
    tools = _programs()
    assert tools is not None
    dump = tmp_path / "store.dump"
    subprocess.run(
        [tools / "pg_dump", "--format=custom", f"--schema={project.schema}", f"--file={dump}",
         f"--dbname={server()}"], check=True,
    )  # fmt: skip
    project.change("after: 25s", "after: 30s")
    project.applied()
    project.sql(f"DROP SCHEMA {project.schema} CASCADE")

    subprocess.run(
        [tools / "pg_restore", "--exit-on-error", f"--dbname={server()}", dump], check=True
    )

    project.ok("store", "restore", "--by-hand")
    assert project.ok("store", "check").out.startswith("The store is whole")
    assert project.run("plan", "--detailed-exitcode").status == 2
    project.applied()
    assert bought(project) == [MAIN]
    assert project.spec("ring_group", "sales")["overflow"]["after"] == "30s"
    project.sql(
        "UPDATE object SET spec = jsonb_set(spec, '{ring}', '\"40s\"') WHERE kind = 'ring_group'"
    )
    assert project.run("drift").status == 2  # the triggers came back too


# Both databases.


def plan_of(project) -> dict:
    project.ok("plan", "--out", "plan.json")
    return json.loads((project.root / "plan.json").read_text(encoding="utf-8"))


RANDOM = {"plan_id", "lineage", "serial", "created", "expires", "at", "version", "revision"}
RANDOM |= {"written_digest"}  # of the whole file, those included
"""What is a plan's own: ids, times, and how often a row was written."""


def bare(value):
    """A plan without what is its own, wherever that stands, and without the second of a change."""
    if isinstance(value, dict):
        kept = {key: bare(item) for key, item in value.items() if key not in RANDOM}
        if "who" in kept:
            kept["who"] = kept["who"].partition(" at ")[0]
        return kept
    if isinstance(value, list):
        return [bare(item) for item in value]
    return value


def test_plans_are_the_same_on_both_databases(project, tmp_path, monkeypatch, capsys):
    from tests.cli.projects import Project  # noqa: PLC0415 - for this test
    from tests.e2e.databases import folder  # noqa: PLC0415 - as above

    root = tmp_path / "sqlite" / "project"
    there = Project(root, folder(root, project.environment), capsys)
    edits = {
        "at first": lambda one: None,
        "in sync": lambda one: one.applied(),
        "changed": lambda one: one.change("after: 25s", "after: 30s"),
        "drifted": _edited_by_hand,
        "a number is gone": _without_number,
        "quarantined": lambda one: one.applied(),
    }
    for name, edit in edits.items():
        plans = []
        for one in (project, there):
            monkeypatch.chdir(one.root)
            edit(one)
            plans.append(plan_of(one))
        mine, other = plans
        assert mine["content_digest"] == other["content_digest"], name
        assert bare(mine) == bare(other), name
        assert json.dumps(bare(mine), sort_keys=False) == json.dumps(bare(other)), name


def _edited_by_hand(one) -> None:
    by_engine = ("json_set(spec, '$.ring', '40s')", "jsonb_set(spec, '{ring}', '\"40s\"')")
    spec = by_engine[isinstance(one, OnPostgresql)]
    one.sql(f"UPDATE object SET spec = {spec}, updated_by = 'jo' WHERE kind = 'ring_group'")


def _without_number(one) -> None:
    from tests.cli.projects import NUMBER_LINE  # noqa: PLC0415 - for one step

    path: Path = one.root / "tenants" / "acme.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("numbers:\n" + NUMBER_LINE, ""), encoding="utf-8")


# The fast path.


def test_an_unchanged_plan_is_known_at_once_and_a_raw_edit_ends_that(project):
    # With credentials every account is looked at anew.
    project.project("    credentials: {api_key: {env: CARRIER_KEY}}\n", "")
    project.applied()
    told = project.ok("plan").out

    def fast() -> str | None:
        return report_if_unchanged(Context(project.environment, project.root), ())

    assert fast() == told
    project.sql(
        "UPDATE object SET spec = jsonb_set(spec, '{ring}', '\"40s\"') WHERE kind = 'ring_group'"
    )
    assert fast() is None


# The guide.


def guide() -> dict[str, str]:
    """The SQL of docs/howto/postgresql.md, each block by its first line."""
    text = (Path(__file__).resolve().parents[2] / "docs/howto/postgresql.md").read_text("utf-8")
    blocks = re.findall(r"^ *```sql\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    bare = map(dedent, blocks)
    return {block.partition("\n")[0]: block for block in bare}


@contextmanager
def told_by_the_guide(project, role: str) -> Iterator[str]:
    """Do what the guide says for a role, in this test's schema; a URL for the role."""
    name = f"{role}_{project.schema}"
    block = guide()[f"CREATE ROLE {role} LOGIN;"]
    block = block.replace("SCHEMA public", f"SCHEMA {project.schema}")
    project.sql(re.sub(rf"\b{role}\b", name, block))
    try:
        yield project.url.replace("://reconciler@", f"://{name}@")
    finally:
        project.sql(f"DROP OWNED BY {name}; DROP ROLE {name}")


def test_the_guides_auditor_looks_and_does_not_apply(project):
    project.applied()
    project.change("after: 25s", "after: 30s")
    with told_by_the_guide(project, "auditor") as url:
        project.leads_to(url)
        project.sql(f"REVOKE ALL ON secret FROM auditor_{project.schema}")

        assert project.run("plan", "--detailed-exitcode").status == 2
        for command in (["drift"], ["runs", "list"], ["numbers", "list"]):
            assert project.run(*command).status == 0, command
        told(project, "apply", "--yes", words="The database role may not do this")
        assert project.spec("ring_group", "sales")["overflow"]["after"] == "25s"


def test_the_guides_colleague_edits_by_hand_and_is_named(project):
    import psycopg  # noqa: PLC0415 - an extra

    project.applied()
    (look, edit) = guide()["SELECT tenant, name, spec ->> 'ring' AS ring FROM object WHERE kind = "
                           "'ring_group';"].strip().split(";\n")  # fmt: skip
    edit = edit.replace("oak-dental", "acme").replace("billing", "sales")
    with told_by_the_guide(project, "jo") as url:
        with psycopg.connect(url, autocommit=True) as connection:
            assert connection.execute(look).fetchall()[0][:2] == ("acme", "sales")
            connection.execute(edit)
            connection.execute("UPDATE object SET name = 'x' WHERE name = '102'")
            connection.execute("DELETE FROM object WHERE kind = 'location'")
            connection.execute("UPDATE number SET protect = true")

        ended = project.run("drift")

    assert ended.status == 2
    assert "live 40s" in ended.out
    assert f"direct SQL as jo_{project.schema}" in ended.out


def test_the_guides_other_blocks_are_sql_that_a_server_takes(project):
    block = guide()["CREATE ROLE reconciler LOGIN;"]
    name = project.schema
    for statement in block.strip().split(";\n"):
        told_name = statement.rstrip(";").replace("telephony", name)
        project.sql(re.sub(r"\breconciler\b", f"r{name}", told_name))
    project.sql(f"DROP DATABASE {name}")
    project.sql(f"DROP ROLE r{name}")
