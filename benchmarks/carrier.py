"""What a refresh and 500 changes of an account with 2,000 numbers take, against bare requests.

    python -m benchmarks.carrier

A sandbox answers on loopback. The bare requests are those that the connector sent, sent once more
through the same connections with nothing read out of their answers. Both take turns, and the best
round of each counts, as others use the machine too.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reconciler.carriers.voicetel import connect
from reconciler.cli.clock import SystemClock
from reconciler.model.act import Action
from reconciler.model.supply import Holding
from reconciler.protocols import Carrier, CarrierAct, Done
from reconciler.sandbox.serve import open_sandbox, serve
from reconciler.sandbox.store import Number

NUMBERS, CHANGED, ROUNDS = 2000, 500, 8
LIMIT = 1.5
CAMPAIGN = "CH5K5IZ"
SECTION = {
    "kind": "voicetel",
    "sandbox": True,
    "gateways": {"pbx": {"host": "pbx.example.net"}},
    "numbers": {"handoff": "pbx"},
    "campaigns": {"reminders": {"id": CAMPAIGN}},
}


@contextmanager
def account() -> Iterator[tuple[Carrier, list[tuple[Any, ...]], Callable[..., Any]]]:
    """An account on loopback: its connector, what that asks, and the way to ask the same."""
    with tempfile.TemporaryDirectory(prefix="reconciler-carrier-") as folder:
        clock = SystemClock()
        hosts = ["pbx.example.net:5060"]
        app = open_sandbox(Path(folder) / "a.db", hosts, [CAMPAIGN], clock=clock)
        with app.store.transaction():
            for n in range(NUMBERS):
                tn = f"{200 + n // 100 * 10 + 1}55501{n % 100:02d}"
                app.store.save_number(Number(tn, "active", route=1000), "planted")
        server = serve(app)
        carrier = connect(
            SECTION | {"url": server.url}, connector="vt", credentials={}, clock=clock
        )
        bare, asked = carrier._transport.request, []  # noqa: SLF001 - it measures the transport

        def noted(method: str, path: str, **options: Any) -> Any:
            asked.append((method, path, options))
            return bare(method, path, **options)

        carrier._transport.request = noted  # type: ignore[method-assign]  # noqa: SLF001
        try:
            yield carrier, asked, bare
        finally:
            carrier.close()
            server.stop()
            app.close()


def taken(work: Callable[[], object]) -> float:
    """Seconds of one round."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compare(what: str, work: Callable[[], object], bare: Callable[[], object]) -> bool:
    """Let both take turns, and print the best of each."""
    least, most = float("inf"), float("inf")
    for _ in range(ROUNDS):
        most = min(most, taken(work))
        least = min(least, taken(bare))
    holds = most <= LIMIT * least
    print(f"{what:<26} {most:7.3f} s   bare {least:7.3f} s   ratio {most / least:.2f}", flush=True)
    return holds


def main() -> int:
    """Measure, print, compare."""
    with account() as (carrier, asked, bare):

        def repeat(requests: list[tuple[Any, ...]]) -> None:
            for method, path, options in requests:
                bare(method, path, **options)

        held = carrier.observe().holdings
        refresh = asked[:]
        well = compare(
            f"refresh, {len(refresh)} requests", carrier.observe, lambda: repeat(refresh)
        )

        turn = iter(range(1_000_000))

        def change() -> None:
            forward = f"+1212555{next(turn) % 100 + 100:04d}"
            for e164 in sorted(held)[:CHANGED]:
                _forward(carrier, e164, held[e164], forward)

        asked.clear()
        change()
        writes = [one for one in asked if one[0] != "GET"]
        print(f"{CHANGED} changed numbers: {len(writes)} writes, {len(asked) - len(writes)} reads")
        well &= compare(f"{CHANGED} changes", change, lambda: repeat(writes))
    print(f"limit {LIMIT}: {'holds' if well else 'DOES NOT HOLD'}")
    return 0 if well else 1


def _forward(carrier: Carrier, e164: str, holding: Holding, to: str) -> None:
    act = CarrierAct(Action.UPDATE, e164, {**holding.spec, "forward": to}, holding)
    prepared = carrier.prepare(act)
    if not isinstance(carrier.send(prepared, "op-1"), Done):  # type: ignore[arg-type]
        raise SystemExit(f"{e164} was not changed")


if __name__ == "__main__":
    raise SystemExit(main())
