"""Opening hours: weekly hours, holidays and exceptions, by the clock on the wall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, ClassVar, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from reconciler.model.calendar import DAYS as WEEK
from reconciler.model.calendar import (
    Day,
    Days,
    Hours,
    Moment,
    YearlyDay,
    YearlyRule,
    falls_on,
    is_day,
    minutes_of,
    public_holidays,
    subdivisions_of,
)
from reconciler.model.resource import Model, Resource
from reconciler.model.types import (
    Country,
    Derived,
    DisplayName,
    Flag,
    FromTenant,
    Label,
    Runtime,
    Whole,
    Zone,
    mistake,
)

State = Literal["open", "closed", "holiday"]

_A_DAY = timedelta(days=1)
_WHOLE_DAY = 24 * 60


class Window(Model):
    """Hours of some days of the week."""

    days: Days
    """Which days: mon-thu, or sat, sun."""

    hours: Hours
    """From when to when; what ends before it starts ends on the next day."""


class _Dated(Model):
    """A day or several, of one year or of each."""

    date: YearlyDay | None = None
    """A day: "12-25" for every year, "2026-12-25" for one."""

    rule: YearlyRule | None = None
    """A weekday of a month: 4th thu of november, last mon of may."""

    days: Annotated[Whole, Field(ge=1, le=31)] | None = None
    """How many days it lasts, with `date` or `rule`; left out: one."""

    def covers(self, day: Day) -> bool:
        """Whether it is that day, or began so few days before that it lasts."""
        return any(self._begins(day - _A_DAY * n) for n in range(self.days or 1))

    def _begins(self, day: Day) -> bool:
        if self.date is not None:
            return is_day(self.date, day)
        return self.rule is not None and falls_on(self.rule, day)


class Holiday(_Dated):
    """Days, or part of one, that are no working days: calls go where `holiday` says."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["name", "date"]},
                {"required": ["name", "rule"]},
                {"required": ["name", "from", "to"]},
                {"required": ["country"]},
            ],
            "dependencies": {
                "from": {"required": ["to"], "not": {"required": ["days"]}},
                "to": ["from"],
                "country": {"not": {"required": ["days"]}},
                "subdivision": ["country"],
            },
        }
    )

    name: Label | None = None
    """What it is called; left out for those of a `country`, which have names."""

    begins: Annotated[Moment | None, Field(alias="from")] = None
    """When it begins: "2026-10-02 12:00", or a day."""

    ends: Annotated[Moment | None, Field(alias="to")] = None
    """When it is over: "2026-10-02 18:00", or the last day of it."""

    country: Country | None = None
    """All public holidays of a country, as the package `holidays` knows them."""

    subdivision: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,10}$")] | None = None
    """A part of `country` with holidays of its own, such as MA or SCT."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        moments = self.begins is not None, self.ends is not None
        forms = (self.date, self.rule, self.begins or self.ends, self.country)
        if sum(form is not None for form in forms) != 1 or any(moments) != all(moments):
            hint = "Give one of `date`, `rule`, `from` with `to`, or `country`."
            raise mistake("E123", "a holiday is one day, one rule, one span or a country's", hint)
        if self.name is None and self.country is None:
            raise mistake("E122", "a holiday has a name", "Add `name`.")
        if self.days is not None and self.date is None and self.rule is None:
            raise mistake("E132", "`days` counts from a `date` or `rule`", "Take it out.")
        if self.begins is not None and self._first() >= self._last():
            raise mistake("E123", f"it is over ({self.ends}) before it begins", "Swap them.")
        self._known_place()
        return self

    def _known_place(self) -> None:
        if self.country is None:
            if self.subdivision is not None:
                raise mistake("E132", "`subdivision` is part of a `country`", "Name it.")
            return
        try:
            public_holidays(self.country, self.subdivision or "", 2000)
        except ValueError as error:
            raise mistake("E123", str(error), _known(self.country, self.subdivision)) from None

    def _first(self) -> datetime:
        return _moment(self.begins or "")

    def _last(self) -> datetime:
        whole = _A_DAY if " " not in (self.ends or "") else timedelta()
        return _moment(self.ends or "") + whole

    def called(self, local: datetime) -> str:
        """Its name if it is then, by the clock on the wall; "" if not."""
        if self.country is not None:
            found = public_holidays(self.country, self.subdivision or "", local.year)
            return found.get(local.date(), "")
        if self.begins is not None:
            return (self.name or "") if self._first() <= local < self._last() else ""
        return (self.name or "") if self.covers(local.date()) else ""


def _known(country: str, subdivision: str | None) -> str:
    parts = subdivisions_of(country)
    if parts is None:
        return "Give the days themselves, with `date` or `rule`."
    if not parts:
        return f"Leave `subdivision` out: {country} has none."
    near = get_close_matches((subdivision or "").upper(), parts, 1)
    return f'Did you mean "{near[0]}"?' if near else f"Known are {', '.join(sorted(parts)[:60])}."


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


class Exceptional(_Dated):
    """Days with hours of their own: they count before holidays and weekly hours."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {"oneOf": [{"required": ["date"]}, {"required": ["rule"]}]},
                {"oneOf": [{"required": ["hours"]}, {"required": ["closed"]}]},
            ],
        }
    )

    name: Label | None = None
    """Why, in words."""

    hours: Hours | None = None
    """From when to when it is open that day, whatever day of the week."""

    closed: Annotated[Flag | None, Field(json_schema_extra={"enum": [True]})] = None
    """`true`: not open at all on that day, and no holiday either."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.date is None) == (self.rule is None):
            raise mistake("E123", "an exception is one date or one rule", "Give one of them.")
        if self.closed is False or (self.hours is None) == (self.closed is None):
            hint = "Give `hours`, or `closed: true`."
            raise mistake("E123", "an exception has hours or is closed", hint)
        return self


class Schedule(Resource):
    """When a tenant, or a part of it, is open."""

    kind: ClassVar[str] = "schedule"
    section: ClassVar[str] = "schedules"

    name: DisplayName | None = None
    """What people call it."""

    timezone: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=64)], FromTenant(), Zone()
    ]
    """An IANA time zone; left out: the tenant's. Its daylight saving is followed."""

    open: tuple[Window, ...] = Field(min_length=1, max_length=100)
    """Weekly hours; outside them it is closed."""

    holidays: tuple[Holiday, ...] = Field(default=(), max_length=200)
    """Holidays; on them it is neither open nor closed. They are kept as rules, not as dates."""

    exceptions: tuple[Exceptional, ...] = Field(default=(), max_length=200)
    """Days with other hours; several for one day add up."""

    force: Annotated[State | None, Derived(), Runtime()] = None
    """A switch that people turn by telephone or console, and that nothing here touches."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a schedule says of an instant.

    Attributes:
        state: `open`, `closed` or `holiday`.
        holiday: Which holiday; "" when it is none, or was switched to by hand.

    """

    state: State
    holiday: str = ""


