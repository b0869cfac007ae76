"""Numbers that git takes back, or gives to somebody else, at an awkward moment."""

from tests.cli.projects import MAIN, NUMBER_LINE, TENANT


def _second(project, number_line=""):
    text = TENANT.replace("tenant: acme", "tenant: globex")
    numbers = f"numbers:\n{number_line}" if number_line else ""
    path = project.root / "tenants" / "globex.yaml"
    path.write_text(text.replace(f"numbers:\n{NUMBER_LINE}", numbers), encoding="utf-8")


def test_a_line_that_moves_to_another_tenant_takes_the_number_from_nobody(project):
    _second(project)
    project.applied()
    project.change(f"numbers:\n{NUMBER_LINE}", "")
    _second(project, NUMBER_LINE)

    told = project.run("apply", "--yes")

    assert told.status == 4
    assert "does not move a number" in told.out
    assert project.sql("SELECT state, tenant FROM number") == [("assigned", "acme")]
    assert project.spec("number", MAIN)["to"] == "ring_group/sales"
    assert "in the YAML of globex" in project.run("plan").out
    assert len(project.charges()) == 1


def test_the_line_put_back_where_it_was_is_in_sync_again(project):
    _second(project)
    project.applied()
    before = (project.root / "tenants" / "acme.yaml").read_text(encoding="utf-8")
    project.change(f"numbers:\n{NUMBER_LINE}", "")
    _second(project, NUMBER_LINE)
    project.run("apply", "--yes")

    project.write(before)
    _second(project)

    assert project.ok("plan", "--detailed-exitcode").status == 0


def test_an_order_withdrawn_before_it_was_assigned_ends_in_quarantine(project):
    # The number is bought, and the run ends before the platform has anything of it.
    project.applied()
    for statement in (
        "DELETE FROM object WHERE kind = 'number'",
        "DELETE FROM number",
        "DELETE FROM applied WHERE kind = 'number'",
    ):
        project.sql(statement)
    project.change(f"numbers:\n{NUMBER_LINE}", "")

    assert project.run("drift").status in {0, 2}
    project.applied()

    assert project.sql("SELECT state, tenant FROM number") == [("quarantined", "acme")]
    (number,) = project.ok("quarantine", "-o", "json").document["numbers"]
    assert number["e164"] == MAIN
    assert project.ok("plan", "--detailed-exitcode").status == 0
    assert len(project.charges()) == 1
