"""What became of the store, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconciler.report.text import Line, Span, line, number_of
from reconciler.store.backup import BackedUp
from reconciler.store.check import Checked
from reconciler.store.restore import Restored
from reconciler.store.upgrade import Upgraded

KIB = 1024


def backup_text(made: BackedUp) -> Iterator[Line]:
    """Say what was copied where."""
    content = made.content
    serial = f", serial {content.serial}" if content.lineage else ""
    yield line(f"Backed up {made.source.name} to {made.target}.")
    yield line(
        f"  {_versions(content.versions)}{serial}, {-(-made.size_bytes // KIB)} KiB, checked."
    )
    yield line("It holds sealed secrets: keep it as safe as the store, and apart from the keys.")


def backup_record(made: BackedUp) -> dict[str, Any]:
    """The same for machines."""
    return {
        "file": str(made.target),
        "lineage": made.content.lineage,
        "serial": made.content.serial,
        "versions": dict(made.content.versions),
        "size_bytes": made.size_bytes,
    }


def restore_text(done: Restored) -> Iterator[Line]:
    """Say what is there now, where the old store is, and what comes next."""
    yield line(f"Restored {done.path.name}: {_versions(done.content.versions)}.")
    if done.saved is not None:
        how = "as damaged as it was" if done.damaged else "whole"
        yield line(f"What was there before is kept, {how}: {done.saved}")
    if done.serial:
        yield line("Every plan made before is stale; every lock has ended.")
    if done.open_operations:
        count = number_of(done.open_operations, "operation")
        yield line(f"{count} of its journal did not end: the next apply looks what became of them.")
    yield line("What was done since that backup is found by looking:  reconciler plan")


def restore_record(done: Restored) -> dict[str, Any]:
    """The same for machines."""
    return {
        "by_hand": False,
        "lineage": done.content.lineage,
        "versions": dict(done.content.versions),
        "serial_was": done.content.serial,
        "serial": done.serial,
        "saved": str(done.saved or ""),
        "damaged": done.damaged,
        "open_operations": done.open_operations,
    }


def by_hand_text(serial: int) -> Iterator[Line]:
    """Say that a ledger is marked."""
    yield line(f"Marked as restored: every plan made before serial {serial} is stale.")
    yield line("What was done since that backup is found by looking:  reconciler plan")


def upgrade_text(done: Sequence[Upgraded], *, only_check: bool) -> Iterator[Line]:
    """Say what was brought up, or is to be."""
    steps = [(each, step) for each in done for step in each.steps]
    for each, step in steps:
        words = "has to go" if only_check else "went"
        yield line(
            f"{each.place.what}: the {step.component.name} tables {words}"
            f" from version {step.have} to {step.want}."
        )
    for each in done:
        if each.saved is not None:
            yield line(f"As it was before: {each.saved}")
    if not steps:
        yield line("The store has this program's version.")
    elif only_check:
        yield line("Next:  reconciler store migrate")


def upgrade_record(done: Sequence[Upgraded], *, only_check: bool) -> dict[str, Any]:
    """The same for machines."""
    return {
        "checked_only": only_check,
        "steps": [
            {
                "database": each.place.what,
                "component": step.component.name,
                "from": step.have,
                "to": step.want,
            }
            for each in done
            for step in each.steps
        ],
        "saved": [str(each.saved) for each in done if each.saved is not None],
    }


def check_text(found: Sequence[Checked]) -> Iterator[Line]:
    """Tell every fault, or that there is none."""
    for each in found:
        for fault in each.faults:
            yield line(Span(f"{each.place.what}: {fault.part}: ", "error"), fault.detail)
        for note in each.notes:
            yield line(f"{each.place.what}: {note}")
        if not each.faults:
            yield line(f"The {each.place.what} is whole: {_versions(each.versions)}.")
        if each.behind:
            yield line("It is of an older version:  reconciler store migrate")
    if any(each.faults for each in found):
        yield line("Keep the file as it is, and put a backup back:  reconciler store restore FILE")


def check_record(found: Sequence[Checked]) -> dict[str, Any]:
    """The same for machines."""
    return {
        "databases": [
            {
                "database": each.place.what,
                "versions": dict(each.versions),
                "behind": list(each.behind),
                "faults": [{"part": fault.part, "detail": fault.detail} for fault in each.faults],
                "notes": list(each.notes),
            }
            for each in found
        ]
    }


def _versions(versions: Mapping[str, int]) -> str:
    shown = [f"{name} {version}" for name, version in sorted(versions.items())]
    return ", ".join(shown) or "no tables"
