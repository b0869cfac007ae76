"""What numbers lead to, looked up only; internal numbers, feature codes and the unit."""

from __future__ import annotations

from typing import Any, Final

from reconciler.sandbox.dial9.numbers import changed, check_unit, internal
from reconciler.sandbox.dial9.protocol import (
    FILTERS,
    PAGING,
    Action,
    Actions,
    Answer,
    Json,
    Param,
    Params,
    coded,
    iso,
    listed,
    ruby,
)
from reconciler.sandbox.dial9.store import (
    CONNECT,
    INCOMING,
    TELCOM,
    UTILITY,
    Account,
    Number,
    Thing,
)

ACCESS_NUMBERS: Final = (
    ("*55", "Voicemail"),
    ("*56", "Voicemail of another box"),
    ("*10", "Internal caller ID"),
    ("*50", "Music on hold"),
    ("*30*{number}", "Page a number"),
    ("*31*{number}", "Call without showing the caller ID"),
    ("*32*{number}", "Call showing the caller ID"),
    ("*21*{number}", "Forward all calls"),
    ("*21", "Cancel forwarding"),
    ("*22", "Read back the forwarding"),
    ("*8", "Pick up"),
    ("*01", "Echo test"),
)
_MADE: Final = 1_430_836_800.0
"""When all of them were made: 2015-05-05T14:40:00Z."""


def _extension(account: Account, thing: Thing) -> Json:
    """An extension; its SIP password stands in plain text, as at the carrier."""
    exten = str(thing.facts.get("exten", thing.id))
    return {
        "id": thing.id,
        "name": thing.name,
        "exten": exten,
        "username": f"unit{account.setting('unit_id')}-{thing.facts.get('username', exten)}",
        "created_at": iso(_MADE),
        "updated_at": iso(_MADE),
        "password": f"sip-{thing.id}-in-plain-text",
        "proxy": "sip.sandbox.invalid",
        "noanswer_timeout": 20,
        "recording_enabled": 0,
        "call_limit": 2,
        "paging_enabled": 0,
        "compatibility_mode": 0,
        "outbound_number": None,
        "voicemail_box": None,
        "pickup_group": None,
        "noanswer_destination": None,
        "unit": {"id": account.setting("unit_id"), "name": "Sandbox", "identifier": "sandbox"},
        "status": None,
    }


def _group(account: Account, thing: Thing) -> Json:
    """A group. It has no strategy: everybody in it rings."""
    members = list(thing.facts.get("members", []))
    row: Json = {
        "id": thing.id,
        "name": thing.name,
        "noanswer_timeout": thing.facts.get("noanswer_timeout", 20),
    }
    if account.edition != CONNECT:
        return row | {"extension_ids": members, "contact_ids": []}
    return row | {
        "created_at": ruby(_MADE),
        "updated_at": ruby(_MADE),
        "paging_enabled": False,
        "noanswer_destination": None,
        "members": [{"type": "Extension", "id": member} for member in members],
        "pickup_group": None,
    }


def _menu(account: Account, thing: Thing) -> Json:
    del account
    return {
        "id": thing.id,
        "name": thing.name,
        "created_at": iso(_MADE),
        "updated_at": iso(_MADE),
        "extension_access": True,
        "background_file": {"id": 11, "name": "Welcome", "category": "ivr"},
        "items": [],
    }


def _box(account: Account, thing: Thing) -> Json:
    """A mailbox; its password is readable, too."""
    del account
    return {
        "id": thing.id,
        "number": str(thing.facts.get("number", thing.id)),
        "name": thing.name,
        "password": "1234",
        "counts": {"read_messages": 0, "unread_messages": 0},
        "created_at": iso(_MADE),
        "updated_at": iso(_MADE),
        "email_address": None,
        "notify_by_email": 0,
        "play_instructions": 1,
    }


def _plain(account: Account, thing: Thing) -> Json:
    del account
    return {"id": thing.id, "name": thing.name}


def _list_of(type_: str, shape: Any) -> Any:
    def run(account: Account, params: Params) -> list[Json]:
        check_unit(account, params)
        return [shape(account, thing) for thing in account.things(type_)]

    return run


def _one_of(type_: str, shape: Any) -> Any:
    def run(account: Account, params: Params) -> Json:
        thing = account.thing(type_, params["id"])
        if thing is None:
            words = f"No {type_} was found with the ID provided"
            raise coded(f"{type_}NotFound", words, id=params["id"])
        made: Json = shape(account, thing)
        return made

    return run


# Internal numbers: what only colleagues dial. Never converted to anything.


def _internal_shape(account: Account, number: Number) -> Json:
    thing = account.thing(number.destination_type, number.destination_id)
    shown = None if thing is None else {"id": thing.id, "name": thing.name}
    return {
        "id": number.id,
        "number": number.number,
        "name": number.name,
        "caller_id_prefix": number.caller_id_prefix,
        "caller_id_passthrough": int(number.passthrough),
        "destination": None if thing is None else {"type": thing.type, "object": shown},
    }


