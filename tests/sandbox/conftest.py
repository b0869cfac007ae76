from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.sandbox.serve import open_sandbox, serve
from tests.sandbox.callers import InProcess, OverLoopback
from tests.sandbox.dial9_unit import opened


@dataclass
class Time:
    """A clock that moves only when somebody sleeps."""

    at: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)
    slept: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.slept

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.slept += seconds


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sandbox.db"


@pytest.fixture(params=["in process", "over loopback"])
def carrier(request, path, clock):
    app = open_sandbox(path, ["pbx.example.net:5060"], clock=clock)
    if request.param == "in process":
        yield InProcess(app)
    else:
        server = serve(app)
        yield OverLoopback(server.url)
        server.stop()
    app.close()


@pytest.fixture(params=["telcom", "connect", "connect over loopback"])
def unit(request, path, clock):
    edition, _, over = request.param.partition(" ")
    caller, server = opened(path, clock, edition, loopback=bool(over))
    yield caller
    if server:
        server.stop()
    caller.app.close()


@pytest.fixture
def old(path, clock):
    caller, _ = opened(path, clock, "telcom")
    yield caller
    caller.app.close()


@pytest.fixture
def new(path, clock):
    caller, _ = opened(path, clock, "connect")
    yield caller
    caller.app.close()
