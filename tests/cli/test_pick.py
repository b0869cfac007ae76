"""A number that is offered goes into a tenant's YAML, once, and is bought by an apply only."""

from __future__ import annotations

import pytest

from reconciler.cli.authoring import Authoring
from reconciler.cli.main import Context
from reconciler.cli.pick import Wish, pick
from reconciler.errors import Unavailable
from tests.cli.projects import MAIN, NUMBER_LINE, TENANT

ONE = "+16175550101"
SALES = ("--tenant", "acme", "--to", "ring_group/sales")
WITH_PLACE = (*SALES, "--location", "hq")

COMMENTED = TENANT.replace(
    NUMBER_LINE, f"  # The sign over the door.\n{NUMBER_LINE}  # Nothing below this line yet.\n"
)


DIAL9 = """\
connectors:
  uk:
    kind: dial9
    sandbox: true
    edition: {edition}
    numbers: {{handoff: {{type: Extension, name: pbx-trunk}}}}
"""

LONDON = """\
locations:
  london: {caller_name: Acme, street: 1 High St, city: London, postcode: EC4A 2QL, country: GB}
"""


@pytest.fixture
def acme(project):
    return project.root / "tenants" / "acme.yaml"


def globex(project, text=""):
    path = project.root / "tenants" / "globex.yaml"
    other = TENANT.replace("tenant: acme", "tenant: globex").replace(MAIN, "+16175550145")
    path.write_text(text or other, encoding="utf-8")
    return path


def test_it_is_written_with_comments_kept_and_nothing_else_changed(project, acme):
    project.write(COMMENTED)

    ended = project.ok("numbers", "pick", ONE, *WITH_PLACE, "--label", "Second line")

    entry = (
        f'  "{ONE}": {{label: Second line, connector: sandbox, to: ring_group/sales,'
        " location: hq}\n"
    )
    assert acme.read_text() == COMMENTED.replace(NUMBER_LINE, NUMBER_LINE + entry)
    assert "Nothing was bought." in ended.out
    assert "sandbox offers it: an apply will order it, 1.00 USD a month" in ended.out
    assert project.charges() == []
    project.ok("validate")


def test_an_apply_then_orders_exactly_that_one(project):
    project.applied()
    project.ok("numbers", "pick", ONE, *WITH_PLACE)

    project.applied()

    assert sorted(charge["number"] for charge in project.charges()) == [ONE, MAIN]
    assert project.spec("number", ONE)["to"] == "ring_group/sales"
    assert project.run("drift").status == 0


def test_it_can_be_looked_at_first(project, acme):
    ended = project.run("numbers", "pick", ONE, *WITH_PLACE, "--diff")

    assert ended.status == 2
    assert acme.read_text() == TENANT
    assert f'+  "{ONE}": {{connector: sandbox, to: ring_group/sales, location: hq}}' in ended.out
    assert "Nothing was written." in ended.out


def test_machines_are_told(project):
    ended = project.ok("numbers", "pick", ONE, *WITH_PLACE, "-o", "json")

    assert ended.document == {
        "connector": "sandbox",
        "e164": ONE,
        "file": "tenants/acme.yaml",
        "format_version": "1.0",
        "kind": "pick",
        "origin": "offered",
        "price": {"currency": "USD", "monthly": "1.00", "once": "1.00"},
        "problems": [],
        "tenant": "acme",
        "written": True,
    }


def test_what_the_check_says_of_it_is_told(project):
    ended = project.ok("numbers", "pick", ONE, "--tenant", "acme", "--to", "hangup")

    assert "warning TEL203" in ended.out


# Whose it is.


@pytest.mark.parametrize("tenant", ["acme", "globex"])
def test_what_a_file_claims_is_refused(project, acme, tenant):
    globex(project)

    ended = project.run("numbers", "pick", MAIN, "--tenant", tenant, "--to", "hangup")

    assert ended.status == 4
    assert f"{MAIN} is claimed by tenant acme at tenants/acme.yaml:10:3." in ended.err
    assert acme.read_text() == TENANT


