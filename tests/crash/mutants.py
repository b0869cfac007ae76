"""Defences removed one at a time in a scratch copy: each must be caught.

    python -m tests.crash.mutants [WORD]

A defence whose absence nothing notices is no defence, or its test is none.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One defence taken out.

    Attributes:
        name: What it is.
        file: Where it stands.
        old: Its text, which occurs once.
        new: What stands there instead.
        share: Which share of the enumeration looks for it; more than one is tried in turn.
        arguments: Carriers and modes where it shows.
    """

    name: str
    file: str
    old: str
    new: str
    arguments: tuple[str, ...] = ()
    share: str = "1/12"


ACCOUNT = ("--shape", "account")
LEAVING = ("--shape", "leaving")

MUTANTS = (
    Mutant(
        "intent commit: sent first, written afterwards",
        "reconciler/apply/carrier.py",
        """        with self._edges.ledger.transaction(self._lease, "op-sent") as journal:
            journal.send(
                task.op_id, key=key, body_digest=prepared.digest, deadline=deadline, attempt=attempt
            )
""",
        """        self._edges.checkpoint("http:before-send")
        early = self._carrier(task).send(prepared, key)
        self._edges.checkpoint("http:after-response")
        with self._edges.ledger.transaction(self._lease, "op-sent") as journal:
            journal.send(
                task.op_id, key=key, body_digest=prepared.digest, deadline=deadline, attempt=attempt
            )
        self._record(task, early)
        return not isinstance(early, Refused | NotSent)
""",
    ),
    Mutant(
        "fencing check",
        "reconciler/ledger/sql.py",
        """                if lease is not None:
                    self._leases.check(lease)
""",
        "",
        ("--mode", "zombie"),
    ),
    Mutant(
        "re-read after unknown: no answer counts as refused",
        "reconciler/apply/carrier.py",
        """            case Unknown():
                self._move(task, State.UNKNOWN, outcome.reason)
""",
        """            case Unknown():
                self._move(task, State.FAILED, outcome.reason)
""",
    ),
    Mutant(
        "settle window: absent once counts as absent",
        "reconciler/apply/carrier.py",
        "        proven = settled and twice\n",
        "        proven = True\n",
        ("--shape", "neither"),
    ),
    Mutant(
        "verify: a 2xx is believed without reading back",
        "reconciler/apply/carrier.py",
        """        if shown.is_so or shown.is_unlisted:
            self._verify(task, entry, held, "")
            return False
""",
        """        if shown.is_so or shown.is_unlisted or not entry.waiting:
            self._verify(task, entry, held, "")
            return False
""",
    ),
    Mutant(
        "a garbage listing is not empty",
        "reconciler/observe.py",
        """        if doubt:
            raise Unavailable(doubt, "Try again later; nothing was changed.")
""",
        "",
    ),
    Mutant(
        "a fresh key for each owner",
        "reconciler/apply/carrier.py",
        "        return self._send(task, prepared, entry.idem_key, entry.attempt)\n",
        "        key = digest([task.op_id, self._edges.owner])\n"
        "        return self._send(task, prepared, key, entry.attempt + 1)\n",
        ("--shape", "keyed"),
    ),
    Mutant(
        "a port whose answer was lost is looked for, and not submitted again at once",
        "reconciler/apply/shown.py",
        "REPEATABLE = frozenset({Action.UPDATE, Action.ADOPT, Action.CREATE, Action.DELETE})\n",
        "REPEATABLE = frozenset(\n"
        "    {Action.UPDATE, Action.ADOPT, Action.CREATE, Action.DELETE, Action.PORT}\n)\n",
        ACCOUNT,
    ),
    Mutant(
        "a port that is not listed yet may still be",
        "reconciler/apply/carrier.py",
        "        proven = settled and twice\n",
        "        proven = True\n",
        ACCOUNT,
    ),
    Mutant(
        "a gateway whose answer was lost is looked for, and not made again at once",
        "reconciler/apply/carrier.py",
        "        if task.operation.action in REPEATABLE and not shown.makes_anew:\n",
        "        if task.operation.action in REPEATABLE:\n",
        (*ACCOUNT, "--mode", "restart"),
        share="1/1",
    ),
    Mutant(
        "a brand whose answer was lost is left to a person, and not registered again",
        "reconciler/apply/carrier.py",
        """            self._move(task, State.PARKED, "its carrier never tells whether it has it")
            return False
""",
        """            return self._again(task, "its carrier never tells whether it has it")
""",
        (*ACCOUNT, "--mode", "restart"),
    ),
    Mutant(
        "an emergency record goes only with its approval",
        "reconciler/kinds/emergency_record.py",
        "Reversibility.LOSSY, approval=approval, to=to), None\n",
        "Reversibility.LOSSY), None\n",
        ACCOUNT,
    ),
    Mutant(
        "what an account has is removed last, once all else is done",
        "reconciler/apply/run.py",
        """        elif part.goes_last and (why := _unfinished(edges, plan, reports)):
            reports.append(_held_back(part, why))
""",
        "",
        ACCOUNT,
    ),
    Mutant(
        "what turns out undone while a plan runs keeps what goes",
        "reconciler/apply/run.py",
        "    left = (*found.open, *(one for one in found.undone if one.address not in planned))\n",
        "    left = found.open\n",
        (*ACCOUNT, "--mode", "restart"),
        share="1/1",
    ),
    Mutant(
        "the record of a number that has left its account follows, though its run is dead",
        "reconciler/apply/recover.py",
        "        if _is_record(row) and _before(edges, row) == {State.VERIFIED}:\n",
        "        if False:\n",
        LEAVING,
    ),
    Mutant(
        "the record of a number that may have left its account waits for what became of that",
        "reconciler/apply/recover.py",
        "    todo = [row for row in begun if not awaits_account(edges, row)]\n",
        "    todo = begun\n",
        (*LEAVING, "--mode", "later"),
        share="1/1",
    ),
    Mutant(
        "a number moves only with its approval",
        "reconciler/model/number_fields.py",
        "        approval=parting.approval(e164),\n",
        "",
        LEAVING,
    ),
    Mutant(
        "a number in quarantine moves with its gateway",
        "reconciler/planner/tenant.py",
        "    numbers |= _following(known, applied, numbers, able)\n",
        "",
        ACCOUNT,
    ),
)


