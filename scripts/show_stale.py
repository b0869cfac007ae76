"""A saved plan is refused where the world has moved, applied where it has not, and used once."""

from __future__ import annotations

from scripts.stage import must, stage


def main() -> None:
    """Show it."""
    with stage(("acme", "617"), ("globex", "212")) as show:
        must(show.reconciler("apply", "--yes").status == 0, "two tenants are applied")
        for tenant in ("acme", "globex"):
            show.edit(f"tenants/{tenant}.yaml", "ring: 20s", "ring: 25s")
        must(show.reconciler("plan", "--out", "plan.json").status == 0, "a plan is saved")
        show.sql(
            "UPDATE object SET spec = json_set(spec, '$.ring', '40s'), updated_by = 'pat@console'"
            " WHERE tenant = 'acme' AND kind = 'ring_group' AND name = 'sales'"
        )
        answer = show.reconciler("apply", "plan.json", "-o", "json")
        print(show.reconciler("apply", "plan.json", show=False).err)
        must(answer.status == 5, "the apply is incomplete (exit 5)")
        parts = {part["part"]: part for part in answer.document["parts"]}
        told = parts["acme"]["detail"]
        print(f"  acme: {told}")
        must(parts["acme"]["status"] == "stale", "acme's part is refused")
        must("acme/ring_group/sales" in told, "it names the object")
        must("ring" in told.split("sales", 1)[1], "it names the field")
        must("pat@console" in told, "it names who moved it")
        must(parts["globex"]["status"] == "done", "globex's part is applied")
        rows = show.sql(
            "SELECT tenant, json_extract(spec, '$.ring') FROM object"
            " WHERE kind = 'ring_group' ORDER BY 1"
        )
        must(rows == [("acme", "40s"), ("globex", "25s")], f"the platform says so: {rows}")

        show.edit("tenants/globex.yaml", "ring: 25s", "ring: 30s")
        show.reconciler("plan", "globex", "--out", "again.json")
        must(show.reconciler("apply", "again.json").status == 0, "a plan is applied: done")
        again = show.reconciler("apply", "again.json")
        print(again.out, again.err)
        must(again.status == 6, "the same plan again is refused (exit 6)")
        must("resume" in again.out + again.err, "it names the command that goes on with the run")


if __name__ == "__main__":
    main()
