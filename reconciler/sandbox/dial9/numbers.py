"""Numbers of the unit: listed, bought, changed, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from reconciler.sandbox.dial9 import pool
from reconciler.sandbox.dial9.protocol import (
    FILTERS,
    PAGING,
    Action,
    Actions,
    Answer,
    Failed,
    Json,
    Param,
    Params,
    coded,
    listed,
    sorting,
)
from reconciler.sandbox.dial9.shapes import View, contexts, rows, shape
from reconciler.sandbox.dial9.store import (
    CONNECT,
    INCOMING,
    SUBSCRIBER,
    TELCOM,
    UTILITY,
    Account,
    Number,
)

_BASE: Final = ("id", "prefix", "number", "name")


def _odd(found: list[Json]) -> list[Json]:
    """What a strict reader falls over; each is allowed by what the documents leave open."""
    changes: tuple[Json, ...] = (
        {"later": {"nested": []}, "caller_id_prefix": "", "recording_enabled": "1"},
        {"updated_at": None, "aquisition": None},
    )
    odd = [{**row, **change} for row, change in zip(found, changes, strict=False)]
    utility = {"id": 1, "number": "201", "context": UTILITY, "destination": None}
    garbage = {"id": None, "number": "no\x1b[31mne", "context": INCOMING}
    return [*odd, *found[len(odd) :], utility, garbage, "row"]  # type: ignore[list-item]


# Reading.


def _list(account: Account, params: Params) -> Answer:
    check_unit(account, params)
    found = _stale(account)
    paged = account.edition == CONNECT and account.setting("paged")
    if found is None and paged and not account.setting("odd_rows"):
        # Only a page of them is written: there may be thousands.
        answer = listed(_light(account), params, _FILTERED)
        page = rows(account, [row["id"] for row in answer.data])
        return Answer([_as_asked(account, row, params) for row in page], answer.flags)
    found = rows(account) if found is None else found
    found = _odd(found) if account.setting("odd_rows") else found
    return listed(found, params, _FILTERED) if paged else Answer(found)


_FILTERED: Final = {"number": ("eq", "starts_with", "in"), "prefix": ("eq", "in")}


def _light(account: Account) -> list[Json]:
    """What the list can be filtered and sorted by."""
    return [
        {"id": id_, "number": number, "name": name, "prefix": pool.prefix_of(number)}
        for id_, number, name in account.index(contexts(account))
    ]


def _as_asked(account: Account, row: Json, params: Params) -> Json:
    """A number; where the list is in base form, with what was asked for beside."""
    if not account.setting("short_list"):
        return row
    shown = set(_BASE)
    shown |= set(row) - {"destination"} if params.get("_full") else set()
    shown |= {"destination"} if params.get("_expansions") is True else set()
    return {name: value for name, value in row.items() if name in shown}


def _stale(account: Account) -> list[Json] | None:
    """The old list, while one is shown; its time runs from the first look at it."""
    stale = account.setting("stale")
    if not stale:
        return None
    until = stale["until"] or account.seconds() + stale["seconds"]
    ended = account.seconds() >= until
    account.change_setting("stale", None if ended else {**stale, "until": until})
    return None if ended else list(stale["rows"])


def _known(account: Account, id_: object) -> Number:
    number = account.number(id_)
    if number is None:
        if account.setting("unknown_id") == "not-found":
            raise Failed("not-found", {"message": "The number was not found"})
        raise coded("NumberNotFound", "No number was found with the ID provided", id=id_)
    return number


def _info(account: Account, params: Params) -> Json:
    return shape(View.of(account), _known(account, params["id"]))


# Buying.


def _bought(account: Account, number: str, **facts: Any) -> Number:
    rate = Decimal(account.setting("number_rate"))
    if not pool.is_free(account, number):
        raise coded("CouldNotAcquire", "The number could not be acquired")
    if not account.can_pay(rate):
        raise coded("InsufficientCredit", "There is not enough credit to acquire this number")
    now = account.seconds()
    made = Number(
        account.next_id(),
        number,
        created=now,
        updated=now,
        acquired=now,
        **_checked(account, facts),
    )
    account.charge(rate, "acquire", number, str(made.id))
    return account.save(made, "acquired")


def _acquire(account: Account, params: Params) -> Json:
    if account.edition != CONNECT:
        return shape(View.of(account), _bought(account, params["number"]), fresh="all", absent=True)
    check_unit(account, params)
    number = account.offered(params["token"])
    if number is None:
        raise coded("NumberNotFound", "No number was found with the token", token=params["token"])
    facts = {name: params[name] for name in _ROUTE if name in params}
    made = _bought(account, number, name=params.get("name"), **facts)
    return shape(View.of(account), made, fresh="all")


_ROUTE: Final = ("destination_type", "destination_id")


def check_unit(account: Account, params: Params) -> None:
    """Refuse a unit that the credentials do not open."""
    unit = params.get("unit_id")
    if unit is not None and unit != account.setting("unit_id"):
        raise coded("UnitNotFound", "No unit was found with the ID provided", id=unit)


# Changing.

_FACTS: Final[Mapping[str, str]] = {
    "name": "name",
    "destination_type": "destination_type",
    "destination_id": "destination_id",
    "caller_id_prefix": "caller_id_prefix",
    "recording_enabled": "recording",
    "callerid_passthrough": "passthrough",
    "caller_id_passthrough": "passthrough",
}


def changed(account: Account, number: Number, params: Params, what: str) -> Number:
    """Copy what was sent, and nothing else; `updated_at` moves even if nothing differs."""
    facts = {_FACTS[name]: value for name, value in params.items() if name in _FACTS}
    facts |= {n: bool(facts[n]) for n in ("recording", "passthrough") if n in facts}
    whole = {name: getattr(number, name) for name in _ROUTE} | facts
    made = replace(number, updated=account.seconds(), **_checked(account, whole))
    return account.save(made, what)


def _checked(account: Account, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse a destination that there is not; where that is off it leads nowhere."""
    if not account.setting("destination_checked"):
        return facts
    type_, id_ = facts.get("destination_type"), facts.get("destination_id")
    if (type_, id_) != (None, None) and account.thing(type_, id_) is None:
        raise coded(
            "ValidationError", "The number could not be saved", errors=["Destination is invalid"]
        )
    return facts