def test_what_a_port_order_brings_is_claimed(project):
    port = f"""\
ports:
  move:
    connector: sandbox
    numbers: ["{ONE}"]
    to: ring_group/sales
    subscriber: {{name: Acme, street_number: "12", street: Oak, city: Boston, region: MA,
      postcode: "02110", country: US}}
    authorized_by: Jo Doe
    losing_carrier: {{billing_number: "{ONE}", account: {{env: VM_PIN}}}}
"""
    globex(
        project,
        TENANT.replace("tenant: acme", "tenant: globex").replace(MAIN, "+16175550145") + port,
    )

    ended = project.run("numbers", "pick", ONE, *SALES)

    assert ended.status == 4, ended
    assert "claimed by tenant globex" in ended.err


@pytest.mark.parametrize("spelled", ["+1 617 555 0101", "+1 (617) 555-0101", "+1.617.555.0101"])
def test_a_file_with_mistakes_that_names_it_must_be_mended_first(project, acme, spelled):
    globex(project, TENANT.replace("tenant: acme", "tenant: globex").replace(MAIN, spelled))

    ended = project.run("numbers", "pick", ONE, *SALES)

    assert ended.status == 3
    assert "tenants/globex.yaml" in ended.err
    assert acme.read_text() == TENANT


def test_a_file_that_cannot_be_read_and_names_it_must_be_mended_first(project, acme):
    globex(project, f'schema: 1\nnumbers: {{"{ONE}": {{\n')

    assert project.run("numbers", "pick", ONE, *SALES).status == 3
    assert acme.read_text() == TENANT


def test_mistakes_of_others_that_do_not_name_it_stand_in_nobodys_way(project):
    globex(project, "schema: 1\nnumbers: {{{\n")

    project.ok("numbers", "pick", ONE, *WITH_PLACE)


def test_naming_it_is_not_claiming_it(project):
    globex(project, f"# Not {ONE}.\n" + globex(project).read_text())

    project.ok("numbers", "pick", ONE, *WITH_PLACE)


@pytest.fixture
def pooled(project):
    (project.root / "pool.csv").write_text(f"{ONE}\n", encoding="utf-8")
    project.ok("numbers", "preload", "pool.csv")
    return project


TAKEN = {
    "assigned": ("assigned", "globex"),
    "on its way": ("ordered", "globex"),
    "being ported": ("porting_in", "globex"),
    "quarantined": ("quarantined", "globex"),
    "our own, quarantined": ("quarantined", "acme"),
    "reserved for another": ("reserved", "globex"),
}


@pytest.mark.parametrize(("state", "tenant"), TAKEN.values(), ids=TAKEN)
def test_what_the_pool_gave_to_somebody_is_refused(pooled, acme, state, tenant):
    pooled.sql("UPDATE number SET state = ?, tenant = ?", state, tenant)

    ended = pooled.run("numbers", "pick", ONE, *SALES)

    assert ended.status == 4
    assert tenant in ended.err
    assert acme.read_text() == TENANT


def test_what_is_free_in_the_pool_needs_no_connector(pooled, acme):
    ended = pooled.ok("numbers", "pick", ONE, *WITH_PLACE)

    assert f'"{ONE}": {{to: ring_group/sales, location: hq}}' in acme.read_text()
    assert "in the pool: nothing will be bought" in ended.out
    pooled.applied()
    assert [charge["number"] for charge in pooled.charges()] == [MAIN]


def test_what_is_reserved_for_the_tenant_is_its_own(pooled):
    pooled.ok("numbers", "reserve", ONE, "--tenant", "acme")

    pooled.ok("numbers", "pick", ONE, *WITH_PLACE)


def test_the_pool_names_another_connector(pooled, acme):
    ended = pooled.run("numbers", "pick", ONE, *SALES, "--connector", "sandbox")

    assert ended.status == 4
    assert "at no connector, not at sandbox" in ended.err
    assert acme.read_text() == TENANT


