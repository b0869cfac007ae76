"""Port-ins at VoiceTel: checked number by number, submitted once, then watched in a list.

A submission is paid for at once, cannot be called off and has no key: what became of one whose
answer was lost is only told by the list. Source: VoiceTel OpenAPI 2.2.10, `/v2.2/ports`; words
of a status and the day that stands for none are those of its predecessor, 2.1.6.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from reconciler.carriers.voicetel.handoff import Handoffs
from reconciler.carriers.voicetel.outcome import CREATED, CURRENCY, TOO_MANY, Reply
from reconciler.carriers.voicetel.reading import Reader
from reconciler.carriers.voicetel.wire import (
    canonical,
    data_of,
    digits_of,
    e164_of,
    refusal_of,
    rows_of,
    text_of,
    wait_seconds,
    whole_of,
)
from reconciler.errors import Unavailable
from reconciler.model.canonical import digest
from reconciler.model.supply import Holding, Progress, Stage
from reconciler.protocols import (
    CarrierAct,
    Done,
    Outcome,
    Prepared,
    Refused,
    Request,
    Unknown,
)

KIND: Final = "port"
FEE: Final = Decimal("6.00")
"""USD for each number, taken when a port is submitted and not given back."""

FIELDS: Final = frozenset(
    {
        "connector",
        "numbers",
        "to",
        "requested_date",
        "subscriber",
        "authorized_by",
        "losing_carrier",
        "handoff",
        "cnam",
        "campaign",
        "location",
    }
)
WRITE_ONLY: Final = frozenset(f"{KIND}.{name}" for name in FIELDS - {"connector", "numbers"})
LASTING: Final = frozenset(f"{KIND}.{name}" for name in FIELDS)
"""Nothing of an open port can be changed, so nothing taken away."""

NO_DATE: Final = "19750715"
"""Stands for "no date yet"."""

OVER: Final = frozenset({"complete", "completed"})
STUCK: Final = ("exception", "reject", "denied", "fail", "error", "conflict")
"""Words in a status that say that somebody has to do something."""

REFUSALS: Final = frozenset({400, 401, 402, 403, 412, 422})
"""Each of these comes before any side effect, the 412 from the API's earlier version."""

UNPAID: Final = 402
UNCHECKED: Final = frozenset({400, 412})
TOLL_FREE: Final = frozenset({"800", "833", "844", "855", "866", "877", "888"})

_PID = re.compile(r"[A-Za-z0-9]{5}")
_LINK = re.compile(r"https://[!-~]{1,400}")
_DIGITS = re.compile(
    r"(?P<date>[A-Z][a-z]{2}/[0-9]{1,2}/[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})"
    r"|[0-9A-Za-z]*[0-9](?:[-. ]?[0-9]){3,}[0-9A-Za-z]*"
)

Shown = Callable[[object], str]


# What is there.


def ports_of(reader: Reader, connector: str, since: str = "") -> dict[str, Holding]:
    """Read the list of ports, and the numbers of each one that is open: only there they matter.

    With `since`, a submission of then is looked for: it may be over by now, so that the numbers
    of closed ports are read as well, and a row that cannot be read may be that one.

    Returns:
        Each port by VoiceTel's id, newest first.

    Raises:
        Unavailable: The list, or a port whose numbers matter, cannot be read.
    """
    found: dict[str, Holding] = {}
    for row in reader.rows("/v2.2/ports", "ports"):
        pid = text_of(row.get("pid")) if isinstance(row, dict) else ""
        if not isinstance(row, dict) or not _PID.fullmatch(pid):
            if since:
                raise reader.unavailable("a port in its list has no id that could be asked about.")
            continue  # it hides no other
        if pid in found:
            continue
        more: Mapping[str, Any] = {}
        if _stage(row) in {Stage.OPEN, Stage.STUCK} or _is_since(row, since):
            more = reader.one(f"/v2.2/ports/{pid}", "port")
        numbers = sorted(filter(None, map(e164_of, rows_of(more.get("numbers")))))
        spec: dict[str, object] = {"connector": connector}
        spec |= {"numbers": numbers} if more else {}
        # What the detail says is newer than the list.
        progress = _progress({**row, **more}, numbers, reader.shown)
        found[pid] = Holding(connector, pid, progress.since, spec, progress=progress)
    return found