def _save(account: Account, params: Params) -> Json:
    if params.get("id") is None:
        return shape(View.of(account), _created(account, params), fresh="all")
    number = _known(account, params["id"])
    return shape(View.of(account), changed(account, number, params, "saved"), fresh="updated")


def _created(account: Account, params: Params) -> Number:
    if params.get("context", INCOMING) == INCOMING:
        number = _bought(account, params.get("number") or "")
    else:
        number = internal(account, params.get("number"))
    return changed(account, number, params, "saved")


def internal(account: Account, dialled: object) -> Number:
    """Make a number that only colleagues dial."""
    held = isinstance(dialled, str) and bool(account.holders(dialled))
    taken = held and not account.setting("utility_twice")
    if not isinstance(dialled, str) or not dialled or taken:
        errors = ["Number has already been taken" if taken else "Number can't be blank"]
        raise coded("ValidationError", "The number could not be saved", errors=errors)
    now = account.seconds()
    made = Number(account.next_id(), dialled, UTILITY, created=now, updated=now, recording=False)
    return account.save(made, "created")


def _update(account: Account, params: Params) -> Json:
    number = _known(account, params["id"])
    return shape(View.of(account), changed(account, number, params, "updated"), fresh="updated")


def _update_subscriber(account: Account, params: Params) -> Json:
    number = _known(account, params["id"])
    facts = {**number.subscriber, **{n: params[n] for n in SUBSCRIBER if n in params}}
    refused = account.setting("refused_ids")
    account.change_setting("refused_ids", [id_ for id_ in refused if id_ not in {number.id, "*"}])
    made = replace(
        number,
        subscriber=facts,
        updated=account.seconds(),
        pushed=account.seconds() + float(account.setting("validation_seconds")),
        address_fails=number.id in refused or "*" in refused or not _is_postcode(facts["postcode"]),
    )
    return shape(View.of(account), account.save(made, "address given"), fresh="updated")


def _is_postcode(value: str | None) -> bool:
    return not str(value or "ZZ").upper().startswith("ZZ")


def _delete(account: Account, params: Params) -> bool:
    if not account.setting("second_delete_refused") and account.was_deleted(params["id"]):
        return True
    number = _known(account, params["id"])
    utility = number.context == UTILITY  # nobody outside ever had it: nothing is given back
    account.save(replace(number, state="deleted"), "removed" if utility else "released")
    return True


# The actions.

_ID: Final = Param("id", "Integer", required=True)
_TEXTS: Final = tuple(Param(name, "String") for name in SUBSCRIBER)
_DESTINATION: Final = (Param("destination_type", "String"), Param("destination_id", "Integer"))
_UNIT: Final = Param("unit_id", "Integer")
_OLD: Final = (TELCOM,)
_NEW: Final = (CONNECT,)

ACTIONS: Final[Actions] = (
    ("numbers/list", Action(_list, (), _OLD)),
    (
        "numbers/list",
        Action(
            _list,
            (
                *PAGING,
                *sorting(("id", "number", "name")),
                FILTERS,
                _UNIT,
                Param("_full", "boolean"),
                Param("_expansions"),
            ),
            _NEW,
        ),
    ),
    ("numbers/info", Action(_info, (_ID,))),
    ("numbers/show", Action(_info, (_ID,), _NEW)),
    (
        "numbers/save",
        Action(
            _save,
            (
                Param("id", "Integer"),
                *_DESTINATION,
                Param("caller_id_prefix", "String"),
                Param("recording_enabled", "boolean"),
                Param("callerid_passthrough", "boolean"),
                Param("context", "String", options=(INCOMING, UTILITY)),
                Param("number", "String"),
            ),
            _OLD,
        ),
    ),
    (
        "numbers/update",
        Action(
            _update,
            (
                _ID,
                Param("name", "String"),
                *_DESTINATION,
                Param("caller_id_prefix", "String"),
                Param("recording_enabled"),  # a `Bool`, which the framework does not check
                Param("callerid_passthrough", default=True),
            ),
            _NEW,
        ),
    ),
    ("numbers/available_prefixes", Action(pool.prefixes)),
    ("numbers/acquirable_numbers", Action(pool.acquirable, (pool.PREFIX,))),
    (
        "numbers/acquire",
        Action(_acquire, (Param("number", "String", required=True),), _OLD, seconds=0.47),
    ),
    (
        "numbers/acquire",
        Action(
            _acquire,
            (
                Param("token", "String", required=True),
                *_DESTINATION,
                Param("name", "String"),
                _UNIT,
            ),
            _NEW,
            seconds=0.47,
        ),
    ),
    ("numbers/update_subscriber", Action(_update_subscriber, (_ID, *_TEXTS), seconds=0.35)),
    ("numbers/delete", Action(_delete, (_ID,), seconds=1.1)),
)
