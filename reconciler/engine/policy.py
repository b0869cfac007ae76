"""What a project says about rules: how bad each is, and where one is silenced for a while.

Pure: the day is passed in. What may not be softened is in `FIXED` of the rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reconciler.errors import Location, Problem, Severity


@dataclass(frozen=True, slots=True)
class Silence:
    """One rule that is not told of one object, until a day.

    Attributes:
        code: The rule, such as `TEL203`.
        address: `tenant/kind/name` of the object, or the tenant alone for what is its own.
        reason: Why, for whoever reads the policies.
        until: The last day on which it holds, `2026-12-31`.
        location: Where it stands.
    """

    code: str
    address: str
    reason: str
    until: str
    location: Location

    @property
    def tenant(self) -> str:
        """The tenant of its object."""
        return self.address.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Silenced:
    """A problem that is not told, and why. `silence` is None for a rule that is switched off."""

    problem: Problem
    silence: Silence | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What is left of problems, what is not told, and silences that are not granted."""

    problems: tuple[Problem, ...]
    silenced: tuple[Silenced, ...] = ()
    refused: tuple[Silence, ...] = ()


@dataclass(frozen=True)
class Policies:
    """How bad rules are in a project. The default changes nothing.

    Attributes:
        severity: Code -> how bad all its problems are; None for not at all.
        silences: Exceptions.
        today: The day of the check, `2026-11-22`; "" where no silence expires.
        fixed: Code -> why its errors can neither be softened nor silenced.
    """

    severity: Mapping[str, Severity | None] = field(default_factory=dict)
    silences: tuple[Silence, ...] = ()
    today: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)

    @property
    def tenants(self) -> frozenset[str]:
        """Every tenant that a silence names."""
        return frozenset(silence.tenant for silence in self.silences)

    def judge(self, tenant: str, problems: Iterable[Problem]) -> Judged:
        """Give each problem of a tenant its severity, and leave out what is silenced."""
        open_ones = {
            (each.code, each.address): each for each in self.silences if not self.expired(each)
        }
        told: list[Problem] = []
        silenced: list[Silenced] = []
        refused: list[Silence] = []
        for problem in problems:
            silence = open_ones.get((problem.code, problem.address or tenant))
            if self._keeps(problem):
                told.append(problem)
                refused += [silence] if silence is not None else []
                continue
            severity = self.severity.get(problem.code, problem.severity)
            if silence is not None or severity is None:
                silenced.append(Silenced(problem, silence))
            else:
                told.append(replace(problem, severity=severity))
        return Judged(tuple(told), tuple(silenced), tuple(dict.fromkeys(refused)))

    def expired(self, silence: Silence) -> bool:
        """Whether its last day is over."""
        return bool(self.today) and silence.until < self.today

    def useless(
        self, there: Collection[str], whole: Collection[str], silenced: Iterable[Silenced]
    ) -> Iterator[tuple[Silence, bool]]:
        """Find silences that hide nothing, and whether they are expired.

        Args:
            there: Tenants that were looked at.
            whole: Those without an error: of others it is not known what else is wrong.
            silenced: What was hidden.
        """
        used = {each.silence for each in silenced}  # equal, not the same: other processes find some
        for silence in self.silences:
            if self.expired(silence) and silence.tenant in {*there, *whole}:
                yield silence, True
            elif silence.tenant in whole and silence not in used:
                yield silence, False

    def _keeps(self, problem: Problem) -> bool:
        return problem.severity is Severity.ERROR and problem.code in self.fixed
