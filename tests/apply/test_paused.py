"""A process that was paused right before a request does not send it: others may be at work."""

import pytest

from tests.crash.scripts import script
from tests.crash.world import check, clean_run, ready


def _attempts(seconds: float, shape: str) -> tuple[list[str], list[int]]:
    """Pause before the first request; what was violated, and the attempts of each order."""
    world = ready(shape)
    first = clean_run(shape)[0].index("http:before-send") + 1
    process = world.process(strike_at=first, strike=lambda _: world.clock.sleep(seconds))
    _, report = world.apply(script(shape).now, process)
    found = [r.attempt for part in report.parts for r in part.results if r.action == "order"]
    return check(world, world.settle(script(shape).now)), found


@pytest.mark.parametrize("shape", ["keyed", "natural"])
def test_who_was_paused_begins_another_attempt(shape):
    _, at_once = _attempts(1.0, shape)
    violated, paused = _attempts(3.0, shape)

    assert set(at_once) == {1}
    assert sorted(paused) == [*at_once[1:], 2]
    assert not violated
