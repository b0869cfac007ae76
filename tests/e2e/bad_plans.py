"""Plan files that were damaged, edited, forged, or belong to another time or ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from reconciler.engine.plan import Part, whole_digest
from reconciler.engine.plan_file import plan_chunks
from reconciler.model.canonical import canonical
from tests.e2e.case import APPLY, APPLY_PLAN, PLAN, SAVE_PLAN, TENANT, Case, link, pipe, rewritten

Document = dict[str, Any]
AGAIN = "Plan again"
READ = (("show", PLAN), APPLY_PLAN)
MIB = 1024 * 1024


def forged(change: Callable[[Document], object]) -> Callable[[bytes], bytes]:
    """Edit a plan and compute every digest anew, as whoever wants to fool us would."""

    def forge(raw: bytes) -> bytes:
        document = json.loads(raw)
        change(document)
        listed = document["parts"]
        parts = [Part.model_validate_json(json.dumps(part)) for part in listed]
        for part, facts in zip(parts, listed, strict=True):
            facts["content_digest"] = part.digest()
        parts = [Part.model_validate_json(json.dumps(part)) for part in listed]
        document["content_digest"] = whole_digest(tuple(parts), document["scope"])
        del document["written_digest"], document["parts"]
        return "".join(
            plan_chunks(document, [canonical(part).decode() for part in listed])
        ).encode()

    return forge


def head(**facts: Any) -> Callable[[bytes], bytes]:
    """Forge fields of the envelope."""
    return forged(lambda document: document.update(facts))


def first(**facts: Any) -> Callable[[bytes], bytes]:
    """Forge fields of the first operation."""
    return forged(lambda document: document["parts"][0]["operations"][0].update(facts))


def reordered(document: Document) -> None:
    document["parts"][-1]["operations"].reverse()


def edited(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Edit the bytes and nothing else."""

    def edit(raw: bytes) -> bytes:
        if old not in raw:
            raise ValueError(f"{old!r} is not in the plan")
        return raw.replace(old, new, 1)

    return edit


def flipped(raw: bytes) -> bytes:
    """Flip one bit in the middle."""
    at = len(raw) // 2
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def damaged(name: str, change: Callable[[bytes], bytes], exit: int = 3, hint: str = AGAIN) -> Case:  # noqa: A002
    return Case(
        f"12.7 {name}", {PLAN: rewritten(change)}, "", "", hint, exit,
        READ if exit == 3 else (APPLY_PLAN,), before=(SAVE_PLAN,),
    )  # fmt: skip


FILES = (
    damaged("one bit flipped", flipped),
    damaged("a key twice", edited(b'"kind":"plan"', b'"kind":"plan","kind":"plan"')),
    damaged("NaN", edited(b'"has_changes":true', b'"has_changes":NaN')),
    damaged("a fraction", edited(b'"has_changes":true', b'"has_changes":1.5')),
    damaged("a blank more", lambda raw: raw + b" "),
    damaged("reformatted", lambda raw: json.dumps(json.loads(raw), indent=1).encode()),
    damaged("cut", lambda raw: raw[:-40]),
    damaged("empty", lambda raw: raw[:0]),
    damaged("not JSON", lambda raw: b"%PDF-1.7" + raw[:0]),
    damaged("UTF-16", lambda raw: raw.decode().encode("utf-16")),
    damaged("deep", lambda raw: b"[" * 100_000 + raw[:0]),
    damaged(
        "a number of 10,000 digits",
        edited(b'"has_changes":true', b'"has_changes":' + b"9" * 10_000),
    ),
    damaged("65 MiB", lambda raw: raw + b" " * 65 * MIB, hint="Plan fewer tenants"),
    damaged(
        "a downgrade", head(format_version="0.9"), hint="the version of reconciler that made it"
    ),
    damaged(
        "the future's form",
        head(format_version="9.0"),
        hint="the version of reconciler that made it",
    ),
    damaged("no digest", edited(b'"written_digest"', b'"unwritten_digest"')),
    damaged("limits raised", edited(b'"monthly":"', b'"monthly":"0')),
    damaged("another number", edited(b"+16175550100", b"+16175550199")),
    damaged("operations reordered", forged(reordered)),
    damaged("another tenant's operation", first(tenant="other", address="other/location/office")),
    damaged("an odd address", first(address="acme/\x1b[2J")),
    damaged(
        "an unknown action", lambda raw: raw.replace(b'"action":"create"', b'"action":"explode"')
    ),
    damaged("a release without its approval", first(action="release", approval="")),
    damaged("an expiry that is no time", head(expires="never")),
    damaged("expired", head(created="2021-01-01T00:00:00Z", expires="2021-01-02T00:00:00Z"), 6),
    damaged(
        "from the future",
        head(created="2999-01-01T00:00:00Z", expires="2999-01-02T00:00:00Z"),
        6,
        "clock",
    ),
    damaged("another ledger", head(lineage="0" * 32), 6),
    damaged("a later ledger", head(serial=999_999), 6, "reconciler drift"),
    damaged("another account", head(accounts={"sandbox": "voicetel-other"}), 6, "credentials"),
    Case(
        "12.7 a kind of the future",
        {PLAN: rewritten(first(kind="fax", address="acme/fax/x"))},
        "",
        "",
        AGAIN,
        3,
        (APPLY_PLAN,),
        before=(SAVE_PLAN,),
    ),
    Case(
        "12.7 used already",
        {},
        "",
        "",
        "reconciler resume",
        6,
        (APPLY_PLAN,),
        before=(SAVE_PLAN, APPLY_PLAN),
    ),
    Case(
        "12.7 a link to a plan is read like a plan",
        {"other.json": link(PLAN)},
        exit=0,
        commands=(("show", "other.json"),),
        before=(SAVE_PLAN,),
    ),
    Case(
        "12.7 a pipe",
        {"pipe.json": pipe},
        "",
        "",
        "Name a file",
        64,
        (("show", "pipe.json"), ("apply", "pipe.json")),
    ),
    Case(
        "12.7 saved over a link",
        {"other.json": link("/dev/null")},
        "",
        "",
        "Name the file itself",
        64,
        (("plan", "--out", "other.json"),),
    ),
)

MANY = TENANT + "".join(f"  many-{n}: {{members: [extension/4201]}}\n" for n in range(30))

LIMITS = (
    Case(
        "12.2 the tenant shrinks by 97 %",
        {"tenants/acme.yaml": TENANT},
        "",
        "",
        "--allow deletes=30",
        4,
        (APPLY,),
        before=(APPLY,),
        first={"tenants/acme.yaml": MANY},
    ),
    Case(
        "12.2 the tenant shrinks by 60 %",
        {"tenants/acme.yaml": "".join(MANY.splitlines(keepends=True)[:-18])},
        "",
        "",
        "--allow deletes=18",
        4,
        (APPLY,),
        before=(APPLY,),
        first={"tenants/acme.yaml": MANY},
    ),
)

CASES = (*FILES, *LIMITS)
