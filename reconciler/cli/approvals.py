"""Approvals: each names one act of the plan; one that names none is never passed over."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from reconciler.cli.output import say
from reconciler.cli.session import Session
from reconciler.engine.plan import Plan
from reconciler.engine.quarantine import ends_at
from reconciler.errors import WrongUsage
from reconciler.model.act import PARTINGS
from reconciler.model.supply import NumberState, PoolNumber
from reconciler.report.numbers import told_state

QUESTIONS = {
    "release": "it can be released now. That CANNOT BE UNDONE.",
    "remove": "it would leave its account. That CANNOT BE UNDONE.",
    "move": "it would go to that account and route. That CANNOT BE UNDONE.",
    "emergency": "its emergency address would be removed. Nobody sees then where a caller is.",
    "register": "it would be registered, for the registry's fees. That CANNOT BE UNDONE.",
    "port": "it would be submitted and PAID FOR. Nothing calls it off.",
}
"""What is asked before an approval is given, by the approval's first word."""

FORMS = (
    "release:+E164|remove:+E164|move:+E164=ACCOUNT/ROUTE|emergency:+E164|port:TENANT/NAME"
    "|register:ID"
)
"""What an approval looks like."""

_BEHIND = {
    "release": r"\+[0-9]+",
    "remove": r"\+[0-9]+",
    "move": r"\+[0-9]+=[0-9A-Za-z._-]+/[0-9A-Za-z._-]+",
    "emergency": r"\+[0-9]+",
    "register": r"[BC][A-Za-z0-9]+",
    "port": r"[a-z0-9-]+/[a-z0-9-]+",
}
"""What stands behind that word."""


_UNKNOWN = {"port": "it has no such port.", "register": "it registers nothing of that id."}
"""What is said of one that matches nothing, where that is about no number."""


def parse_approvals(values: Iterable[str]) -> frozenset[str]:
    """Read each approval: `release:+E164` and the others of `FORMS`, once for each option.

    Raises:
        WrongUsage: One has another form.
    """
    found = frozenset(values)
    for value in sorted(found):
        word, _, what = value.partition(":")
        if not re.fullmatch(_BEHIND.get(word, "(?!)"), what):
            raise WrongUsage(
                f"{value!r} is no approval.",
                "Write --approve release:+12015550144, remove: or emergency: and the number, move:"
                " and NUMBER=ACCOUNT/ROUTE, port: and TENANT/NAME, or register: and the"
                " registry's id, one for each.",
            )
    return found


def check_approvals(session: Session, plan: Plan, approvals: Collection[str]) -> None:
    """Hold approvals against what is due. Of one whose act is over already, a note is told.

    Raises:
        WrongUsage: One matches nothing in the plan.
    """
    if not approvals:
        return
    due = {op.approval for part in plan.parts for op in part.operations if op.approval}
    unmatched = sorted(set(approvals) - due)
    if not unmatched:
        return
    named = [_named(approval) for approval in unmatched]
    records = session.platform.numbers([name for name in named if name.startswith("+")])
    wrong = []
    for approval, name in zip(unmatched, named, strict=True):
        record = records.get(name)
        why = _known(plan, name, record)
        if other := _leaves_otherwise(approval, name, due):
            wrong.append(f"{approval} matches nothing in the plan: what that asks for is {other}.")
        elif why:
            say(f"note: {approval} is not in the plan: {why}")
        else:
            unknown = _UNKNOWN.get(approval.partition(":")[0]) or _why(session, record)
            wrong.append(f"{approval} matches nothing in the plan: {unknown}")
    if wrong:
        listed = ", ".join(sorted(due))
        raise WrongUsage(
            " ".join(wrong),
            f"Due now: {listed}."
            if due
            else "Nothing is due now. What is in quarantine, and until when: reconciler quarantine",
        )


def _leaves_otherwise(approval: str, name: str, due: Collection[str]) -> str:
    """The approval that is asked for of a number which is to leave in another way, or ""."""
    if approval.partition(":")[0] not in PARTINGS:
        return ""
    return next((a for a in due if _named(a) == name and a.partition(":")[0] in PARTINGS), "")


def _named(approval: str) -> str:
    """The number that an approval is about, or the end of the port's address."""
    word, _, what = approval.partition(":")
    return "/port/".join(what.split("/", 1)) if word == "port" else what.partition("=")[0]


def _known(plan: Plan, number: str, record: PoolNumber | None) -> str:
    """Why the plan leaves a number out though the approval is none too many; "" for no reason."""
    for part in plan.parts:
        for held in part.held:
            if held.address.endswith(f"/{number}") or held.address == number:
                return held.detail
        for gate in part.gates:
            if gate.address.endswith(f"/{number}") or gate.address == number:
                return gate.detail
    if record is not None and record.state is NumberState.RELEASED:
        return f"it is {told_state(record)} already."
    return ""


def _why(session: Session, record: PoolNumber | None) -> str:
    if record is None:
        return "nothing is known of that."
    until = ends_at(record, session.project.settings.quarantine_days)
    if until is None:
        return f"it is {record.state.value}, not in quarantine."
    if until > session.clock.now():
        return f"its quarantine lasts until {until:%Y-%m-%d %H:%M} UTC."
    return "our own records do not say that its quarantine is over."
