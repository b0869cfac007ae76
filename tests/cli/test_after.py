"""`{to, after}` from YAML to the platform, and where a number in quarantine leads."""

from tests.cli.projects import MAIN, NUMBER_LINE

LONG = {"to": "voicemail_box/101", "after": "20s"}
YAML = "{to: voicemail_box/101, after: 20s}"


def test_it_is_applied_as_it_is_written_and_stays_in_sync(project):
    project.change("to: ring_group/sales,", f"to: {YAML},")
    project.applied()

    assert project.spec("number", MAIN)["to"] == LONG
    assert project.ok("plan", "--verify", "--detailed-exitcode").status == 0
    assert project.run("drift").status == 0


def test_callers_of_a_quarantined_number_wait_as_the_intercept_says(project):
    project.change("country: US\nlocations", f"country: US\nintercept: {YAML}\nlocations")
    project.applied()
    project.change(f"numbers:\n{NUMBER_LINE}", "")
    project.applied()

    assert project.spec("number", MAIN)["to"] == LONG
    assert project.ok("plan", "--verify", "--detailed-exitcode").status == 0


def test_another_place_in_the_long_form_counts_as_a_reroute(project):
    project.change("to: ring_group/sales,", f"to: {YAML},")
    project.project("reroutes: {percent: 100}", "reroutes: {count: 0}")
    project.applied()
    project.change(YAML, "{to: extension/102, after: 20s}")

    told = project.run("apply", "--yes")

    assert told.status == 4
    assert "--allow reroutes=1" in told.out + told.err
