"""`was: old-name` from YAML to the platform: mailbox, passwords and versions are kept."""

import pytest

from reconciler.model.address import parse_address
from reconciler.model.secret import SecretReference
from reconciler.secrets import Vault
from reconciler.settings.references import Allow
from tests.cli.projects import MAIN


@pytest.fixture
def renumbered(project):
    """The front desk gets another number: 101 becomes 111."""
    project.applied()
    text = (project.root / "tenants" / "acme.yaml").read_text(encoding="utf-8")
    text = text.replace('  "101":\n', '  "111":\n    was: "101"\n')
    project.write(text.replace("extension/101", "extension/111").replace("box/101", "box/111"))
    return project


def tokens(project, name):
    rows = project.sql("SELECT kind, field, token FROM secret WHERE name = ?", name)
    return {(kind, field): token for kind, field, token in rows}


def opened(project, token, address, field):
    """What is in a token, with the keys of the project."""
    return vault(project).open(token, parse_address(address), field).reveal()


def vault(project):
    return Vault(
        keys=[SecretReference(env="RECONCILER_KEY")],
        mac_key=SecretReference(env="RECONCILER_MAC_KEY"),
        allow=Allow(),
        environment=project.environment,
        root=project.root,
    )


def test_the_plan_says_update_and_what_it_was(renumbered):
    said = renumbered.run("plan").out

    assert "update extension/111 (was extension/101)" in " ".join(said.split())
    assert "voicemail_box/111 (was voicemail_box/101)" in said
    assert "ring_group/sales" in said
    assert "to delete" not in said
    assert "to create" not in said


def test_no_password_and_no_mailbox_is_made_anew(renumbered):
    project = renumbered
    before = tokens(project, "101") | tokens(project, "101-desk")
    told = (project.root / "generated.ndjson").read_text(encoding="utf-8")

    project.applied()

    after = tokens(project, "111") | tokens(project, "111-desk")
    assert before.keys() == after.keys()
    for kind, field in before:
        old, new = f"acme/{kind}/101", f"acme/{kind}/111"
        if kind == "device":
            old, new = f"{old}-desk", f"{new}-desk"
        assert opened(project, before[kind, field], old, field) == opened(
            project, after[kind, field], new, field
        )
    assert (project.root / "generated.ndjson").read_text(encoding="utf-8") == told
    assert project.sql("SELECT count(*) FROM object WHERE name LIKE '101%'") == [(0,)]
    assert project.spec("ring_group", "sales")["overflow"]["to"] == "voicemail_box/111"
    versions = project.sql("SELECT version FROM object WHERE name LIKE '111%'")
    assert all(version > 1 for (version,) in versions)


def test_the_second_plan_is_empty_and_says_that_the_line_can_go(renumbered):
    renumbered.applied()

    said = renumbered.ok("plan", "--detailed-exitcode").out

    assert "The line can go." in said
    assert "No changes" in said


def test_an_exchange_of_two_extensions_is_done_once(project):
    project.applied()
    desks = {name: tokens(project, f"{name}-desk") for name in ("101", "102")}
    project.change('  "101":\n', '  "10x":\n    was: "102"\n')
    project.change('  "102":\n', '  "102":\n    was: "101"\n')
    project.change('"10x"', '"101"')

    project.applied()

    for here, there in (("101", "102"), ("102", "101")):
        [before], [after] = desks[there].values(), tokens(project, f"{here}-desk").values()
        assert opened(project, before, f"acme/device/{there}-desk", "sip_password") == opened(
            project, after, f"acme/device/{here}-desk", "sip_password"
        )
    assert project.ok("plan", "--detailed-exitcode").status == 0
    kept = tokens(project, "101-desk")
    project.ok("apply", "--yes")
    assert tokens(project, "101-desk") == kept


def test_the_lines_of_an_exchange_go_together_and_that_touches_nothing(project):
    project.applied()
    project.change('  "101":\n', '  "10x":\n    was: "102"\n')
    project.change('  "102":\n', '  "102":\n    was: "101"\n')
    project.change('"10x"', '"101"')
    project.applied()
    kept = {name: tokens(project, f"{name}-desk") for name in ("101", "102")}
    former = "SELECT name, was FROM applied WHERE kind = 'extension' ORDER BY name"
    assert project.sql(former) == [("101", "102"), ("102", "101")]

    project.change('    was: "101"\n', "")
    alone = project.run("plan")
    assert alone.status == 3  # the other line says what was never so
    assert "or take this `was` out" in alone.err
    project.change('    was: "102"\n', "")

    made = project.ok("plan", "--detailed-exitcode")
    assert made.out.count("nothing is sent") == 2
    project.ok("apply", "--yes")
    assert project.sql(former) == [("101", ""), ("102", "")]
    assert {name: tokens(project, f"{name}-desk") for name in kept} == kept
    assert "No changes" in project.ok("plan", "--detailed-exitcode").out


def test_a_rename_without_keys_is_refused_before_anything_is_done(renumbered):
    renumbered.environment.pop("RECONCILER_KEY")

    ended = renumbered.run("apply", "--yes")

    assert ended.status == 7
    assert renumbered.sql("SELECT count(*) FROM object WHERE name LIKE '111%'") == [(0,)]
    assert renumbered.sql("SELECT count(*) FROM object WHERE name LIKE '101%'") == [(3,)]


def test_a_saved_plan_names_what_moved_meanwhile(renumbered):
    project = renumbered
    project.ok("plan", "--out", "plan.json")
    project.sql(
        "UPDATE object SET spec = json_set(spec, '$.overflow.after', '40s') WHERE name = 'sales'"
    )

    ended = project.run("apply", "plan.json", "--yes")

    assert ended.status == 6
    assert "acme/ring_group/sales: overflow changed" in ended.out + ended.err


def test_a_saved_plan_is_applied_as_it_is(renumbered):
    renumbered.ok("plan", "--out", "plan.json")

    renumbered.ok("apply", "plan.json", "--yes")

    assert renumbered.spec("extension", "111")["name"] == "Front desk"
    assert renumbered.spec("number", MAIN)["to"] == "ring_group/sales"