def test_a_pool_that_lies_is_no_supply(pooled, acme):
    pooled.sql("UPDATE number SET connector = 'sandbox'")

    ended = pooled.run("numbers", "pick", ONE, *SALES)

    assert ended.status == 4
    assert "the pool lies" in ended.err
    assert acme.read_text() == TENANT


def test_what_is_in_the_pool_is_not_called_an_order_where_nobody_is_asked(pooled):
    pooled.sql("UPDATE number SET connector = 'sandbox'")

    ended = pooled.ok("numbers", "pick", ONE, *WITH_PLACE, "--offline")

    assert "in the pool: nothing will be bought" in ended.out


def test_a_released_number_may_be_had_again(pooled):
    pooled.sql("UPDATE number SET state = 'released', connector = 'sandbox'")

    pooled.ok("numbers", "pick", ONE, *WITH_PLACE)


def test_what_an_apply_left_with_a_tenant_is_claimed_whatever_files_and_pool_say(project):
    project.applied()
    project.change(NUMBER_LINE, "")
    project.sql("DELETE FROM number")

    ended = project.run("numbers", "pick", MAIN, *SALES)

    assert ended.status == 4
    assert "left it with tenant acme" in ended.err


def test_an_order_whose_outcome_nobody_knows_is_a_claim(project):
    assert project.lose_orders().status == 8
    project.change(NUMBER_LINE, "")
    project.sql("DELETE FROM number")

    ended = project.run("numbers", "pick", MAIN, *SALES)

    assert ended.status == 4
    assert f"run {project.last_run()} has not finished its order" in ended.err


# Where it comes from.


def test_what_the_account_holds_already_is_adopted(project):
    project.ok("sandbox", "poke", ONE, "cnam=true")

    ended = project.ok("numbers", "pick", ONE, *WITH_PLACE)
    project.applied()

    assert "sandbox holds it already: nothing will be bought" in ended.out
    assert [charge["number"] for charge in project.charges()] == [MAIN]


def test_what_nobody_offers_is_refused(project, acme):
    ended = project.run("numbers", "pick", "+16175559999", *SALES)

    assert ended.status == 4
    assert "sandbox neither holds nor offers +16175559999" in ended.err
    assert acme.read_text() == TENANT


def test_a_carrier_that_cannot_be_asked_stops_it_unless_nobody_is_to_ask(project, acme):
    project.ok("sandbox", "fault", "500", "--method", "GET", "--times", "1000")

    assert project.run("numbers", "pick", ONE, *WITH_PLACE).status == 7
    assert acme.read_text() == TENANT
    ended = project.ok("numbers", "pick", ONE, *WITH_PLACE, "--offline")
    assert "was not asked" in ended.out
    assert f'"{ONE}"' in acme.read_text()


@pytest.fixture
def two(project):
    project.project("connectors:\n", "connectors:\n  spare: {kind: voicetel, sandbox: true}\n")
    return project


def test_of_several_connectors_one_is_named(two, acme):
    asked = two.run("numbers", "pick", ONE, *SALES)
    assert (asked.status, "--connector spare" in asked.err) == (64, True)
    assert two.run("numbers", "pick", ONE, *SALES, "--connector", "other").status == 64
    assert acme.read_text() == TENANT

    two.ok("numbers", "pick", ONE, *WITH_PLACE, "--connector", "sandbox")

    assert f'"{ONE}": {{connector: sandbox' in acme.read_text()


