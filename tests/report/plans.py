"""One plan with everything in it: the tenant of the documents, the same numbers throughout."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from reconciler.engine.plan import (
    Because,
    Calls,
    Cost,
    Drifted,
    Envelope,
    FieldDifference,
    Gate,
    Held,
    ObservedSource,
    Operation,
    Part,
    Plan,
    Precondition,
    Source,
    Total,
    counts,
    facts_of,
    fingerprint,
    whole_digest,
)
from reconciler.model.act import Action, Cause, Charge, Reversibility
from reconciler.model.secret import SecretReference

CANARY = "gAAAAABlCANARYcanaryCANARYcanary"


def secret(version: int, token: str = CANARY) -> dict[str, Any]:
    return SecretReference(sealed=token, version=version).marked()


def operation(op_id: str, address: str, action: Action, **facts: Any) -> Operation:
    """An operation with the usual facts filled in and a true fingerprint."""
    tenant, kind, _ = address.split("/", 2)
    relied = {
        "spec": facts.get("before"),
        "published": "",
        "exists": [],
        "record": facts.pop("record", None),
    }
    values = {
        "id": op_id,
        "tenant": tenant,
        "address": address,
        "kind": kind,
        "entry": address,
        "action": action,
        "home": "platform",
        "reversibility": Reversibility.REVERSIBLE,
        "charge": Charge.FREE,
        "cause": Cause.CONFIG,
        "reason": "differs from YAML",
        "precondition": Precondition(fingerprint=fingerprint(relied), **relied),
    }
    return Operation(**(values | facts))


def replaced(path: str, before: Any, after: Any, cause: Cause = Cause.CONFIG) -> FieldDifference:
    op = "add" if before is None else "remove" if after is None else "replace"
    return FieldDifference(path=path, op=op, before=before, after=after, cause=cause)


def at(line: int) -> Source:
    return Source(file="tenants/acme.yaml", line=line, column=3)


def member(name: str, **more: Any) -> dict[str, Any]:
    return {"to": f"extension/{name}", "delay": "0s", "enabled": True, **more}


def part(name: str, **facts: Any) -> Part:
    made = Part(part=name, **facts)
    return made.model_copy(update={"content_digest": made.digest()})


def plan(*parts: Part, **facts: Any) -> Plan:
    scope = {"tenants": [each.part for each in parts]}
    values: dict[str, Any] = {
        "plan_id": "5f0e6bb8a1d14c02b07e0a3c1f5f2f11",
        "lineage": "0d9a",
        "created": "2026-11-21T14:01:33Z",
        "expires": "2026-11-22T14:01:33Z",
        "scope": scope,
        "summary": counts(map(facts_of, parts)),
        "has_changes": any(each.pending for each in parts),
        "content_digest": whole_digest(parts, scope),
    }
    return Plan(envelope=Envelope(**(values | facts)), parts=parts)


NEW = "acme/number/+12015550144"
OLD = "acme/number/+12015550199"
GONE = "acme/number/+12015550188"


def arriving() -> tuple[Operation, ...]:
    carried = {"connector": "voicetel", "handoff": "pbx-1"}
    routed = {"connector": "voicetel", "label": "Sales", "to": "ring_group/sales", "type": "local"}
    desk = {"kind": "desk", "sip_password": secret(1)}
    return (
        operation(
            "op-01", "acme/carrier_number/+12015550144", Action.ORDER, entry=NEW, home="carrier",
            connector="voicetel", after=carried, reason="in YAML; offered by voicetel",
            reversibility=Reversibility.IRREVERSIBLE, charge=Charge.PAID, source=at(13),
            cost=Cost(
                state="priced", currency="USD", monthly=Decimal("0.85"), once=Decimal("1.00")
            ),
        ),
        operation("op-02", "acme/extension/108", Action.CREATE, source=at(52),
                  after={"name": "Sales desk 4", "status": "active"}),
        operation("op-03", "acme/device/108-desk", Action.CREATE, source=at(54), wave=2,
                  entry="acme/extension/108", after=desk, secret=("sip_password",),
                  depends_on=("op-02",)),
        operation("op-04", NEW, Action.ASSIGN, after=routed, source=at(13), wave=2,
                  reason="in YAML; it comes from voicetel", depends_on=("op-01",)),
    )  # fmt: skip


def changing() -> tuple[Operation, ...]:
    before = {"members": [member("101"), member("102"), member("107")], "ring": "20s"}
    after = {"members": [*before["members"], member("108")], "ring": "25s"}
    box = {"email": "desk@acme.example"}
    return (
        operation(
            "op-05", "acme/ring_group/sales", Action.UPDATE, source=at(31), wave=3,
            before=before, after=after, depends_on=("op-02",), cause=Cause.BOTH,
            changes=(
                replaced("/members", before["members"], after["members"]),
                replaced("/ring", "20s", "25s", Cause.BOTH),
            ),
            because=(Because(type="config", text="/members"),),
            who="pat@reseller.example at 2026-11-21T13:58:00Z",
        ),
        operation(
            "op-06", "acme/conference/board", Action.UPDATE, source=at(77), wave=3,
            before={"room": "7000", "pin": secret(3)}, after={"room": "7100", "pin": secret(4)},
            changes=(
                replaced("/pin", secret(3), secret(4)),
                replaced("/room", "7000", "7100"),
            ),
            charge=Charge.UNKNOWN, cost=Cost(state="unknown"), secret=("pin",),
        ),
        operation("op-07", "acme/voicemail_box/600", Action.ADOPT, source=at(90), before=box,
                  after=box, effects="none", reason="already there, not ours yet"),
        operation(
            "op-08", "acme/auto_attendant/main", Action.UPDATE, source=at(95), wave=3,
            before={"pilot": "6000"}, after={}, reason="in the way of another step",
            changes=(replaced("/pilot", "6000", None),),
            because=(
                Because(
                    type="operation",
                    text="gives 6000 up, so that ring_group/sales can take it",
                ),
            ),
        ),
        operation(
            "op-09", "acme/auto_attendant/main", Action.PUBLISH, source=at(95), wave=4,
            graph={"start": "menu"}, depends_on=("op-08",), reason="publish what was written",
        ),
        operation(
            "op-10", "acme/extension/105", Action.UPDATE, source=at(60), cause=Cause.DRIFT,
            before={"name": "ACME INC"}, after={"name": "ACME"},
            changes=(replaced("/name", "ACME INC", "ACME", Cause.DRIFT),),
            because=(Because(type="drift", text="/name"),),
            who="pat@reseller.example at 2026-11-20T09:00:00Z",
        ),
    )  # fmt: skip


def leaving() -> tuple[Operation, ...]:
    routed = {"to": "ring_group/sales"}
    quarantined = {"to": "audio/retired", "state": "quarantined"}
    return (
        operation(
            "op-11", OLD, Action.QUARANTINE, before=routed, after=quarantined, wave=4,
            reason="gone from YAML; still owned and billed", undo="put the line back",
            changes=(
                replaced("/state", None, "quarantined"),
                replaced("/to", "ring_group/sales", "audio/retired"),
            ),
        ),
        operation(
            "op-12", "acme/voicemail_box/601", Action.DELETE, before={"name": "Old"}, wave=4,
            reason="gone from YAML", reversibility=Reversibility.LOSSY, undo="put the lines back",
        ),
        operation(
            "op-13", "acme/carrier_number/+12015550188", Action.RELEASE, entry=GONE,
            home="carrier", connector="voicetel", before={"connector": "voicetel"}, wave=5,
            reason="its quarantine is over", approval="release:+12015550188",
            reversibility=Reversibility.IRREVERSIBLE,
            cost=Cost(state="priced", currency="USD", monthly=Decimal("-0.85")),
        ),
        operation(
            "op-14", GONE, Action.RELEASE, before=quarantined, wave=5,
            reason="its quarantine is over", approval="release:+12015550188",
            reversibility=Reversibility.IRREVERSIBLE, depends_on=("op-13",),
        ),
    )  # fmt: skip


def gates() -> tuple[Gate, ...]:
    return (
        Gate(
            id="unknown_cost",
            kind="limit",
            detail="Nobody knows what 1 operations cost (acme/conference/board).",
            hint="--allow unknown_cost=1",
            planned="1",
            allowed="0",
            place="reconciler.yaml:52",
        ),
        Gate(
            id="TEL412",
            kind="refusal",
            address="initech/number/+12015550123",
            detail="+12015550123 is protected and gone from YAML: it is neither quarantined nor "
            "released.",
            hint="Put its line back. To give it up, apply `protect: false` first.",
        ),
    )


def acme() -> Part:
    return part(
        "acme",
        revision=7,
        operations=(*arriving(), *changing(), *leaving()),
        gates=gates()[:1],
        drifted=(
            Drifted(
                address="acme/ring_group/support",
                changes=(replaced("/ring", "40s", "25s", Cause.DRIFT),),
                who="pat@reseller.example",
                at="2026-11-21T13:58:00Z",
            ),
        ),
        unmanaged=("acme/conference/townhall",),
        held=(
            Held(
                address="acme/number/+12015550150",
                what="waiting",
                detail="the carrier confirms it within a day",
                next="reconciler resume 01JD7Q",
            ),
            Held(
                address="acme/number/+441632960144",
                what="unchecked",
                detail="not checked: dial9: its request budget is spent, again from 15:00",
            ),
            Held(
                address=GONE,
                what="due",
                detail="its quarantine is over; releasing it cannot be undone",
                next="--approve release:+12015550188",
            ),
        ),
        calls=Calls(
            compared=96,
            same=95,
            lost=1,
            paths=(
                {
                    "to": "+12015550199",
                    "when": "any time",
                    "before": "ring_group/sales",
                    "after": None,
                    "verdict": "lost",
                },
            ),
        ),
        totals=(Total(currency="USD", monthly=Decimal("0.85"), once=Decimal("1.00")),),
        unpriced=("acme/conference/board",),
        unchanged=41,
    )


def everything() -> Plan:
    return plan(
        acme(),
        part("globex", unchanged=12),
        part(
            "initech",
            unchanged=5,
            operations=(operation("op-01", "initech/extension/201", Action.CREATE, after={}),),
            gates=gates()[1:],
            totals=(Total(currency="USD", monthly=Decimal("9.00"), once=Decimal("9.00")),),
        ),
        inputs={"commit": "3f9c1d2aa0", "branch": "add-sales-desk", "dirty": False},
        observed=(
            ObservedSource(name="platform", at="2026-11-21T14:01:33Z", complete=True),
            ObservedSource(
                name="dial9",
                at="2026-11-21T14:01:33Z",
                complete=False,
                detail="its request budget is spent, again from 15:00",
            ),
        ),
        problems=(
            {
                "code": "TEL313",
                "severity": "warning",
                "message": "voicemail_box/600 has no owner",
                "file": "tenants/acme.yaml",
                "line": 90,
                "column": 5,
            },
        ),
    )
