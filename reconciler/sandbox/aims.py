"""Which requests a fault meets: looked at when it is planted, so that none is planted for nothing.

A fault that makes sense at one step of a carrier meets requests of that step only; one that spoils
a change leaves reads alone; and a method or a path that the carrier does not have is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

from reconciler.errors import WrongUsage
from reconciler.sandbox.books import Fault
from reconciler.sandbox.sorts import FLAG, TEXT, Sort, seconds, wholes
from reconciler.sandbox.wsgi import parameter

Route = tuple[str, str]
"""Method and path; the path's parameters stand in braces."""

MOST_TIMES: Final = 1_000_000
MOST_SECONDS: Final = 3600
CHANGES: Final = frozenset({"no-effect", "duplicate"})
"""What spoils a change and nothing else."""

TIMED: Final = frozenset({"slow", "stale"})
"""What lasts: without seconds nothing would happen."""

_NEVER_AFTER: Final = frozenset({"no-effect", "lost-race", "partial", "port-exception"})
"""What decides how a request is carried out: it cannot come after that."""

_FINAL: Final = frozenset(status.value for status in HTTPStatus if status >= HTTPStatus.OK)


def _is_status(value: object) -> bool:
    return isinstance(value, int) and (value == 0 or value in _FINAL)


_FORMS: Final[Mapping[str, Sort]] = {
    "kind": TEXT,
    "method": TEXT,
    "path": TEXT,
    "times": wholes(1, MOST_TIMES),
    "after": FLAG,
    "status": Sort(_is_status, "the status of an answer, such as 503"),
    "message": TEXT,
    "seconds": seconds(MOST_SECONDS),
    "retry_after": TEXT,
    "changes": FLAG,
}


