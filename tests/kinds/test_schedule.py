"""What a schedule says of an instant, and how it is written."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from reconciler.kinds.schedule import Schedule, Standing, standing

NEW_YORK = "America/New_York"
OFFICE = {"days": "mon-fri", "hours": "08:00-18:00"}
ALWAYS = {"days": "mon-sun", "hours": "00:00-24:00"}


def schedule(*open_, zone=NEW_YORK, **fields):
    return Schedule.model_validate({"timezone": zone, "open": list(open_ or [OFFICE]), **fields})


def at(text, zone=NEW_YORK, fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def states(made, *texts):
    return [standing(made, at(text, made.timezone)).state for text in texts]


def holiday_on(made, text):
    return standing(made, at(text, made.timezone)).holiday


# Weekly hours.


def test_it_opens_with_the_first_minute_and_closes_before_the_last():
    assert states(
        schedule(),
        "2026-11-20 07:59:59",  # a Friday
        "2026-11-20 08:00",
        "2026-11-20 17:59:59",
        "2026-11-20 18:00",
        "2026-11-21 12:00",
    ) == ["closed", "open", "open", "closed", "closed"]


def test_the_clock_on_the_wall_decides_wherever_the_instant_was_taken():
    noon_utc = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)

    assert standing(schedule(), noon_utc).state == "closed"  # 07:30 there
    assert standing(schedule(zone="Europe/London"), noon_utc).state == "open"


def test_an_instant_without_a_zone_says_nothing():
    with pytest.raises(ValueError, match="time zone"):
        standing(schedule(), datetime(2026, 11, 20, 12, 30))  # noqa: DTZ001 - the mistake itself


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("mon", ["mon"]),
        ("mon-thu", ["mon", "tue", "wed", "thu"]),
        ("fri-mon", ["mon", "fri", "sat", "sun"]),
        ("sun-sat", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
        ("sat,sun", ["sat", "sun"]),
        ("sun, mon-wed", ["mon", "tue", "wed", "sun"]),
        (["wed", "mon", "wed"], ["mon", "wed"]),
    ],
)
def test_days_are_names_whatever_day_a_week_starts_with(written, days):
    assert list(schedule({"days": written, "hours": "8:00-9:00"}).open[0].days) == days


def test_a_week_of_days_is_the_calendars():
    made = schedule({"days": "sun", "hours": "00:00-24:00"})

    assert states(made, "2026-11-21 23:59", "2026-11-22 00:00", "2026-11-22 23:59") == [
        "closed",
        "open",
        "open",
    ]
    assert states(made, "2026-11-23 00:00") == ["closed"]


# Over midnight.

NIGHT = {"days": "fri", "hours": "22:00-06:00"}


def test_hours_over_midnight_end_on_the_next_day_and_on_no_other():
    assert states(
        schedule(NIGHT),
        "2026-11-20 05:00",  # Friday morning belongs to Thursday
        "2026-11-20 21:59",
        "2026-11-20 22:00",
        "2026-11-21 00:00",
        "2026-11-21 05:59",
        "2026-11-21 06:00",
        "2026-11-21 22:30",
    ) == ["closed", "closed", "open", "open", "open", "closed", "closed"]


def test_sunday_night_goes_on_into_monday():
    made = schedule({"days": "sun", "hours": "20:00-02:00"})

    assert states(made, "2026-11-23 01:59", "2026-11-23 02:00") == ["open", "closed"]


def test_the_night_of_the_last_of_december_ends_in_the_new_year():
    made = schedule({"days": "thu", "hours": "20:00-02:00"})

    assert states(made, "2026-12-31 21:00", "2027-01-01 01:00") == ["open", "open"]


# Daylight saving. In New York clocks go forward on 2026-03-08 and back on 2026-11-01, at 2:00.


def minutes_open(made, first, last):
    """How many minutes of real time it is open between two instants."""
    now, end, count = at(first).astimezone(UTC), at(last).astimezone(UTC), 0
    while now < end:
        count += standing(made, now).state == "open"
        now += timedelta(minutes=1)
    return count


def test_a_night_in_which_clocks_go_forward_is_an_hour_shorter():
    made = schedule({"days": "sat", "hours": "22:00-06:00"})

    assert minutes_open(made, "2026-03-07 20:00", "2026-03-08 08:00") == 7 * 60
    assert states(made, "2026-03-08 01:59", "2026-03-08 03:00", "2026-03-08 06:00") == [
        "open",
        "open",
        "closed",
    ]


def test_a_night_in_which_clocks_go_back_is_an_hour_longer():
    made = schedule({"days": "sat", "hours": "22:00-06:00"})

    assert minutes_open(made, "2026-10-31 20:00", "2026-11-01 08:00") == 9 * 60


def test_hours_that_are_skipped_do_not_come():
    made = schedule({"days": "sun", "hours": "02:00-03:00"})

    assert minutes_open(made, "2026-03-08 00:00", "2026-03-08 12:00") == 0
    assert minutes_open(made, "2026-03-15 00:00", "2026-03-15 12:00") == 60


def test_hours_that_begin_in_what_is_skipped_begin_after_it():
    made = schedule({"days": "sun", "hours": "02:30-04:00"})

    assert minutes_open(made, "2026-03-08 00:00", "2026-03-08 12:00") == 60


def test_hours_that_are_repeated_count_twice():
    made = schedule({"days": "sun", "hours": "01:00-02:00"})

    assert minutes_open(made, "2026-11-01 00:00", "2026-11-01 12:00") == 120
    both = [standing(made, at("2026-11-01 01:30", fold=fold)).state for fold in (0, 1)]
    assert both == ["open", "open"]


# Holidays.


def test_a_holiday_goes_before_closed_and_closed_before_open():
    made = schedule(holidays=[{"name": "Christmas", "date": "12-25"}])  # 2026: a Friday

    assert states(made, "2026-12-24 12:00", "2026-12-25 12:00", "2026-12-25 23:59") == [
        "open",
        "holiday",
        "holiday",
    ]
    assert states(made, "2026-12-26 00:00") == ["closed"]
    assert standing(made, at("2026-12-25 03:00")) == Standing("holiday", "Christmas")


def test_a_day_without_a_year_is_a_holiday_every_year_and_one_with_a_year_once():
    yearly = schedule(holidays=[{"name": "C", "date": "12-25"}])
    once = schedule(holidays=[{"name": "C", "date": "2026-12-25"}])

    assert states(yearly, "2026-12-25 12:00", "2031-12-25 12:00") == ["holiday", "holiday"]
    assert states(once, "2026-12-25 12:00", "2031-12-25 12:00") == ["holiday", "open"]


def test_the_29th_of_february_is_a_holiday_in_leap_years_only():
    made = schedule(ALWAYS, holidays=[{"name": "Leap day", "date": "02-29"}])

    assert states(made, "2028-02-28 12:00", "2028-02-29 12:00", "2028-03-01 12:00") == [
        "open",
        "holiday",
        "open",
    ]
    assert states(made, "2027-02-28 12:00", "2027-03-01 12:00") == ["open", "open"]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("1st mon of september", ["2025-09-01", "2026-09-07", "2027-09-06"]),
        ("4th thu of november", ["2025-11-27", "2026-11-26", "2027-11-25"]),
        ("last mon of may", ["2025-05-26", "2026-05-25", "2027-05-31"]),
        ("last thu of february", ["2027-02-25", "2028-02-24"]),
        ("5th sun of november", ["2026-11-29"]),
        ("2nd sunday of december", ["2026-12-13"]),
    ],
)
def test_a_weekday_of_a_month(rule, days):
    made = schedule(ALWAYS, holidays=[{"name": "R", "rule": rule}])
    first, last = datetime(2025, 1, 1), datetime(2029, 1, 1)  # noqa: DTZ001 - days of the wall
    found = []
    while first < last:
        if holiday_on(made, f"{first:%Y-%m-%d} 12:00"):
            found.append(f"{first:%Y-%m-%d}")
        first += timedelta(days=1)

    years = {day[:4] for day in days}
    assert [day for day in found if day[:4] in years] == days


def test_a_month_without_a_fifth_weekday_has_no_holiday():
    made = schedule(ALWAYS, holidays=[{"name": "R", "rule": "5th mon of february"}])

    assert {
        holiday_on(made, f"2027-02-{day:02} 12:00") + holiday_on(made, f"2027-03-{day:02} 12:00")
        for day in range(1, 29)
    } == {""}


def test_a_holiday_lasts_as_many_days_as_it_says_over_month_and_year():
    made = schedule(
        ALWAYS,
        holidays=[
            {"name": "Thanksgiving", "rule": "4th thu of november", "days": 2},
            {"name": "Turn of the year", "date": "12-31", "days": 3},
        ],
    )

    assert [holiday_on(made, f"2026-11-{day} 12:00") for day in (25, 26, 27, 28)] == [
        "",
        "Thanksgiving",
        "Thanksgiving",
        "",
    ]
    days = ("2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02", "2027-01-03")
    assert [bool(holiday_on(made, f"{day} 12:00")) for day in days] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_a_span_is_a_holiday_from_its_first_minute_to_before_its_last():
    made = schedule(
        holidays=[{"name": "Staff", "from": "2026-10-02 12:00", "to": "2026-10-02 16:00"}]
    )

    assert states(
        made, "2026-10-02 11:59", "2026-10-02 12:00", "2026-10-02 15:59", "2026-10-02 16:00"
    ) == ["open", "holiday", "holiday", "open"]


def test_a_span_of_days_takes_in_its_last_day():
    made = schedule(ALWAYS, holidays=[{"name": "X", "from": "2026-12-24", "to": "2026-12-26"}])

    assert states(
        made, "2026-12-23 23:59", "2026-12-24 00:00", "2026-12-26 23:59", "2026-12-27 00:00"
    ) == ["open", "holiday", "holiday", "open"]


def test_public_holidays_come_from_their_place():
    us = schedule(holidays=[{"country": "US"}])
    massachusetts = schedule(holidays=[{"country": "US", "subdivision": "MA"}])
    scotland = schedule(zone="Europe/London", holidays=[{"country": "GB", "subdivision": "SCT"}])

    assert holiday_on(us, "2026-04-20 12:00") == ""
    assert holiday_on(massachusetts, "2026-04-20 12:00") == "Patriots' Day"
    assert holiday_on(us, "2026-07-03 12:00") == "Independence Day (observed)"
    assert holiday_on(us, "2021-12-31 12:00") == "New Year's Day (observed)"
    assert holiday_on(scotland, "2026-11-30 12:00")


def test_a_night_that_begins_on_a_holiday_does_not_begin():
    made = schedule(NIGHT, holidays=[{"name": "C", "date": "12-25"}])  # a Friday

    assert states(made, "2026-12-25 23:00", "2026-12-26 01:00") == ["holiday", "closed"]
    assert states(made, "2026-12-18 23:00", "2026-12-19 01:00") == ["open", "open"]


def test_a_holiday_that_is_over_before_the_night_does_not_stop_it():
    made = schedule(
        NIGHT, holidays=[{"name": "X", "from": "2026-11-20 12:00", "to": "2026-11-20 18:00"}]
    )

    assert states(made, "2026-11-20 23:00", "2026-11-21 01:00") == ["open", "open"]


# Exceptions.


def test_an_exception_has_hours_of_its_own_before_weekly_hours_and_holidays():
    made = schedule(
        holidays=[{"name": "Patriots", "date": "2026-04-20"}],  # a Monday
        exceptions=[
            {"date": "2026-04-20", "hours": "10:00-12:00"},
            {"date": "2026-04-20", "hours": "14:00-16:00"},
            {"date": "2026-04-18", "hours": "09:00-10:00"},  # a Saturday
            {"date": "2026-04-21", "closed": True},
        ],
    )

    assert states(made, "2026-04-20 09:00", "2026-04-20 11:00", "2026-04-20 13:00") == [
        "closed",
        "open",
        "closed",
    ]
    assert states(made, "2026-04-20 15:00", "2026-04-18 09:30") == ["open", "open"]
    assert states(made, "2026-04-21 12:00", "2026-04-22 12:00") == ["closed", "open"]


def test_what_began_the_evening_before_an_exception_goes_on():
    made = schedule(NIGHT, exceptions=[{"date": "2026-11-21", "closed": True}])

    assert states(made, "2026-11-20 23:00", "2026-11-21 01:00", "2026-11-21 22:30") == [
        "open",
        "open",
        "closed",
    ]


def test_a_night_of_an_exception_goes_on_after_midnight():
    made = schedule(exceptions=[{"date": "2026-11-21", "hours": "20:00-02:00"}])

    assert states(made, "2026-11-21 21:00", "2026-11-22 01:00", "2026-11-22 02:00") == [
        "open",
        "open",
        "closed",
    ]


# The switch that people turn.


@pytest.mark.parametrize("state", ["open", "closed", "holiday"])
def test_a_switch_goes_before_everything(state):
    made = schedule(force=state, holidays=[{"name": "C", "date": "12-25"}])

    assert states(made, "2026-11-20 12:00", "2026-11-20 20:00", "2026-12-25 12:00") == [state] * 3


# How it is written.


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("open", [], "too_short"),
        ("open", [{"days": "mon-frii", "hours": "08:00-18:00"}], "names no days"),
        ("open", [{"days": "Monday", "hours": "08:00-18:00"}], "names no days"),
        ("open", [{"days": "", "hours": "08:00-18:00"}], "names no days"),
        ("open", [{"days": "mon", "hours": "8-18"}], "another form"),
        ("open", [{"days": "mon", "hours": "08:00-25:00"}], "another form"),
        ("open", [{"days": "mon", "hours": "24:00-08:00"}], "another form"),
        ("open", [{"days": "mon", "hours": "08:00-08:00"}], "starts when it ends"),
        ("open", [{"days": "mon", "hours": "٠٨:00-18:00"}], "another form"),
        ("holidays", [{"name": "x"}], "one day, one rule"),
        ("holidays", [{"name": "x", "date": "12-25", "rule": "1st mon of may"}], "one day"),
        ("holidays", [{"name": "x", "date": "02-30"}], "there is no day"),
        ("holidays", [{"name": "x", "date": "2027-02-29"}], "there is no day"),
        ("holidays", [{"name": "x", "date": "25.12."}], "another form"),
        ("holidays", [{"date": "12-25"}], "has a name"),
        ("holidays", [{"name": "x", "rule": "6th mon of may"}], "another form"),
        ("holidays", [{"name": "x", "rule": "4th thu of smarch"}], "another form"),
        ("holidays", [{"name": "x", "from": "2026-10-02 12:00"}], "one day, one rule"),
        ("holidays", [{"name": "x", "from": "2026-10-02 12:00", "to": "2026-10-02 12:00"}], "over"),
        ("holidays", [{"name": "x", "from": "2026-10-02", "to": "2026-10-03", "days": 2}], "days"),
        ("holidays", [{"name": "x", "date": "12-25", "days": 0}], "greater_than_equal"),
        ("holidays", [{"country": "ZZ"}], "no holidays are known of ZZ"),
        ("holidays", [{"country": "US", "subdivision": "MX"}], "no holidays are known of MX"),
        ("holidays", [{"name": "x", "date": "12-25", "subdivision": "MA"}], "part of a"),
        ("exceptions", [{"date": "12-25"}], "has hours or is closed"),
        ("exceptions", [{"date": "12-25", "closed": False}], "has hours or is closed"),
        ("exceptions", [{"date": "12-25", "closed": True, "hours": "8:00-9:00"}], "has hours or"),
        ("exceptions", [{"hours": "8:00-9:00"}], "one date or one rule"),
    ],
)
def test_what_makes_no_sense_is_refused(field, value, words):
    with pytest.raises(ValidationError) as caught:
        schedule(**{field: value}) if field != "open" else Schedule.model_validate(
            {"timezone": NEW_YORK, "open": value}
        )

    error = caught.value.errors()[0]
    assert words in f"{error['type']} {error['msg']}"


def test_it_reads_the_tenants_time_zone_when_it_has_none_of_its_own(check):
    desired, problems = check(
        """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
