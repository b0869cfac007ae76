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

    assert 'unportable             ["6175550144"]  (starts as [])' in turned
    assert len(turned.splitlines()) == len(rest.splitlines()) > 20


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("limitre=true", 'Did you mean "limiter"?'),
        ("limiter", "Write limiter=true."),
        ("limiter=7", "Give true or false."),
        ("seed=one", "Give it as a whole number"),
        ("unportable=6175550144", "Give it as a list"),
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
def test_every_setting_of_every_sandbox_can_be_turned_by_hand_or_is_none(kind):
    starts = desks.find(kind).starts

    for name, value in starts.items():
        assert desks.is_switch(name, value) == (name not in {"api_key", "token", "secret", "stale"})
        assert value is None or isinstance(value, bool | int | str | list)
