"""Progress counts each operation of the plan once, whatever becomes of it on the way."""

import io

import pytest

from reconciler.cli.progress import progress
from tests.ledger.records import HandClock


class Terminal(io.StringIO):
    def isatty(self):
        return True


def _facts(op, plan="p1", address="acme/extension/101"):
    return {
        "op_id": f"{plan}/acme/{op}",
        "op": op,
        "address": address,
        "action": "create",
        "note": "",
    }


HEARD = [
    ("op_unknown", _facts("op-01", plan="dead")),
    ("op_verified", _facts("op-01", plan="dead")),
    ("op_unknown", _facts("op-01")),
    ("op_verified", _facts("op-01")),
    ("op_verified", _facts("op-02")),
]


@pytest.fixture
def clock():
    return HandClock()


def test_what_is_in_doubt_and_then_done_is_one_and_what_another_run_left_is_none(clock):
    stream = io.StringIO()
    telling = progress(stream, {}, clock, quiet=False)
    telling.begin(2, "p1")
    for event, facts in HEARD:
        telling.tell(event, facts)

    counts = [line.rpartition("(")[2] for line in stream.getvalue().splitlines()]
    assert counts == ["0 of 2)", "0 of 2)", "1 of 2)", "1 of 2)", "2 of 2)"]


def test_the_moving_line_does_not_pass_its_end_either(clock):
    stream = Terminal()
    telling = progress(stream, {"TERM": "xterm"}, clock, quiet=False)
    with telling:
        telling.begin(2, "p1")
        for event, facts in HEARD:
            telling.tell(event, facts)

    assert "2/2" in stream.getvalue()
    assert not any(beyond in stream.getvalue() for beyond in ("3/2", "4/2", "5/2"))
