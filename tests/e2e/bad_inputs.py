"""Every bad input that is tried: each numbered case of the catalogue, in several forms.

12.1 YAML, 12.2 telephony, 12.3 names and paths, 12.4 injection, 12.5 secrets, 12.6 URLs and
12.7 plan files; then project files, tenants that are not there, command lines, and files that
are not to be edited.
"""

from __future__ import annotations

from tests.e2e import (
    bad_edits,
    bad_paths,
    bad_plans,
    bad_projects,
    bad_secrets,
    bad_telephony,
    bad_yaml,
)
from tests.e2e.case import Case

CASES: tuple[Case, ...] = (
    *bad_yaml.CASES,
    *bad_telephony.CASES,
    *bad_paths.CASES,
    *bad_secrets.CASES,
    *bad_projects.CASES,
    *bad_plans.CASES,
    *bad_edits.CASES,
)

IN_A_PROCESS_OF_ITS_OWN = (
    "12.1 50,000 brackets",
    "12.3 named pipe",
    "12.5 a literal",
    "12.7 one bit flipped",
    "command: an unknown command",
)
"""Cases that are also run as a real process, where a crash of the parser would show."""
