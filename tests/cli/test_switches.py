"""The switches of a sandbox: defences of the carrier, and what its documents leave open."""

import pytest

from reconciler.sandbox import desk as desks
from tests.cli.projects import MAIN


def switches(project, *arguments):
    told = project.ok("sandbox", "switch", *arguments, "-o", "json").document["switches"]
    return {each["name"]: (each["value"], each["starts_as"]) for each in told}


def test_a_switch_decides_what_the_carrier_does_until_it_is_put_back(project):
    assert switches(project, "cash=0.50")["cash"] == ("0.50", "1000.00")

    refused = project.run("apply", "--yes", "--allow", "balance=1.00")

    assert (refused.status, project.charges()) == (5, [])
    assert "Insufficient funds" in refused.out
    assert switches(project, "cash=")["cash"] == ("1000.00", "1000.00")
    project.ok("apply", "--yes")
    assert [charge["number"] for charge in project.charges()] == [MAIN]


def test_all_are_listed_and_what_was_turned_is_seen(project):
    assert not (project.root / ".reconciler/sandbox/sandbox.db").exists()
    rest = project.ok("sandbox", "switch").out
    assert "starts as" not in rest
    assert not (project.root / ".reconciler/sandbox/sandbox.db").exists()

    turned = project.ok("sandbox", "switch", 'unportable=["6175550144"]').out

    (seen,) = (row for row in turned.splitlines() if row.startswith("unportable "))
    assert seen.split()[1] == '["6175550144"]'
    assert seen.endswith("numbers that no port brings  (starts as [])")
    assert len(turned.splitlines()) == len(rest.splitlines()) > 20


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("limitre=true", 'Did you mean "limiter"?'),
        ("limiter", "Write limiter=true."),
        ("limiter=7", "Give true or false."),
        ("seed=one", "Give a whole number from 1 to 10000."),
        ("seed=0", "Give a whole number from 1"),
        ("seed=true", "Give a whole number from 1"),
        ("port_days=-1", "Give a whole number from 0 to 3650."),
        ("campaign_step_seconds=1.5", "Give a whole number"),
        ("clock_offset_seconds=-1", "Give a number of seconds from 0"),
        ("clock_offset_seconds=NaN", "Give a number of seconds from 0"),
        ("cash=abc", "Give an amount of 0 or more, such as 2.50."),
        ("cash=NaN", "Give an amount"),
        ("cash=Infinity", "Give an amount"),
        ("cash=1e9", "Give an amount"),
        ("did_rate=-1", "Give an amount"),
        ("did_rate=1.00 USD", "Give an amount"),
        ("dialect=foo", "Give spec or sdk."),
        ("dialect=SDK", "Give spec or sdk."),
        ("unportable=6175550144", 'Give a list, such as ["6175550144"].'),
        ('unportable=["+16175550144"]', "Give a list"),
        ("unportable=[6175550144]", "Give a list"),
        ('unresolved=["Gone.Example.org"]', "Give a list"),
        ("api_key=SECRET-CANARY", "List them: reconciler sandbox switch"),
        ("stale=1", "List them: reconciler sandbox switch"),
    ],
)
def test_a_switch_that_there_is_not_and_a_value_of_another_sort_are_refused(project, words, said):
    before = switches(project)

    ended = project.run("sandbox", "switch", words)

    assert ended.status == 64
    assert said in ended.err
    assert "CANARY" not in ended.err
    assert switches(project) == before


@pytest.mark.parametrize("kind", desks.kinds())
def test_every_setting_says_what_it_does_and_takes_what_it_starts_with(kind):
    settings = desks.find(kind).settings

    for name, setting in settings.items():
        assert setting.by_hand == (name not in {"api_key", "token", "secret", "stale"})
        assert setting.sort.fits(setting.start), name
        assert 10 < len(setting.means) < 60, name
        assert setting.sort.form


def test_the_machines_are_told_what_each_switch_takes_and_does(project):
    told = project.ok("sandbox", "switch", "-o", "json").document["switches"]

    (dialect,) = (each for each in told if each["name"] == "dialect")
    assert dialect == {
        "name": "dialect",
        "value": "spec",
        "starts_as": "spec",
        "takes": "spec or sdk",
        "means": "spec: OpenAPI 2.2.10; sdk: what the SDK 2.2.17 reads",
    }


def test_a_connector_alone_or_before_the_change_is_the_one_that_is_meant(project):
    handoff = "{type: Extension, name: a}"
    uk = f"kind: dial9, edition: telcom, sandbox: true, numbers: {{handoff: {handoff}}}"
    project.project("  sandbox:\n", f"  uk-sandbox: {{{uk}}}\n  us:\n")

    assert "any_prefix" in project.ok("sandbox", "switch", "uk-sandbox").out
    assert "limiter" in project.ok("sandbox", "switch", "us").out
    assert switches(project, "uk-sandbox", "shelf=7")["shelf"] == (7, 30)
    assert switches(project, "shelf=8", "uk-sandbox")["shelf"] == (8, 30)
    assert "Name one of uk-sandbox, us." in project.run("sandbox", "switch", "shelf=9").err
    refused = project.run("sandbox", "switch", "edition=foo", "uk-sandbox")
    assert (refused.status, "Give nothing, telcom or connect." in refused.err) == (64, True)