def _internal_list(account: Account, params: Params) -> list[Json]:
    check_unit(account, params)
    rows = [_internal_shape(account, n) for n in account.numbers() if n.context == UTILITY]
    if not account.setting("odd_rows"):
        return rows
    odd: Json = {"id": None, "number": "no\x1b[31mne"}
    return [*({**row, "later": {"nested": []}} for row in rows), odd, "row"]  # type: ignore[list-item]


def _internal_create(account: Account, params: Params) -> Json:
    check_unit(account, params)
    made = changed(account, internal(account, params.get("number")), params, "saved")
    return _internal_shape(account, made)


def _internal_update(account: Account, params: Params) -> Json:
    id_ = params["id"]
    number = account.number(int(id_)) if id_.isdigit() else None
    if number is None or number.context != UTILITY:
        words = "No internal number was found with the ID provided"
        raise coded("InternalNumberNotFound", words, id=id_)
    return _internal_shape(account, changed(account, number, params, "updated"))


def _access_numbers(account: Account, params: Params) -> list[Json]:
    del account, params
    return [{"number": code, "description": words} for code, words in ACCESS_NUMBERS]


def _units(account: Account, params: Params) -> Answer:
    del params
    incoming = [n.number for n in account.numbers() if n.context == INCOMING]
    unit = {
        "id": account.setting("unit_id"),
        "record_id": "unit_sandbox",
        "name": "Sandbox",
        "identifier": "sandbox",
        "type": "direct",
        "disposition": "active",
        "call_recording_retention_days": 30,
        "statistics": {
            "last_call": None,
            "extension_count": len(account.things("Extension")),
            "incoming_number_count": len(incoming),
            "internal_number_count": len(account.numbers()) - len(incoming),
            "incoming_numbers": incoming,
        },
    }
    return Answer([unit])


def _calls(account: Account, params: Params) -> Answer:
    """The calls of the unit, the newest first."""
    rows = [_call(thing) for thing in account.things("Call")]
    rows.sort(key=lambda row: -row["initiated_at"])
    return listed(rows, params, {"direction": ("eq",)})


def _call(thing: Thing) -> Json:
    facts = thing.facts
    ends = {end: {"e164": facts[end], "formatted": facts[end]} for end in ("source", "destination")}
    return {
        "id": thing.id,
        "direction": "incoming",
        "initiated_at": facts["at"],
        "ended_at": facts["at"] + facts["seconds"],
        "length": facts["seconds"],
        **ends,
    }


_ID: Final = Param("id", "Integer", required=True)
_UNIT: Final = Param("unit_id", "Integer")
_OLD: Final = (TELCOM,)
_NEW: Final = (CONNECT,)
_FULL: Final = (Param("_full", "boolean"), Param("_expansions"))
_SORT: Final = (
    Param("sort_field", "String", default="name", options=("name", "exten")),
    Param("order", "String", default="ASC", options=("ASC", "DESC")),
)
_INTERNAL: Final = (
    Param("name", "String"),
    Param("destination_type", "String"),
    Param("destination_id", "Integer"),
    Param("caller_id_prefix", "String"),
    Param("caller_id_passthrough", "boolean"),
)

ACTIONS: Final[Actions] = (
    ("numbers/available_access_numbers", Action(_access_numbers)),
    ("internal_numbers/list", Action(_internal_list, (_UNIT,), _NEW)),
    (
        "internal_numbers/create",
        Action(_internal_create, (_UNIT, Param("number", "String"), *_INTERNAL), _NEW),
    ),
    (
        "internal_numbers/update",
        Action(_internal_update, (Param("id", "String", required=True), *_INTERNAL), _NEW),
    ),
    ("extensions/list", Action(_list_of("Extension", _extension), (_UNIT, *_SORT, *_FULL))),
    ("extensions/show", Action(_one_of("Extension", _extension), (_ID,))),
    ("call_groups/list", Action(_list_of("CallGroup", _group), (_UNIT,))),
    ("call_groups/info", Action(_one_of("CallGroup", _group), (_ID,))),
    ("menus/list", Action(_list_of("Menu", _menu), (_UNIT,))),
    ("menus/info", Action(_one_of("Menu", _menu), (_ID,))),
    ("voicemail_boxes/list", Action(_list_of("VoicemailBox", _box), (_UNIT,))),
    ("follows/list", Action(_list_of("Followme", _plain), (_UNIT,), _NEW)),
    ("calls/list", Action(_calls, (_UNIT, *PAGING, FILTERS), _NEW)),
    ("units/list", Action(_units, (), _NEW, reseller=True)),
)
