"""What the command line does to a sandbox, whichever carrier it stands for.

Each carrier has a desk in `desks/`, named like the kind of its connectors and found there.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from reconciler.protocols import Clock
from reconciler.sandbox import desks
from reconciler.sandbox.books import Books, Fault
from reconciler.sandbox.faults import NONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

RELEASED = "released"
"""The event of a number that was given up for good."""


KEYS = frozenset({"api_key", "token", "secret"})
"""What opens a sandbox's account: a secret as much as any, so it is switched over HTTP only."""


def is_switch(name: str, value: object) -> bool:
    """Whether a setting is turned by hand: not one of the keys, and none that a fault keeps."""
    return name not in KEYS and value is not None


class App(Protocol):
    """A sandbox as a WSGI application."""

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse, /
    ) -> Iterable[bytes]:
        """Answer one request."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """One carrier's sandbox, from the operator's side.

    Attributes:
        currency: What the carrier bills in.
        base: What comes after the server's address in a connector's `url`.
        faults: Names of all that can go wrong.
        starts: What it starts with: its switches, by name.
        kept_by_faults: The settings in which a fault is kept that no single request meets.
        store: Opens what it remembers, from a path.
        open: Opens it to be served, from a path, its connector's section and a clock.
        change_number: Changes one field of a number behind everybody's back.
        plant: Lets something go wrong.
        e164: A number from the carrier's own writing.
        held: Each number on the account, in the carrier's writing, and where its calls go.
    """

    currency: str
    base: str
    faults: frozenset[str]
    starts: Mapping[str, Any]
    kept_by_faults: frozenset[str]
    store: Callable[[str], Books]
    open: Callable[[Path, Mapping[str, Any], Clock], App]
    change_number: Callable[[Any, str, str, str], None]
    plant: Callable[[Any, Fault], None]
    e164: Callable[[str], str]
    held: Callable[[Any], Iterable[tuple[str, str]]]

    def books(self, path: Path) -> dict[str, list[dict[str, str]]]:
        """What was charged, what was released, and what is held; empty before the first use."""
        if not path.exists():
            return {"charges": [], "releases": [], "numbers": []}
        with self._opened(path) as store:
            charges = [
                {
                    "number": self.e164(charge.tn),
                    "amount": f"{charge.amount:f}",
                    "currency": self.currency,
                    "at": charge.at,
                    "reason": charge.reason,
                }
                for charge in store.charges()
            ]
            releases = [
                {"number": self.e164(event["tn"]), "at": event["at"]}
                for event in store.dump()["event"]
                if event["what"] == RELEASED
            ]
            numbers = [{"number": self.e164(n), "gateway": to} for n, to in self.held(store)]
        return {"charges": charges, "releases": releases, "numbers": numbers}

    def poke(self, path: Path, e164: str, field: str, value: str) -> None:
        """Change a number behind everybody's back.

        Raises:
            WrongUsage: There is no such number, field or value.
        """
        with self._opened(path) as store:
            self.change_number(store, e164, field, value)

    def fault(self, path: Path, planted: Fault) -> None:
        """Let something go wrong with the next requests that match; `none` takes all back.

        Raises:
            WrongUsage: This carrier's sandbox has no such fault.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._opened(path) as store:
            if planted.kind != NONE:
                self.plant(store, planted)
                return
            store.forget_faults()
            for name in self.kept_by_faults:
                store.change_setting(name, self.starts[name])

    def switches(self, path: Path) -> dict[str, tuple[Any, Any]]:
        """Each switch by name: as it is, and as a sandbox starts; all at rest before its use."""
        known = {name: value for name, value in self.starts.items() if is_switch(name, value)}
        if not path.exists():
            return {name: (value, value) for name, value in known.items()}
        with self._opened(path) as store:
            return {name: (store.setting(name), value) for name, value in known.items()}

    def switch(self, path: Path, name: str, value: object) -> None:
        """Turn a switch."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._opened(path) as store:
            store.change_setting(name, value)

    def reset(self, path: Path) -> None:
        """Make the sandbox forget everything."""
        if path.exists():
            with self._opened(path) as store:
                store.reset()

    @contextmanager
    def _opened(self, path: Path) -> Iterator[Books]:
        store = self.store(str(path))
        try:
            with store.transaction():
                yield store
        finally:
            store.close()


def kinds() -> tuple[str, ...]:
    """Every kind of connector that has a sandbox, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(desks.__path__)))


def find(kind: str) -> Desk:
    """The desk of a kind of connector.

    Raises:
        KeyError: There is no sandbox of that kind.
    """
    if kind not in kinds():
        raise KeyError(kind)
    found: Desk = importlib.import_module(f"{desks.__name__}.{kind}").DESK
    return found


def all_faults() -> tuple[str, ...]:
    """Names of all that can go wrong at any of them, sorted; the word for nothing comes first."""
    return (NONE, *sorted(frozenset().union(*(find(kind).faults for kind in kinds()))))
