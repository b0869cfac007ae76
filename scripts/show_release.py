"""A number is never released but by its own approval, after its quarantine, last of all."""

from __future__ import annotations

import itertools
from datetime import timedelta

import click

from reconciler.cli.apply import apply
from scripts.stage import Stage, must, stage

NUMBER = "+16175550101"
LINE = f'  "{NUMBER}": {{connector: sandbox, to: extension/4201}}\n'
VALUES = {
    "tenants": ["--tenant", "acme"],
    "allowed": ["--allow", "quarantines=9"],
    "increase": ["--max-monthly-increase", "USD=500"],
    "expect": ["--expect", "00000000"],
    "only": ["--only", "config"],
    "yes": ["--yes"],
    "plain": ["--plain"],
    "secrets_out": ["--secrets-out", "out.ndjson"],
    "lock_timeout": ["--lock-timeout", "1s"],
    "outputs": ["-o", "json"],
}
"""A value for each option of `apply` but the approval; a new option must be added here."""


def _releases(show: Stage) -> list[object]:
    found: list[object] = show.reconciler("sandbox", "ledger", "-o", "json", show=False).document[
        "releases"
    ]
    return found


def _options() -> list[list[str]]:
    """Every option of `apply` but the approval, from click's own command object."""
    names = [
        parameter.name
        for parameter in apply.params
        if isinstance(parameter, click.Option) and parameter.name != "approvals"
    ]
    unknown = [name for name in names if name not in VALUES]
    must(not unknown, f"the show knows every option of apply (unknown: {unknown})")
    return [VALUES[str(name)] for name in names]


def _every_pair(show: Stage) -> int:
    options = _options()
    chosen: list[list[str]] = [[], *options]
    chosen += [[*one, *other] for one, other in itertools.combinations(options, 2)]
    show.quiet = True
    for extra in chosen:
        for base in ([], ["--yes"]):
            show.reconciler("apply", *dict.fromkeys([*base]), *extra)
            if _releases(show):
                raise SystemExit(f"DOES NOT HOLD: released by apply {' '.join(extra)}")
    show.quiet = False
    return 2 * len(chosen)


def main() -> None:
    """Show it."""
    with stage(("acme", "617")) as show:
        must(show.reconciler("apply", "--yes").status == 0, "acme is applied, two numbers bought")
        show.edit("tenants/acme.yaml", LINE, "")
        print(show.reconciler("plan").out)
        must(show.reconciler("apply", "--yes").status == 0, "the line is gone: quarantined")
        rows = show.sql("SELECT state, tenant FROM number WHERE e164 = ?", NUMBER)
        must(rows == [("quarantined", "acme")], f"the record says so: {rows}")
        count = _every_pair(show)
        must(not _releases(show), f"{count} applies with every option and every pair: 0 releases")

        show.clock.ahead += timedelta(days=46)
        print("46 days later")
        count = _every_pair(show)
        must(not _releases(show), f"{count} applies more, now that it is due: 0 releases")
        due = show.reconciler("apply", "--yes")
        print(due.out)
        must(due.status == 0, "due, exit 0")
        must(NUMBER in due.out and "release" in due.out, "it is told as due")
        must(not _releases(show), "not sent")
        must(show.reconciler("plan", "--detailed-exitcode").status == 0, "not a pending change")

        show.edit("tenants/acme.yaml", "ring: 20s", "ring: 25s")
        done = show.reconciler("apply", "--yes", "--approve", f"release:{NUMBER}", "-o", "json")
        must(done.status == 0, "with the approval it is released")
        must(len(_releases(show)) == 1, "one release at the carrier")
        order = [r["action"] for part in done.document["parts"] for r in part["operations"]]
        must(order[0] == "update" and set(order[1:]) == {"release"}, f"last of all: {order}")
        must(show.reconciler("plan", "--detailed-exitcode").status == 0, "in sync")

    with stage(("acme", "617")) as show:
        show.edit("tenants/acme.yaml", LINE, LINE.replace("}", ", protect: true}"))
        must(show.reconciler("apply", "--yes").status == 0, "a protected number is applied")
        show.edit("tenants/acme.yaml", LINE.replace("}", ", protect: true}"), "")
        refused = show.reconciler("apply", "--yes", "--approve", f"release:{NUMBER}")
        print(refused.out)
        must(refused.status == 4, "gone from YAML it is refused (exit 4)")
        must(not _releases(show), "and stays ours")
        rows = show.sql("SELECT state FROM number WHERE e164 = ?", NUMBER)
        must(rows == [("assigned",)], f"the record says so: {rows}")


if __name__ == "__main__":
    main()
