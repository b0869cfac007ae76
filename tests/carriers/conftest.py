from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest


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


class RealTime(Time):
    """The machine's clock for deadlines on real sockets; sleeping still costs nothing."""

    def monotonic(self) -> float:
        return time.monotonic()


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def real_clock() -> RealTime:
    return RealTime()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sandbox.db"
