"""Weekdays, clock times and days of the year, as authors write them."""

from __future__ import annotations

import functools
import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from reconciler.model.types import TEXT, Short, mistake, text_like

Day = date
"""A day of the calendar."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The days of a week, by name: systems disagree on which one has the number 0."""

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_COUNTS = ("1st", "2nd", "3rd", "4th", "5th", "last")

# Weekdays.

_DAY = f"({'|'.join(DAYS)})"
_DAYS_PATTERN = rf"^{_DAY}(-{_DAY})?(, ?{_DAY}(-{_DAY})?)*$"


def _as_days(value: object) -> object:
    """Read ``mon-thu`` or ``mon, wed`` as a list of days; ``fri-mon`` goes over Sunday."""
    if not isinstance(value, str):
        return value
    if not re.match(_DAYS_PATTERN, value):
        raise mistake(
            "E123", f'"{value[:60]}" names no days', "Write them as mon-fri, or as mon, wed, fri."
        )
    found: list[str] = []
    for span in value.replace(" ", "").split(","):
        first, _, last = span.partition("-")
        low, high = DAYS.index(first), DAYS.index(last or first)
        found += [DAYS[n % 7] for n in range(low, high + 1 if high >= low else high + 8)]
    return found


def _in_order(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(day for day in DAYS if day in value)


Days = Annotated[
    tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...],
    Field(min_length=1, max_length=50),
    Short(_as_days, TEXT, _DAYS_PATTERN),
    AfterValidator(_in_order),
]
"""Days of the week: ``mon-thu``, ``sat, sun`` or a list of them; kept as a list, Monday first."""

# Clock times.

_CLOCK = r"([01]?[0-9]|2[0-3]):[0-5][0-9]"
_HOURS = rf"^{_CLOCK}-({_CLOCK}|24:00)$"


def _hours(value: str) -> str:
    first, last = (f"{clock:0>5}" for clock in value.split("-"))
    if first == last:
        raise ValueError(f"{value} starts when it ends: a whole day is 00:00-24:00")
    return f"{first}-{last}"


Hours = text_like(_HOURS, "from when to when, as 08:00-18:00; 22:00-06:00 ends on the next day",
                  _hours)  # fmt: skip
"""From when to when by the clock on the wall; it ends before the last minute named begins."""


def minutes_of(hours: str) -> tuple[int, int]:
    """Read `Hours` as minutes after midnight; the second is above 1440 on the next day."""
    first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in hours.split("-"))
    return first, last if last > first else last + 24 * 60


# Days of the year.

_MONTH_DAY = r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_YEAR = r"(19|20)[0-9]{2}"


def _real(value: str) -> str:
    """Check that a day exists; 02-29 without a year does, every fourth year or so."""
    year, month, day = ("2000", *value.split("-"))[-3:]
    if int(day) > monthrange(int(year), int(month))[1]:
        raise ValueError(f"there is no day {value}")
    return value


YearlyDay = text_like(
    rf"^({_YEAR}-)?{_MONTH_DAY}$", 'a day as "12-25", every year, or as "2026-12-25"', _real
)
"""A day of every year, ``12-25``, or of one, ``2026-12-25``."""

Moment = text_like(
    rf"^{_YEAR}-{_MONTH_DAY}( ([01][0-9]|2[0-3]):[0-5][0-9])?$",
    'a day, or a day with a time: "2026-10-02 12:00"',
    lambda value: _real(value[:10]) + value[10:],
)
"""A time on the wall, ``2026-10-02 12:00``, or a whole day."""

_NTH = re.compile(rf"^({'|'.join(_COUNTS)}) {_DAY}[a-z]* of ([a-z]+)$")
_WHOLE_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_NTH_PATTERN = rf"^({'|'.join(_COUNTS)}) ({'|'.join(DAYS)}|{_WHOLE_DAYS}) of ({'|'.join(_MONTHS)})$"


def _rule(value: str) -> str:
    match = _NTH.match(value)
    if match is None:  # the pattern was looked at before
        raise ValueError(f"{value} is no rule")
    return f"{match[1]} {match[2]} of {match[3]}"


YearlyRule = text_like(_NTH_PATTERN, "4th thu of november, or last mon of may", _rule)
"""A weekday of a month in every year, ``4th thu of november``."""


def falls_on(rule: str, day: date) -> bool:
    """Tell whether a `YearlyRule` falls on a day. A month without a fifth one has none."""
    match = _NTH.match(rule)
    if match is None or day.month != _MONTHS.index(match[3]) + 1:
        return False
    if DAYS[day.weekday()] != match[2]:
        return False
    if match[1] == "last":
        return (day + timedelta(days=7)).month != day.month
    return (day.day - 1) // 7 == _COUNTS.index(match[1])


def is_day(written: str, day: date) -> bool:
    """Tell whether a `YearlyDay` is that day."""
    return day.isoformat().endswith(written)


# Public holidays.


@functools.lru_cache(maxsize=512)
def public_holidays(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    """List the public holidays of a place in a year, with the days on which they are observed.

    Source: the package `holidays`, which each release knows better.

    Raises:
        ValueError: It does not know the place.

    """
    import holidays  # noqa: PLC0415 - 0.2 s, for schedules that name a country

    try:
        return dict(holidays.country_holidays(country, subdivision or None, years=year))
    except NotImplementedError:
        raise ValueError(f"no holidays are known of {subdivision or country}") from None


def subdivisions_of(country: str) -> tuple[str, ...] | None:
    """The parts of a country whose holidays are known; None when the country is not known."""
    import holidays  # noqa: PLC0415 - as above

    known = holidays.list_supported_countries(include_aliases=True)
    return tuple(known[country]) if country in known else None
