"""The form of what is written for machines, for the published schemas. Nothing is made of it.

The records are written where they are known; tests hold what is written against these forms.
A file for each sort of report; `Document` is what `-o json` writes, `Line` a line of `-o ndjson`.
"""

from __future__ import annotations

from reconciler.report.shapes.applied import (
    ApplyDocument,
    ApplySummaryRecord,
    EndedPartRecord,
    ResultRecord,
)
from reconciler.report.shapes.drifted import (
    AccountRecord,
    DriftDocument,
    DriftedRecord,
    DriftSummaryRecord,
    FoundRecord,
    TenantRecord,
    UncheckedRecord,
    UnsupportedRecord,
)
from reconciler.report.shapes.events import LockEvent, OperationEvent, RunEvent, TroubleEvent
from reconciler.report.shapes.journal import JournalRecord
from reconciler.report.shapes.lists import (
    LocksDocument,
    NumbersDocument,
    QuarantineDocument,
    RunDocument,
    RunsDocument,
)
from reconciler.report.shapes.planned import OperationRecord, PlanPartRecord, PlanSummaryRecord
from reconciler.report.shapes.problems import (
    ProblemRecord,
    ProblemsDocument,
    ProblemsSummaryRecord,
    SilencedRecord,
)
from reconciler.report.shapes.settings import (
    ConfigDocument,
    DoctorDocument,
    ErrorDocument,
    ErrorRecord,
    StartRecord,
)

__all__ = ["Document", "JournalRecord", "Line"]

Document = (
    ProblemsDocument
    | ApplyDocument
    | DriftDocument
    | RunsDocument
    | RunDocument
    | LocksDocument
    | NumbersDocument
    | QuarantineDocument
    | ConfigDocument
    | DoctorDocument
    | ErrorDocument
)

Line = (
    StartRecord
    | OperationRecord
    | PlanPartRecord
    | PlanSummaryRecord
    | ProblemRecord
    | SilencedRecord
    | ProblemsSummaryRecord
    | DriftedRecord
    | FoundRecord
    | UncheckedRecord
    | UnsupportedRecord
    | TenantRecord
    | AccountRecord
    | DriftSummaryRecord
    | RunEvent
    | OperationEvent
    | LockEvent
    | TroubleEvent
    | ResultRecord
    | EndedPartRecord
    | ApplySummaryRecord
    | ErrorRecord
)