def caught(mutant: Mutant) -> tuple[bool, str]:
    """Run the enumeration against the tree without one defence."""
    with tempfile.TemporaryDirectory(prefix="reconciler-mutant-") as name:
        scratch = Path(name)
        for folder in ("reconciler", "tests"):
            shutil.copytree(
                ROOT / folder, scratch / folder, ignore=shutil.ignore_patterns("__pycache__")
            )
        path = scratch / mutant.file
        text = path.read_text(encoding="utf-8")
        if text.count(mutant.old) != 1:
            return False, f"the mutant is out of date: see {mutant.file}"
        path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.crash.enumerate",
                "--stop-at",
                "1",
                "--share",
                mutant.share,
                *mutant.arguments,
            ],
            cwd=scratch,
            env={"PYTHONPATH": str(scratch), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
    lines = [line.strip() for line in done.stdout.splitlines() if line.startswith(("viol", "    "))]
    return done.returncode == 1 and bool(lines), " / ".join(lines[:2]) or done.stderr[-300:]


def main() -> int:
    """Try every mutant, or those whose name has a word that is given; print what caught it."""
    missed = 0
    chosen = [m for m in MUTANTS if len(sys.argv) == 1 or sys.argv[1] in m.name]
    for mutant in chosen:
        started = time.perf_counter()
        found, how = caught(mutant)
        missed += not found
        word = "caught" if found else "MISSED"
        print(f"{word}: {mutant.name} ({time.perf_counter() - started:.0f} s)\n    {how}")
        sys.stdout.flush()
    print(f"{len(chosen) - missed} of {len(chosen)} caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
