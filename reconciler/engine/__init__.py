"""Pure decisions: check, diff, order, guard, plan. Values in, values out; no clock, no I/O."""
