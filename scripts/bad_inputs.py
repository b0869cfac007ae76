"""Give the command line every bad input of the table, and hold what it says against the table."""

from __future__ import annotations

import faulthandler
import sys
import time
from pathlib import Path

from tests.e2e.bad_inputs import CASES, IN_A_PROCESS_OF_ITS_OWN
from tests.e2e.case import Case
from tests.e2e.scene import SECONDS, as_process, in_process, template, tried

_NAME, _PLACE, _HINT = 52, 31, 44


def main() -> None:
    """Try all cases; a line for each, and exit 1 when one is not as it must be."""
    started = time.monotonic()
    bad = 0
    with template() as good:
        for case in CASES:
            bad += _tried(good, case)
        for case in CASES:
            if case.name in IN_A_PROCESS_OF_ITS_OWN:
                bad += _tried(good, case, alone=True)
    seconds = time.monotonic() - started
    print(
        f"{len(CASES)} bad inputs, {len(IN_A_PROCESS_OF_ITS_OWN)} of them also as processes of"
        f" their own, in {seconds:.0f} s: {bad or 'none'} not as it must be."
    )
    sys.exit(1 if bad else 0)


def _tried(good: Path, case: Case, *, alone: bool = False) -> bool:
    """Try one case and say how it went; whether anything was wrong."""
    faulthandler.dump_traceback_later(SECONDS * (1 + len(case.commands)), exit=True)
    said, wrong = tried(good, case, as_process if alone else in_process)
    faulthandler.cancel_dump_traceback_later()
    name = f"{case.name} (process)" if alone else case.name
    mark = "NOT AS IT MUST BE" if wrong else f"exit {said[0].exit}"
    print(
        f"{name[:_NAME]:<{_NAME}} {mark:<7} {case.code or '-':<6} "
        f"{case.place[:_PLACE] or '-':<{_PLACE}} {case.hint[:_HINT]}"
    )
    for fault in wrong:
        print(f"    {fault!r}")
    return bool(wrong)


if __name__ == "__main__":
    main()
