"""What an account loses stays while anything that may need it is not as git wants it."""

from __future__ import annotations

from reconciler.errors import Exit
from tests.crash import world as worlds
from tests.crash.scripts import KEPT, OLD_HOST, script
from tests.crash.world import check, clean_run

NOW = script("account").now


def unread_once():
    """A world in which a number's new gateway was to be sent, and one more list cannot be read."""
    address = f"acme/carrier_number/{KEPT}"
    for boundary, name in enumerate(clean_run("account")[0], start=1):
        world = worlds.moments("account")[boundary].world()
        if name == "http:before-send" and world.rows(f"address = '{address}' AND state = 'sent'"):
            world.plant(world.met() + 1, "garbage")
            return world
    raise AssertionError("its hand-off is never sent")


def test_what_turns_out_undone_while_a_plan_runs_is_told_and_keeps_what_goes():
    world = unread_once()

    plan, report = world.apply(NOW, world.process())

    assert f"acme/carrier_number/{KEPT}" in {h.address for p in plan.parts for h in p.held}
    told = {part.part: part for part in report.parts}
    assert told["acme"].status == "incomplete"
    (undone,) = [r for r in told["acme"].results if r.status == "failed"]
    assert undone.address == f"acme/carrier_number/{KEPT}"
    assert "did not happen" in undone.note
    assert told["@carrier:removals"].status == "held_back"
    assert report.exit_code is Exit.INCOMPLETE
    assert OLD_HOST in {row.host for row in world.account.gateways.values()}
    assert not check(world, world.settle(NOW))