def _is_since(row: Mapping[str, Any], since: str) -> bool:
    """Whether it may have been taken since then, a day aside for clocks that differ."""
    if not since:
        return False
    taken = _instant(row.get("createdAt"))
    first = datetime.fromisoformat(since) - timedelta(days=1)
    return not taken or datetime.fromisoformat(taken) >= first


def _stage(row: Mapping[str, Any]) -> Stage:
    status = text_of(row.get("status")).lower()
    if status in OVER:
        return Stage.OVER
    if "cancel" in status:
        return Stage.DROPPED
    return Stage.STUCK if any(word in status for word in STUCK) else Stage.OPEN


def _progress(row: Mapping[str, Any], e164s: Iterable[str], shown: Shown) -> Progress:
    link = text_of(row.get("supportUrl"))
    return Progress(
        _stage(row),
        shown(text_of(row.get("status"))) or "no status",
        _instant(row.get("createdAt")),
        _day(text_of(row.get("foc"))),
        shown(_discreet(text_of(row.get("message")), e164s)),
        link if _LINK.fullmatch(link) else "",
    )


def _discreet(message: str, e164s: Iterable[str]) -> str:
    """The carrier's words without digits that may be an account number or a PIN."""
    ours = {e164.removeprefix("+") for e164 in e164s}
    ours |= {digits.removeprefix("1") for digits in ours}

    def kept(found: re.Match[str]) -> str:
        plain = re.sub(r"[-. ]", "", found[0])
        return found[0] if found["date"] or plain in ours else "***"

    return _DIGITS.sub(kept, message)


def _instant(value: object) -> str:
    """UTC to the second, from ISO 8601 or seconds; "" when it cannot be read."""
    try:
        moment = (
            datetime.fromtimestamp(value, UTC)
            if isinstance(value, int) and not isinstance(value, bool)
            else datetime.fromisoformat(text_of(value))
        )
    except (ValueError, OverflowError, OSError):
        return ""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _day(foc: str) -> str:
    if foc == NO_DATE:
        return ""
    try:
        return datetime.strptime(foc, "%Y%m%d").replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        return ""


# What is submitted.


class Submissions:
    """Makes submissions ready, each number checked just before."""

    def __init__(self, reader: Reader, handoffs: Handoffs, campaigns: Mapping[str, str]) -> None:
        self._reader = reader
        self._handoffs = handoffs
        self._campaigns = campaigns

    def cannot(self, act: CarrierAct) -> str:
        """Say why a port can never be submitted, as a clause; "" when it can, or nobody can say."""
        try:
            made = self._features(act, self._handoffs.host(act, FIELDS))
            reason = made.reason.removesuffix(".") if isinstance(made, Refused) else ""
            return fault(act.after or {}) or reason or self._unportable(act.after or {})
        except Unavailable:
            return ""

    def prepared(self, act: CarrierAct) -> Prepared | Refused:
        """Check each number, which VoiceTel remembers for an hour, and write the request.

        Raises:
            Unavailable: A number could not be checked. Nothing was submitted.
        """
        after = act.after or {}
        features = self._features(act, self._handoffs.route(act, FIELDS))
        if isinstance(features, Refused):
            return features
        secrets = {name: value.reveal() for name, value in act.secrets.items()}
        if "losing_carrier.account" not in secrets:
            return Refused("Nobody here knows the account number at the losing carrier.")
        wrong = fault(after) or self._unportable(after)
        if wrong:
            return Refused(f"{wrong}: nothing was submitted.")
        body = _body(after, secrets) | features
        # A PIN has too few digits for a digest of it to hide: where it is kept stands for it.
        kept = dict.fromkeys(secrets, digest(after.get("losing_carrier")))
        safe = canonical(_body(after, kept) | features).encode()
        request = Request("POST", "/v2.2/ports", canonical(body).encode())
        told = hashlib.sha256(f"{request.method} {request.path}\n".encode() + safe).hexdigest()
        return Prepared(act, (request,), told)

    def _unportable(self, after: Mapping[str, Any]) -> str:
        """Why VoiceTel does not take a number, in its words; "" when it takes them all."""
        for e164 in after["numbers"]:
            number = digits_of(e164)
            said = self._reader.one(f"/v2.2/ports/availability/{number}", "")
            if e164_of(said.get("number")) != e164:
                raise self._reader.unavailable(f"asked about {e164}, it told of another number.")
            if said.get("portable") is not True:
                why = self._reader.shown(text_of(said.get("reason"))) or "without a reason"
                return f"VoiceTel does not port {e164}: {why}"
        return ""

    def _features(
        self, act: CarrierAct, route: int | str | Refused | None
    ) -> dict[str, Any] | Refused:
        """What each number is to have as soon as it comes, with the gateway that it leads to."""
        after = act.after or {}
        if isinstance(route, Refused):
            return route
        campaign = self._campaigns.get(str(after.get("campaign")), "")
        if after.get("campaign") and not campaign:
            place = f"connectors.{after['connector']}.campaigns.{after['campaign']}"
            return Refused(f"No campaign with an id is declared: write {{id: C……}} at {place}.")
        wanted: dict[str, Any] = {}
        wanted |= {"routing": {"gatewayId": route}} if route is not None else {}
        wanted |= {"lidb": {"name": after["cnam"]}} if after.get("cnam") else {}
        wanted |= {"sms": {"campaignId": campaign}} if campaign else {}
        if not wanted:
            return {}
        return {"features": [{"number": digits_of(e164), **wanted} for e164 in after["numbers"]]}


