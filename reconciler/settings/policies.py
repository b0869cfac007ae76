"""The file of policies: how bad each rule is, and where one is silenced for a while.

The file is closed, as the project file is: a silence with a typing mistake would silence
nothing, or for ever. Reading it is not judging by it: that is `engine.policy`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from reconciler.engine.policy import Policies, Silence
from reconciler.engine.rules import DECIDED_BY, EXPLAINED, FIXED
from reconciler.errors import Location, Problem, Severity, by_place
from reconciler.kinds import KINDS
from reconciler.model.resource import Model
from reconciler.model.types import Date
from reconciler.settings.codes import Place, did_you_mean, dotted, quoted, told

_SEVERITIES: Mapping[str, Severity | None] = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
    "off": None,
}
_MOST = 10_000

Code = Annotated[str, StringConstraints(min_length=1, max_length=20)]


def _day(value: str) -> str:
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day") from None
    return value


class SilenceEntry(Model):
    """One rule that is not told of one object, until a day."""

    code: Code
    """The rule, such as TEL203."""

    object: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """The object's address, `tenant/kind/name`; a tenant's name for what is its own."""

    reason: Annotated[str, StringConstraints(min_length=3, max_length=500, strip_whitespace=True)]
    """Why, in words for whoever reads it next."""

    until: Annotated[Date, AfterValidator(_day)]
    """The last day on which it holds, such as "2026-12-31"."""


class PolicyFile(Model):
    """The file that `policies` of the project file names."""

    schema_version: Annotated[str, Field(pattern=r"^1$", alias="schema")] = "1"
    """The version of this form: 1."""

    severity: Annotated[
        Mapping[Code, Literal["error", "warning", "info", "off"]], Field(max_length=_MOST)
    ] = Field(default_factory=dict)
    """Per rule, how bad it is: error, warning, info or off."""

    silence: Annotated[tuple[SilenceEntry, ...], Field(max_length=_MOST)] = ()
    """Exceptions: a rule, one object, a reason and a last day each."""


def parse_policies(
    value: Mapping[str, Any], place: Place, today: str
) -> tuple[Policies, tuple[Problem, ...]]:
    """Type the file of policies.

    Args:
        value: The file's values: text, True, False, None, dicts and lists.
        place: Places in the file.
        today: The day of the check, `2026-11-22`.

    Returns:
        The policies as far as they can be used, and all problems.
    """
    problems: list[Problem] = []
    whole = dict(value)
    try:
        file = PolicyFile.model_validate(whole)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        problems += [_problem(fault, place) for fault in faults]
        file = PolicyFile.model_validate(_without(whole, faults))
    problems += _checked(file, place)
    silences = (
        Silence(each.code, each.object, each.reason, each.until, place(("silence", index)))
        for index, each in enumerate(file.silence)
    )
    severity = {code: _SEVERITIES[word] for code, word in file.severity.items()}
    return Policies(severity, tuple(silences), today, FIXED), by_place(problems)


def told_silences(found: Iterable[tuple[Silence, bool]]) -> Iterator[Problem]:
    """Tell of silences that hide nothing (E172), or not any more (E171)."""
    for silence, expired in found:
        what = f"{silence.code} of {silence.address}"
        yield told(
            "E171" if expired else "E172",
            silence.location,
            f"The silence of {what} ended on {silence.until}; it was: {silence.reason.rstrip('.')}."
            if expired
            else f"Nothing is wrong with {what}, so that this silences nothing.",
            "Mend what it was for and take it out, or give it a later day and a reason."
            if expired
            else "Take it out, or correct its code or address.",
            severity=Severity.WARNING,
            address=silence.address if "/" in silence.address else "",
        )


def refused_silences(found: Iterable[Silence]) -> Iterator[Problem]:
    """Tell of silences over errors that no policy reaches (E170)."""
    for silence in found:
        what = f"be silenced for {silence.address}"
        yield _not_to_be(silence.code, what, silence.location)


# What is wrong with the file itself.


def _without(whole: Mapping[str, Any], faults: Iterable[ErrorDetails]) -> dict[str, Any]:
    """Leave out each section with a fault, so that the rest is checked in the same run."""
    return {name: whole[name] for name in whole.keys() - {str(f["loc"][0]) for f in faults}}


def _problem(fault: ErrorDetails, place: Place) -> Problem:
    path = tuple(step for step in fault["loc"] if step != "[key]")
    key = path != fault["loc"]
    if fault["type"] == "extra_forbidden":
        names = _names(PolicyFile if len(path) == 1 else SilenceEntry)
        known = f"Known here are {', '.join(names)}."
        detail = f"There is no setting {quoted(str(path[-1]))} in the policies."
        hint = did_you_mean(str(path[-1]), names, known)
        return told("E145", place(path, key=True), detail, hint)
    if fault["type"] == "missing":
        name = str(path[-1])
        hint = _MISSING.get(name, f"Give `{name}`.")
        return told("E146", place(path[:-1]), f"{dotted(path)}: it is missing.", hint)
    message = fault["msg"].removeprefix("Value error, ")
    return told("E146", place(path, key=key), f"{dotted(path)}: {message}.", _hint(path))


_MISSING = {
    "reason": "Say why: a silence without a reason is one that nobody dares to take out.",
    "until": 'Give its last day, such as until: "2026-12-31": no silence lasts for ever.',
}


def _hint(path: tuple[str | int, ...]) -> str:
    if path[0] == "severity":
        return "Write error, warning, info or off."
    if path[-1] == "until":
        return 'Write a day, such as "2026-12-31".'
    return "`reconciler schema policies` prints the form of the file."


def _names(model: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


def _checked(file: PolicyFile, place: Place) -> Iterator[Problem]:
    """Find what no type says: rules that are not there or not to be softened, odd addresses."""
    for code, word in file.severity.items():
        path = ("severity", code)
        yield from _rule(code, place(path, key=True))
        if code in FIXED and word != "error":
            yield _not_to_be(code, f"be made {word}", place(path))
    for index, each in enumerate(file.silence):
        at = ("silence", index)
        yield from _rule(each.code, place((*at, "code")))
        yield from _object(each.object, place((*at, "object")))


def _rule(code: str, location: Location) -> Iterator[Problem]:
    if code not in EXPLAINED:
        near = did_you_mean(code, EXPLAINED, "`reconciler explain` lists all rules.")
        yield told("E170", location, f"There is no rule {quoted(code)}.", near)
    elif "validate" not in DECIDED_BY.get(code, ("validate",)):
        yield told(
            "E170",
            location,
            f"{code} is not decided by files, so that no policy reaches it.",
            f"`reconciler {DECIDED_BY[code][0]}` decides it: take it out here.",
        )


def _not_to_be(code: str, what: str, location: Location) -> Problem:
    return told(
        "E170",
        location,
        f"{code} cannot {what}: {FIXED[code]}.",
        "Take it out, and mend what the rule is about.",
    )


def _object(address: str, location: Location) -> Iterator[Problem]:
    tenant, *rest = address.split("/", 2)
    if not rest:
        return
    if len(rest) != 2 or not tenant or not rest[1]:  # noqa: PLR2004 - kind and name
        yield told(
            "E146",
            location,
            f"{quoted(address)} is no address.",
            "Write tenant/kind/name, such as acme/number/+12015550144.",
        )
    elif rest[0] not in KINDS:
        near = did_you_mean(rest[0], KINDS, f"Kinds are {', '.join(KINDS)}.")
        yield told("E146", location, f"There is no kind {quoted(rest[0])}.", near)
