"""One JSON object a line, for long plans and runs: each says what record it is.

Every line has `format_version` and `record`; the first record of a report is `start`, the
last one `summary`. What comes between is told as it is known, tenant by tenant.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconciler.engine.plan import Envelope, Part
from reconciler.errors import Exit, Problem, by_place
from reconciler.model.canonical import plain
from reconciler.report.accounts import AccountNumbers, account_record
from reconciler.report.drift import drift_exit, held_records, object_record, tenant_drift
from reconciler.report.machine import FORMAT_VERSION
from reconciler.report.problems import Checked, problem_record, problems_summary, silenced_record


def record(name: str, body: Mapping[str, Any]) -> str:
    """One record as its line."""
    whole = {**body, "format_version": FORMAT_VERSION, "record": name}
    return json.dumps(plain(whole), sort_keys=True, separators=(",", ":")) + "\n"


def start(report: str, **facts: object) -> str:
    """The first record: which report this is."""
    return record("start", {"report": report, **facts})


def plan_ndjson(envelope: Envelope, parts: Iterable[Part]) -> Iterator[str]:
    """A plan: its operations tenant by tenant, then all else of the tenant, then the envelope."""
    yield start("plan", plan_id=envelope.plan_id)
    for part in parts:
        body = part.model_dump(mode="json")
        for operation in body.pop("operations"):
            yield record("operation", {"part": part.part, **operation})
        yield record("part", {**body, "operations": len(part.operations)})
    yield record("summary", envelope.model_dump(mode="json"))


def drift_ndjson(parts: Iterable[Part], accounts: Iterable[AccountNumbers] = ()) -> Iterator[str]:
    """Drift: each finding with its tenant, the tenant's state, each account, then the counts."""
    yield start("drift")
    states: Counter[str] = Counter()
    listed = list(parts)
    for part in listed:
        found = tenant_drift(part)
        states[found.state] += 1
        tenant = {"tenant": found.tenant}
        for item in found.drifted:
            yield record("drifted", tenant | object_record(item))
        for operation in found.missing:
            yield record("missing", tenant | {"address": operation.address})
        for address in found.unmanaged:
            yield record("unmanaged", tenant | {"address": address})
        for unchecked in held_records(found.unchecked):
            yield record("not_checked", tenant | unchecked)
        for unsupported in held_records(found.unsupported):
            yield record("unsupported", tenant | unsupported)
        yield record("tenant", tenant | {"state": found.state, "pending": found.pending})
    for account in accounts:
        yield record("account", account_record(account))
    body = {"exit_code": int(drift_exit(listed)), "summary": dict(sorted(states.items()))}
    yield record("summary", body)


def problems_ndjson(
    problems: Iterable[Problem], checked: Checked, status: Exit = Exit.DONE
) -> Iterator[str]:
    """Problems of the files, in the order of the files."""
    found = by_place(problems)
    yield start("problems")
    for problem in found:
        yield record("problem", problem_record(problem))
    for silenced in checked.silenced:
        yield record("silenced", silenced_record(silenced))
    yield record("summary", {"exit_code": int(status), **problems_summary(found, checked)})


def apply_ndjson(document: str) -> Iterator[str]:
    """How an apply ended, after its events: each operation, each part, then the counts.

    Args:
        document: What `apply_json` wrote: the same facts, in one document.
    """
    body = json.loads(document)
    del body["kind"], body["format_version"]
    for part in body.pop("parts"):
        operations = part.pop("operations")
        for operation in operations:
            yield record("result", {"part": part["part"], **operation})
        yield record("part", {**part, "operations": len(operations)})
    yield record("summary", body)


def event(name: str, at: str, facts: Mapping[str, Any]) -> str:
    """Something that happened during an apply, at an instant."""
    return record(name, {**facts, "at": at})