@dataclass(frozen=True, slots=True)
class Aims:
    """What can go wrong at one carrier, and where.

    Attributes:
        account: What an account of it is called in a sentence.
        kinds: What meets a request.
        lasting: What none meets, with what happens then in words; `{seconds}` stands in them.
        steps: Where a fault happens that makes sense at one step only: method, start of the path.
        is_change: Whether a request of this method and path changes anything.
    """

    account: str
    kinds: Collection[str]
    lasting: Mapping[str, str]
    steps: Mapping[str, Route]
    is_change: Callable[[str, str], bool]

    @property
    def every(self) -> frozenset[str]:
        """Names of all that can go wrong."""
        return frozenset({*self.kinds, *self.lasting})

    def aimed(self, fault: Fault, routes: Iterable[Route]) -> Fault:
        """The fault with the requests that it will meet.

        Args:
            fault: As it was asked for.
            routes: All that the carrier has, in the edition that it is served in.

        Raises:
            WrongUsage: There is no such fault, it makes no sense, or nothing would ever meet it.
        """
        for name, sort in _FORMS.items():
            if not sort.fits(getattr(fault, name)):
                raise WrongUsage(f"A fault does not take this {name}.", f"Give {sort.form}.")
        if fault.kind not in self.every:
            names = ", ".join(sorted(self.every))
            raise WrongUsage(f"{self.account} has no fault {fault.kind}.", f"Use one of {names}.")
        self._check_options(fault)
        changes = fault.changes or fault.kind in CHANGES
        aimed = replace(fault, path=fault.path or "/", changes=changes)
        if (step := self.steps.get(fault.kind)) is not None:
            aimed = self._at_step(aimed, step)
        self._check_target(aimed, tuple(routes))
        return aimed

    def is_about(self, kind: str, method: str, path: str) -> bool:
        """Whether a fault of this kind can be seen in a request of this method and path."""
        if kind in CHANGES and not self.is_change(method, path):
            return False
        only, start = self.steps.get(kind, ("", "/"))
        return path.startswith(start) and method in {"", only or method}

    def told(self, fault: Fault) -> str:
        """What will happen, as it ends the sentence "Planted …: "."""
        if fault.kind in self.lasting:
            return self.lasting[fault.kind].format(seconds=f"{fault.seconds:g}")
        one = fault.times == 1
        which = f"{fault.method} request" if fault.method else "request"
        met = f"it meets the next {which}" if one else f"it meets the next {fault.times} {which}s"
        if fault.changes:
            met += " that changes something" if one else " that change something"
        if fault.path != "/":
            begins = "path begins" if one else "paths begin"
            met += f"{' and' if fault.changes else ''} whose {begins} with {fault.path}"
        order = (
            f"{'after' if fault.after else 'before'} {'it is' if one else 'each is'} carried out"
        )
        if fault.seconds:
            return f"{met}, and waits {fault.seconds:g} s {order}"
        return f"{met}, {order}" if fault.after else met

    def _check_options(self, fault: Fault) -> None:
        kind = fault.kind
        if kind in TIMED and not fault.seconds:
            raise WrongUsage(f"{kind} does not say how long.", "Give --seconds, such as 30.")
        if kind not in TIMED and fault.seconds:
            raise WrongUsage(f"{kind} takes no seconds.", "Leave --seconds out.")
        if fault.after and (kind in _NEVER_AFTER or kind in self.lasting):
            raise WrongUsage(f"{kind} cannot come after a request.", "Leave --after out.")
        if fault.times > 1 and kind in self.lasting:
            raise WrongUsage(f"{kind} cannot be counted.", "Leave --times out.")

    def _at_step(self, fault: Fault, step: Route) -> Fault:
        """Narrow what was asked for to the one step at which the fault makes sense."""
        method, path = step
        within = path.startswith(fault.path) or (
            fault.path.startswith(path) and fault.kind not in self.lasting
        )
        if not within or (method and fault.method not in {"", method}):
            raise WrongUsage(
                f"{fault.kind} happens at {f'{method} {path}'.strip()} and nowhere else.",
                "Leave --method and --path out.",
            )
        longest = max(path, fault.path, key=len)
        return replace(fault, method=fault.method or method, path=longest)

    def _check_target(self, fault: Fault, routes: tuple[Route, ...]) -> None:
        methods = sorted({method for method, _ in routes})
        if fault.method and fault.method not in methods:
            raise WrongUsage(
                f"{self.account} knows no method {fault.method}.", f"Use {_either(methods)}."
            )
        there = [route for route in routes if begins(route[1], fault.path)]
        if not there:
            raise WrongUsage(f"{self.account} has no path {fault.path}.", _near(fault.path, routes))
        if fault.method and fault.method not in {method for method, _ in there}:
            known = sorted({method for method, _ in there})
            raise WrongUsage(
                f"No {fault.method} has the path {fault.path}.", f"Use {_either(known)}."
            )
        if fault.changes and not any(self._is_met(fault, route) for route in there):
            raise WrongUsage(
                f"{fault.kind} meets what changes something, and this is only read.",
                "Give the path of a change, or leave --method and --path out.",
            )

    def _is_met(self, fault: Fault, route: Route) -> bool:
        return fault.method in {"", route[0]} and self.is_change(*route)


def fault_of(asked: Mapping[str, Any]) -> Fault:
    """A fault as it was asked for over HTTP.

    Raises:
        WrongUsage: It has a part that no fault has.
    """
    if unknown := asked.keys() - _FORMS.keys():
        raise WrongUsage(f"A fault has no {', '.join(sorted(unknown))}.", "Leave it out.")
    return Fault(**{"kind": "", **asked})


def begins(template: str, start: str) -> bool:
    """Whether a path of this form, with parameters in braces, can begin with `start`."""
    known, asked = template.split("/"), start.split("/")
    if len(asked) > len(known):
        return False
    *whole, last = asked
    if not all(map(_is_step, known, whole)):
        return False
    step = known[len(whole)]
    return bool(re.match(parameter(step).begun, last)) if "{" in step else step.startswith(last)


def _near(asked: str, routes: Iterable[Route]) -> str:
    if "{" in asked:
        return "Write digits in place of what stands in braces, or end the path before it."
    paths = sorted({start for _, path in routes for start in _starts(path)})
    from reconciler.settings.codes import did_you_mean  # noqa: PLC0415 - for a mistake only

    return did_you_mean(asked, paths, f"Give the whole path, such as {paths[-1]}.")


def _starts(path: str) -> Iterable[str]:
    """The path, and what comes before each of its steps but the first."""
    steps = path.split("/")
    return ("/".join(steps[:count]) for count in range(2, len(steps) + 1))


def _is_step(known: str, asked: str) -> bool:
    return bool(re.fullmatch(parameter(known).whole, asked)) if "{" in known else known == asked


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