@pytest.mark.parametrize("edition", ["telcom", "connect"])
def test_what_a_carrier_cannot_say_is_said_to_be_so(project, acme, edition):
    """Dial 9 shows ten random numbers: one that is not among them may be there all the same."""
    project.project("connectors:\n", DIAL9.format(edition=edition))
    project.change("locations:\n", LONDON)
    options = ("--tenant", "acme", "--to", "ring_group/sales", "--connector", "uk")
    seen = project.ok("numbers", "search", "--prefix", "+4420", "--limit", "1000", "-o", "json")
    (shown,) = [each for each in seen.document["connectors"] if each["connector"] == "uk"]
    last = max(each["e164"] for each in shown["numbers"])

    nowhere = project.run("numbers", "pick", last, *options)
    assert nowhere.status == 3, nowhere
    assert "TEL403" in nowhere.err
    done = project.ok("numbers", "pick", last, *options, "--location", "london", "-o", "json")

    assert done.document["origin"] in {"offered", "unsaid"}
    assert done.document["price"]["currency"] == "GBP"
    assert f'"{last}": {{connector: uk' in acme.read_text()
    abroad = project.run("numbers", "pick", ONE, *options)
    assert abroad.status == 4
    assert "neither holds nor offers" in abroad.err


# The edit.

MISTAKES = {
    "a destination that is not there": ("--to", "ring_group/salse", "TEL201"),
    "no destination": ("--to", "sales", "E125"),
    "a location that is not there": ("--location", "hg", "TEL201"),
}


@pytest.mark.parametrize(("option", "value", "code"), MISTAKES.values(), ids=MISTAKES)
def test_an_entry_with_a_mistake_is_not_written(project, acme, option, value, code):
    ended = project.run("numbers", "pick", ONE, *WITH_PLACE, option, value)

    assert ended.status == 3
    assert code in ended.err
    assert acme.read_text() == TENANT


def test_a_mistake_that_is_there_already_stands_in_nobodys_way(project, acme):
    bad = TENANT.replace("to: ring_group/sales, location", "to: ring_group/salse, location")
    project.write(bad)

    project.ok("numbers", "pick", ONE, *WITH_PLACE)

    assert f'"{ONE}"' in acme.read_text()


@pytest.mark.parametrize("number", ["6175550101", "+1 617 555 0101", "+1617555010\u0661", "sales"])
def test_what_is_no_number_is_wrong_usage(project, number):
    assert project.run("numbers", "pick", number, *SALES).status == 64


def test_a_tenant_that_nobody_knows_gets_nothing(project):
    ended = project.run("numbers", "pick", ONE, "--tenant", "acne", "--to", "hangup")

    assert ended.status == 3
    assert 'Did you mean "acme"?' in ended.err


def test_the_section_is_made_where_there_is_none(project, acme):
    without = TENANT.replace(f"numbers:\n{NUMBER_LINE}", "")
    project.write(without)

    project.ok("numbers", "pick", ONE, *WITH_PLACE)

    assert acme.read_text().startswith(without)
    assert "numbers:" in acme.read_text().removeprefix(without)
    project.ok("validate")


def test_in_a_folder_it_goes_to_the_file_with_the_numbers(project, acme):
    project.project("tenants/*.yaml", "tenants/*/")
    folder = project.root / "tenants" / "acme"
    folder.mkdir()
    section = f"numbers:\n{NUMBER_LINE}"
    (folder / "tenant.yaml").write_text(TENANT.replace(section, ""), encoding="utf-8")
    (folder / "lines.yaml").write_text(section, encoding="utf-8")
    acme.unlink()

    project.ok("numbers", "pick", ONE, *WITH_PLACE)

    assert (folder / "tenant.yaml").read_text() == TENANT.replace(section, "")
    assert f'"{ONE}"' in (folder / "lines.yaml").read_text()


def test_a_file_that_is_changed_meanwhile_is_not_overwritten(project, acme):
    class Slow(Authoring):
        """Somebody saves the file while the new line is checked."""

        def with_texts(self, instead):
            acme.write_text("# Saved.\n" + TENANT, encoding="utf-8")
            return super().with_texts(instead)

    authoring = Slow(Context(project.environment, project.root), ())

    with pytest.raises(Unavailable, match="was changed meanwhile"):
        pick(authoring, Wish(ONE, "acme", "ring_group/sales", location="hq"))

    authoring.session.close()
    assert acme.read_text() == "# Saved.\n" + TENANT
