"""Resume goes on with a run that was killed anywhere, and begins nothing that must wait."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.apply.resume import resume_run
from reconciler.apply.run import Options
from reconciler.errors import Exit, ReconcilerError
from reconciler.model.address import parse_address
from reconciler.observe import Accounts
from tests.crash import world as worlds
from tests.crash.invariants import records
from tests.crash.scripts import NEW, OTHER_NEW, RELEASED, Git, script
from tests.crash.world import check, clean_run, ready


def after() -> Git:
    """What git says when the run begins."""
    return script("keyed").now


def killed(boundary: int, shape: str = "keyed"):
    """A world in which an apply was killed at one of its boundaries, and that apply's run."""
    world = worlds.moments(shape)[boundary].world()
    (name,) = world.killed
    return world, f"run-{name}"


def at(name: str, shape: str = "keyed") -> int:
    """The number of the first boundary of that name."""
    return clean_run(shape)[0].index(name) + 1


def resumed(world, run, want):
    """Run `reconciler resume` in a process of its own; None where it was refused."""
    edges = world.edges(world.process())
    accounts = Accounts(edges.carriers, edges.ledger, edges.clock)

    def still_wanted(operation):
        there = want.tenant.objects.get(parse_address(operation.address))
        return there is not None and dict(there.spec) == operation.after

    try:
        return resume_run(edges, run, Options(still_wanted=still_wanted), accounts)
    except ReconcilerError:
        return None


def without(number: str):
    """What git says once it has taken a number's line out."""
    objects = {a: w for a, w in after().tenant.objects.items() if a.name != number}
    return Git(replace(after().tenant, objects=objects))


def states(world, e164):
    return {row[1] for row in world.rows(f"address LIKE '%/carrier_number/{e164}'")}


def test_a_release_is_never_begun_by_resume():
    world, run = killed(at("plan:after-commit"))

    report = resumed(world, run, after())

    assert RELEASED in world.account.owned
    assert not world.account.releases
    assert {row[1] for row in world.rows("action = 'release'")} == {"failed"}
    assert {NEW, OTHER_NEW} <= world.account.owned.keys()  # all else was gone on with
    assert report.exit_code is Exit.INCOMPLETE


def test_an_order_that_git_took_back_is_never_begun_by_resume():
    world, run = killed(at("plan:after-commit"))

    resumed(world, run, without(NEW))

    assert NEW not in world.account.owned
    assert world.account.charges == [OTHER_NEW]
    assert states(world, NEW) == {"failed"}
    assert states(world, OTHER_NEW) == {"verified"}


def test_nothing_points_at_what_was_taken_back():
    world, run = killed(at("plan:after-commit"))

    resumed(world, run, without(NEW))

    assert not worlds.dangling(world)
    assert not world.connection.execute("SELECT 1 FROM object WHERE name = ?", (NEW,)).fetchall()


@pytest.mark.parametrize(
    "shape",
    ["keyed", *(pytest.param(s, marks=pytest.mark.slow) for s in ("single", "account"))],
)
def test_wherever_a_run_is_killed_resume_leaves_nothing_broken(shape):
    """Every other boundary: killed there, resumed at once, then applied until all is quiet."""
    boundaries = range(1, len(clean_run(shape)[0]) + 1)
    broken = {}
    for boundary in boundaries[::2]:
        world, run = killed(boundary, shape)
        resumed(world, run, script(shape).now)
        wrong = [*records(world)]
        wrong += check(world, world.settle(script(shape).now))
        if wrong:
            broken[boundary] = wrong

    assert not broken


def test_the_number_of_a_report_is_that_of_the_run_in_the_list():
    world, run = killed(at("plan:after-commit"))

    report = resumed(world, run, after())

    edges = world.edges(world.process())
    assert {r.run_id: r.exit_code for r in edges.ledger.runs()}[run] == report.exit_code
    assert all(r.finished_at for r in edges.ledger.runs(2))


def interrupted(name: str):
    """A report of an apply that somebody interrupted at a boundary."""
    world = ready("keyed")

    def strike(_: str) -> None:
        raise KeyboardInterrupt

    process = world.process(strike_at=at(name), strike=strike)
    _, report = world.apply(after(), process)
    return world, report


@pytest.mark.parametrize("name", ["plan:after-commit", "lease:after"])
def test_what_an_interrupted_apply_says_of_a_part_is_true(name):
    world, report = interrupted(name)
    (part,) = report.parts
    written = world.rows(f"run_id = '{report.run_id}'")

    assert part.status == "interrupted"
    assert bool(written) is bool(part.results)
    assert ("before it began" in part.detail) is not bool(written)
    assert report.exit_code is Exit.INTERRUPTED
    edges = world.edges(world.process())
    assert edges.ledger.run(report.run_id).exit_code == Exit.INTERRUPTED
