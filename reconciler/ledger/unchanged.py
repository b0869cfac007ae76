"""A memory of plans that found nothing to do, so that the next one need not look again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from reconciler.database import Database


class Memory(NamedTuple):
    """What was so when nothing was to be done.

    Attributes:
        key: Digest of everything in git and around it that decides about a plan.
        revisions: The platform's revision of each tenant.
        holdings: Per connector, the settings of each number of these tenants.
        report: What the plan said.
        sounds: The sound files that these tenants name; believed while all are there.
    """

    key: str
    revisions: Mapping[str, int]
    holdings: Mapping[str, Mapping[str, Any]]
    report: str
    sounds: Sequence[str] = ()


def recall(database: Database, scope: str) -> Memory | None:
    """What is remembered for a scope; None for nothing.

    Raises:
        Unavailable: The database is not there, or not of this version.
    """
    rows = database.execute(
        "SELECT key, revisions, holdings, report, sounds FROM unchanged WHERE scope = ?", (scope,)
    )
    if not rows:
        return None
    key, revisions, holdings, report, sounds = rows[0]
    return Memory(key, json.loads(revisions), json.loads(holdings), report, json.loads(sounds))


def remember(database: Database, scope: str, memory: Memory) -> None:
    """Keep a memory in place of the one there was."""
    with database.transaction():
        database.execute(
            "INSERT INTO unchanged (scope, key, revisions, holdings, report, sounds)"
            " VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (scope) DO UPDATE SET key = excluded.key,"
            " revisions = excluded.revisions, holdings = excluded.holdings,"
            " report = excluded.report, sounds = excluded.sounds",
            (
                scope,
                memory.key,
                json.dumps(dict(memory.revisions), sort_keys=True),
                json.dumps({k: dict(v) for k, v in memory.holdings.items()}, sort_keys=True),
                memory.report,
                json.dumps(list(memory.sounds)),
            ),
        )