def standing(schedule: Schedule, at: datetime) -> Standing:
    """Tell whether a schedule is open, closed or on which holiday at an instant.

    The clock on the wall decides: an hour that daylight saving skips does not come, one that
    it repeats counts twice. A holiday goes before closed, closed before open; an exception
    for a day goes before all of them. Hours over midnight belong to the day on which they
    begin: those of a holiday do not begin.

    Args:
        schedule: What git says, or what the platform has (then with its `force`).
        at: An aware instant.

    Raises:
        ValueError: The instant has no time zone.
        zoneinfo.ZoneInfoNotFoundError: The schedule's time zone is not known.

    """
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone says nothing about opening hours")
    if schedule.force is not None:
        return Standing(schedule.force)
    local = at.astimezone(ZoneInfo(schedule.timezone)).replace(tzinfo=None)
    name = _holiday(schedule, local)
    if name:
        return Standing("holiday", name)
    return Standing("open" if _is_open(schedule, local) else "closed")


def _holiday(schedule: Schedule, local: datetime) -> str:
    if any(one.covers(local.date()) for one in schedule.exceptions):
        return ""
    return next((name for one in schedule.holidays if (name := one.called(local))), "")


def _is_open(schedule: Schedule, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    if any(first <= minute < last for first, last in _windows(schedule, local.date())):
        return True
    midnight = datetime.combine(local.date(), datetime.min.time())
    if _holiday(schedule, midnight - timedelta(minutes=1)):
        return False
    before = _windows(schedule, local.date() - _A_DAY)
    return any(minute + _WHOLE_DAY < last for _, last in before)


def _windows(schedule: Schedule, day: Day) -> Iterator[tuple[int, int]]:
    """The hours that begin on a day, in minutes after its midnight."""
    special = [one for one in schedule.exceptions if one.covers(day)]
    if special:
        yield from (minutes_of(one.hours) for one in special if one.hours is not None)
        return
    today = WEEK[day.weekday()]
    yield from (minutes_of(one.hours) for one in schedule.open if today in one.days)
