"""Does exactly what a plan says, so that it can be killed anywhere and goes on afterwards.

The rule in one line: write the intent, commit, act once, write the outcome, read back.

    run.py      parts of a plan: leases, staleness, consumption, report
    sequence.py the operations of one part in their order
    carrier.py  one operation at a carrier, as a state machine over its journal row
    platform.py operations at the platform: as one unit of work, or one at a time
    relied.py   what an operation relies on, held against what is there
    secrets.py  values for the secrets of a part, and their way to the sink
    recover.py  what a dead run left behind, resolved by reading
"""