def fault(after: Mapping[str, Any]) -> str:
    """Say what VoiceTel can never port, as a clause; "" for nothing."""
    for e164 in (*after["numbers"], after["losing_carrier"]["billing_number"]):
        digits = digits_of(e164)
        if digits is None:
            return f"VoiceTel has +1 numbers only, and {e164} is none"
        if digits[:3] in TOLL_FREE and e164 in after["numbers"]:
            return f"VoiceTel does not port toll-free numbers this way, and {e164} is one"
    lacks = [name for name in ("street_type", "region") if not after["subscriber"].get(name)]
    if lacks:
        return f"VoiceTel needs `{'` and `'.join(lacks)}` of the `subscriber`"
    return ""


def _body(after: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    whose, losing = after["subscriber"], after["losing_carrier"]
    made = {
        "did": [digits_of(e164) for e164 in after["numbers"]],
        "name": whose["name"],
        "nameType": whose["type"],
        "lcBtn": digits_of(losing["billing_number"]),
        "lcAccountNumber": secrets["losing_carrier.account"],
        "pin": secrets.get("losing_carrier.pin"),
        "streetNumber": whose["street_number"],
        "streetPrefix": whose.get("street_prefix"),
        "street": whose["street"],
        "streetType": whose["street_type"],
        "streetSuffix": whose.get("street_suffix"),
        "building": whose.get("building"),
        "floor": whose.get("floor"),
        "unitValue": whose.get("unit"),
        "city": whose["city"],
        "state": whose["region"],
        "zip": whose["postcode"],
        "country": whose["country"],
        "authPerson": after["authorized_by"],
        "desiredDueDate": after.get("requested_date"),
    }
    return {name: value for name, value in made.items() if value is not None}


def outcome_of(act: CarrierAct, reply: Reply, shown: Shown) -> Outcome:
    """Say what an answer to a submission proves; whatever is not listed in here is unknown."""
    refusal = refusal_of(reply.status, reply.body)
    told = f"VoiceTel answered {reply.status}" + (f": {shown(refusal)}" if refusal else "")
    if reply.status == TOO_MANY:
        return Unknown(
            f"{told}, which does not say whether it was submitted.", wait_seconds(reply.retry_after)
        )
    if refusal is not None and reply.status in REFUSALS:
        again = " Nothing was charged: plan and approve it again" * (reply.status in UNCHECKED)
        return Refused(f"{told}.{again}", stops_account=reply.status == UNPAID)
    data = data_of(reply.body)
    pid = text_of(data.get("pid"))
    if reply.status != CREATED or not _PID.fullmatch(pid):
        return Unknown(f"{told}, which does not say whether it was submitted.")
    link = text_of(data.get("loaUrl"))
    ticket = whole_of(data.get("ticket"))
    number = f" (ticket {ticket})" if ticket is not None else ""
    where = f"at {link}" if _LINK.fullmatch(link) else f"on VoiceTel's site{number}"
    return Done(
        external_id=pid,
        digest=reply.digest,
        amount=FEE * len((act.after or {}).get("numbers", ())),
        currency=CURRENCY,
        note=f"A person signs the letter of authority {where}",
    )
