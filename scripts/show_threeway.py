"""Git changes one field while somebody changes another: each is told apart by its cause."""

from __future__ import annotations

import json

from scripts.stage import Stage, must, stage


def _group(show: Stage) -> dict[str, object]:
    rows = show.sql("SELECT spec FROM object WHERE kind = 'ring_group' AND name = 'sales'")
    found: dict[str, object] = json.loads(rows[0][0])
    return found


def main() -> None:
    """Show it."""
    with stage(("acme", "617")) as show:
        must(show.reconciler("apply", "--yes").status == 0, "acme is applied")
        members = _group(show)["members"]
        show.edit("tenants/acme.yaml", "ring: 20s", "ring: 25s")
        show.sql(
            "UPDATE object SET spec = json_remove(spec, '$.members[1]')"
            " WHERE kind = 'ring_group' AND name = 'sales'"
        )
        moved = _group(show)["members"]
        must(moved != members, "somebody took a member out")

        answer = show.reconciler("plan", "-o", "json")
        changes = [
            (change["path"], change["cause"])
            for part in answer.document["parts"]
            for operation in part["operations"]
            for change in operation["changes"]
        ]
        print(f"  {changes}")
        must(
            sorted(changes) == [("/members", "drift"), ("/ring", "config")],
            "the plan has one config and one drift cause",
        )
        print(show.reconciler("plan", show=False).out)

        must(
            show.reconciler("apply", "--yes", "--only", "config").status == 0,
            "applied with --only config",
        )
        now = _group(show)
        must(now["ring"] == "25s", "git's ring is there")
        must(now["members"] == moved, "the members stay as somebody left them")
        drift = show.reconciler("drift")
        print(drift.out)
        must(drift.status == 2 and "members" in drift.out, "drift still reports the members (2)")

        must(show.reconciler("apply", "--yes").status == 0, "applied without --only")
        must(_group(show)["members"] == members, "all is as git says")
        must(show.reconciler("plan", "--detailed-exitcode").status == 0, "in sync")
        must(show.reconciler("drift").status == 0, "no drift")


if __name__ == "__main__":
    main()