schedules:
  office: {open: [{days: mon, hours: 9:00-17:30}]}
  london: {timezone: Europe/London, open: [{days: mon, hours: "09:00-17:30"}]}
"""
    )

    assert problems == ()
    found = {address.name: want.spec for address, want in desired.objects.items()}
    assert found["office"]["timezone"] == "America/New_York"
    assert found["london"]["timezone"] == "Europe/London"
    assert found["office"]["open"] == [{"days": ["mon"], "hours": "09:00-17:30"}]


def test_a_wrong_window_is_told_once(check):
    _, problems = check(
        """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
schedules: {office: {open: [{days: mon-fir, hours: 9:00-17:30}]}}
"""
    )

    assert [(p.code, p.location.column) for p in problems] == [("E123", 36)]


def test_no_such_time_zone_is_told_where_it_stands(check):
    _, problems = check(
        """\
schema: 1
tenant: acme
name: Acme
timezone: America/New_Yrok
schedules:
  office: {open: [{days: mon, hours: 9:00-17:30}]}
  london: {timezone: Europe/Londn, open: [{days: mon, hours: "09:00-17:30"}]}
"""
    )

    told = [(p.code, p.location.line, p.hint) for p in problems]
    assert told == [
        ("E129", 4, 'Did you mean "America/New_York"?'),
        ("E129", 7, 'Did you mean "Europe/London"?'),
    ]
