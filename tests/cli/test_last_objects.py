"""A file that was cut short takes nothing from a small tenant without being asked."""

from __future__ import annotations

from tests.cli.projects import MAIN, NUMBER_LINE, TENANT

HEAD = TENANT.partition("locations:\n")[0]


def small(project):
    """A small tenant, applied, under the limits that a project has when it names none."""
    text = (project.root / "reconciler.yaml").read_text(encoding="utf-8")
    before, _, rest = text.partition("limits:\n")
    (project.root / "reconciler.yaml").write_text(
        before + "lock_timeout" + rest.partition("lock_timeout")[2], encoding="utf-8"
    )
    project.applied()


def counted(project):
    states = project.sql("SELECT state FROM number")
    return project.sql("SELECT count(*) FROM object")[0][0], states


def test_a_file_cut_short_after_its_head_deletes_nothing(project):
    small(project)
    before = counted(project)
    project.write(HEAD)

    ended = project.run("apply", "--yes")

    assert ended.status == 4
    assert "--allow deletes=" in ended.out
    assert "--allow quarantines=1" in ended.out
    assert counted(project) == before


def test_the_only_number_stays_in_service(project):
    small(project)
    project.change(NUMBER_LINE, "")
    project.change("numbers:\n", "")

    ended = project.run("apply", "--yes")

    assert ended.status == 4
    assert project.sql("SELECT e164, state FROM number") == [(MAIN, "assigned")]
    project.ok("apply", "--yes", "--allow", "quarantines=1")
    assert project.sql("SELECT e164, state FROM number") == [(MAIN, "quarantined")]


def test_a_tenant_is_given_up_when_that_is_meant(project):
    small(project)
    project.write(HEAD)
    planned = project.run("plan", "-o", "json").document
    (part,) = planned["parts"]
    allowed = [f"{g['id']}={g['planned']}" for g in part["gates"]]

    project.ok("apply", "--yes", *(flag for limit in allowed for flag in ("--allow", limit)))

    assert project.sql("SELECT kind, name FROM object") == [("number", MAIN)]  # in quarantine
    assert project.sql("SELECT state FROM number") == [("quarantined",)]


def test_what_is_left_in_quarantine_stops_no_later_delete(project):
    small(project)
    project.change(NUMBER_LINE, "")
    project.change("numbers:\n", "")
    project.ok("apply", "--yes", "--allow", "quarantines=1")
    project.write(HEAD)

    assert project.run("apply", "--yes").status == 4  # the rest of the tenant, all at once
