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
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from reconciler.errors import Damaged
from reconciler.protocols import Clock
from reconciler.sandbox import desks
from reconciler.sandbox.aims import Aims
from reconciler.sandbox.books import Books, Fault
from reconciler.sandbox.faults import NONE
from reconciler.sandbox.sorts import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

RELEASED = "released"
"""The event of a number that was given up for good."""


NO_SECTION: Mapping[str, Any] = MappingProxyType({})
"""Of a sandbox whose connector is not known."""


class Switch(NamedTuple):
    """A switch as it is now, and what is known of it."""

    value: Any
    setting: Setting


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


class Opener(Protocol):
    """Opens what a sandbox remembers."""

    def __call__(self, path: str, section: Mapping[str, Any] = ..., /) -> Books:
        """Open the file at `path`; its connector's section, where it is known, says more."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """One carrier's sandbox, from the operator's side.

    Attributes:
        currency: What the carrier bills in.
        base: What comes after the server's address in a connector's `url`.
        aims: What can go wrong, and which requests it meets.
        settings: All that decides what it does, by name; its switches are those turned by hand.
        kept_by_faults: The settings in which a fault is kept that no single request meets.
        store: Opens what it remembers, from a path and its connector's section.
        open: Opens it to be served, from a path, its connector's section and a clock.
        change_number: Changes one field of a number behind everybody's back.
        plant: Lets something go wrong; gives the fault with the requests that it will meet.
        e164: A number from the carrier's own writing.
        held: Each number on the account, in the carrier's writing, and where its calls go.
    """

    currency: str
    base: str
    aims: Aims
    settings: Mapping[str, Setting]
    kept_by_faults: frozenset[str]
    store: Opener
    open: Callable[[Path, Mapping[str, Any], Clock], App]
    change_number: Callable[[Any, str, str, str], None]
    plant: Callable[[Any, Fault], Fault]
    e164: Callable[[str], str]
    held: Callable[[Any], Iterable[tuple[str, str]]]

    @property
    def faults(self) -> frozenset[str]:
        """Names of all that can go wrong."""
        return self.aims.every

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

    def fault(self, path: Path, planted: Fault, section: Mapping[str, Any] = NO_SECTION) -> Fault:
        """Let something go wrong with the next requests that match; `none` takes all back.

        Returns:
            The fault with the requests that it will meet; `none` as it was.

        Raises:
            WrongUsage: This carrier's sandbox has no such fault, or nothing would ever meet it.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._opened(path, section) as store:
            if planted.kind != NONE:
                return self.plant(store, planted)
            store.forget_faults()
            for name in self.kept_by_faults:
                store.change_setting(name, self.settings[name].start)
        return planted

    def switches(self, path: Path) -> dict[str, Switch]:
        """Each switch by name; all at rest before its use."""
        known = {name: setting for name, setting in self.settings.items() if setting.by_hand}
        if not path.exists():
            return {name: Switch(setting.start, setting) for name, setting in known.items()}
        with self._opened(path) as store:
            return {name: Switch(store.setting(name), known[name]) for name in known}

    def switch(self, path: Path, name: str, value: object) -> None:
        """Turn a switch.

        Raises:
            WrongUsage: It does not take this value.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._opened(path) as store:
            store.change_setting(name, value)

    def reset(self, path: Path) -> bool:
        """Make the sandbox forget everything; whether its file could be kept.

        One that is damaged is removed: nothing that it holds is worth anything to anybody.
        """
        if not path.exists():
            return True
        try:
            with self._opened(path) as store:
                store.reset()
        except Damaged:
            for beside in ("", "-wal", "-shm", "-journal"):
                path.with_name(f"{path.name}{beside}").unlink(missing_ok=True)
            return False
        return True

    @contextmanager
    def _opened(self, path: Path, section: Mapping[str, Any] = NO_SECTION) -> Iterator[Books]:
        store = self.store(str(path), section)
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
