"""VoiceTel's JSON, read leniently: a field may be missing, and integers come as text.

Nothing in here raises: what cannot be read is None, and the caller decides what that means.
Source: VoiceTel OpenAPI 2.2.10, schemas of the answers; two older error bodies are taken too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

SIP_PORT: Final = "5060"
LONGEST_WAIT_SECONDS: Final = 60.0
CENT: Final = Decimal("0.01")
CENTS: Final = 2
MOST: Final = 10**12
"""From here on an amount is none."""

LARGEST_WHOLE: Final = 999_999_999

_E164 = re.compile(r"\+1([2-9][0-9]{9})")
_WIRE = re.compile(r"(?:\+?1)?([2-9][0-9]{9})")

Body = Mapping[str, Any] | None
"""A decoded answer; None when it was no JSON object."""


class Gateway(NamedTuple):
    """A row of the gateway list. System rows are VoiceTel's own and are never a hand-off."""

    id: int
    host: str
    system: bool
    prefix: str = ""
    limit: int | None = None


def digits_of(e164: str) -> str | None:
    """Ten digits as they stand on the wire; None for a number outside +1."""
    match = _E164.fullmatch(e164)
    return match[1] if match else None


def e164_of(value: object) -> str | None:
    """Read a number from 10 or 11 digits, text or integer; None when it is none."""
    match = _WIRE.fullmatch(text_of(value))
    return f"+1{match[1]}" if match else None


def text_of(value: object) -> str:
    """Text, or an integer as text; "" for anything else."""
    if isinstance(value, str):
        return value.strip()
    return "" if isinstance(value, bool) or not isinstance(value, int) else str(value)


def whole_of(value: object) -> int | None:
    """Read an integer, or digits in text; None for anything else."""
    if type(value) is int:
        return value if 0 <= value <= LARGEST_WHOLE else None
    text = text_of(value)
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def money_of(value: object) -> Decimal | None:
    """Read an amount of 0 or more; None for anything else."""
    amount = amount_of(value)
    return amount if amount is not None and amount >= 0 else None


def amount_of(value: object) -> Decimal | None:
    """Read an amount that may be owed, below zero; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return in_cents(amount) if amount.is_finite() else None


def in_cents(amount: Decimal) -> Decimal:
    """The same amount to the cent at least: JSON numbers have no zeros at their end."""
    exponent = amount.as_tuple().exponent
    short = isinstance(exponent, int) and exponent > -CENTS and abs(amount) < MOST
    return amount.quantize(CENT) if short else amount


def rows_of(value: object) -> list[Any]:
    """A list, empty for anything else."""
    return value if isinstance(value, list) else []


def numbers_of(rows: object) -> list[str | None]:
    """Read the number of each row of a list; None for a row without one."""
    return [e164_of(row.get("number")) if isinstance(row, dict) else None for row in rows_of(rows)]


def failures_of(value: object) -> Iterator[tuple[str | None, str]]:
    """Read an order's `failed` list: each number with the reason."""
    for row in rows_of(value):
        if isinstance(row, dict):
            yield e164_of(row.get("number")), text_of(row.get("reason")) or "no reason given"
        else:
            yield e164_of(row), "no reason given"


def gateways_of(rows: list[Any]) -> tuple[Gateway, ...]:
    """Read the gateway list; a row that cannot be read is left out."""
    return tuple(filter(None, map(_gateway, rows)))


def _gateway(row: object) -> Gateway | None:
    if not isinstance(row, dict):
        return None
    number, host = whole_of(row.get("id")), row.get("gateway")
    if number is None or not isinstance(host, str):
        return None
    prefix, limit = text_of(row.get("prefix")), whole_of(row.get("limit"))
    return Gateway(number, host, bool(row.get("system")), prefix, limit)


def endpoint(host: str) -> str:
    """A gateway's address as it is compared: lower case, with its port."""
    name = host.strip().lower()
    return name if re.search(r":[0-9]{1,5}$", name) else f"{name}:{SIP_PORT}"


def data_of(body: Body) -> Mapping[str, Any]:
    """The contents of a success, empty for anything else."""
    if body is None or body.get("status") != "success":
        return {}
    data = body.get("data")
    return data if isinstance(data, dict) else {}


def envelope_of(status: int, body: Body) -> str | None:
    """The message in VoiceTel's own error body, whose code repeats the status; None if none."""
    error = body.get("error") if body is not None and body.get("status") == "error" else None
    if not isinstance(error, dict) or whole_of(error.get("code")) != status:
        return None
    message = error.get("message")
    return message if isinstance(message, str) else None


def refusal_of(status: int, body: Body) -> str | None:
    """What VoiceTel says is wrong, in its envelope or an older form; None when it says nothing."""
    if body is None:
        return None
    if (message := envelope_of(status, body)) is not None:
        return message
    if isinstance(body.get("error"), str):
        return str(body["error"])
    if whole_of(body.get("code")) == status and isinstance(body.get("message"), str):
        return str(body["message"])
    return None


def wait_seconds(header: str) -> float | None:
    """Retry-After in seconds, at most a minute; None for a date or nonsense (RFC 9110, 10.2.3)."""
    if not re.fullmatch(r"[0-9]{1,12}", header):
        return None
    return min(float(header), LONGEST_WAIT_SECONDS)


def canonical(value: object) -> str:
    """JSON in the one form that is sent and digested."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
